"""
Measure the index: 5 million names, 40,000 networks, 10,000 ports; 100,000 distinct hosts, addresses, ports.

Run it by hand: `python tests/lists/bench_index.py`. It takes real lists from `../shared/lists`, adds invented names up
to 5 million, and prints the seconds for the first load, the load from the cache, and one judgement of all of each.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from ipaddress import IPv4Address
from pathlib import Path

import polars as pl

from aup_monitor.lists.domains import Folder, load_domains

NAMES, HOSTS, NETWORKS, PORTS = 5_000_000, 100_000, 40_000, 10_000
CATALOGUE = """
lists:
  - {id: places, title: Places, categories: [places], licence: none, file: places.txt, format: cidr}
"""
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


def _address(number: int) -> str:
    """Return an address for each number, far from that of its neighbour."""
    return str(IPv4Address(number * 2_654_435_761 % 2**32))


def _invented_places(folder: Path) -> None:
    networks = [f"{_address(n)}/{16 + n % 14}" for n in range(NETWORKS)]
    ports = [f"{_address(n)}:9001" for n in range(PORTS)]
    (folder / "catalogue.yml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "places.txt").write_text("\n".join([*networks, *ports]), encoding="utf-8")


def _timed(label: str, start: float) -> None:
    sys.stdout.write(f"{label}: {time.perf_counter() - start:.2f} s\n")


def main() -> None:
    """Print the timings."""
    with tempfile.TemporaryDirectory() as name:
        own = Path(name) / "lists" / "own"
        own.mkdir(parents=True)
        _real_lists(own)
        _invented_list(own, NAMES)
        _invented_places(own.parent)
        folders, cache = [Folder(Path(name), "")], Path(name) / "cache"
        for label in ("first load", "load from the cache"):
            start = time.perf_counter()
            loaded = load_domains(folders, cache)
            _timed(label, start)
        known = pl.Series([f"www.sub.site{n}.example{n % 97}.com" for n in range(HOSTS // 2)])
        other = pl.Series([f"h{n}.innocent{n}.co.uk" for n in range(HOSTS // 2)])
        addresses = [_address(n) for n in range(HOSTS)]
        for what, asked in (
            ("hosts", pl.concat([known, other])),
            ("addresses", pl.Series(addresses)),
            ("ports", pl.Series([f"{address}:9001" for address in addresses])),
        ):
            start = time.perf_counter()
            judged = loaded.index.judge(asked)
            _timed(f"{HOSTS:,} {what}, {judged.height:,} verdicts", start)


if __name__ == "__main__":
    main()
