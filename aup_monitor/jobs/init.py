"""Make a workspace."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from aup_monitor.core.calendar import HalfTerm
from aup_monitor.core.config import TEMPLATE
from aup_monitor.core.errors import ConfigError
from aup_monitor.core.files import write_atomic
from aup_monitor.core.workspace import CONFIG_FILE

if TYPE_CHECKING:
    from pathlib import Path


def init(folder: Path, school: str, now: datetime) -> Path:
    """
    Write `aup.toml` into a folder, with the usual half-terms of the school year for the school to correct.

    Raises:
        ConfigError: there is a workspace already, and nothing is changed; or the folder cannot be made.

    """
    path = folder / CONFIG_FILE
    if path.exists():
        raise ConfigError(
            "there is a workspace here already",
            where=path,
            fix=f"edit it, or choose another folder than {folder}",
        )
    year = now.year if now.month >= 8 else now.year - 1
    # The half-term before the school year is what its first is compared with, and the one that August asks for.
    halves = (usual_half_terms(year - 1)[-1], *usual_half_terms(year))
    lines = [f'"{half.name}" = [{half.start}, {half.end}]' for half in halves]
    note = "# Usual dates for England, worked out and not looked up: put your school's own in their place."
    safe = json.dumps(school, ensure_ascii=False)[1:-1]  # what JSON escapes, TOML escapes likewise
    _make_private(folder)
    write_atomic(path, TEMPLATE.format(school=safe, half_terms="\n".join([note, *lines])))
    return path


def _make_private(folder: Path) -> None:
    """Make the folder, closed to other accounts: what comes there is about children and staff."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as exc:
        fix = "choose another folder, in which this account may write: aup init FOLDER"
        raise ConfigError(f"the folder cannot be made ({exc.strerror})", where=folder, fix=fix) from exc


def usual_half_terms(year: int) -> tuple[HalfTerm, ...]:
    """
    Return a typical English school year that begins in September of `year`, for a school to correct.

    Weeks off: the last full week of October, two weeks at Christmas, a week in mid-February, two weeks at Easter, the
    last week of May. Easter is left out of the reckoning: the spring ends on the last Friday of March.
    """
    first = date(year, 9, 2)
    october = _monday(date(year, 10, 27))
    christmas = _monday(date(year, 12, 25)) - timedelta(days=3 if date(year, 12, 25).weekday() > 1 else 10)
    january = _monday(date(year + 1, 1, 8))
    february = _monday(date(year + 1, 2, 17))
    march = _monday(date(year + 1, 3, 31)) - timedelta(days=3)
    april = _monday(march + timedelta(days=17))
    may = _monday(date(year + 1, 5, 31))
    july = date(year + 1, 7, 21)
    spans = [
        ("autumn-1", first, october - timedelta(days=3)),
        ("autumn-2", october + timedelta(days=7), christmas),
        ("spring-1", january, february - timedelta(days=3)),
        ("spring-2", february + timedelta(days=7), march),
        ("summer-1", april, may - timedelta(days=3)),
        ("summer-2", may + timedelta(days=7), july),
    ]
    return tuple(HalfTerm(start, end, f"{year}-{name}") for name, start, end in spans)


def _monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())
