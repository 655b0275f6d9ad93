"""Dates, numbers and lists as a British reader writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from aup_monitor.render import words

YEAR = 2026


def test_days() -> None:
    """Days are written without a machine's locale."""
    day = date(YEAR, 9, 7)
    assert words.long_day(day) == "7 September 2026"
    assert words.short_day(day) == "7 Sep"
    assert words.week_day(day) == "Mon 7 Sep"


def test_moment_keeps_its_own_clock() -> None:
    """A time is written on the clock it carries, not the machine's."""
    when = datetime(YEAR, 10, 23, 9, 5, tzinfo=timezone(timedelta(hours=1)))
    assert words.moment(when) == "23 October 2026 at 09:05"


def test_span_names_the_year_once() -> None:
    """A period within one year names it once, one over New Year twice."""
    assert words.span(date(YEAR, 9, 1), date(YEAR, 10, 23)) == "1 September to 23 October 2026"
    assert words.span(date(YEAR, 12, 1), date(YEAR + 1, 1, 9)) == "1 December 2026 to 9 January 2027"


def test_runs_bridge_a_weekend() -> None:
    """Friday and Monday are neighbours among school days; a missed Thursday breaks the run."""
    days = [date(YEAR, 9, day) for day in (21, 18, 17, 23)]
    assert words.runs(days) == "17 Sep to 21 Sep, 23 Sep"
    assert words.runs([]) == ""


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (None, "n/a"),
        (0.0, "0%"),
        (0.004, "under 1%"),
        (0.31, "31%"),
        (0.999, "over 99%"),
        (1.0, "100%"),
    ],
)
def test_share_never_rounds_to_all_or_none(part: float | None, said: str) -> None:
    """Nearly all is not all, and a little is not nothing."""
    assert words.share(part) == said


def test_counts_and_lists() -> None:
    """One visit, two visits; a, b and c."""
    assert words.plural(1, "visit") == "1 visit"
    assert words.plural(1200, "visit") == "1,200 visits"
    assert words.plural(2, "entry", "entries") == "2 entries"
    assert words.listed(("a", "b", "c")) == "a, b and c"
    assert words.listed(("a",)) == "a"
    assert words.listed(()) == ""
    assert words.capital("likely DNS") == "Likely DNS"
