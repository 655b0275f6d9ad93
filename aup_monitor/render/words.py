"""Dates, numbers and lists in plain British English, whatever the machine's locale and time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def long_day(day: date) -> str:
    """Return such as `7 September 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Return such as `7 Sep`."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def week_day(day: date) -> str:
    """Return such as `Mon 7 Sep`."""
    return f"{_WEEKDAYS[day.weekday()]} {short_day(day)}"


def moment(when: datetime) -> str:
    """Return such as `26 October 2026 at 09:05`, on the clock that the time carries."""
    return f"{long_day(when)} at {when.hour:02}:{when.minute:02}"


def span(start: date, end: date) -> str:
    """Return such as `1 September to 23 October 2026`."""
    first = long_day(start) if start.year != end.year else long_day(start).removesuffix(f" {start.year}")
    return f"{first} to {long_day(end)}"


def runs(days: Sequence[date]) -> str:
    """Return days as runs, `7 Sep, 12 Oct to 16 Oct`; a weekend between does not break a run."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and day <= _next_school_day(found[-1][-1]):
            found[-1].append(day)
        else:
            found.append([day])
    return ", ".join(
        short_day(run[0]) if len(run) == 1 else f"{short_day(run[0])} to {short_day(run[-1])}"
        for run in found
    )


def _next_school_day(day: date) -> date:
    return day + timedelta(days=3 if day.weekday() == 4 else 1)


def number(count: int) -> str:
    """Return such as `12,300`."""
    return f"{count:,}"


def capital(text: str) -> str:
    """Return the text with its first letter large and the others as they are."""
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str = "") -> str:
    """Return such as `1 visit` or `1,200 visits`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(part: float | None) -> str:
    """Return such as `87%`; never rounds to all or to none what is not; `n/a` for None."""
    if part is None:
        return "n/a"
    if 0 < part < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < part < 1 else f"{part:.0%}"


def listed(items: Sequence[str], joint: str = "and") -> str:
    """Return such as `a, b and c`."""
    return f" {joint} ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)
