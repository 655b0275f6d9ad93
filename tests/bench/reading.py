"""
Read one file as one format and write it to Parquet, beside the floor: the same lines written as they are.

    python -m tests.bench.reading FORMAT FILE FOLDER

Prints JSON: lines, bytes, the best seconds of two for either, and how many lines were events. The writing is as in
ingest: batches of rows, written in the background, no statistics of columns.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats import FORMATS
from aup_monitor.formats.reader import BLOCK_BYTES, _lines, _whole_lines, read_blocks
from aup_monitor.jobs.ingest import COMMIT_ROWS
from tests.bench.log_of_format import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.format import Format

RUNS = 2


def lines_as_they_are(path: Path) -> Iterator[pl.DataFrame]:
    """Yield the file's lines and their offsets."""
    with path.open("rb") as file:
        for text, first in _whole_lines(file, 0, BLOCK_BYTES, final=True):
            yield _lines(text, first)


def events(fmt: Format, path: Path) -> Iterator[pl.DataFrame]:
    """Yield the file's events."""
    with path.open("rb") as file:
        for block in read_blocks(fmt, file, CONTEXT):
            good = block.frame["reject"].is_null() & ~block.frame["skip"]
            frame = block.frame if good.all() else block.frame.filter(good)
            named = [name for name in frame.columns if name in EVENT_SCHEMA]
            yield frame.select(*named, pl.col("offset").alias("source_offset"))


def write(frames: Iterator[pl.DataFrame], folder: Path) -> int:
    """Write frames as ingest does; return how many rows."""
    rows, waiting, count = 0, list[pl.DataFrame](), 0
    last: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:

        def commit() -> None:
            nonlocal waiting, last, count
            if last is not None:
                last.result()
            last = pool.submit(_write_part, waiting, folder / f"{count}.parquet")
            waiting, count = [], count + 1

        for frame in frames:
            waiting.append(frame)
            rows += len(frame)
            if sum(map(len, waiting)) >= COMMIT_ROWS:
                commit()
        commit()
        if last is not None:
            last.result()
    return rows


def _write_part(frames: list[pl.DataFrame], path: Path) -> None:
    if frames:
        whole = pl.concat(frames, how="diagonal")
        kept = [name for name in whole.columns if whole[name].null_count() < len(whole)]
        whole.select(kept).write_parquet(path, compression_level=1)


def timed(frames: Iterator[pl.DataFrame], folder: Path) -> tuple[float, int]:
    """Return seconds, and rows written."""
    start = time.perf_counter()
    rows = write(frames, folder)
    return time.perf_counter() - start, rows


def main() -> None:
    """Measure, one after the other and again, and print."""
    name, path, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    fmt = next(f for f in FORMATS if f.name == name)
    floor, ours = [], []
    for _ in range(RUNS):
        floor.append(timed(lines_as_they_are(path), folder))
        ours.append(timed(events(fmt, path), folder))
    result = {
        "format": name,
        "lines": floor[0][1],
        "events": ours[0][1],
        "floor_seconds": min(seconds for seconds, _ in floor),
        "seconds": min(seconds for seconds, _ in ours),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
