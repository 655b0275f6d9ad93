"""A file that several programs wrote is split by line: nothing of one is lost because another came first."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format
from aup_monitor.formats import FORMATS
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

SAMPLES: Final = Path(__file__).parents[2] / "sample_logs" / "formats"
CONTEXT: Final = Context(reference=datetime(2026, 1, 31, 12, tzinfo=UTC))
MIXED: Final = {
    name: next(f for f in FORMATS if f.name == name)
    for name in (
        "squid",
        "fortigate",
        "filterlog",
        "netfilter",
        "cisco-asa",
        "suricata",
        "windows-json",
        "e2guardian",
    )
}


def lines_of(name: str) -> list[str]:
    """Return the lines of a format's sample that look like the format's, without those of other programs."""
    paths = sorted(p for p in SAMPLES.iterdir() if p.stem == name)
    text = paths[0].read_bytes().decode("utf-8", "replace")
    looks = MIXED[name].looks
    assert looks
    lines = pl.Series([line for line in text.splitlines() if line.strip()])
    return lines.filter(lines.str.contains(looks)).to_list()


def read(fmt: Format, lines: list[str], size: int = 1 << 20) -> tuple[pl.DataFrame, Counter[str]]:
    """Return every row in the file's order, and what was adopted."""
    content = "\n".join(lines).encode()
    blocks = list(read_blocks(fmt, io.BytesIO(content), CONTEXT, others=FORMATS, block_bytes=size))
    whole = pl.concat([b.frame for b in blocks], how="diagonal").sort("offset")
    return whole, sum((b.adopted for b in blocks), start=Counter[str]())


def events(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Return the events without their places, in a fixed order, leaving out what is null."""
    kept = frame.filter(pl.col("reject").is_null() & ~pl.col("skip")).drop("offset", "reject", "skip")
    rows = [{k: v for k, v in sorted(row.items()) if v is not None} for row in kept.to_dicts()]
    return sorted(rows, key=repr)


@pytest.mark.parametrize("seed", range(3))
def test_a_file_of_eight_formats_gives_what_each_gives_alone(seed: int) -> None:
    """Lines shuffled together are the same events as read apart, whichever format the file is taken for."""
    apart: list[dict[str, object]] = []
    lines: list[str] = []
    for name, fmt in MIXED.items():
        own = lines_of(name)
        lines += own
        apart += events(read(fmt, own)[0])
    random.Random(seed).shuffle(lines)
    taken = recognise("\n".join(lines).encode(), FORMATS)
    whole, adopted = read(taken, lines)
    assert events(whole) == sorted(apart, key=repr)
    assert whole.height == len(lines)
    assert set(adopted) == set(MIXED) - {taken.name}


@pytest.mark.parametrize("size", [1, 200, 5000])
def test_block_size_does_not_matter(size: int) -> None:
    """However the file is cut, a stray line is read the same."""
    lines = [line for pair in zip(lines_of("squid"), lines_of("fortigate"), strict=False) for line in pair]
    whole, _ = read(MIXED["squid"], lines)
    pieces, _ = read(MIXED["squid"], lines, size)
    assert pieces.select(sorted(pieces.columns)).equals(whole.select(sorted(whole.columns)))


def test_a_stray_inside_an_envelope() -> None:
    """JSON that a collector put into syslog, in a firewall's syslog file, is read as what it is."""
    own = lines_of("netfilter")
    inner = lines_of("suricata")
    lines = own + [f"Jan 12 10:03:17 sensor eve[12]: {line}" for line in inner]
    whole, adopted = read(MIXED["netfilter"], lines)
    alone = events(read(MIXED["suricata"], inner)[0])
    found = [row for row in events(whole) if row.get("observer_product") == "Suricata"]
    assert len(found) == len(alone) <= adopted["suricata"]
    assert {row["observer_name"] for row in found} == {"sensor"} | {
        row["observer_name"] for row in alone if "observer_name" in row
    }


def test_a_question_and_its_answer_are_one_event_among_strangers() -> None:
    """A format that looks back finds its earlier lines among those of others, across blocks."""
    question = "Jan 12 10:03:17 ns unbound[1]: [1:0] info: 10.0.0.1 a.example. A IN"
    answer = "Jan 12 10:03:18 ns unbound[1]: [1:0] info: 10.0.0.1 a.example. A IN NOERROR 0.02 0 59"
    squid = lines_of("squid")[:3]
    lines = [squid[0], question, squid[1], answer, squid[2]]
    for size in (1, 1 << 20):
        whole, adopted = read(MIXED["squid"], lines, size)
        assert whole.filter(pl.col("log_class") == "dns", ~pl.col("skip")).height == 1
        assert adopted == {"unbound": 2}


def test_a_bad_line_of_its_own_stays_a_reject() -> None:
    """What looks like the file's own format, and what nobody knows, is a bad line with the file's reason."""
    lines = [lines_of("squid")[0], lines_of("squid")[0].replace(" GET ", " "), "nobody knows this"]
    whole, adopted = read(MIXED["squid"], lines)
    assert whole["reject"].is_not_null().to_list()[2]
    assert not adopted


def test_a_named_format_reads_its_own_lines_alone() -> None:
    """Where nobody else is asked, other formats' lines are bad lines."""
    lines = lines_of("squid")[:2] + lines_of("fortigate")[:2]
    content = "".join(f"{line}\n" for line in lines).encode()
    blocks = list(read_blocks(MIXED["squid"], io.BytesIO(content), CONTEXT))
    assert blocks[0].frame.sort("offset")["reject"].is_not_null().to_list() == [False, False, True, True]
