"""
The contract that every format keeps, whatever a file holds.

A format named `squid` has its samples at `sample_logs/formats/squid.log`, `squid-ipv6.log` and so on. A binary format
may have none, since such a file is not written by hand; its own tests read real ones.
"""

from __future__ import annotations

import codecs
import difflib
import io
import json
import os
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aup_monitor.core.errors import AupError
from aup_monitor.core.format import LEASE_FROM, LEASE_TO, Context, Format
from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES, OUTCOMES, TIME
from aup_monitor.formats import FORMATS, _template
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, recognise

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_logs" / "formats"
GOLDENS = ROOT / "tests" / "golden" / "formats"
CONTEXT = Context(zone="Europe/London", reference=datetime(2026, 1, 31, 12, tzinfo=UTC))
REFRESH = "AUP_REFRESH_GOLDENS=1 .venv/bin/pytest tests/formats/test_contract.py"

ALL = (*FORMATS, _template.FORMAT)
"""The formats, and the pattern that a new one is copied from."""
TEXT_FORMATS = [fmt for fmt in ALL if fmt.parse is not None]
BOMS = (b"\xff\xfe", b"\xfe\xff")


def samples(fmt: Format) -> list[Path]:
    """Return the format's own samples: its name, then a mark, then anything."""
    name = re.compile(re.escape(fmt.name) + r"[-.]")
    longer = [f.name for f in ALL if len(f.name) > len(fmt.name)]
    return [
        path
        for path in sorted(SAMPLES.iterdir())
        if name.match(path.name) and not path.name.startswith(tuple(longer))
    ]


def read(fmt: Format, content: bytes, block_bytes: int = 16 << 20, start: int = 0) -> pl.DataFrame:
    """Return every row of the content, in the file's order."""
    blocks = read_blocks(fmt, io.BytesIO(content), CONTEXT, start, block_bytes=block_bytes)
    frames = [block.frame for block in blocks]
    if not frames:
        return pl.DataFrame(schema={"offset": pl.Int64})
    whole = pl.concat(frames, how="diagonal")
    return whole.select(sorted(whole.columns)).sort("offset")


def count_lines(content: bytes) -> int:
    """Return the number of lines, an unfinished last one among them; a byte-order mark alone is none."""
    content = content.removeprefix(codecs.BOM_UTF8)
    return content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


def each(formats: list[Format]) -> pytest.MarkDecorator:
    """Run a test once for each format."""
    return pytest.mark.parametrize("fmt", formats, ids=[fmt.name for fmt in formats])


every = each(list(ALL))
every_text = each(TEXT_FORMATS)
every_with_samples = each([fmt for fmt in ALL if samples(fmt) or fmt.parse is not None])


@every
def test_a_format_describes_itself(fmt: Format) -> None:
    """Name, title, class, one of parse and read, and a page with a reference are there."""
    assert re.fullmatch(r"[a-z0-9_-]+", fmt.name)
    assert fmt.title
    assert fmt.log_class in LOG_CLASSES
    assert (fmt.parse is None) != (fmt.read is None)
    assert "http" in fmt.doc
    assert len(fmt.doc.splitlines()) >= 8


@every
def test_its_samples_are_there_and_accounted_for(fmt: Format) -> None:
    """A text format has a sample at least, and SOURCES.yml says where each comes from."""
    sources = yaml.safe_load((ROOT / "sample_logs" / "SOURCES.yml").read_text())
    named = {entry["file"] for entry in sources if entry["format"] == fmt.name}
    assert samples(fmt) or fmt.parse is None
    assert {f"formats/{path.name}" for path in samples(fmt)} <= named
    assert all(entry["source"] and entry["shows"] for entry in sources)


@every_with_samples
def test_its_samples_give_the_golden(fmt: Format) -> None:
    """The samples parse to what was looked at and kept; a change shows as a difference of lines."""
    found = {path.name: told(read(fmt, path.read_bytes())) for path in samples(fmt)}
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    golden = GOLDENS / f"{fmt.name}.json"
    if os.environ.get("AUP_REFRESH_GOLDENS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    kept = golden.read_text(encoding="utf-8") if golden.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), text.splitlines(), "golden", "now", lineterm="")
    )
    assert not difference, "\n".join([*difference[:80], f"If the change is meant: {REFRESH}"])


def told(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Return a frame's rows as JSON values, leaving out what is null."""
    return [
        {
            name: str(value) if isinstance(value, datetime) else value
            for name, value in row.items()
            if value is not None
        }
        for row in frame.iter_rows(named=True)
    ]


@every_with_samples
def test_its_events_keep_to_the_schema(fmt: Format) -> None:
    """Columns, dtypes, class, outcome, addresses and hosts are as the schema says; no row is both reject and skip."""
    for path in samples(fmt):
        frame = read(fmt, path.read_bytes())
        own = set(frame.columns) - {"offset", "reject", "skip"}
        schema = {**EVENT_SCHEMA, LEASE_FROM: TIME, LEASE_TO: TIME}
        assert {name: frame.schema[name] for name in own} == {name: schema[name] for name in own}
        assert not frame.filter(pl.col("skip") & pl.col("reject").is_not_null()).height
        events = frame.filter(~pl.col("skip") & pl.col("reject").is_null())
        assert events.height
        assert events["timestamp"].null_count() == 0
        assert set(events["log_class"]) <= set(LOG_CLASSES)
        assert set(events["event_outcome"]) <= set(OUTCOMES)
        for column in {"source_ip", "destination_ip"} & own:
            found = events[column].drop_nulls().to_list()
            assert found == [str(ip_address(text)) for text in found]
        for column in {"url_domain", "dns_question_name", "tls_server_name"} & own:
            found = events[column].drop_nulls().to_list()
            assert found == [text.lower().rstrip(".") for text in found if text]


@every
def test_it_recognises_its_own_samples_above_all_others(fmt: Format) -> None:
    """Of all formats it fits its samples best, and none comes near it; nothing fits nothing."""
    for path in samples(fmt):
        head = path.read_bytes()[:HEAD_BYTES]
        assert recognise(head, ALL) is fmt
        assert all(0 <= other.score(head) <= 1 for other in ALL)
    assert fmt.score(b"") == 0


@every
def test_nothing_comes_of_nothing(fmt: Format) -> None:
    """An empty file has no rows, and no lines parse to no rows of the right columns."""
    if fmt.parse is not None:
        assert read(fmt, b"").height == 0
        none = pl.LazyFrame(schema={"line": pl.String, "offset": pl.Int64})
        assert fmt.parse(none, CONTEXT).collect().height == 0
    else:
        assert events_or_error(fmt, b"") == 0


def events_or_error(fmt: Format, content: bytes) -> int:
    """Return how many events a binary file has; 0 where the format says that it is damaged."""
    try:
        frame = read(fmt, content)
    except AupError:
        return 0
    return frame.filter(~pl.col("skip") & pl.col("reject").is_null()).height if frame.height else 0


@each([fmt for fmt in FORMATS if fmt.read is not None and samples(fmt)])
def test_a_binary_format_fills_what_it_says(fmt: Format) -> None:
    """What a binary format says that it fills is what its rows hold."""
    for path in samples(fmt):
        assert set(fmt.fills) == set(read(fmt, path.read_bytes()).columns) - {"offset", "reject", "skip"}


@every_text
def test_a_last_line_that_was_cut_off_anywhere_keeps_its_row(fmt: Format) -> None:
    """Each beginning of the last line, one after the other and as the file's end, gives one row and no error."""
    for path in samples(fmt):
        content = path.read_bytes().rstrip(b"\r\n")
        at = content.rfind(b"\n") + 1
        before, last = content[:at], content[at:]
        beginnings = [last[:length] for length in range(1, len(last) + 1)]
        together = before + b"\n".join(beginnings)
        assert read(fmt, together).height == count_lines(together)
        for beginning in beginnings[:: max(1, len(beginnings) // 20)]:
            assert read(fmt, before + beginning).height == count_lines(before + beginning)


@each([fmt for fmt in ALL if fmt.read is not None])
def test_a_binary_file_that_was_cut_off_fails_in_words_at_most(fmt: Format) -> None:
    """Cut at forty places, the file yields rows or an error that the program prints."""
    for path in samples(fmt):
        content = path.read_bytes()
        whole = events_or_error(fmt, content)
        for part in range(40):
            assert events_or_error(fmt, content[: len(content) * part // 40]) <= whole


@every_text
def test_blocks_may_be_cut_anywhere(fmt: Format) -> None:
    """The rows are the same however large the blocks are, and wherever an earlier reading stopped."""
    for path in samples(fmt):
        content = path.read_bytes()
        whole = read(fmt, content)
        for block_bytes in (1, 100, 333, 1000, 4096):
            assert read(fmt, content, block_bytes).equals(whole)
        ends = [match.end() for match in re.finditer(b"\n", content)]
        for start in ends[: -1 : max(1, len(ends) // 5)]:
            rest = whole.filter(pl.col("offset") >= start)
            assert read(fmt, content, start=start).select(whole.columns).equals(rest)


@every_text
def test_a_line_of_ten_megabytes_is_a_line(fmt: Format) -> None:
    """A line that somebody blew up, at its end, its middle or its quotes, is one row, and its neighbours are unharmed."""
    for path in samples(fmt)[:1]:
        lines = path.read_bytes().replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
        line = lines[len(lines) // 2]
        middle = len(line) // 2
        filler = b'=a%20\\"/.,|' * (10 << 20 >> 4)
        content = b"\n".join([*lines, line[:middle] + filler + line[middle:], *lines])
        rows = read(fmt, content)
        assert rows.height == 2 * len(lines) + 1


@every_text
@settings(max_examples=25, deadline=None, derandomize=True)
@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_row_a_line(fmt: Format, content: bytes) -> None:
    """Whatever bytes a file holds, each line is a row: an event, a reject or skipped."""
    assume(not content.startswith(BOMS))
    assert read(fmt, content).height == count_lines(content)


@every_text
@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_lines_gone_wrong_give_a_row_a_line(fmt: Format, data: st.DataObject) -> None:
    """Sample lines with pieces lost, doubled or replaced by any text still give one row each."""
    own = samples(fmt)[0].read_text(encoding="utf-8", errors="replace").splitlines()
    lines = data.draw(st.lists(spoilt(own), max_size=6))
    content = "\n".join(lines).encode("utf-8", "replace")
    assume(not content.startswith(BOMS))
    rows = read(fmt, content)
    assert rows.height == count_lines(content)
    assert rows.height == 0 or rows.equals(read(fmt, content, block_bytes=50).select(rows.columns))


def spoilt(own: list[str]) -> st.SearchStrategy[str]:
    """Return lines that are almost the format's: any text put over any stretch of a sample line."""

    def spoil(line: str, begin: int, length: int, text: str) -> str:
        begin %= len(line) + 1
        return line[:begin] + text + line[begin + length :]

    number = st.integers(0, 300)
    return st.builds(spoil, st.sampled_from(own), number, number, st.text(max_size=8))


def test_no_two_formats_share_a_name_or_a_title() -> None:
    """Names and titles tell formats apart."""
    assert len({fmt.name for fmt in FORMATS}) == len({fmt.title for fmt in FORMATS}) == len(FORMATS)
