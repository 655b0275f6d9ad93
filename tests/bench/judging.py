"""
Judge many events by all rules and millions of listed names: one case of `make bench`, in a process of its own.

`python -m tests.bench.judging FOLDER` makes the events and the lists in the folder where they are not there yet, loads the
lists, enriches and judges the events, and prints one JSON object: seconds of each part, matches, peak memory.
"""

from __future__ import annotations

import json
import resource as machine
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_SCHEMA, conform
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import Matcher
from aup_monitor.detect.quiet import QuietHosts
from aup_monitor.jobs.analyse import PIECE
from aup_monitor.lists import load_lists

EVENTS, NAMES, HOSTS, QUERIES = 5_000_000, 3_000_000, 100_000, 60_000
START = datetime(2026, 9, 14, 7, tzinfo=UTC)
WORDS = [
    "the",
    "of",
    "school",
    "how",
    "what",
    "history",
    "water",
    "energy",
    "football",
    "recipe",
    "maths",
    "river",
    "castle",
    "music",
    "weather",
    "theory",
    "cell",
]


def write_events(path: Path, count: int) -> None:
    """Write so many web events: 100,000 hosts by Zipf's law, nearly all addresses distinct, 1.5 % searches."""
    chance = np.random.default_rng(7)
    hosts = np.array(
        [
            f"{w}{n}.site{n % 997}.{t}"
            for n in range(HOSTS)
            for w, t in [(("www", "cdn", "api")[n % 3], ("com", "co.uk", "org")[n % 3])]
        ]
    )
    listed = np.array([f"www.listed{n}.example{n % 97}.com" for n in range(500)])
    words = np.array(WORDS)
    queries = np.array(["+".join(words[chance.integers(0, len(words), 4)]) + f"+{n}" for n in range(QUERIES)])
    media = np.array(["text/html", "image/png", "application/javascript", "text/css", "application/json"])
    folder = path.parent
    parts = []
    for first in range(0, count, PIECE):
        size = min(PIECE, count - first)
        host = hosts[(chance.zipf(1.2, size) - 1) % HOSTS]
        rare = chance.random(size)
        host = np.where(rare < 0.002, listed[chance.integers(0, 500, size)], host)
        search = (rare > 0.985) & (rare < 1)
        n = np.arange(first, first + size)
        part = folder / f"part-{first}.parquet"
        pl.DataFrame(
            {
                "timestamp": pl.Series(n * (36_000_000_000 // count)).cast(pl.Duration("us")) + START,
                "host": np.where(search, "www.google.co.uk", host),
                "number": chance.integers(0, 4_000_000, size),
                "query": np.where(search, queries[chance.integers(0, QUERIES, size)], ""),
                "user": chance.integers(0, 1350, size),
                "media": media[chance.integers(0, 5, size)],
                "blocked": chance.random(size) < 0.03,
            }
        ).lazy().select(*_columns()).pipe(conform).sink_parquet(part)
        parts.append(part)
    pl.scan_parquet(parts).sink_parquet(path)
    for part in parts:
        part.unlink()


def _columns() -> list[pl.Expr]:
    search = pl.col("query") != ""
    path = pl.format("/l/{}/page-{}.html", pl.col("number") % 97, "number")
    return [
        pl.col("timestamp").cast(EVENT_SCHEMA["timestamp"]),
        pl.lit("web").alias("log_class"),
        pl.lit("main").alias("site"),
        pl.when("blocked").then(pl.lit("blocked")).otherwise(pl.lit("allowed")).alias("event_outcome"),
        pl.format("10.20.{}.{}", pl.col("user") // 250, pl.col("user") % 250).alias("source_ip"),
        pl.format("user{}", "user").alias("user_name"),
        pl.col("host").alias("url_domain"),
        pl.when(search).then(pl.lit("/search")).otherwise(path).alias("url_path"),
        pl.when(search).then(pl.format("q={}", "query")).alias("url_query"),
        pl.lit("GET").alias("http_request_method"),
        pl.lit(200, pl.Int32).alias("http_response_status_code"),
        pl.col("media").alias("http_response_mime_type"),
        pl.lit("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36").alias("user_agent_original"),
        (pl.col("number") % 90_000).cast(pl.Int64).alias("destination_bytes"),
    ]


def write_lists(folder: Path, count: int) -> None:
    """Write lists of the school's own, three million names in all; 500 of them are met."""
    own = folder / "lists" / "own"
    own.mkdir(parents=True)
    number = pl.int_range(count // 3)
    for n, category in enumerate(("gambling", "adult", "vpn")):
        names = pl.select(
            pl.format("listed{}.example{}.com", number * 3 + n, (number * 3 + n) % 97)
        ).to_series()
        (own / f"{category}.txt").write_text("\n".join(names) + "\n", encoding="ascii")


def main(folder: Path) -> None:
    """Prepare what is not there, and measure."""
    events = folder / "events.parquet"
    if not events.exists():
        write_lists(folder, NAMES)
        write_events(events, EVENTS)
        load_lists([resource("rules"), folder], folder / "cache")
        print(json.dumps({"prepared": True}))
        return
    calendar = SchoolCalendar(
        (HalfTerm(date(2026, 9, 2), date(2026, 10, 23), "2026-autumn-1"),), ZoneInfo("Europe/London")
    )
    begun = time.perf_counter()
    lists = load_lists([resource("rules"), folder], folder / "cache")
    rules = load_rules([resource("rules", "sigma")]).with_lists(lists.lookups())
    loaded = time.perf_counter()
    matcher, facts, source = Matcher(rules, lists.lookups()), load_facts(), pl.scan_parquet(events)
    quiet = QuietHosts(lists.lookups(), facts.noise.lists)
    pieces = (source.slice(first, PIECE) for first in range(0, EVENTS, PIECE))
    quiet.learn(source.select("url_domain").unique().collect().to_series())
    matches = matcher.match(enrich(piece.collect().lazy(), facts, calendar, quiet) for piece in pieces)
    done = time.perf_counter()
    print(
        json.dumps(
            {
                "events": EVENTS,
                "rules": len(rules),
                "names": lists.status()["entries"].sum(),
                "load_seconds": round(loaded - begun, 2),
                "judge_seconds": round(done - loaded, 2),
                "matches": matches.height,
                "peak_mb": machine.getrusage(machine.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
