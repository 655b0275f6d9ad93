"""A new workspace: settings that load, and the usual dates of a school year."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.calendar import HALVES, SchoolCalendar
from aup_monitor.core.errors import ConfigError
from aup_monitor.core.workspace import open_workspace
from aup_monitor.jobs.init import init, usual_half_terms

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 9, 12, 9, tzinfo=UTC)


def test_what_it_writes_can_be_opened(tmp_path: Path) -> None:
    """The settings load, with the school year that runs and the half-term before it; the folder is private."""
    path = init(tmp_path / "new" / "school", "Elm Park School", NOW)
    workspace = open_workspace(path.parent)
    names = [half.name for half in workspace.config.sites["main"].calendar().half_terms]
    assert workspace.config.school == workspace.config.sites["main"].name == "Elm Park School"
    assert names == ["2025-summer-2", *(f"2026-{half}" for half in HALVES)]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("day", [date(2026, 8, 1), date(2026, 8, 31), date(2026, 12, 25), date(2027, 7, 31)])
def test_there_is_a_half_term_on_every_day(tmp_path: Path, day: date) -> None:
    """Set up in August or on Christmas Day, status and report have a half-term to be about."""
    path = init(tmp_path / "school", "Elm Park", datetime(day.year, day.month, day.day, tzinfo=UTC))
    calendar = open_workspace(path.parent).config.sites["main"].calendar()
    assert day - calendar.latest(day).end < timedelta(days=60)


@pytest.mark.parametrize(
    "school",
    ['St "Anne\'s"', "Ysgol Gymraeg Llŷn", "back\\slash", "two\nlines", "{braces}", "#1"],
)
def test_any_name_of_a_school(tmp_path: Path, school: str) -> None:
    """Quotes, accents, backslashes and braces come back as they were given."""
    assert open_workspace(init(tmp_path / "school", school, NOW).parent).config.school == school


def test_a_workspace_is_never_overwritten(tmp_path: Path) -> None:
    """A second init changes nothing."""
    path = init(tmp_path / "school", "Elm Park", NOW)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"aup.toml: there is a workspace here already\n  Next:"):
        init(tmp_path / "school", "Another", NOW)
    assert path.read_bytes() == before


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """Where a file has the folder's name, it says so and what to type."""
    (tmp_path / "school").write_text("a letter")
    with pytest.raises(ConfigError, match=r"the folder cannot be made .*\n  Next: .*aup init FOLDER"):
        init(tmp_path / "school", "Elm Park", NOW)


@given(st.integers(2000, 2100))
def test_usual_half_terms(year: int) -> None:
    """Any year: the six halves in order, apart from one another, some 190 days, none at Christmas or in August."""
    halves = usual_half_terms(year)
    calendar = SchoolCalendar(halves, ZoneInfo("Europe/London"))
    assert [half.name for half in halves] == [f"{year}-{name}" for name in HALVES]
    assert 180 <= len(calendar.school_days(halves[0].start, halves[-1].end)) <= 200
    assert not any(calendar.half_term_of(date(year, 12, day)) for day in (24, 25, 26, 31))
    assert all(20 <= (half.end - half.start).days <= 62 for half in halves)
    assert halves[-1].end < date(year + 1, 8, 1)
