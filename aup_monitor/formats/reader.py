"""
From a file's bytes to frames: recognise the format, cut whole lines, parse them block by block.

Blocks of 16 MB are cut at the last newline and handed to Polars as one Arrow string buffer without copying a line at
a time; every line's byte offset comes free. A block's result does not depend on where blocks are cut.
"""

from __future__ import annotations

import codecs
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

import numpy as np
import polars as pl
import pyarrow as pa

from aup_monitor.core.errors import InputError
from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEAD_BYTES: Final = 64 << 10
"""How much of a file is looked at to recognise it."""
BLOCK_BYTES: Final = 16 << 20
PARSED_AT_ONCE: Final = 2
"""Blocks parsed side by side: Polars leaves a core idle in parts of one parse."""
LONGEST_LINE: Final = 64 << 20
"""A longer line is no log line; it is cut here, so that a file without line ends cannot fill the memory."""
TIE: Final = 0.02
"""Two formats whose scores differ by no more than this tie."""
LEAST: Final = 0.3
"""A score under this is no recognition."""

_BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Block:
    """What a stretch of a file holds."""

    frame: pl.DataFrame
    """One row a line: `offset`, `reject`, `skip` and the event columns that the format fills."""
    end: int
    """Byte of the decoded file after its last whole line; for binary formats the last record's number plus one."""


def recognise(head: bytes, formats: Sequence[Format] | None = None) -> Format:
    """
    Return the format that fits a file's first bytes best.

    Raises:
        InputError: none fits, or two fit alike.

    """
    formats = FORMATS if formats is None else formats
    if not head.strip(b"\x00\r\n\t "):
        raise InputError("the file is empty", fix="check that logging is switched on where it comes from")
    text = decoded_head(head)
    scores = sorted(((fmt.score(text), fmt.name, fmt) for fmt in formats), key=lambda s: (-s[0], s[1]))
    best, second = scores[0], scores[1] if len(scores) > 1 else (0.0, "", None)
    if best[0] < LEAST:
        raise InputError(
            "no known format fits this file",
            fix="see the known ones with `aup formats`, and name one: aup ingest --format NAME FILE",
        )
    if second[0] >= LEAST and best[0] - second[0] <= TIE:
        raise InputError(
            f"{best[1]} and {second[1]} both fit",
            fix=f"say which: aup ingest --format {best[1]} FILE",
        )
    return best[2]


def decoded_head(head: bytes) -> bytes:
    """Return the head as UTF-8 without a byte-order mark, where it is UTF-16 or has one."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[: len(head) & ~1].decode(encoding, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def read_blocks(  # noqa: PLR0913 - what to read, from where, and two that have defaults
    fmt: Format,
    file: IO[bytes],
    context: Context,
    start: int = 0,
    *,
    block_bytes: int = BLOCK_BYTES,
    final: bool = True,
) -> Iterator[Block]:
    """
    Yield the file from byte `start` on, parsed, block by block.

    Args:
        fmt: how to read it.
        file: open at its beginning, decompressed.
        context: zone, reference time.
        start: where an earlier reading stopped: the `end` of its last block.
        block_bytes: how much to read at a time.
        final: whether a last line without an end is whole (the file is finished) or still being written.

    """
    if fmt.read is not None:
        yield from _read_records(fmt, file, context, start)
        return
    stream = _utf8(file)
    with ThreadPoolExecutor(PARSED_AT_ONCE) as pool:
        waiting: deque[Future[Block]] = deque()
        for work in _work(fmt, stream, context, start, block_bytes, final=final):
            waiting.append(pool.submit(_parse_block, fmt, work))
            if len(waiting) > PARSED_AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True)
class _Work:
    """One block to parse: its sections, each with the earlier lines and the context that it needs."""

    sections: list[tuple[pl.DataFrame, pl.DataFrame, Context]]
    end: int


def _work(  # noqa: PLR0913 - what `read_blocks` was given
    fmt: Format, stream: _Stream, context: Context, start: int, block_bytes: int, *, final: bool
) -> Iterator[_Work]:
    """Yield the blocks; what a block needs of those before it is known from their lines, before they are parsed."""
    header, earlier = _before(fmt, stream, start)
    for text, first in _whole_lines(stream, start, block_bytes, final=final):
        sections = []
        for section, at in _sections(fmt, _lines(text, first)):
            header = at or header
            sections.append((section, earlier, replace(context, header=header)))
            earlier = _tail(fmt, earlier, section)
        yield _Work(sections, first + len(text))


def _parse_block(fmt: Format, work: _Work) -> Block:
    parts = [_parse(fmt, lines, earlier, context) for lines, earlier, context in work.sections]
    return Block(pl.concat(parts, how="diagonal"), work.end)


def _read_records(fmt: Format, file: IO[bytes], context: Context, start: int) -> Iterator[Block]:
    read = fmt.read
    if read is None:
        raise ValueError(f"{fmt.name} is not a binary format")
    for frame in read(file, context, start - 1):
        end = int(cast("int", frame["offset"].max())) + 1 if len(frame) else start
        yield Block(_completed(frame), end)


class _Stream(Protocol):
    """What is read here of an open file."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, position: int, /) -> int: ...


class _Recoded:
    """A UTF-16 file as UTF-8, where (unlike in `codecs.EncodedFile`) sizes and positions are those of the UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file, self._encoding = file, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (raw := self._file.read(BLOCK_BYTES)):
            self._rest += self._decoder.decode(raw).encode()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def seek(self, position: int) -> int:
        """Move to a byte by reading, since where its character lies in the file is not known."""
        self._file.seek(0)
        self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        self._rest = b""
        left = position
        while left and (taken := self.read(min(left, BLOCK_BYTES))):
            left -= len(taken)
        return position - left


def _utf8(file: IO[bytes]) -> _Stream:
    head = file.read(2)
    file.seek(0)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _Recoded(file, encoding)
    return file


def _before(fmt: Format, stream: _Stream, start: int) -> tuple[str | None, pl.DataFrame]:
    """Return the newest header line and the `lookback` lines before `start`, leaving the stream at `start`."""
    none = _lines(b"", 0)
    if start == 0:
        return None, none
    if fmt.header is None and not fmt.lookback:
        stream.seek(start)
        return None, none
    header, earlier = None, none
    for text, first in _whole_lines(stream, 0, BLOCK_BYTES, final=True, stop=start):
        lines = _lines(text, first)
        for section, found in _sections(fmt, lines):
            header = found or header
            earlier = _tail(fmt, earlier, section)
    return header, earlier


def _whole_lines(
    stream: _Stream, start: int, block_bytes: int, *, final: bool, stop: int | None = None
) -> Iterator[tuple[bytes, int]]:
    """Yield (bytes that end with a line's end, offset of the first) until the stream, or `stop`, ends."""
    rest, at = b"", start
    while True:
        want = block_bytes if stop is None else min(block_bytes, stop - at - len(rest))
        chunk = stream.read(want) if want > 0 else b""
        if not chunk:
            break
        text = rest + chunk if rest else chunk
        cut = text.rfind(b"\n") + 1
        if not cut and len(text) >= LONGEST_LINE:
            cut = len(text)
        if cut:
            yield text[:cut], at
            at += cut
        rest = text[cut:]
    if rest and final:
        yield rest, at


def _lines(text: bytes, first: int) -> pl.DataFrame:
    """Return a frame with a row for each line of the text: `line` without its end, `offset` in the file."""
    if first == 0 and text.startswith(codecs.BOM_UTF8):
        text, first = text[len(codecs.BOM_UTF8) :], len(codecs.BOM_UTF8)
    starts, ends = _bounds(text)
    offsets = starts + first
    try:
        text.decode()
    except UnicodeDecodeError:
        # Bytes that are not UTF-8 become U+FFFD; a newline survives, so that lines and offsets still pair.
        text = text.decode("utf-8", "replace").encode()
        starts, ends = _bounds(text)
    buffers = [None, pa.py_buffer(np.append(starts, ends[-1:]).astype(np.int64)), pa.py_buffer(text)]
    whole = pa.Array.from_buffers(pa.large_string(), len(starts), buffers)
    lines = cast("pl.Series", pl.from_arrow(whole)) if len(starts) else pl.Series([], dtype=pl.String)
    return pl.DataFrame(
        {"line": lines.str.strip_chars_end("\r\n"), "offset": pl.Series(offsets, dtype=pl.Int64)}
    )


def _bounds(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return where each line begins and ends (after its newline)."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    if text and (not len(ends) or ends[-1] != len(text)):
        ends = np.append(ends, len(text))
    return np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else ends, ends


def _sections(fmt: Format, lines: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, str | None]]:
    """Yield the lines in stretches under one header line each, with that line if it is in the stretch."""
    if fmt.header is None:
        yield lines, None
        return
    marks = lines["line"].str.starts_with(fmt.header.decode()).arg_true().to_list()
    edges = [0, *(mark for mark in marks if mark), len(lines)]
    for begin, end in pairwise(edges):
        if end > begin:
            yield lines[begin:end], lines["line"][begin] if begin in marks else None


def _tail(fmt: Format, earlier: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the newest `lookback` lines; blank ones do not count, since formats do not see them."""
    if not fmt.lookback:
        return earlier
    full = lines.filter(pl.col("line").str.len_bytes() > 0)
    return pl.concat([earlier, full.tail(fmt.lookback)]).tail(fmt.lookback)


def _parse(fmt: Format, lines: pl.DataFrame, earlier: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Parse lines (with earlier ones to refer to, whose rows are dropped); blank lines are skipped unparsed."""
    if fmt.parse is None:
        raise ValueError(f"{fmt.name} is not a text format")
    blank = lines["line"].str.len_bytes() == 0
    full = lines.filter(~blank) if blank.any() else lines
    given = pl.concat([earlier, full]) if len(earlier) else full
    parsed = fmt.parse(given.lazy(), context).collect()
    if len(earlier):
        parsed = parsed.filter(pl.col("offset").is_in(full["offset"].implode()))
    if len(parsed) != len(full):
        raise ValueError(f"{fmt.name} made {len(parsed)} rows of {len(full)} lines")
    frame = _completed(parsed)
    if len(full) == len(lines):
        return frame
    blanks = lines.filter(blank).select(
        "offset", pl.lit(None, pl.String).alias(REJECT), pl.lit(True).alias(SKIP)
    )
    return pl.concat([frame, blanks], how="diagonal")


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with `skip` filled, and an event without a time made a reject that says so."""
    if SKIP not in frame.columns:
        frame = frame.with_columns(pl.lit(False).alias(SKIP))
    if "timestamp" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("timestamp"))
    timeless = ~pl.col(SKIP) & pl.col(REJECT).is_null() & pl.col("timestamp").is_null()
    return frame.with_columns(
        pl.col(SKIP).fill_null(False),
        pl.when(timeless).then(pl.lit("the time is not understood")).otherwise(pl.col(REJECT)).alias(REJECT),
    )
