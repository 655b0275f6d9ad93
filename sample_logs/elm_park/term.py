"""The school's days and the rhythm of a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from random import Random

LONDON: Final = ZoneInfo("Europe/London")
SUMMER: Final = (date(2026, 7, 6), date(2026, 7, 17))
"""The fortnight of web logs that is left of the half-term before."""
AUTUMN: Final = (date(2026, 9, 2), date(2026, 10, 23))
INSET: Final = date(2026, 9, 2)
NO_WEB: Final = date(2026, 9, 29)
"""The machine that collects Squid's and the FortiGate's logs was down."""
NO_DNS: Final = date(2026, 10, 8)
"""The resolvers moved to other machines, and nobody wrote queries down."""
ZEEK: Final = (date(2026, 9, 14), date(2026, 9, 25))
"""The fortnight in which a sensor listened to the guests' and own devices' network."""

Window = tuple[str, str, float]
"""From, to (local time) and how much of the day's work falls into it."""

LESSONS: Final[tuple[Window, ...]] = (
    ("08:45", "09:00", 0.3),
    ("09:00", "10:00", 2),
    ("10:00", "11:00", 2),
    ("11:20", "12:20", 2),
    ("12:20", "13:10", 0.6),
    ("13:10", "14:10", 2),
    ("14:10", "15:10", 2),
    ("15:15", "16:15", 0.4),
)
STAFF_DAY: Final[tuple[Window, ...]] = (
    ("07:35", "08:40", 2),
    ("08:45", "12:20", 5),
    ("12:20", "13:10", 2),
    ("13:10", "15:10", 3),
    ("15:10", "17:20", 3),
    ("19:15", "21:20", 0.3),
)
OWN_DEVICES: Final[tuple[Window, ...]] = (
    ("08:05", "08:45", 2),
    ("09:00", "11:00", 1),
    ("11:00", "11:20", 3),
    ("11:20", "12:20", 0.7),
    ("12:20", "13:10", 4),
    ("13:10", "15:10", 1),
    ("15:10", "15:50", 2),
)
WEEKEND: Final[tuple[Window, ...]] = (("09:00", "18:00", 1),)


def weekdays(first: date, last: date) -> list[date]:
    """Return Mondays to Fridays from `first` to `last`, both inclusive."""
    return [day for day in days(first, last) if day.weekday() < 5]


def days(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`, both inclusive."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def at(day: date, clock: str) -> datetime:
    """Return a moment by the school's clock: `at(day, "12:31:05")`."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=LONDON)


def moment(luck: Random, day: date, windows: tuple[Window, ...]) -> datetime:
    """Return some moment of the day, more likely where the day is busier."""
    start, end, _ = luck.choices(windows, [weight for _, _, weight in windows])[0]
    opens, closes = at(day, start), at(day, end)
    return opens + timedelta(milliseconds=luck.randrange(int((closes - opens).total_seconds() * 1000)))


def later(moment: datetime, luck: Random, least: float, most: float) -> datetime:
    """Return a moment some seconds after another."""
    return moment + timedelta(milliseconds=int(luck.uniform(least, most) * 1000))
