"""
Measure the index: 5 million names, 100,000 distinct hosts.

Run it by hand: `python tests/lists/bench_index.py`. It takes real lists from `../shared/lists`, adds invented names up
to 5 million, and prints the seconds for the first load, the load from the cache, and one judgement of all the hosts.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from pathlib import Path

import polars as pl

from aup_monitor.lists.domains import Folder, load_domains

NAMES, HOSTS = 5_000_000, 100_000
ARCHIVE = Path(__file__).parents[2] / ".." / "shared" / "lists" / "lists-permissive.tar.xz"


def _real_lists(folder: Path) -> None:
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            if "/RAW/" in member.name and member.isfile() and (file := archive.extractfile(member)):
                stem = Path(member.name).name.lower().replace("_", "-")
                (folder / f"{stem}.txt").write_bytes(file.read())


def _invented_list(folder: Path, count: int) -> None:
    number = pl.int_range(count)
    names = pl.select(pl.format("site{}.example{}.com", number, number % 97)).to_series()
    (folder / "invented.txt").write_text("\n".join(names), encoding="utf-8")


def _timed(label: str, start: float) -> None:
    sys.stdout.write(f"{label}: {time.perf_counter() - start:.2f} s\n")


def main() -> None:
    """Print the timings."""
    with tempfile.TemporaryDirectory() as name:
        own = Path(name) / "lists" / "own"
        own.mkdir(parents=True)
        _real_lists(own)
        _invented_list(own, NAMES)
        folders, cache = [Folder(Path(name), "")], Path(name) / "cache"
        for label in ("first load", "load from the cache"):
            start = time.perf_counter()
            loaded = load_domains(folders, cache)
            _timed(label, start)
        known = pl.Series([f"www.sub.site{n}.example{n % 97}.com" for n in range(HOSTS // 2)])
        other = pl.Series([f"h{n}.innocent{n}.co.uk" for n in range(HOSTS // 2)])
        start = time.perf_counter()
        judged = loaded.index.judge(pl.concat([known, other]))
        _timed(f"{HOSTS:,} hosts, {judged.height:,} verdicts", start)


if __name__ == "__main__":
    main()
