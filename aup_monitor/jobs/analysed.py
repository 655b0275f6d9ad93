"""
Which days were analysed, and in which version: what analysing need not do again, and what a report must not leave out.

The memory lies in the lake and holds for one register: where that was lost, or put back from an older copy, no day counts
as analysed. Every function here wants the register open.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import StoreError
from aup_monitor.core.files import write_atomic
from aup_monitor.register import services

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.lake import Lake

FILE: Final = "analysed.json"


def key(site: str, day: date) -> str:
    """Return the name of a site's day."""
    return f"{site}/{day}"


def version(files: str, judged_by: str) -> str:
    """Return what changes when the day's files do, or anything that it is judged by."""
    return f"{files}-{judged_by}"


def known(workspace: Workspace) -> dict[str, str]:
    """
    Return the version of each day (see `key`) that was analysed last.

    Raises:
        StoreError: the memory is damaged.

    """
    path = workspace.lake / FILE
    if not path.exists():
        return {}
    try:
        remembered = json.loads(path.read_text(encoding="utf-8"))
        head, days = services.Head(*remembered["register"]), dict(remembered["days"])
    except (ValueError, TypeError, KeyError) as exc:
        fix = "delete it; every day is then analysed again, and no decision is lost"
        raise StoreError("this file is damaged", where=path, fix=fix) from exc
    return days if services.holds(head) else {}


def remember(workspace: Workspace, days: Mapping[str, str]) -> None:
    """Write down the version of each day, and the end of the register's trail, by which it is known again."""
    text = json.dumps({"register": services.head(), "days": days}, indent=0, sort_keys=True)
    write_atomic(workspace.lake / FILE, text + "\n")


def waiting(workspace: Workspace, lake: Lake, start: date, end: date) -> int:
    """Return of how many site-days from `start` to `end`, both inclusive, events were read and not analysed since."""
    judged = known(workspace)
    units = lake.units().filter(pl.col("date").is_between(start, end))
    return sum(
        not judged.get(key(site, day), "").startswith(version(files, ""))
        for site, day, files in units.select("site", "date", "version").iter_rows()
    )
