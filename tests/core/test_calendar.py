"""The school year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.calendar import HalfTerm, SchoolCalendar, days, parse_half_terms
from aup_monitor.core.errors import ConfigError, NotFoundError

LONDON = ZoneInfo("Europe/London")
AUTUMN_1 = HalfTerm(date(2026, 9, 2), date(2026, 10, 23), "2026-autumn-1")
AUTUMN_2 = HalfTerm(date(2026, 11, 2), date(2026, 12, 18), "2026-autumn-2")
SUMMER_2 = HalfTerm(date(2027, 6, 7), date(2027, 7, 21), "2026-summer-2")
CALENDAR = SchoolCalendar((AUTUMN_2, AUTUMN_1, SUMMER_2), LONDON, inset_days=frozenset({date(2026, 9, 2)}))


def test_label_is_plain_english() -> None:
    """A half-term is named as a school would say it, by the year it falls in."""
    assert AUTUMN_1.label == "Autumn term 2026, first half"
    assert SUMMER_2.label == "Summer term 2027, second half"


def test_half_term_of_a_day() -> None:
    """First and last day belong to the half-term; the holidays to none."""
    assert CALENDAR.half_term_of(date(2026, 9, 2)) == AUTUMN_1
    assert CALENDAR.half_term_of(date(2026, 10, 23)) == AUTUMN_1
    assert CALENDAR.half_term_of(date(2026, 10, 24)) is None


def test_latest_and_before() -> None:
    """In the holidays the report is about the half-term that ended, compared with the one before it."""
    assert CALENDAR.latest(date(2026, 10, 28)) == AUTUMN_1
    assert CALENDAR.latest(date(2026, 12, 1)) == AUTUMN_2
    assert CALENDAR.before(AUTUMN_2) == AUTUMN_1
    assert CALENDAR.before(AUTUMN_1) is None


def test_unknown_half_term_says_what_to_type() -> None:
    """A half-term without dates is an error that shows the line to add."""
    with pytest.raises(NotFoundError, match=r"2026-spring-1 has no dates.*\n  Next: add a line.*half_terms"):
        CALENDAR.half_term("2026-spring-1")
    with pytest.raises(ConfigError, match="no half-term has dates on or before 2020"):
        CALENDAR.latest(date(2020, 1, 1))


def test_school_days_leave_out_weekends_inset_days_and_bank_holidays() -> None:
    """The inset day, two weekends and the early May bank holiday are no school days."""
    assert CALENDAR.school_days(date(2026, 9, 1), date(2026, 9, 8)) == (
        date(2026, 9, 3),
        date(2026, 9, 4),
        date(2026, 9, 7),
        date(2026, 9, 8),
    )
    may = SchoolCalendar((HalfTerm(date(2027, 4, 19), date(2027, 5, 28), "2026-summer-1"),), LONDON)
    assert not may.is_school_day(date(2027, 5, 3))


def test_bank_holidays_differ_by_nation() -> None:
    """St Andrew's Day is a holiday in Scotland alone."""
    scotland = SchoolCalendar((AUTUMN_2,), LONDON, nation="SCT")
    assert not scotland.is_school_day(date(2026, 11, 30))
    assert CALENDAR.is_school_day(date(2026, 11, 30))


def test_school_hours_follow_the_clocks() -> None:
    """08:30 on the school's clock is 07:30 UTC in September and 08:30 UTC in November."""
    assert CALENDAR.in_hours(datetime(2026, 9, 7, 7, 30, tzinfo=UTC))
    assert not CALENDAR.in_hours(datetime(2026, 11, 9, 7, 30, tzinfo=UTC))
    assert CALENDAR.in_hours(datetime(2026, 11, 9, 8, 30, tzinfo=UTC))
    assert not CALENDAR.in_hours(datetime(2026, 11, 9, 15, 30, tzinfo=UTC))


def test_bounds_are_school_local_midnights() -> None:
    """The half-term begins at 23:00 UTC the day before, while summer time lasts."""
    start, after = CALENDAR.bounds(AUTUMN_1)
    assert start == datetime(2026, 9, 1, 23, tzinfo=UTC)
    assert after == datetime(2026, 10, 23, 23, tzinfo=UTC)


def test_dates_that_make_no_sense_are_refused() -> None:
    """A half-term that ends before it starts, and two that overlap, are named."""
    with pytest.raises(ConfigError, match=r"ends .* before it starts"):
        SchoolCalendar((HalfTerm(date(2026, 10, 1), date(2026, 9, 1), "2026-autumn-1"),), LONDON)
    with pytest.raises(ConfigError, match="overlap"):
        SchoolCalendar((AUTUMN_1, HalfTerm(date(2026, 10, 20), date(2026, 12, 1), "2026-autumn-2")), LONDON)


@pytest.mark.parametrize("name", ["autumn-1", "2026-autumn", "2026-winter-1", "26-autumn-1"])
def test_half_term_names_are_checked(name: str) -> None:
    """A misspelt half-term is refused with an example."""
    with pytest.raises(ConfigError, match="not understood"):
        parse_half_terms({name: [date(2026, 9, 2), date(2026, 10, 23)]})


@given(st.dates(date(2026, 8, 1), date(2027, 8, 1)), st.integers(0, 60))
def test_every_day_is_counted_once(start: date, length: int) -> None:
    """School days are a subset of the days, in order, each once."""
    every = list(days(start, date.fromordinal(start.toordinal() + length)))
    school = CALENDAR.school_days(every[0], every[-1])
    assert len(every) == length + 1
    assert list(school) == sorted(set(school) & set(every))


def test_hours_are_the_schools_own() -> None:
    """A school that starts at nine has its own hours."""
    late = SchoolCalendar((AUTUMN_1,), LONDON, hours=(time(9), time(16)))
    assert not late.in_hours(datetime(2026, 9, 7, 7, 45, tzinfo=UTC))
