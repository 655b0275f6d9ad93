"""A workspace from Python: pandas, Arrow and DuckDB see the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pyarrow.dataset as ds
import pytest
from school import LISTED, NOW, School, squid

import aup_monitor
from aup_monitor.core.errors import ConfigError, StoreError
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.lake import store

if TYPE_CHECKING:
    from pathlib import Path


def test_events_as_pandas_and_arrow_agree(school: School) -> None:
    """Both have every stored column and the same rows, by time."""
    records = aup_monitor.open(school.folder)
    arrow, pandas = records.events_arrow(), records.events()
    assert set(EVENT_SCHEMA) <= set(arrow.column_names)
    assert list(pandas.columns) == arrow.column_names
    assert len(pandas) == arrow.num_rows == 7
    assert pandas["url_domain"].tolist() == arrow["url_domain"].to_pylist()
    assert arrow["timestamp"].to_pylist() == sorted(arrow["timestamp"].to_pylist())
    assert str(pandas["timestamp"].dt.tz) == "UTC"


def test_filters(school: School) -> None:
    """Days are inclusive, as text or date; site, kind and columns narrow further."""
    records = aup_monitor.open(str(school.folder))
    assert len(records.events("2026-09-09", "2026-09-11")) == 4
    assert len(records.events(date(2026, 9, 9), date(2026, 9, 9))) == 3
    assert len(records.events(start="2026-09-12")) == 1
    assert len(records.events(site="hill")) == len(records.events(log_class="dns")) == 0
    assert list(records.events(columns=["url_domain", "user_name"]).columns) == ["url_domain", "user_name"]


def test_matches(school: School) -> None:
    """Every event that a rule hit, with the rule and the list that voted."""
    found = aup_monitor.open(school.folder).matches("2026-09-09", log_class="web")
    assert found["rule"].unique().tolist() == ["gambling_site"]
    assert len(found) == aup_monitor.open(school.folder).matches_arrow().num_rows == 4


def test_incidents_are_looked_at_with_a_trace(school: School) -> None:
    """Incidents come with their state; reading them is in the trail, under the account that reads."""
    records = aup_monitor.open(school.folder)
    found = records.incidents(start="2026-09-09", end="2026-09-09", site="main", now=NOW)
    assert found["subject"].tolist() == ["bfox", "akhan"]
    assert set(found["state"]) == {"new"}
    assert [verb for _, verb, _ in school.trail()] == ["record", "query"]


def test_no_incidents_have_their_columns(school: School) -> None:
    """An empty table can be asked like any other."""
    found = aup_monitor.open(school.folder).incidents(end="2026-09-01", now=NOW)
    assert len(found) == 0
    assert found[found["severity"] > 3].empty
    assert {"id", "severity", "state"} <= set(found.columns)


def test_duckdb_reads_the_lake(school: School) -> None:
    """An engine of another house asks the Arrow dataset by name and counts the same."""
    events = aup_monitor.open(school.folder).dataset("events")
    query = "SELECT user_name, count(*) FROM events WHERE url_domain = ? GROUP BY 1 ORDER BY 1"
    assert events.count_rows() == 7
    with duckdb.connect() as connection:
        connection.register("events", events)
        assert connection.execute(query, [LISTED]).fetchall() == [("akhan", 2), ("bfox", 2)]
    lazily = pl.scan_pyarrow_dataset(events).filter(pl.col("url_domain") == LISTED)
    assert lazily.collect().height == 4


def test_a_filter_on_the_dataset_loses_no_row(empty_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked through Arrow, a day in many files that were put together and one that was not give all their rows."""
    monkeypatch.setattr(store, "COMPACT_FILES", 3)
    for n in range(5):
        empty_school.log(f"{n}.log", squid(9, f"10:00:{n:02}", LISTED), f"no line of {n}\n")
        empty_school.read()
    empty_school.log("late.log", squid(11, "10:00:00", LISTED), "no line of Friday\n")
    empty_school.read()
    records = aup_monitor.open(empty_school.folder)
    for table, column, value in (
        ("events", "user_name", "bfox"),
        ("rejects", "format", "squid"),
        ("readings", "format", "squid"),
    ):
        dataset = records.dataset(table)
        assert len(list(dataset.get_fragments())) < 6
        assert dataset.count_rows(filter=ds.field(column) == value) == 6


def test_what_is_not_there(empty_school: School, tmp_path: Path) -> None:
    """No workspace and nothing read are errors, and no empty table."""
    with pytest.raises(ConfigError, match=r"no such file\n  Next: aup init"):
        aup_monitor.open(tmp_path)
    with pytest.raises(StoreError, match=r"no lake here yet\n  Next: aup ingest"):
        aup_monitor.open(empty_school.folder)
