"""One file being read into the lake: its blocks become rows of events, rejects, leases and readings, and are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - a field of a dataclass, read at run time by tools
from pathlib import Path  # noqa: TC003 - as above
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Format
from aup_monitor.core.schema import EVENT_SCHEMA, LEASE_SCHEMA, READING_SCHEMA, REJECT_SCHEMA, conform
from aup_monitor.core.tally import Tally

if TYPE_CHECKING:
    from aup_monitor.formats.reader import Block
    from aup_monitor.lake import Batch


@dataclass(frozen=True)
class Reading:
    """One file being read: what every row of it shares."""

    path: Path
    site: str
    site_zone: str
    """Zone of the site, whose days the lake is partitioned by."""
    format: Format
    ingest_id: str
    changed: datetime
    fingerprint_bytes: int
    counted: int
    """Offset up to which an earlier run, killed before its end, has counted the lines already."""

    def put(self, batch: Batch, block: Block, start: int, tally: Tally) -> None:
        """Split a block into events, rejects and skipped lines, count them, and hand them to the batch."""
        frame = block.frame
        bad = frame[REJECT].is_not_null() & ~frame[SKIP]
        good = ~bad & ~frame[SKIP]
        events = frame if good.all() else frame.filter(good)
        batch.add("events", self._events(events))
        if LEASE_FROM in frame.columns:
            batch.add("leases", self._leases(events))
        batch.add("rejects", self._rejects(frame.filter(bad)))
        fresh = frame["offset"] >= self.counted
        counts = (int(fresh.sum()), int((fresh & good).sum()), int((fresh & bad).sum()))
        skipped = counts[0] - counts[1] - counts[2]
        if counts[0]:
            batch.add("readings", self._reading((max(start, self.counted), block.end), (*counts, skipped)))
        tally.add(
            Tally(
                lines=counts[0],
                events=counts[1],
                rejects=counts[2],
                skipped=skipped,
                adopted=block.adopted,
            )
        )
        batch.ends[self.ingest_id] = block.end

    def _shared(self) -> dict[str, pl.Expr]:
        return {
            "site": pl.lit(self.site),
            "source_file": pl.lit(str(self.path)),
            "ingest_id": pl.lit(self.ingest_id),
        }

    def _events(self, events: pl.DataFrame) -> pl.DataFrame:
        named = [c for c in events.columns if c in EVENT_SCHEMA]
        return events.select(*named, source_offset=pl.col("offset"), date=self._day(), **self._shared())

    def _day(self) -> pl.Expr:
        # The partition is the school's own day: a lesson at 23:30 UTC in summer belongs to the next one.
        return pl.col("timestamp").dt.convert_time_zone(self.site_zone).dt.date()

    def _leases(self, events: pl.DataFrame) -> pl.DataFrame:
        told = pl.col("source_ip").is_not_null() & pl.any_horizontal(
            pl.col(LEASE_FROM, LEASE_TO).is_not_null()
        )
        named = events.filter(told).with_columns(
            valid_from=pl.col(LEASE_FROM),
            valid_to=pl.col(LEASE_TO),
            source_offset=pl.col("offset"),
            date=self._day(),
            **self._shared(),
        )
        return conform(named.lazy(), LEASE_SCHEMA).collect()

    def _rejects(self, rejects: pl.DataFrame) -> pl.DataFrame:
        day = pl.lit(self.changed.date())
        named = rejects.select(
            source_offset=pl.col("offset"),
            reason=pl.col(REJECT),
            format=pl.lit(self.format.name),
            date=day,
            **self._shared(),
        )
        return named.select(*REJECT_SCHEMA)

    def _reading(self, stretch: tuple[int, int], counts: tuple[int, int, int, int]) -> pl.DataFrame:
        start, end = stretch
        lines, events, rejects, skipped = counts
        row = {
            "site": self.site,
            "date": self.changed.date(),
            "ingest_id": self.ingest_id,
            "source_file": str(self.path),
            "format": self.format.name,
            "log_class": self.format.log_class,
            "start_offset": start,
            "end_offset": end,
            "lines": lines,
            "events": events,
            "rejects": rejects,
            "skipped": skipped,
            "fingerprint_bytes": self.fingerprint_bytes,
        }
        return pl.DataFrame([row], schema=READING_SCHEMA)
