"""What is planted: incidents of every theme, each a story over several events, with its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.simulation import office, tales_of_computers, tales_of_network, tales_of_web
from tests.simulation.material import kinds
from tests.simulation.school import moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School
    from tests.simulation.tales_of_web import Tale

EACH: Final = 8
"""Stories of each kind at full scale."""
TALES: Final[dict[str, Tale]] = {
    **tales_of_web.TALES,
    **tales_of_network.TALES,
    **tales_of_computers.TALES,
    **office.TALES,
}


@dataclass(frozen=True)
class Story:
    """A label: what happened, whose it is and on which day."""

    kind: str
    theme: str
    also: frozenset[str]
    severe: bool
    subjects: frozenset[str]
    day: date
    told: str
    """What was done, in a few words, for those who look at what was missed."""


def plant(school: School, book: Book) -> list[Story]:
    """Write all stories and return their labels, in the order of their kinds."""
    every = kinds(school.seed, school.bank)
    each = max(1, round(EACH * school.scale))
    return [_plant(school, book, kind, every[kind]) for kind in sorted(every) for _ in range(each)]


def _plant(school: School, book: Book, kind: str, given: dict[str, Any]) -> Story:
    person = _who(school, given)
    day = school.one(school.days)
    evening = person.loaned and person.role == "pupil" and "special" not in given
    hours = (17, 20) if evening else (8.7, 13.5)
    at = moment(day, school.between(*hours) * 3600)
    told, subjects = TALES[given.get("special", "ordinary")](school, book, person, at, given)
    return Story(
        kind,
        given["theme"],
        frozenset(given.get("also", [])),
        given["severe"],
        frozenset(subjects),
        day,
        told,
    )


def _who(school: School, given: dict[str, Any]) -> Person:
    """Return somebody who could have done it, and whose filter could have seen it."""
    crowd = {"pupil": school.pupils, "staff": school.staff}.get(given["who"], [*school.pupils, *school.staff])
    needs_words = "sites" not in given or given.get("special") in {"dns", "posting"}
    if "special" in given and given["special"] in tales_of_network.TALES:
        needs_words = given["special"] == "dns"
    return school.one([person for person in crowd if person.readable or not needs_words])
