"""Lessons about hard subjects: a whole class searches and reads at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation import browsing
from tests.simulation.material import known, material
from tests.simulation.school import moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import School

EACH_DAY: Final = 12
"""Such lessons at full scale."""
CLASS: Final = 28
PERIODS: Final = (8.75, 9.75, 11, 12, 13.75, 14.6)
"""When lessons begin, in hours."""


def teach(school: School, book: Book, day: date) -> None:
    """Write the day's lessons."""
    subjects = material("lessons")
    for _ in range(max(1, round(EACH_DAY * school.scale))):
        given = subjects[school.one(sorted(subjects))]
        year = 7 + int(school.chance.integers(0, 7))
        crowd = [one for one in school.pupils if one.year == year] or school.pupils
        start = moment(day, school.one(PERIODS) * 3600)
        searches, pages = known(given["searches"], school.seed), known(given["pages"], school.seed)
        for pupil in school.some(crowd, CLASS):
            at = start + school.between(60, 900)
            for text in school.some(searches, int(school.chance.integers(1, 5))):
                browsing.search(school, book, at, pupil, text)
                at += school.between(20, 200)
                if school.happens(0.7):
                    host, _, path = school.one(pages).partition("/")
                    browsing.open_page(school, book, at, pupil, host, path)
                    at += school.between(60, 300)
