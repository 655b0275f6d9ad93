"""From bytes to frames: recognising, cutting whole lines, blocks, headers, and going on in the middle."""

from __future__ import annotations

import codecs
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.format import Context, Format, share_of_lines
from aup_monitor.formats import reader
from aup_monitor.formats.reader import Block, read_blocks
from aup_monitor.formats.recognise import decoded_head

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

CONTEXT = Context()
SQUID = b"1788775200.123    120 10.20.0.5 TCP_MISS/200 5120 GET http://www.example.org/ bfox HIER_DIRECT/192.0.2.5 text/html\n"
SIZES = (1, 7, 64, 1 << 20)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Read `DAY WORD`: an event of that day of September; `#` is a comment; what has no day is bad."""
    day = pl.col("line").str.extract(r"^(\d{1,2}) ", 1)
    date = pl.concat_str(pl.lit("2026-09-"), day.str.zfill(2))
    skip = pl.col("line").str.starts_with("#")
    return lines.select(
        "offset",
        timestamp=date.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us", time_zone="UTC"),
        event_action=pl.col("line").str.extract(r"^\d+ (.*)$", 1),
        observer_name=pl.lit(context.header, pl.String),
        reject=pl.when(day.is_null() & ~skip).then(pl.lit("no day")),
        skip=skip,
    )


def parse_pairs(lines: pl.LazyFrame, _context: Context) -> pl.LazyFrame:
    """Read `word`, and give each event the word of the line before it."""
    return lines.select(
        "offset",
        timestamp=pl.datetime(2026, 9, 1, time_zone="UTC"),
        event_action=pl.col("line"),
        rule_name=pl.col("line").shift(1),
        reject=pl.lit(None, pl.String),
    )


def scoring(name: str, score: float) -> Format:
    """Return a format that is so sure of any file."""
    return Format(name, "web", name, sniff=lambda _head: score, doc="", parse=parse)


DAYS = replace(scoring("days", 1.0), sniff=lambda head: share_of_lines(head, r"^\d+ "))
HEADED = replace(DAYS, header=b"#fields")
PAIRS = replace(DAYS, parse=parse_pairs, lookback=1)


def read(
    fmt: Format, content: bytes, start: int = 0, size: int = 1 << 20, *, final: bool = True
) -> tuple[pl.DataFrame, int]:
    """Return all rows by offset, and the last block's end."""
    blocks = list(read_blocks(fmt, io.BytesIO(content), CONTEXT, start, block_bytes=size, final=final))
    if not blocks:
        return pl.DataFrame(), start
    return pl.concat([b.frame for b in blocks], how="diagonal").sort("offset"), blocks[-1].end


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_byte_order_marks(encoding: str) -> None:
    """A file that begins with a mark is recognised and read as without, every line with its offset as UTF-8."""
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-8": codecs.BOM_UTF8}
    text = "1 déjà\n2 vu\n"
    content = marks[encoding] + text.encode(encoding)
    assert decoded_head(content).decode().removeprefix("\ufeff") == text
    frame, _ = read(DAYS, content)
    assert frame["event_action"].to_list() == ["déjà", "vu"]
    assert frame["reject"].null_count() == 2


def test_a_head_that_cuts_a_character() -> None:
    """An odd number of bytes of UTF-16 is still recognised."""
    assert decoded_head((codecs.BOM_UTF16_LE + "1 a".encode("utf-16-le"))[:-1]).endswith(b"1 ")


@pytest.mark.parametrize("size", SIZES)
def test_any_block_size_gives_the_same(size: int) -> None:
    """Events, bad lines, comments and blanks, with their offsets, do not depend on where blocks are cut."""
    content = b"# note\n1 a\n\nbad\n2 b\r\n\r\n3 long word\n31 no such day\n4 end"
    whole, end = read(DAYS, content)
    pieces, pieces_end = read(DAYS, content, size=size)
    assert pieces.equals(whole.select(pieces.columns))
    assert end == pieces_end == len(content)
    assert whole["offset"].to_list() == [0, 7, 11, 12, 16, 21, 23, 35, 50]
    assert whole.filter("skip")["offset"].to_list() == [0, 11, 21]
    assert whole["reject"].to_list()[3] == "no day"
    assert whole["reject"].to_list()[7] == "the time is not understood"


def test_a_time_that_is_not_understood_is_a_reject() -> None:
    """An event without a time is a bad line that says so; a comment needs none."""
    timeless = replace(DAYS, parse=lambda lines, _: lines.select("offset", reject=pl.lit(None, pl.String)))
    frame, _ = read(timeless, b"1 a\n")
    assert frame["reject"].to_list() == ["the time is not understood"]


@pytest.mark.parametrize("size", SIZES)
def test_a_header_begins_a_section(size: int) -> None:
    """Each line is read under the newest header before it, wherever blocks are cut."""
    frame, _ = read(HEADED, b"1 a\n#fields x\n2 b\n3 c\n#fields y\n4 d\n", size=size)
    events = frame.filter(~pl.col("skip"))
    assert events["observer_name"].to_list() == [None, "#fields x", "#fields x", "#fields y"]


@pytest.mark.parametrize("size", SIZES)
def test_a_line_may_refer_back(size: int) -> None:
    """The line before is known across blocks; blank lines do not count; no row is there twice."""
    frame, _ = read(PAIRS, b"a\nb\n\n\nc\nd\n", size=size)
    events = frame.filter(~pl.col("skip"))
    assert events["event_action"].to_list() == ["a", "b", "c", "d"]
    assert events["rule_name"].to_list() == [None, "a", "b", "c"]


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
@pytest.mark.parametrize("fmt", [DAYS, HEADED, PAIRS], ids=["plain", "header", "lookback"])
def test_going_on_in_the_middle(fmt: Format, size: int) -> None:
    """Read up to any line and then on, the rows are those of one reading."""
    content = b"#fields x\n1 a\n2 b\n\n#fields y\n3 c\n4 d\n"
    whole, end = read(fmt, content)
    for cut in [n + 1 for n, byte in enumerate(content) if byte == ord("\n")]:
        first, stopped = read(fmt, content[:cut], size=size)
        second, second_end = read(fmt, content, stopped, size=size)
        assert stopped == cut
        assert second_end == end
        both = pl.concat([first, second], how="diagonal").sort("offset")
        assert both.equals(whole.select(both.columns))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("size", SIZES)
def test_going_on_in_a_decoded_file(encoding: str, size: int) -> None:
    """Offsets of a UTF-16 file are those of its text as UTF-8, and hold for the next reading from any line."""
    words = ["plain", "d\u00e9j\u00e0", "\u6f22\u5b57", "\U0001f600", "end"]
    content = "".join(f"{n} {word}\n" for n, word in enumerate(words, 1)).encode(encoding)
    whole, end = read(DAYS, content, size=size)
    assert whole["event_action"].to_list() == words
    for n, offset in enumerate(whole["offset"]):
        rest, rest_end = read(DAYS, content, offset, size=size)
        assert rest["event_action"].to_list() == words[n:]
        assert rest["offset"].to_list() == whole["offset"].to_list()[n:]
        assert rest_end == end


def test_the_last_line_waits_for_its_end() -> None:
    """While a file is written, a line without an end is not read; once it is finished, it counts as it is."""
    frame, end = read(DAYS, b"1 a\n2 b", final=False)
    assert (frame["event_action"].to_list(), end) == (["a"], 4)
    frame, end = read(DAYS, b"1 a\n2 b", end, final=True)
    assert (frame["event_action"].to_list(), end) == (["b"], 7)
    assert read(DAYS, b"2 b", final=False)[1] == 0


def test_a_file_without_line_ends_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line past the longest is cut there; every byte is accounted for, and the next line is whole."""
    monkeypatch.setattr(reader, "LONGEST_LINE", 100)
    content = b"1 " + b"x" * 1000 + b"\n2 b\n"
    longest = 0

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal longest
            longest = max(longest, size or 0)
            return super().read(size)

    blocks = list(read_blocks(DAYS, Watched(content), CONTEXT, block_bytes=40))
    frame = pl.concat([block.frame for block in blocks], how="diagonal")
    assert longest <= 40
    assert blocks[-1].end == len(content)
    assert len(frame) > 5
    assert frame["event_action"].to_list()[-1] == "b"
    assert frame["event_action"].drop_nulls().str.len_bytes().max() < 200


def test_bytes_that_are_no_text() -> None:
    """A stray byte costs no line and moves no offset."""
    frame, _ = read(DAYS, b"1 \xff\n2 \xc3\n3 ok\n")
    assert frame["offset"].to_list() == [0, 4, 8]
    assert frame["event_action"].to_list() == ["\ufffd", "\ufffd", "ok"]


def test_nothing() -> None:
    """An empty file has no block."""
    assert list(read_blocks(DAYS, io.BytesIO(b""), CONTEXT)) == []


def test_a_format_that_loses_a_line_is_a_mistake() -> None:
    """Lines in are rows out; a format that breaks this is found at once."""
    losing = replace(DAYS, parse=lambda lines, context: parse(lines.head(1), context))
    with pytest.raises(ValueError, match="days made 1 rows of 2 lines"):
        read(losing, b"1 a\n2 b\n")


def records(_file: IO[bytes], _context: Context, after: int) -> Iterator[pl.DataFrame]:
    """Yield records 0 to 3, two at a time, from the one after `after`."""
    for pair in ((0, 1), (2, 3)):
        wanted = [n for n in pair if n > after]
        if wanted:
            time = pl.datetime(2026, 9, 1, time_zone="UTC")
            yield pl.DataFrame({"offset": wanted}).with_columns(
                timestamp=time, reject=pl.lit(None, pl.String)
            )


def test_binary_formats_go_on_by_record() -> None:
    """A block's end is the number of the next record; a second reading begins there."""
    binary = replace(DAYS, parse=None, read=records)
    blocks: list[Block] = list(read_blocks(binary, io.BytesIO(b""), CONTEXT))
    assert [block.end for block in blocks] == [2, 4]
    assert blocks[0].frame["skip"].to_list() == [False, False]
    rest = list(read_blocks(binary, io.BytesIO(b""), CONTEXT, 3))
    assert rest[0].frame["offset"].to_list() == [3]
    assert list(read_blocks(binary, io.BytesIO(b""), CONTEXT, 4)) == []


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_any_blocks(content: bytes, size: int) -> None:
    """Whatever a file holds: a row a line, offsets where the lines begin, the same for any block size."""
    content = content.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
    whole, end = read(DAYS, content)
    pieces, _ = read(DAYS, content, size=size)
    starts = [0, *(n + 1 for n, byte in enumerate(content[:-1]) if byte == ord("\n"))] if content else []
    mark = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    assert end == len(content)
    assert whole.height == pieces.height
    if content and not mark:
        assert whole["offset"].to_list() == pieces["offset"].to_list() == starts
