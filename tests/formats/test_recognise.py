"""Which format a file is of: the surest one, ties in words, and lines that a collector wrapped."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.errors import InputError
from aup_monitor.core.format import Context, Format
from aup_monitor.formats import FORMATS
from aup_monitor.formats.recognise import HEAD_BYTES, candidates, recognise

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"
SQUID = b"1788775200.123    120 10.20.0.5 TCP_MISS/200 5120 GET http://www.example.org/ bfox HIER_DIRECT/192.0.2.5 text/html\n"
BIND = b"26-Jan-2026 10:03:17.000 queries: info: client @0x7f 10.20.0.5#4242 (a.example): query: a.example IN A + (10.0.0.1)\n"

WRAPPINGS: dict[str, Callable[[str], str]] = {
    "syslog": lambda line: f"<134>Jan 12 10:03:17 collector relay[12]: {line}",
    "syslog without a program": lambda line: f"<134>Jan 12 10:03:17 collector {line}",
    "RFC 5424": lambda line: f'<134>1 2026-01-12T10:03:17.123Z collector app 12 - [x y="z"] {line}',
    "RFC 3339": lambda line: f"2026-01-12T10:03:17+00:00 collector app[3]: {line}",
    "a relay's syslog round syslog": lambda line: (
        f"<134>Jan 12 10:03:18 relay fw[1]: <134>Jan 12 10:03:17 collector app: {line}"
    ),
    "Beats": lambda line: json.dumps(
        {"@timestamp": "2026-01-12T10:03:17.123Z", "host": {"hostname": "c1"}, "message": line}
    ),
    "a container": lambda line: json.dumps(
        {"log": line + "\n", "stream": "stdout", "time": "2026-01-12T10:03:17Z"}
    ),
    "Beats round syslog": lambda line: json.dumps({"message": f"<134>Jan 12 10:03:17 c1 app: {line}"}),
}


def parse(lines: pl.LazyFrame, _context: Context) -> pl.LazyFrame:
    """Read nothing."""
    return lines.select("offset", reject=pl.lit("nothing"))


def scoring(name: str, score: float) -> Format:
    """Return a format that is so sure of any file."""
    return Format(name, "web", name, sniff=lambda _head: score, doc="", parse=parse)


def test_the_surest_format_is_taken() -> None:
    """The higher score wins, whichever stands first."""
    formats = [scoring("a", 0.5), scoring("b", 0.9), scoring("c", 0.0)]
    assert recognise(b"x", formats).name == recognise(b"x", formats[::-1]).name == "b"
    assert recognise(SQUID * 3).name == "squid"


def test_a_tie_names_both() -> None:
    """Two that are as sure are an error that says how to choose; a little surer is enough."""
    with pytest.raises(InputError, match=r"a and b both fit\n  Next: say which: aup ingest --format a FILE"):
        recognise(b"x", [scoring("b", 0.9), scoring("a", 0.91)])
    assert recognise(b"x", [scoring("b", 0.9), scoring("a", 0.93)]).name == "a"


@pytest.mark.parametrize("score", [0.0, 0.29])
def test_none_that_is_sure(score: float) -> None:
    """Two that hardly fit are no tie: none fits."""
    with pytest.raises(InputError, match=r"no known format fits this file\n  Next: see the known ones"):
        recognise(b"x", [scoring("a", score), scoring("b", score)])


@pytest.mark.parametrize("head", [b"", b"\n\r\n \t", b"\0\0\0"])
def test_empty(head: bytes) -> None:
    """Nothing, blanks and zeros are an empty file, with what to check."""
    with pytest.raises(InputError, match=r"the file is empty\n  Next: check that logging is switched on"):
        recognise(head)


def test_formats_that_share_a_file_are_no_tie() -> None:
    """Half of one and half of another is a file of both; lines that fit two formats alike are a tie."""
    assert recognise((SQUID + BIND) * 10).name in {"squid", "bind"}
    twins = [Format(name, "web", name, doc="", looks=r"^\d+", parse=parse) for name in ("a", "b")]
    with pytest.raises(InputError, match="a and b both fit"):
        recognise(SQUID, twins)


def test_many_formats_that_each_have_a_few_lines() -> None:
    """A file of ten formats, none of which has a third of it, is recognised all the same."""
    formats = [Format(f"f{n}", "web", f"f{n}", doc="", looks=f"^{n}", parse=parse) for n in range(8)]
    head = b"".join(b"%d line\n" % (n % 10) for n in range(50))
    assert recognise(head, formats).name == "f0"
    with pytest.raises(InputError, match="no known format fits"):
        recognise(head, formats[:2])


WRAPPED = [
    path.name
    for path in sorted(SAMPLES.iterdir())
    if (fmt := next((f for f in FORMATS if path.name.startswith((f"{f.name}.", f"{f.name}-"))), None))
    and fmt.parse
    and fmt.looks
    and not fmt.header
]


@pytest.mark.parametrize("kind", WRAPPINGS)
@pytest.mark.parametrize("name", WRAPPED)
def test_a_line_is_read_whatever_it_is_wrapped_in(name: str, kind: str) -> None:
    """
    Every format's lines in every envelope are recognised as that format's, and give the events.

    Some samples hold lines in an envelope already, which then stand in two; an envelope may lend a line its time.
    """
    text = (SAMPLES / name).read_bytes().decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    bare = recognise("\n".join(lines).encode()[:HEAD_BYTES])
    wrapped = recognise("\n".join(map(WRAPPINGS[kind], lines)).encode()[:HEAD_BYTES])
    assert wrapped.name == bare.name
    assert events(wrapped, [WRAPPINGS[kind](line) for line in lines]) >= 0.8 * events(bare, lines)


def events(fmt: Format, lines: list[str]) -> int:
    """Return how many events a format makes of lines."""
    assert fmt.parse is not None
    frame = pl.LazyFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    rows = fmt.parse(frame, Context(reference=datetime(2026, 1, 31, tzinfo=UTC))).collect()
    skip = rows["skip"].fill_null(value=False) if "skip" in rows.columns else pl.Series([False] * len(rows))
    return int((rows["reject"].is_null() & ~skip & rows["timestamp"].is_not_null()).sum())


def test_a_candidate_says_what_it_stands_in() -> None:
    """A wrapped format is called by its envelopes, the innermost first."""
    line = WRAPPINGS["Beats round syslog"](SQUID.decode().strip())
    assert candidates(line.encode() * 3, [f for f in FORMATS if f.name == "squid"])[0].name in {
        "squid in JSON",
        "squid in syslog in JSON",
    }
