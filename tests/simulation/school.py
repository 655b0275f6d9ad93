"""The people and devices of an invented secondary school, and the days of one week of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from tests.simulation.material import material

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.material import Bank

ZONE: Final = ZoneInfo("Europe/London")
MONDAY: Final = date(2026, 9, 14)
DAYS: Final = tuple(MONDAY + timedelta(days=n) for n in range(5))
SCHOOL_DAY: Final = (8.5 * 3600, 15.5 * 3600)
"""From when to when, in seconds after midnight."""
PUPILS, STAFF = 1200, 150
FILTERS: Final = ("squid", "fortigate", "e2guardian")
"""What people's requests go through: the first two open https, the third sees of it the site's name alone."""
SHARES: Final = (0.6, 0.25, 0.15)

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a school computer, perhaps with a telephone on the school's wireless network."""

    account: str
    name: str
    role: str
    year: int
    address: str
    computer: str
    filter: str
    technician: bool = False
    loaned: bool = False
    """The computer goes home in the evening, and is filtered there too."""
    phone: str | None = None
    phone_address: str = ""
    phone_mac: str = ""

    @property
    def machine(self) -> str:
        """The computer's whole name."""
        return f"{self.computer}.elmfield.example"

    @property
    def readable(self) -> bool:
        """Whether the filter sees more of https than the site's name."""
        return self.filter != "e2guardian"


@dataclass
class School:
    """A school, drawn from a seed; everything random comes from `chance`."""

    seed: int
    scale: float = 1.0
    days: Sequence[date] = DAYS
    bank: Bank = "first"
    """Where its people's stories and innocent searches come from."""
    chance: np.random.Generator = field(init=False)
    people: list[Person] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)
        pupils, staff = max(40, round(PUPILS * self.scale)), max(10, round(STAFF * self.scale))
        self.people = [self._person(n, "pupil") for n in range(pupils)]
        self.people += [self._person(pupils + n, "staff", technician=n < 3) for n in range(staff)]

    @cached_property
    def pupils(self) -> list[Person]:
        """Everybody who learns there."""
        return [person for person in self.people if person.role == "pupil"]

    @cached_property
    def staff(self) -> list[Person]:
        """Everybody who works there, save the technicians."""
        return [person for person in self.people if person.role == "staff" and not person.technician]

    @cached_property
    def technicians(self) -> list[Person]:
        """Those who look after the computers."""
        return [person for person in self.people if person.technician]

    def one(self, things: Sequence[_Thing]) -> _Thing:
        """Return one of some things."""
        return things[int(self.chance.integers(0, len(things)))]

    def some(self, things: Sequence[_Thing], count: int) -> list[_Thing]:
        """Return so many different ones of some things, or all."""
        chosen = self.chance.choice(len(things), min(count, len(things)), replace=False)
        return [things[int(n)] for n in chosen]

    def happens(self, share: float) -> bool:
        """Return whether something happens that does so in this share of cases."""
        return bool(self.chance.random() < share)

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self.chance.uniform(low, high))

    def _person(self, n: int, role: str, *, technician: bool = False) -> Person:
        names = material("names")
        first, last = self.one(names["first"]), self.one(names["last"])
        year = int(self.chance.integers(7, 14)) if role == "pupil" else 0
        owns = self.happens(0.15 + 0.05 * (year - 7) if role == "pupil" else 0.5)
        model = self.one(["iPhone", "Galaxy-A54", "Pixel-8"])
        return Person(
            account=f"{33 - year}{first[0]}{last}{n}" if role == "pupil" else f"{first[0]}.{last}{n}",
            name=f"{first.title()} {last.title()}",
            role=role,
            year=year,
            address=f"10.{20 if role == 'pupil' else 40}.{n // 250}.{n % 250 + 2}",
            computer=f"{'PUP' if role == 'pupil' else 'STF'}-{n:04d}",
            filter="squid" if technician else str(self.chance.choice(FILTERS, p=SHARES)),
            technician=technician,
            loaned=self.happens(0.15),
            phone=f"{first.title()}s-{model}-{n}" if owns else None,
            phone_address=f"10.60.{n // 250}.{n % 250 + 2}",
            phone_mac=f"02:00:5e:{n >> 8:02x}:{n & 255:02x}:01",
        )


def moment(day: date, seconds: float) -> float:
    """Return the seconds since 1970 of so many seconds after local midnight."""
    midnight = datetime.combine(day, time(), ZONE).astimezone(UTC)
    return midnight.timestamp() + seconds
