"""Captures as no honest program writes them: cut, mislabelled, with unknown blocks, with bytes changed by chance."""

from __future__ import annotations

import io
from struct import pack
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from scapy.utils import RawPcapNgReader, RawPcapReader

from aup_monitor.capture.pcap import FORMAT
from aup_monitor.core.format import REJECT, SKIP, Context

if TYPE_CHECKING:
    from pathlib import Path

ETHERNET: Final = 1
AT: Final = 1_768_385_649
"""2026-01-14 10:14:09 UTC."""
MICROSECONDS: Final = 0xA1B2C3D4
NANOSECONDS: Final = 0xA1B23C4D
HEADERS: Final = 90
"""Bytes of a frame in which most of what a reader believes is written."""


def frames(capture: Path) -> list[bytes]:
    """Return a capture's Ethernet frames; none if it has another kind."""
    with capture.open("rb") as file:
        ng = file.read(4) == b"\x0a\x0d\x0d\x0a"
    found = []
    with (RawPcapNgReader if ng else RawPcapReader)(str(capture)) as packets:
        if not ng and packets.linktype != ETHERNET:
            return []
        for frame, about in packets:
            if ng and about.linktype != ETHERNET:
                return []
            found.append(frame)
    return found


def pcap(packets: list[bytes], *, order: str = "<", magic: int = MICROSECONDS, link: int = ETHERNET) -> bytes:
    """Return a pcap file (draft-ietf-opsawg-pcap) of one packet a millisecond."""
    unit = 1_000_000 if magic == NANOSECONDS else 1_000
    records = (
        pack(f"{order}IIII", AT + n // 1000, n % 1000 * unit, len(packet), len(packet)) + packet
        for n, packet in enumerate(packets)
    )
    return pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262_144, link) + b"".join(records)


def block(kind: int, body: bytes, *, order: str = "<", length: int | None = None) -> bytes:
    """Return a pcapng block (draft-ietf-opsawg-pcapng); `length` is what it claims, where that isn't so."""
    body += bytes(-len(body) % 4)
    claimed = pack(f"{order}I", len(body) + 12 if length is None else length)
    return pack(f"{order}I", kind) + claimed + body + claimed


def section(order: str = "<") -> bytes:
    """Return the blocks that begin a pcapng file: a section and its one Ethernet interface."""
    head = block(0x0A0D0D0A, pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order=order)
    return head + block(1, pack(f"{order}HHI", ETHERNET, 0, 0), order=order)


def enhanced(n: int, packet: bytes, *, order: str = "<", interface: int = 0) -> bytes:
    """Return the block of the n-th packet."""
    at = AT * 1_000_000 + n * 1_000
    return block(
        6,
        pack(f"{order}IIIII", interface, at >> 32, at & 0xFFFFFFFF, len(packet), len(packet)) + packet,
        order=order,
    )


def pcapng(packets: list[bytes], *, order: str = "<", between: bytes = b"") -> bytes:
    """Return a pcapng file; `between` stands before each packet."""
    return section(order) + b"".join(
        between + enhanced(n, packet, order=order) for n, packet in enumerate(packets)
    )


def mutated(seeds: list[bytes], count: int, seed: int) -> bytes:
    """
    Return a pcap file of `count` frames, each a seed with up to eight bytes changed, most of them in its headers.

    One in ten is cut as by a small snap length.
    """
    rng = np.random.default_rng(seed)
    chosen = [seeds[n] for n in rng.integers(len(seeds), size=count)]
    kept = np.array([len(frame) for frame in chosen])
    cut = rng.random(count) < 0.1
    kept = np.where(cut, 1 + (rng.random(count) * (kept - 1)).astype(int), kept)
    parts = [pack("<IHHiIII", MICROSECONDS, 2, 4, 0, 0, 262_144, ETHERNET)]
    for n, (frame, keep) in enumerate(zip(chosen, kept.tolist(), strict=True)):
        parts += [pack("<IIII", AT + n // 1000, n % 1000 * 1000, keep, len(frame)), frame[:keep]]
    content = np.frombuffer(bytearray(b"".join(parts)), np.uint8).copy()
    starts = 24 + np.cumsum(kept + 16) - kept
    for change in range(8):
        changed = rng.random(count) < 1 / (1 + change)
        reach = np.where(rng.random(count) < 0.8, np.minimum(kept, HEADERS), kept)
        at = (starts + (rng.random(count) * reach).astype(int))[changed]
        extreme = rng.choice(np.array([0, 1, 0x7F, 0x80, 0xFF], np.uint8), size=at.size)
        content[at] = np.where(
            rng.random(at.size) < 0.4, extreme, rng.integers(256, size=at.size, dtype=np.uint8)
        )
    return content.tobytes()


def read(content: bytes, after: int = -1) -> pl.DataFrame:
    """Return all rows that the reader gives for a capture file's bytes."""
    none = pl.DataFrame(schema={"offset": pl.Int64, REJECT: pl.String, SKIP: pl.Boolean})
    return pl.concat([none, *FORMAT.read(io.BytesIO(content), Context(), after)], how="diagonal")


def counts(rows: pl.DataFrame) -> tuple[int, int, int]:
    """Return how many rows are events, rejects, and neither."""
    rejects = rows[REJECT].is_not_null()
    skipped = rows[SKIP].fill_null(value=False) & ~rejects
    return rows.height - rejects.sum() - skipped.sum(), rejects.sum(), skipped.sum()


def events(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the events, without the columns in which they have nothing, in their order."""
    kept = rows.filter(pl.col(REJECT).is_null() & ~pl.col(SKIP).fill_null(value=False)).drop(REJECT, SKIP)
    return [{k: v for k, v in row.items() if v is not None} for row in kept.sort("offset").to_dicts()]
