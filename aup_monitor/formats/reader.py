"""
From a file's bytes to frames: cut whole lines, parse them block by block.

Blocks of 16 MB are cut at the last newline and handed to Polars as one Arrow string buffer without copying a line at
a time; every line's byte offset comes free. A block's result does not depend on where blocks are cut.
"""

from __future__ import annotations

import codecs
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

import numpy as np
import polars as pl
import pyarrow as pa

from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.formats.completed import completed
from aup_monitor.formats.recognise import BOMS
from aup_monitor.formats.strays import adopt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK_BYTES: Final = 16 << 20
PARSED_AT_ONCE: Final = 2
"""Blocks parsed side by side: Polars leaves a core idle in parts of one parse."""
LOOKED_AT_AGAIN: Final = 1 << 20
"""Where a reading goes on, so many bytes before it are looked at for the lines that later ones refer to."""
LONGEST_LINE: Final = 64 << 20
"""A longer line is no log line; it is cut here, so that a file without line ends cannot fill the memory."""


@dataclass(frozen=True)
class Block:
    """What a stretch of a file holds."""

    frame: pl.DataFrame
    """One row a line: `offset`, `reject`, `skip` and the event columns that the format fills."""
    end: int
    """Byte of the decoded file after its last whole line; for binary formats the last record's number plus one."""
    adopted: Counter[str] = field(default_factory=Counter)
    """How many of the lines are of another format than the file's, by its name."""


def read_blocks(  # noqa: PLR0913 - what to read, from where, and two that have defaults
    fmt: Format,
    file: IO[bytes],
    context: Context,
    start: int = 0,
    *,
    others: Sequence[Format] = (),
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
        others: formats that lines may be of which are not of `fmt`; none where the user named the format.
        block_bytes: how much to read at a time.
        final: whether a last line without an end is whole (the file is finished) or still being written.

    """
    if fmt.read is not None:
        yield from _read_records(fmt, file, context, start)
        return
    stream = _utf8(file)
    others = [other for other in others if other.name != fmt.name]
    kept = max((f.lookback for f in (fmt, *others)), default=0)
    with ThreadPoolExecutor(PARSED_AT_ONCE) as pool:
        waiting: deque[Future[Block]] = deque()
        for work in _work(fmt, stream, context, start, block_bytes, kept=kept, final=final):
            waiting.append(pool.submit(_parse_block, fmt, others, work))
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
    fmt: Format, stream: _Stream, context: Context, start: int, block_bytes: int, *, kept: int, final: bool
) -> Iterator[_Work]:
    """Yield the blocks; what a block needs of those before it is known from their lines, before they are parsed."""
    header, earlier = _before(fmt, stream, start, kept)
    for text, first in _whole_lines(stream, start, block_bytes, final=final):
        sections = []
        for section, at in _sections(fmt, _lines(text, first)):
            header = at or header
            sections.append((section, earlier, replace(context, header=header)))
            earlier = _tail(kept, earlier, section)
        yield _Work(sections, first + len(text))


def _parse_block(fmt: Format, others: Sequence[Format], work: _Work) -> Block:
    parts, adopted = [], Counter[str]()
    for lines, earlier, context in work.sections:
        frame, strays = _parse(fmt, others, lines, earlier, context)
        parts.append(frame)
        adopted += strays
    return Block(pl.concat(parts, how="diagonal"), work.end, adopted)


def _read_records(fmt: Format, file: IO[bytes], context: Context, start: int) -> Iterator[Block]:
    read = fmt.read
    if read is None:
        raise ValueError(f"{fmt.name} is not a binary format")
    for frame in read(file, context, start - 1):
        end = int(cast("int", frame["offset"].max())) + 1 if len(frame) else start
        yield Block(completed(fmt, frame), end)


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
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return _Recoded(file, encoding)
    return file


def _before(fmt: Format, stream: _Stream, start: int, kept: int) -> tuple[str | None, pl.DataFrame]:
    """Return the newest header line and the `kept` lines before `start`, leaving the stream at `start`."""
    none = _lines(b"", 0)
    if start == 0:
        return None, none
    if fmt.header is None:
        begin = max(0, start - LOOKED_AT_AGAIN) if kept else start
        stream.seek(begin)
        text = stream.read(start - begin)
        text = text[text.find(b"\n") + 1 :] if begin else text
        return None, _tail(kept, none, _lines(text, start - len(text)))
    header, earlier = None, none
    for text, first in _whole_lines(stream, 0, BLOCK_BYTES, final=True, stop=start):
        lines = _lines(text, first)
        for section, found in _sections(fmt, lines):
            header = found or header
            earlier = _tail(kept, earlier, section)
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
    marks = fmt.names_columns(lines["line"]).arg_true().to_list()
    edges = [0, *(mark for mark in marks if mark), len(lines)]
    for begin, end in pairwise(edges):
        if end > begin:
            yield lines[begin:end], lines["line"][begin] if begin in marks else None


def _tail(kept: int, earlier: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the newest lines, as many as are kept; blank ones do not count, since formats do not see them."""
    if not kept:
        return earlier
    full = lines.filter(pl.col("line").str.len_bytes() > 0)
    return pl.concat([earlier, full.tail(kept)]).tail(kept)


def _parse(
    fmt: Format, others: Sequence[Format], lines: pl.DataFrame, earlier: pl.DataFrame, context: Context
) -> tuple[pl.DataFrame, Counter[str]]:
    """Parse lines (with earlier ones to refer to, whose rows are dropped); blank lines are skipped unparsed."""
    if fmt.parse is None:
        raise ValueError(f"{fmt.name} is not a text format")
    blank = lines["line"].str.len_bytes() == 0
    full = lines.filter(~blank) if blank.any() else lines
    given = pl.concat([earlier, full]) if len(earlier) and fmt.lookback else full
    parsed = fmt.parse(given.lazy(), context).collect()
    if len(given) != len(full):
        parsed = parsed.filter(pl.col("offset").is_in(full["offset"].implode()))
    if len(parsed) != len(full):
        raise ValueError(f"{fmt.name} made {len(parsed)} rows of {len(full)} lines")
    frame, adopted = adopt(fmt, others, full, earlier, parsed=completed(fmt, parsed), context=context)
    if len(full) == len(lines):
        return frame, adopted
    blanks = lines.filter(blank).select(
        "offset", pl.lit(None, pl.String).alias(REJECT), pl.lit(True).alias(SKIP)
    )
    return pl.concat([frame, blanks], how="diagonal"), adopted
