"""How a workspace stands: what was read, what is missing, what waits for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.incident import SEVERITIES, State
from aup_monitor.jobs import analysed
from aup_monitor.jobs.coverage import coverage, gaps
from aup_monitor.jobs.sentences import UNDECIDED
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from aup_monitor.core.document import SourceCoverage
    from aup_monitor.core.workspace import Workspace


@dataclass(frozen=True)
class Status:
    """What `aup status` shows."""

    start: date
    end: date
    coverage: tuple[SourceCoverage, ...]
    gaps: tuple[str, ...]
    rejects: tuple[tuple[str, str, int], ...]
    """(file, commonest reason, bad lines), most first, at most ten."""
    incidents: tuple[tuple[str, int, int], ...]
    """(severity in words, incidents without those found to be false, of these not decided), gravest first."""
    no_data: bool
    waiting: int
    """Site-days of which events were read and not analysed."""


def status(workspace: Workspace, now: datetime) -> Status:
    """
    Return how things stand in the half-term that runs, or else the last one that ended.

    Raises:
        ConfigError: no half-term began by now, or events of a site were read that the settings lack.
        StoreError: lake or register do not open.

    """
    calendar = workspace.config.sites[workspace.config.first_site].calendar()
    today = calendar.local_date(now)
    half = calendar.latest(today)
    end = min(half.end, today)
    lake = Lake(workspace.lake, create=False) if (workspace.lake / "lake.json").exists() else None
    lines = coverage(workspace, lake, half.start, end)
    with open_register(workspace.database):
        # Numbers alone: nobody's data are shown, so nothing goes into the audit trail.
        found = services.incidents(services.Which(first_day=half.start, last_day=half.end))
        waiting = analysed.waiting(workspace, lake, half.start, half.end) if lake else 0
    return Status(
        start=half.start,
        end=end,
        coverage=lines,
        gaps=gaps(lines, sites={name: site.name for name, site in workspace.config.sites.items()}),
        rejects=_rejects(lake),
        incidents=_by_severity(found),
        no_data=not any(line.events for line in lines),
        waiting=waiting,
    )


def _rejects(lake: Lake | None) -> tuple[tuple[str, str, int], ...]:
    if lake is None:
        return ()
    counted = (
        lake.scan("rejects")
        .group_by("source_file")
        .agg(pl.col("reason").mode().sort().first(), pl.len())
        .sort(["len", "source_file"], descending=[True, False])
        .head(10)
        .collect()
    )
    return tuple(counted.iter_rows())


def _by_severity(found: Sequence[services.RecordedIncident]) -> tuple[tuple[str, int, int], ...]:
    total = Counter(i.incident.severity for i in found if i.state is not State.FALSE_POSITIVE)
    waiting = Counter(i.incident.severity for i in found if i.state in UNDECIDED)
    return tuple((label, total[s], waiting[s]) for s, label in SEVERITIES.items())
