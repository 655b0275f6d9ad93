"""The columns: names as Elastic Common Schema has them, types as Delta Lake has them, one shape for all."""

from __future__ import annotations

import re

import polars as pl
import pytest

from aup_monitor.core.schema import (
    DERIVED_COLUMNS,
    EVENT_COLUMNS,
    EVENT_SCHEMA,
    LEASE_SCHEMA,
    LOG_CLASSES,
    MATCH_SCHEMA,
    READING_SCHEMA,
    REJECT_SCHEMA,
    conform,
)

GROUPS = (  # field sets of ECS, whose names come before the dot
    *("event", "observer", "source", "host", "user", "destination", "network", "url", "http", "dns", "tls"),
    *("rule", "device", "process", "file", "package", "email"),
)
OURS = {
    *("timestamp", "log_class", "site", "search_query", "device_encrypted", "source_file", "source_offset"),
    *("ingest_id", "print_pages", "phone_number"),
}
"""Columns that ECS has no word for."""


@pytest.mark.parametrize("column", EVENT_COLUMNS, ids=lambda column: column.name)
def test_names_are_ecs_with_underscores(column: object) -> None:
    """Each is lower case and belongs to a field set of ECS, or is one of those that are ours."""
    name, _, _, meaning = column  # type: ignore[misc]
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
    assert name in OURS or name.partition("_")[0] in GROUPS
    assert meaning


def test_names_are_unique() -> None:
    """No column is there twice, stored or derived."""
    names = [column.name for column in (*EVENT_COLUMNS, *DERIVED_COLUMNS)]
    assert len(names) == len(set(names))
    assert list(EVENT_SCHEMA) == [column.name for column in EVENT_COLUMNS]


@pytest.mark.parametrize(
    "schema",
    [EVENT_SCHEMA, REJECT_SCHEMA, LEASE_SCHEMA, READING_SCHEMA, MATCH_SCHEMA],
    ids=["events", "rejects", "leases", "readings", "matches"],
)
def test_types_are_those_of_delta_lake(schema: dict[str, pl.DataType]) -> None:
    """No unsigned number, and every time is UTC microseconds; every table has site and date."""
    allowed = {pl.String, pl.Int8, pl.Int32, pl.Int64, pl.Boolean, pl.Date, pl.Datetime}
    assert {dtype.base_type() for dtype in schema.values()} <= allowed
    assert {dtype for dtype in schema.values() if dtype.base_type() is pl.Datetime} <= {
        pl.Datetime("us", "UTC")
    }
    assert "site" in schema
    assert "date" in schema or schema is EVENT_SCHEMA


def test_matches_hold_the_whole_event() -> None:
    """Every column of an event, stored and derived, is in a match."""
    assert set(EVENT_SCHEMA) | {column.name for column in DERIVED_COLUMNS} <= set(MATCH_SCHEMA)


def test_every_log_class_has_words() -> None:
    """A report names each kind of log in plain English."""
    assert all(re.fullmatch(r"[a-z]+", name) and label[0].isupper() for name, label in LOG_CLASSES.items())


def test_conform() -> None:
    """Strange columns go, absent ones are null, types and order are the schema's; a shape that fits stays."""
    frame = pl.LazyFrame({"strange": [1], "source_port": [443], "user_name": ["akhan"]})
    whole = conform(frame).collect()
    assert whole.schema == pl.Schema(EVENT_SCHEMA)
    assert whole["source_port"].to_list() == [443]
    assert (
        whole.drop("source_port", "user_name").null_count().sum_horizontal().item() == len(EVENT_SCHEMA) - 2
    )
    assert conform(whole.lazy()).collect().equals(whole)
    assert conform(pl.LazyFrame(), REJECT_SCHEMA).collect_schema() == pl.Schema(REJECT_SCHEMA)
