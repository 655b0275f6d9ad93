"""The lake: each row once, whatever happens."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from aup_monitor.core.errors import StoreError
from aup_monitor.core.files import fingerprint
from aup_monitor.core.schema import READING_SCHEMA
from aup_monitor.lake import Batch, Lake
from aup_monitor.lake.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 9, 7)


def events(ingest_id: str, offsets: list[int], day: date = DAY) -> pl.DataFrame:
    """Return events of one file, one an offset, ten seconds apart."""
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return pl.DataFrame(
        {
            "timestamp": pl.Series([start] * len(offsets), dtype=pl.Datetime("us", "UTC")),
            "source_offset": offsets,
            "url_domain": [f"host{n}.example" for n in offsets],
        }
    ).with_columns(site=pl.lit("main"), date=pl.lit(day), ingest_id=pl.lit(ingest_id))


def reading(ingest_id: str, start: int, end: int, size: int = 1024) -> pl.DataFrame:
    """Return the row that says a stretch of a file was read."""
    row = {
        "site": "main",
        "date": DAY,
        "ingest_id": ingest_id,
        "start_offset": start,
        "end_offset": end,
        "lines": 1,
        "fingerprint_bytes": size,
    }
    return pl.DataFrame([row], schema=READING_SCHEMA)


def batch_of(ingest_id: str, start: int, offsets: list[int], end: int, size: int = 1024) -> Batch:
    """Return a batch that holds one stretch of one file."""
    batch = Batch(ends={ingest_id: end})
    batch.add("events", events(ingest_id, offsets))
    batch.add("readings", reading(ingest_id, start, end, size))
    return batch


def test_the_same_batch_twice_adds_nothing(tmp_path: Path) -> None:
    """A commit that is repeated finds its own mark and adds no row."""
    lake = Lake(tmp_path)
    lake.commit(batch_of("f", 0, [0, 50], 100))
    lake.commit(batch_of("f", 0, [0, 50], 100))
    assert Lake(tmp_path).scan("events").collect().height == 2
    assert lake.mark("f") == 100


def test_a_commit_broken_between_tables_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after `readings` and before `events`, the next run adds what is missing to each table and no more."""
    lake = Lake(tmp_path)
    whole = lake._commit_table

    def die(name: str, batch: Batch) -> None:
        if name == "events":
            raise KeyboardInterrupt
        whole(name, batch)

    monkeypatch.setattr(lake, "_commit_table", die)
    with pytest.raises(KeyboardInterrupt):
        lake.commit(batch_of("f", 0, [0, 50], 100))
    again = Lake(tmp_path)
    assert again.mark("f") == 0
    assert again.mark("f", "readings") == 100
    again.commit(batch_of("f", 0, [0, 50], 100))
    assert again.scan("events").collect().height == 2
    assert again.scan("readings").collect().height == 1


def test_a_short_file_keeps_its_name_as_it_grows(tmp_path: Path) -> None:
    """A file first read with 20 bytes is the same file when it has 2,000."""
    lake = Lake(tmp_path)
    head = b"x" * 20
    name, start = lake.identify(head)
    assert (name, start) == (fingerprint(head), 0)
    lake.commit(batch_of(name, 0, [0], 20, size=20))
    assert lake.identify(head + b"y" * 2000) == (name, 20)
    assert lake.identify(b"z" * 2000)[1] == 0


def test_days_are_partitions_and_columns_that_are_null_cost_nothing(tmp_path: Path) -> None:
    """Two days make two files; a filter on the day reads one; absent columns come back as null."""
    lake = Lake(tmp_path)
    batch = Batch(ends={"f": 200})
    batch.add("events", pl.concat([events("f", [0]), events("f", [100], date(2026, 9, 8))]))
    lake.commit(batch)
    assert lake.units().select("site", "date").rows() == [("main", DAY), ("main", date(2026, 9, 8))]
    one = lake.scan("events").filter(pl.col("date") == DAY).collect()
    assert one.select("url_domain", "user_name").rows() == [("host0.example", None)]


def test_matches_of_a_day_are_replaced(tmp_path: Path) -> None:
    """Analysing a day again puts its matches in the place of the old ones and leaves other days alone."""
    lake = Lake(tmp_path)
    for day in (DAY, date(2026, 9, 8)):
        lake.replace_matches("main", [day], events("f", [0, 1], day).with_columns(rule=pl.lit("old")))
    lake.replace_matches("main", [DAY], events("f", [0], DAY).with_columns(rule=pl.lit("new")))
    found = lake.scan("matches").select("date", "rule").collect().sort("date", "rule")
    assert found.rows() == [(DAY, "new"), (date(2026, 9, 8), "old"), (date(2026, 9, 8), "old")]
    lake.replace_matches(
        "main", [DAY, date(2026, 9, 8)], events("f", [0]).head(0).with_columns(rule=pl.lit("none"))
    )
    assert lake.scan("matches").collect().is_empty()


def test_compaction_changes_no_row(tmp_path: Path) -> None:
    """Many small commits become few files with the same rows and marks."""
    lake = Lake(tmp_path)
    for n in range(20):
        lake.commit(batch_of(f"f{n}", 0, [n], 100))
    before = lake.scan("events").sort("source_offset").collect()
    assert lake.compact() >= 20
    assert Lake(tmp_path).scan("events").sort("source_offset").collect().equals(before)
    assert lake.mark("f7") == 100
    assert lake.compact() == 0


def test_duckdb_reads_the_lake_as_it_is(tmp_path: Path) -> None:
    """Any engine that reads an Arrow dataset reads the table."""
    lake = Lake(tmp_path)
    lake.commit(batch_of("f", 0, [0, 50], 100))
    dataset = lake.table("events").to_pyarrow_dataset()
    counted = duckdb.sql(
        "select site, count(*), count(url_domain), count(user_name) from dataset group by site"
    )
    assert dataset.count_rows() == 2
    assert counted.fetchall() == [("main", 2, 2, 0)]


def test_a_lake_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """An old program does not guess at a new lake; a damaged mark is named."""
    Lake(tmp_path)
    (tmp_path / "lake.json").write_text(json.dumps({"version": 99}))
    with pytest.raises(StoreError, match=r"newer aup-monitor[\s\S]*pip install --upgrade"):
        Lake(tmp_path)
    (tmp_path / "lake.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        Lake(tmp_path)


def test_a_lake_of_an_older_program_gains_its_new_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that the lake was made without is added when it opens; rows of before have nulls there."""
    older = {name: dtype for name, dtype in TABLES["events"].items() if not name.startswith("email_")}
    with monkeypatch.context() as before:
        before.setitem(TABLES, "events", older)  # type: ignore[arg-type]
        Lake(tmp_path).commit(batch_of("aa", 0, [0], 10))
    lake = Lake(tmp_path)
    batch = Batch(ends={"bb": 10})
    batch.add("events", events("bb", [1]).with_columns(email_subject=pl.lit("Trip to the museum")))
    batch.add("readings", reading("bb", 0, 10))
    lake.commit(batch)
    found = Lake(tmp_path).scan("events").sort("source_offset").collect()
    assert found["email_subject"].to_list() == [None, "Trip to the museum"]
    assert set(found.columns) == set(TABLES["events"])


def test_no_lake_and_a_damaged_table(tmp_path: Path) -> None:
    """Reading where nothing was ingested, and a table whose journal is rubbish, say what to do."""
    with pytest.raises(StoreError, match=r"no lake here yet[\s\S]*aup ingest"):
        Lake(tmp_path / "none", create=False)
    Lake(tmp_path)
    journal = tmp_path / "events" / "_delta_log" / "00000000000000000000.json"
    journal.write_text("rubbish")
    with pytest.raises(StoreError, match="does not open"):
        Lake(tmp_path)
