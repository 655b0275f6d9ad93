"""
Write to the lake exactly once, and read it as columns.

A source file is known by a fingerprint of its first kilobyte. The commit that adds what was read of it carries an
application transaction (fingerprint, end offset) in each table, so that a reading that is killed at any moment and run
again loses nothing and doubles nothing: each table takes only the rows past its own mark.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from aup_monitor.core.errors import StoreError
from aup_monitor.core.files import FINGERPRINT_BYTES, fingerprint
from aup_monitor.core.schema import TIME, conform
from aup_monitor.lake.tables import PARTITIONS, TABLES, open_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

INGESTED: Final = ("readings", "rejects", "leases", "events")
"""The tables that a reading is committed to, in this order: `readings` first, so that a mark is never lost."""

UNIT_SCHEMA: Final = {"site": pl.String(), "date": pl.Date(), "events": pl.Int64(), "version": pl.String()}

COMPACT_FILES: Final = 16
SMALL_FILE: Final = 4 << 20
"""A site's day in more small files (bytes) than this many is worth putting together."""


@dataclass
class Batch:
    """What was read and not yet committed: frames for each table, and how far each file was read."""

    frames: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {name: [] for name in INGESTED})
    ends: dict[str, int] = field(default_factory=dict)
    """For each `ingest_id`, the offset up to which its file was read."""
    rows: int = 0
    """How many rows wait."""

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Add rows for a table; they have `site`, `date`, `ingest_id` and an offset column."""
        if len(frame):
            self.frames[table].append(frame)
            self.rows += len(frame)


class Lake:
    """The tables under one folder."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        """Open the lake; see `open_tables` for what it raises."""
        self.folder = folder
        self._tables = open_tables(folder, create=create)
        self._short: dict[str, int] | None = None

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a table, lazily; filters on `site` and `date` read only those partitions."""
        return pl.scan_delta(self._tables[table])

    def pieces(self, site: str, days: Sequence[date], rows: int) -> Iterator[pl.LazyFrame]:
        """
        Yield the events of one site's days, each once, in pieces of at most so many rows that are read by themselves.

        A piece lacks `date`, and the columns that are null throughout its file.
        """
        files = pl.DataFrame(self._tables["events"].get_add_actions(flatten=True)).filter(
            pl.col("partition.site") == site, pl.col("partition.date").cast(pl.Date).is_in(days)
        )
        for path, count in files.sort("path").select("path", "num_records").iter_rows():
            scan = pl.scan_parquet(self.folder / "events" / path, hive_partitioning=False)
            for start in range(0, count, rows):
                yield scan.slice(start, rows).with_columns(site=pl.lit(site))

    def table(self, name: str) -> DeltaTable:
        """Return the Delta table itself, for engines that read Delta or Arrow."""
        return self._tables[name]

    def identify(self, head: bytes, pending: Iterable[str] = ()) -> tuple[str, int]:
        """
        Return the `ingest_id` of the file with these first bytes, and the offset up to which it was read.

        A file that was shorter than a kilobyte when it was first read keeps the id that it got then. `pending` are the
        ids of files that were read and are not committed yet.
        """
        head = head[:FINGERPRINT_BYTES]
        unfinished = {
            name: length for name in pending if (length := int(name.partition("-")[0])) < FINGERPRINT_BYTES
        }
        for known, length in {**self._short_marks(), **unfinished}.items():
            if length <= len(head) and fingerprint(head[:length]) == known:
                return known, self.mark(known)
        name = fingerprint(head)
        return name, self.mark(name)

    def mark(self, ingest_id: str, table: str | None = None) -> int:
        """Return how far a file was read into a table; without a table, into all of them."""
        names = INGESTED if table is None else (table,)
        return min(self._tables[name].transaction_version(ingest_id) or 0 for name in names)

    def formats_read(self) -> dict[str, str]:
        """Return the name of the format that each file was last read as, by `ingest_id`."""
        return dict(
            self.scan("readings").sort("end_offset").select("ingest_id", "format").collect().iter_rows()
        )

    def _short_marks(self) -> dict[str, int]:
        if self._short is None:
            short = pl.col("fingerprint_bytes") < FINGERPRINT_BYTES
            known = (
                self.scan("readings")
                .filter(short)
                .select("ingest_id", "fingerprint_bytes")
                .unique()
                .collect()
            )
            self._short = dict(sorted(known.iter_rows(), key=lambda row: (-row[1], row[0])))
        return self._short

    def commit(self, batch: Batch) -> None:
        """Add the batch to the tables, each row once whatever was committed of it before."""
        for name in INGESTED:
            self._commit_table(name, batch)
        self._short = None

    def _commit_table(self, name: str, batch: Batch) -> None:
        table = self._tables[name]
        marks = {ingest_id: self.mark(ingest_id, name) for ingest_id in batch.ends}
        ahead = {ingest_id: end for ingest_id, end in batch.ends.items() if end > marks[ingest_id]}
        if not ahead:
            return
        offset = "start_offset" if name == "readings" else "source_offset"
        frames = [_unread(frame, marks, offset) for frame in batch.frames[name]]
        actions = self._write(name, [frame for frame in frames if len(frame)])
        marked = [Transaction(ingest_id, end) for ingest_id, end in sorted(ahead.items())]
        try:
            table.create_write_transaction(
                actions,
                "append",
                table.schema(),
                PARTITIONS,
                commit_properties=CommitProperties(app_transactions=marked),
            )
        except DeltaError as exc:
            raise StoreError(
                f"what was read could not be committed ({exc})",
                where=self.folder / name,
                fix="run the same command again",
            ) from exc
        table.update_incremental()

    def _write(self, name: str, frames: Sequence[pl.DataFrame]) -> list[AddAction | RemoveAction]:
        """Write frames as one Parquet file for each site and day; nothing reads them until they are committed."""
        if not frames:
            return []
        whole = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
        if whole.select(pl.struct(PARTITIONS).n_unique()).item() == 1:
            return [self._write_part(name, whole)]
        return [self._write_part(name, part) for part in whole.partition_by(PARTITIONS, maintain_order=True)]

    def _write_part(self, name: str, part: pl.DataFrame) -> AddAction:
        site, day = part["site"][0], part["date"][0].isoformat()
        path = f"site={site}/date={day}/{uuid.uuid4().hex}.parquet"
        full = self.folder / name / path
        schema = TABLES[name]
        kept = [
            c
            for c in part.columns
            if c in schema and c not in PARTITIONS and part[c].null_count() < len(part)
        ]
        # Days are found by partition and the Delta log's own statistics; Parquet's would cost a fifth of the writing.
        part.select(pl.col(c).cast(schema[c]) for c in kept).write_parquet(
            full, compression_level=1, mkdir=True
        )
        values = {"site": str(site), "date": day}
        return AddAction(
            path,
            full.stat().st_size,
            values,
            time.time_ns() // 1_000_000,
            data_change=True,
            stats=_stats(part),
        )

    def replace_matches(self, site: str, days: Sequence[date], matches: pl.DataFrame) -> None:
        """Put these matches in the place of all that the table holds for one site and these days."""
        frame = conform(matches.lazy(), TABLES["matches"]).collect()
        named = ", ".join(f"'{day.isoformat()}'" for day in days)
        write_deltalake(
            self._tables["matches"],
            frame.to_arrow(compat_level=pl.CompatLevel.oldest()),
            mode="overwrite",
            predicate=f"site = '{site}' AND date IN ({named})",
        )
        self._tables["matches"].update_incremental()

    def units(self, table: str = "events") -> pl.DataFrame:
        """
        Return each (site, date) that has rows in the table, by site and date, with two more columns.

        `events`: how many; `version`: a text that changes when the day's files do.
        """
        files = pl.DataFrame(self._tables[table].get_add_actions(flatten=True))
        if not len(files):
            return pl.DataFrame(schema=UNIT_SCHEMA)
        return (
            files.select(
                pl.col("partition.site").alias("site"),
                pl.col("partition.date").cast(pl.Date).alias("date"),
                pl.col("num_records").cast(pl.Int64).alias("events"),
                "path",
            )
            .group_by("site", "date")
            .agg(
                pl.col("events").sum(),
                pl.col("path").sort().str.join("\n").hash(seed=0).cast(pl.String).alias("version"),
            )
            .sort("site", "date")
        )

    def compact(self) -> int:
        """Put together the small files of days that have many; return how many files went. No row changes."""
        removed = 0
        for name in INGESTED:
            table = self._tables[name]
            files = pl.DataFrame(table.get_add_actions(flatten=True))
            if not len(files):
                continue
            small = files.filter(pl.col("size_bytes") < SMALL_FILE)
            crowded = (
                small.group_by("partition.site", "partition.date").len().filter(pl.col("len") > COMPACT_FILES)
            )
            for site, day, _ in crowded.sort("partition.site", "partition.date").iter_rows():
                done = table.optimize.compact([("site", "=", site), ("date", "=", str(day))])
                removed += int(done["numFilesRemoved"])
            table.update_incremental()
        return removed


def _unread(frame: pl.DataFrame, marks: dict[str, int], offset: str) -> pl.DataFrame:
    """Return the rows of a frame that lie past their file's mark."""
    if not any(marks.values()):
        return frame
    mark = pl.col("ingest_id").replace_strict(marks, return_dtype=pl.Int64)
    return frame.filter(pl.col(offset) >= mark)


def _stats(part: pl.DataFrame) -> str:
    stats: dict[str, object] = {"numRecords": len(part)}
    if "timestamp" in part.columns and part["timestamp"].null_count() < len(part):
        text = pl.Series([part["timestamp"].min(), part["timestamp"].max()], dtype=TIME).dt.to_string(
            "%Y-%m-%dT%H:%M:%S%.6fZ"
        )
        stats |= {
            "minValues": {"timestamp": text[0]},
            "maxValues": {"timestamp": text[1]},
            "nullCount": {"timestamp": part["timestamp"].null_count()},
        }
    return json.dumps(stats)
