"""
A workspace read from Python: events, matches and incidents as pandas or Arrow tables, for notebooks.

    import aup_monitor
    records = aup_monitor.open("school/")
    web = records.events(start="2026-09-07", end="2026-09-11", log_class="web")
    web.groupby("url_domain").size().nlargest(10)

Days are the school's own, both ends inclusive. Nothing here writes, but reading incidents is written down in the audit
trail like any look at a person's data.
"""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl

from aup_monitor.core.incident import Incident
from aup_monitor.core.workspace import open_workspace
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import pyarrow.dataset as ds

Day = date | str


class Records:
    """The tables of one workspace."""

    def __init__(self, path: str | Path) -> None:
        """Open it; raises `ConfigError` where there is no workspace and `StoreError` where nothing was read yet."""
        self.workspace = open_workspace(Path(path))
        self._lake = Lake(self.workspace.lake, create=False)

    def events(
        self,
        start: Day | None = None,
        end: Day | None = None,
        *,
        site: str | None = None,
        log_class: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return events by time; all columns of `aup schema` that are stored, or those named."""
        table = self.events_arrow(start, end, site=site, log_class=log_class, columns=columns)
        frame: pd.DataFrame = table.to_pandas()
        return frame

    def events_arrow(
        self,
        start: Day | None = None,
        end: Day | None = None,
        *,
        site: str | None = None,
        log_class: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Return events as an Arrow table."""
        return self._table("events", start, end, site, log_class, columns)

    def matches(
        self,
        start: Day | None = None,
        end: Day | None = None,
        *,
        site: str | None = None,
        log_class: str | None = None,
    ) -> pd.DataFrame:
        """Return matches (event x rule) by time."""
        frame: pd.DataFrame = self.matches_arrow(start, end, site=site, log_class=log_class).to_pandas()
        return frame

    def matches_arrow(
        self,
        start: Day | None = None,
        end: Day | None = None,
        *,
        site: str | None = None,
        log_class: str | None = None,
    ) -> pa.Table:
        """Return matches as an Arrow table."""
        return self._table("matches", start, end, site, log_class, None)

    def incidents(
        self,
        start: Day | None = None,
        end: Day | None = None,
        *,
        site: str | None = None,
        now: datetime | None = None,
    ) -> pd.DataFrame:
        """Return incidents with their state, gravest first; `now` is the time that the audit trail notes."""
        which = services.Which(
            sites=None if site is None else [site], first_day=_day(start), last_day=_day(end)
        )
        with open_register(self.workspace.database):
            found = services.incidents(which)
            what = services.What("incidents", "", {"incidents": len(found)})
            services.look(getpass.getuser(), "query", what, now or datetime.now(UTC))
        rows = [{**i.incident.model_dump(mode="python"), "state": i.state.value} for i in found]
        return pd.DataFrame(rows, columns=[*Incident.model_fields, "state"])

    def dataset(self, table: str) -> ds.Dataset:
        """Return a table of the lake as an Arrow dataset, which DuckDB, Polars and pandas read lazily."""
        return self._lake.table(table).to_pyarrow_dataset()

    def _table(  # noqa: PLR0913, PLR0917 - one parameter a filter
        self,
        name: str,
        start: Day | None,
        end: Day | None,
        site: str | None,
        log_class: str | None,
        columns: Sequence[str] | None,
    ) -> pa.Table:
        frame = self._lake.scan(name)
        wanted = [("site", site), ("log_class", log_class)]
        tests = [pl.col(column) == value for column, value in wanted if value is not None]
        tests += [pl.col("date") >= first for first in [_day(start)] if first]
        tests += [pl.col("date") <= last for last in [_day(end)] if last]
        found = frame.filter(*tests).sort("timestamp", "source_file", "source_offset")
        return found.select(columns or pl.all()).collect().to_arrow(compat_level=pl.CompatLevel.oldest())


def _day(given: Day | None) -> date | None:
    return date.fromisoformat(given) if isinstance(given, str) else given
