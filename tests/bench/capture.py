"""
How fast a packet capture becomes events, beside tshark telling the same names.

    python -m tests.bench.capture FOLDER_OF_CAPTURES [PACKETS]

The captures of the folder are repeated into one file until it holds enough packets: each round an hour later, of other
addresses, with other names asked for, so that nothing is the same twice. Prints a table, and one JSON object last.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

from aup_monitor.capture.packets import read_packets

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKETS = 300_000
FIELDS = ("dns.qry.name", "tls.handshake.extensions_server_name", "http.host")
START = 1_757_000_000
"""2025-09-04, in seconds: when the first round begins."""
OURS = """
import sys
from pathlib import Path
from aup_monitor.capture.pcap import read
from aup_monitor.core.format import Context
with Path(sys.argv[1]).open("rb") as file:
    print(sum(len(rows) for rows in read(file, Context(), -1)))
"""


def write_merged(captures: list[Path], merged: Path, packets: int = PACKETS) -> int:
    """Write the Ethernet packets of captures, round after round, until there are enough; return how many."""
    given = [frame for path in captures for frame in _frames(path)]
    written = 0
    with merged.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for turn in count():
            for n, (frame, original) in enumerate(given):
                if written == packets:
                    return written
                _write(file, _changed(frame, turn), original, START + turn * 3600 + n // 20)
                written += 1
    return written


def _frames(path: Path) -> Iterator[tuple[bytes, int]]:
    with path.open("rb") as file:
        for packets in read_packets(file):
            for n in range(len(packets)):
                if packets.link[n] == 1:
                    begin = int(packets.start[n])
                    yield (
                        packets.data[begin : begin + int(packets.captured[n])].tobytes(),
                        int(packets.original[n]),
                    )


def _write(file: IO[bytes], frame: bytes, original: int, second: int) -> None:
    file.write(struct.pack("<4I", second, 0, len(frame), original) + frame)


def _changed(frame: bytes, turn: int) -> bytes:
    """Return a frame of another network, and a DNS message about another name."""
    changed = bytearray(frame)
    for at in {b"\x08\x00": (27, 31), b"\x86\xdd": (35, 51)}.get(frame[12:14], ()):
        if at < len(changed):
            changed[at] ^= turn & 0xFF
    name = 14 + (frame[14] & 15) * 4 + 8 + 13 if len(frame) > 42 else 0
    if frame[12:14] == b"\x08\x00" and frame[name : name + 1].isalpha() and _is_dns(frame, name):
        changed[name] = ord("a") + (changed[name] + turn) % 26
    return bytes(changed)


def _is_dns(frame: bytes, name: int) -> bool:
    return frame[23] == 17 and 53 in struct.unpack_from(">2H", frame, name - 21)


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command; return its processor time in seconds and its highest memory in MB."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(folder: Path, packets: int = PACKETS) -> dict[str, float]:
    """Measure both on the captures of a folder, and ours also on a file twice as long."""
    captures = sorted(p for p in folder.rglob("*") if p.suffix in (".pcap", ".pcapng"))
    told: dict[str, float] = {"packets": packets}
    with tempfile.TemporaryDirectory() as scratch:
        merged = Path(scratch) / "merged.pcap"
        for name, size in (("", packets), ("_twice", 2 * packets)):
            write_merged(captures, merged, size)
            told["megabytes" + name] = round(merged.stat().st_size / 1e6, 1)
            runs = [measured([sys.executable, "-c", OURS, str(merged)]) for _ in range(2)]
            told["seconds" + name] = round(min(seconds for seconds, _ in runs), 2)
            told["peak_mb" + name] = round(max(peak for _, peak in runs))
            if not name and shutil.which("tshark"):
                fields = [text for field in FIELDS for text in ("-e", field)]
                told["tshark_seconds"] = round(
                    measured(["tshark", "-n", "-r", str(merged), "-T", "fields", *fields])[0], 2
                )
                told["ratio"] = round(told["tshark_seconds"] / told["seconds"], 1)
    told["packets_a_second"] = round(packets / told["seconds"])
    return told


def main() -> None:
    """Print what was measured."""
    told = compare(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PACKETS)
    for name, value in told.items():
        print(f"{name:<20}{value:>12,}")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
