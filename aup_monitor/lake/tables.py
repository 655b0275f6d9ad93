"""
The lake's tables on disk: create them, open them, refuse those of a newer program.

Every table is a Delta table partitioned by `site` and `date`. A data file may lack columns that are null throughout;
Delta readers fill them in. Reference: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError

from aup_monitor.core.errors import StoreError
from aup_monitor.core.files import write_atomic
from aup_monitor.core.schema import EVENT_SCHEMA, LEASE_SCHEMA, MATCH_SCHEMA, READING_SCHEMA, REJECT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polars._typing import PolarsDataType

LAKE_VERSION: Final = 1
"""Raised when an older program could misread the lake."""

PARTITIONS: Final = ["site", "date"]

TABLES: Final[Mapping[str, Mapping[str, PolarsDataType]]] = {
    "readings": READING_SCHEMA,
    "rejects": REJECT_SCHEMA,
    "leases": LEASE_SCHEMA,
    "events": {
        "site": pl.String(),
        "date": pl.Date(),
        **{k: v for k, v in EVENT_SCHEMA.items() if k != "site"},
    },
    "matches": MATCH_SCHEMA,
}
"""Each table's columns, in the order in which one reading is committed to them."""


def _statistics(name: str) -> dict[str, str | None]:
    """
    Return which columns' least and greatest values the log holds: the time's alone, as `store` writes them.

    Without this, an Arrow dataset takes a column without them for one that no row passes a test of.
    """
    if "timestamp" in TABLES[name]:
        return {"delta.dataSkippingStatsColumns": "timestamp"}
    return {"delta.dataSkippingNumIndexedCols": "0"}


def open_tables(folder: Path, *, create: bool) -> dict[str, DeltaTable]:
    """
    Open every table of the lake, making those that are not there yet.

    Raises:
        StoreError: there is no lake, it is damaged, or a newer program made it.

    """
    mark = folder / "lake.json"
    if mark.exists():
        _check_version(mark)
    elif not create:
        raise StoreError("there is no lake here yet", where=folder, fix="aup ingest FILE ...")
    else:
        write_atomic(mark, json.dumps({"version": LAKE_VERSION}) + "\n")
    return {name: _open_table(folder / name) for name in TABLES}


def _check_version(mark: Path) -> None:
    try:
        version = int(json.loads(mark.read_text())["version"])
    except (ValueError, KeyError, TypeError) as exc:
        raise StoreError(
            "this file is damaged", where=mark, fix=f'restore it, or write: {{"version": {LAKE_VERSION}}}'
        ) from exc
    if version > LAKE_VERSION:
        raise StoreError(
            f"the lake was made by a newer aup-monitor (lake version {version}; this program knows {LAKE_VERSION})",
            where=mark.parent,
            fix="pip install --upgrade aup-monitor",
        )


def _open_table(path: Path) -> DeltaTable:
    wanted = pl.DataFrame(schema=TABLES[path.name]).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    try:
        if DeltaTable.is_deltatable(str(path)):
            return _widened(DeltaTable(path), Schema.from_arrow(wanted))
        return DeltaTable.create(
            path,
            wanted,
            mode="ignore",
            partition_by=PARTITIONS,
            configuration=_statistics(path.name),
        )
    except (DeltaError, OSError) as exc:
        raise StoreError(
            f"the table does not open ({exc})",
            where=path,
            fix="restore the folder from a backup, or move it away and ingest again",
        ) from exc


def _widened(table: DeltaTable, wanted: Schema) -> DeltaTable:
    """Return the table with the columns that it lacks because an older program made it; old rows have nulls there."""
    known = {field.name for field in table.schema().fields}
    absent = [field for field in wanted.fields if field.name not in known]
    if absent:
        table.alter.add_columns(absent)
    return table
