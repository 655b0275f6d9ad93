"""
The English school year: autumn, spring and summer terms, each in two halves, with inset days and bank holidays.

Dates are the school's own and come from `aup.toml`, for schools set them; bank holidays come from the
`holidays` library. A half-term is named by the calendar year in which its school year began:
`2026-autumn-1`, `2026-autumn-2`, `2026-spring-1` (in 2027), ... `2026-summer-2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo  # noqa: TC003 - a field of a public dataclass, read at run time by tools

import holidays

from aup_monitor.core.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HALVES: Final = ("autumn-1", "autumn-2", "spring-1", "spring-2", "summer-1", "summer-2")


@dataclass(frozen=True, order=True)
class HalfTerm:
    """Half a term, first to last day inclusive."""

    start: date
    end: date
    name: str
    """Such as `2026-autumn-1`."""

    @property
    def label(self) -> str:
        """The name in words: `Autumn term 2026, first half`; the year is that of its first day."""
        _, season, half = self.name.split("-")
        return f"{season.capitalize()} term {self.start.year}, {'first' if half == '1' else 'second'} half"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


@dataclass(frozen=True)
class SchoolCalendar:
    """One site's half-terms, school days and school hours, in its own time zone."""

    half_terms: tuple[HalfTerm, ...]
    zone: ZoneInfo
    hours: tuple[time, time] = (time(8, 30), time(15, 30))
    inset_days: frozenset[date] = frozenset()
    nation: str = "ENG"
    """Whose bank holidays: ENG, WLS, SCT or NIR."""

    def __post_init__(self) -> None:
        ordered = sorted(self.half_terms)
        for half in ordered:
            if half.end < half.start:
                raise ConfigError(
                    f"half-term {half.name} ends ({half.end}) before it starts ({half.start})",
                    fix="correct its two dates under [sites.….half_terms] in aup.toml",
                )
        for earlier, later in pairwise(ordered):
            if later.start <= earlier.end:
                raise ConfigError(
                    f"half-terms {earlier.name} and {later.name} overlap ({later.start} to {earlier.end})",
                    fix="correct their dates under [sites.….half_terms] in aup.toml",
                )

    @cached_property
    def bank_holidays(self) -> frozenset[date]:
        """Bank holidays of every year that a half-term touches."""
        years = {day.year for half in self.half_terms for day in (half.start, half.end)}
        return (
            frozenset(holidays.country_holidays("GB", subdiv=self.nation, years=years))
            if years
            else frozenset()
        )

    def half_term(self, name: str) -> HalfTerm:
        """
        Return the half-term of that name.

        Raises:
            NotFoundError: `aup.toml` gives no dates for it.

        """
        for half in self.half_terms:
            if half.name == name:
                return half
        known = ", ".join(half.name for half in sorted(self.half_terms)) or "none"
        raise NotFoundError(
            f"half-term {name} has no dates (dates are known for: {known})",
            fix=f'add a line to [sites.….half_terms] in aup.toml: "{name}" = [2026-09-02, 2026-10-23]',
        )

    def half_term_of(self, day: date) -> HalfTerm | None:
        """Return the half-term that holds the day; None in the holidays."""
        return next((half for half in self.half_terms if day in half), None)

    def latest(self, day: date) -> HalfTerm:
        """
        Return the half-term that holds the day, or else the last one that ended before it.

        Raises:
            ConfigError: no half-term began by then.

        """
        begun = [half for half in sorted(self.half_terms) if half.start <= day]
        if not begun:
            raise ConfigError(
                f"no half-term has dates on or before {day}",
                fix='add a line to [sites.….half_terms] in aup.toml: "2026-autumn-1" = [2026-09-02, 2026-10-23]',
            )
        return begun[-1]

    def before(self, half: HalfTerm) -> HalfTerm | None:
        """Return the half-term before this one, if its dates are known."""
        return max((other for other in self.half_terms if other.end < half.start), default=None)

    def is_school_day(self, day: date) -> bool:
        """Tell whether pupils are in: a weekday of a half-term, no bank holiday, no inset day."""
        return (
            day.weekday() < 5
            and day not in self.inset_days
            and day not in self.bank_holidays
            and self.half_term_of(day) is not None
        )

    def school_days(self, start: date, end: date) -> tuple[date, ...]:
        """Return the school days from `start` to `end`, both inclusive, in order."""
        return tuple(day for day in days(start, end) if self.is_school_day(day))

    def local_date(self, moment: datetime) -> date:
        """Return the site's calendar day of a moment (aware)."""
        return moment.astimezone(self.zone).date()

    def in_hours(self, moment: datetime) -> bool:
        """Tell whether a moment (aware) falls in school hours of a school day."""
        local = moment.astimezone(self.zone)
        return self.is_school_day(local.date()) and self.hours[0] <= local.time() < self.hours[1]

    def bounds(self, half: HalfTerm) -> tuple[datetime, datetime]:
        """Return the first moment of the half-term and the first after it, UTC."""
        first = datetime.combine(half.start, time(), self.zone)
        after = datetime.combine(half.end + timedelta(days=1), time(), self.zone)
        return first.astimezone(UTC), after.astimezone(UTC)


def days(start: date, end: date) -> Iterator[date]:
    """Yield each day from `start` to `end`, both inclusive."""
    for n in range((end - start).days + 1):
        yield start + timedelta(days=n)


def parse_half_terms(given: dict[str, Sequence[date]]) -> tuple[HalfTerm, ...]:
    """
    Return the half-terms of a mapping from name to first and last day.

    Raises:
        ConfigError: a name or a pair of dates is not of the form `"2026-autumn-1" = [2026-09-02, 2026-10-23]`.

    """
    found = []
    for name, pair in given.items():
        year, _, half = name.partition("-")
        if not (year.isdigit() and len(year) == 4 and half in HALVES) or len(pair) != 2:
            raise ConfigError(
                f"half-term {name!r} is not understood",
                fix=f'write it as "2026-autumn-1" = [2026-09-02, 2026-10-23]; the halves are {", ".join(HALVES)}',
            )
        found.append(HalfTerm(pair[0], pair[1], name))
    return tuple(sorted(found))
