"""How fast each text format is read, beside merely reading its lines and writing them to Parquet as they are."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aup_monitor.formats import FORMATS
from tests.bench.log_of_format import write_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GOAL = "half of the formats within 4 times the floor, and Squid within 2"


@dataclass(frozen=True)
class Reading:
    """One format's line of the table."""

    format: str
    lines: int
    events: int
    floor_seconds: float
    seconds: float

    @property
    def ratio(self) -> float:
        """Return our seconds divided by the floor's."""
        return self.seconds / self.floor_seconds


def readings(folder: Path, lines: int, chosen: Sequence[str]) -> list[Reading]:
    """Measure the chosen text formats, or all, each in a process of its own; slowest first."""
    names = [fmt.name for fmt in FORMATS]
    unknown = set(chosen) - set(names)
    if unknown:
        raise SystemExit(f"there is no format {', '.join(sorted(unknown))}; one of: {', '.join(names)}")
    found = []
    for fmt in FORMATS:
        if fmt.parse is None or (chosen and fmt.name not in chosen):
            continue
        log = folder / "some.log"
        write_log(fmt, names, log, lines)
        command = [sys.executable, "-m", "tests.bench.reading", fmt.name, str(log), str(folder)]
        found.append(Reading(**json.loads(subprocess.run(command, check=True, capture_output=True).stdout)))
        log.unlink()
    return sorted(found, key=lambda reading: -reading.ratio)


def table(found: Sequence[Reading]) -> str:
    """Return the readings as text."""
    head = f"{'format':24} {'lines/s':>12} {'floor lines/s':>14} {'ratio':>6}  events of lines"
    rows = [
        f"{r.format:24} {r.lines / r.seconds:12,.0f} {r.lines / r.floor_seconds:14,.0f} {r.ratio:6.2f}"
        f"  {r.events:,} of {r.lines:,}"
        for r in found
    ]
    median = statistics.median(r.ratio for r in found)
    squid = "".join(f", Squid's {r.ratio:.2f}" for r in found if r.format == "squid")
    return "\n".join([head, *rows, f"median ratio {median:.2f}{squid}; goal: {GOAL}"])
