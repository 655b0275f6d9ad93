"""
`make bench`: how fast, and beside whom. Prints tables and writes `bench.json`.

Each case is a command run in a process of its own, timed from start to end, with its peak memory. A rival runs the
same file in the same run. Then each text format beside its floor. Nothing here passes or fails; goals stand in the
tables for the reader.

`BENCH_LINES` says how many lines; `make bench FORMATS=squid,bind` measures these formats alone; `make bench CAPTURES=folder` also
measures how fast the packet captures of a folder, repeated to 300,000 packets, become events, beside tshark.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.capture import compare
from tests.bench.formats import readings, table
from tests.bench.squid_log import write_squid_log

LINES = int(os.environ.get("BENCH_LINES", "1000000"))
FORMAT_LINES = int(os.environ.get("BENCH_LINES", "300000"))
CAPTURES = os.environ.get("CAPTURES")
CHOSEN = [name for name in os.environ.get("FORMATS", "").split(",") if name]
GOACCESS_FORMAT = "%x.%^ %~%L %h %^/%s %b %m %U %^"
AUP = [sys.executable, "-c", "from aup_monitor.cli import main; main()"]


@dataclass
class Result:
    """One line of the table."""

    name: str
    seconds: float
    rate: float
    """Lines a second."""
    peak_mb: float
    rival: str | None
    rival_seconds: float | None
    ratio: float | None
    """Rival's seconds divided by ours."""
    goal: str


def timed(*commands: list[str], where: Path) -> tuple[float, float]:
    """Run commands one after another; return seconds in all and the highest peak in MB."""
    start, peak = time.perf_counter(), 0.0
    for command in commands:
        with (where / "bench.log").open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, cwd=where)
            _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(command)} failed:\n{(where / 'bench.log').read_text()[-2000:]}")
        peak = max(peak, usage.ru_maxrss / 1024)
    return time.perf_counter() - start, peak


def workspace(folder: Path) -> Path:
    """Make a workspace whose half-term holds the generated log."""
    folder.mkdir()
    (folder / "aup.toml").write_text(
        'school = "Bench School"\n[sites.main]\nname = "Bench School"\n[sites.main.half_terms]\n'
        '"2026-autumn-1" = [2026-09-02, 2026-10-23]\n'
    )
    return folder


def best(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the fastest run's seconds, and the highest memory of any."""
    return min(seconds for seconds, _ in times), max(peak for _, peak in times)


def squid(folder: Path) -> list[Result]:
    """Ingest, and the whole journey, of a Squid log, beside GoAccess reading it."""
    log = folder / "access.log"
    write_squid_log(log, LINES)
    goaccess = shutil.which("goaccess")
    rival = None
    if goaccess:
        options = [f"--log-format={GOACCESS_FORMAT}", "--date-format=%s", "--time-format=%s", "--no-progress"]
        runs = [
            timed([goaccess, str(log), *options, "-o", str(folder / "g.json")], where=folder)
            for _ in range(2)
        ]
        rival = best(runs)[0]
    ingest, journey = [], []
    for n in range(2):
        space = str(workspace(folder / f"w{n}"))
        ingest.append(timed([*AUP, "-w", space, "ingest", str(log)], where=folder))
        rest = timed(
            [*AUP, "-w", space, "analyse"],
            [*AUP, "-w", space, "report", "half-term", "2026-autumn-1"],
            where=folder,
        )
        journey.append((ingest[-1][0] + rest[0], max(ingest[-1][1], rest[1])))
    return [
        result("ingest a Squid log", best(ingest), rival, "4 times GoAccess, under 1 GB"),
        result(
            "ingest, analyse and report a Squid log", best(journey), rival, "within 2 times GoAccess (0.5)"
        ),
    ]


def result(name: str, ours: tuple[float, float], rival: float | None, goal: str) -> Result:
    """Return the line of one case."""
    seconds, peak = ours
    ratio = rival / seconds if rival else None
    return Result(name, seconds, LINES / seconds, peak, "goaccess" if rival else None, rival, ratio, goal)


def judging(folder: Path) -> dict[str, float]:
    """Judge five million events by all rules and three million listed names, in a process of its own."""
    place = folder / "judging"
    place.mkdir()
    command = [sys.executable, "-m", "tests.bench.judging", str(place)]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)]
    runs: list[dict[str, float]] = [json.loads(text) for text in said[1:]]
    return min(runs, key=lambda run: run["judge_seconds"])


def main() -> None:
    """Run every case, print the tables, write `bench.json`."""
    with tempfile.TemporaryDirectory() as place:
        results = [] if CHOSEN else squid(Path(place))
        show(results)
        judged = {} if CHOSEN else judging(Path(place))
        if judged:
            print(f"judging: {json.dumps(judged)}; goal 10 s and 1,000 MB\n")
        found = readings(Path(place), FORMAT_LINES, CHOSEN)
        print(table(found))
        captured = compare(Path(CAPTURES)) if CAPTURES else {}
        if captured:
            print(
                f"capture: {json.dumps(captured)}; goal 5 times tshark, and memory that does not grow with the file\n"
            )
    written = {
        "cases": [asdict(r) for r in results],
        "judging": judged,
        "capture": captured,
        "formats": [{**asdict(r), "ratio": r.ratio} for r in found],
    }
    Path("bench.json").write_text(json.dumps(written, indent=2) + "\n")


def show(results: list[Result]) -> None:
    """Print the table of the cases that have a rival."""
    if not results:
        return
    print(f"{'case':42} {'seconds':>8} {'lines/s':>12} {'peak MB':>8} {'rival s':>8} {'ratio':>6}  goal")
    for r in results:
        rival, ratio = (
            (f"{r.rival_seconds:8.2f}", f"{r.ratio:6.2f}") if r.ratio else (f"{'-':>8}", f"{'-':>6}")
        )
        print(f"{r.name:42} {r.seconds:8.2f} {r.rate:12,.0f} {r.peak_mb:8.0f} {rival} {ratio}  {r.goal}")
    print()


if __name__ == "__main__":
    main()
