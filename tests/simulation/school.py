"""The people and devices of an invented secondary school, and the days of one week of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import yaml

DATA: Final = Path(__file__).parent / "data"
ZONE: Final = ZoneInfo("Europe/London")
MONDAY: Final = date(2026, 9, 14)
DAYS: Final = tuple(MONDAY + timedelta(days=n) for n in range(5))
PUPILS, STAFF = 1200, 150

_FIRST: Final = [
    "aisha",
    "ben",
    "chloe",
    "dan",
    "ella",
    "finn",
    "grace",
    "hana",
    "isaac",
    "jess",
    "kofi",
    "leah",
    "mo",
    "nina",
    "omar",
    "priya",
    "quinn",
    "rosa",
    "sam",
    "tara",
    "uma",
    "vik",
    "will",
    "xena",
    "yusuf",
    "zoe",
    "adam",
    "bella",
    "connor",
    "daisy",
    "ethan",
    "freya",
    "george",
    "holly",
    "ivy",
    "jack",
    "kai",
    "luca",
    "maya",
    "noah",
]
_LAST: Final = [
    "ahmed",
    "baker",
    "carter",
    "davies",
    "evans",
    "fisher",
    "green",
    "hughes",
    "iqbal",
    "jones",
    "khan",
    "lewis",
    "morgan",
    "nowak",
    "okafor",
    "patel",
    "quigley",
    "reid",
    "shah",
    "taylor",
    "usman",
    "vaughan",
    "ward",
    "xu",
    "young",
    "zielinska",
    "abbott",
    "brown",
    "clarke",
    "doyle",
    "ellis",
    "fox",
    "gill",
    "hall",
]


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a school computer, perhaps with a telephone on the school's wireless network."""

    account: str
    name: str
    role: str
    year: int
    address: str
    computer: str
    phone: str | None = None
    phone_address: str = ""
    phone_mac: str = ""


@dataclass
class School:
    """A school, drawn from a seed; everything random comes from `chance`."""

    seed: int
    scale: float = 1.0
    chance: np.random.Generator = field(init=False)
    people: list[Person] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)
        pupils, staff = max(40, round(PUPILS * self.scale)), max(10, round(STAFF * self.scale))
        self.people = [self._person(n, "pupil") for n in range(pupils)]
        self.people += [self._person(pupils + n, "staff") for n in range(staff)]

    @property
    def pupils(self) -> list[Person]:
        """Everybody who learns there."""
        return [person for person in self.people if person.role == "pupil"]

    @property
    def staff(self) -> list[Person]:
        """Everybody who works there."""
        return [person for person in self.people if person.role == "staff"]

    def _person(self, n: int, role: str) -> Person:
        first, last = str(self.chance.choice(_FIRST)), str(self.chance.choice(_LAST))
        year = int(self.chance.integers(7, 14)) if role == "pupil" else 0
        account = f"{33 - year}{first[0]}{last}{n}" if role == "pupil" else f"{first[0]}.{last}{n}"
        owns = self.chance.random() < (0.15 + 0.05 * (year - 7) if role == "pupil" else 0.5)
        net = 20 if role == "pupil" else 40
        return Person(
            account=account,
            name=f"{first.title()} {last.title()}",
            role=role,
            year=year,
            address=f"10.{net}.{n // 250}.{n % 250 + 2}",
            computer=f"{'PUP' if role == 'pupil' else 'STF'}-{n:04d}",
            phone=f"{first.title()}s-{self.chance.choice(['iPhone', 'Galaxy-A54', 'Pixel-8'])}-{n}"
            if owns
            else None,
            phone_address=f"10.60.{n // 250}.{n % 250 + 2}",
            phone_mac=f"02:00:5e:{n >> 8:02x}:{n & 255:02x}:01",
        )


def material(name: str) -> dict[str, Any]:
    """Return one of the files under `data/`."""
    given: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return given


def moment(day: date, seconds: float) -> float:
    """Return the seconds since 1970 of so many seconds after local midnight."""
    midnight = datetime.combine(day, time(), ZONE).astimezone(UTC)
    return midnight.timestamp() + seconds
