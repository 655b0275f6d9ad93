"""Everything that the makers of lines share."""

from __future__ import annotations

from dataclasses import dataclass, field

from elm_park.book import Book
from elm_park.people import Person, everybody
from elm_park.planted import Planted


@dataclass(frozen=True)
class School:
    """The school: who is there, what was written down, what was planted."""

    people: dict[str, Person] = field(default_factory=everybody)
    book: Book = field(default_factory=Book)
    planted: Planted = field(default_factory=Planted)

    def staff(self) -> list[Person]:
        """Return the staff."""
        return [one for one in self.people.values() if one.role == "staff"]

    def pupils(self, *years: int) -> list[Person]:
        """Return the pupils of these year groups, or of all."""
        return [
            one for one in self.people.values() if one.year is not None and (not years or one.year in years)
        ]
