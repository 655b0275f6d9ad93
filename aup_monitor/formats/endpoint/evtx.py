r"""
Windows event log files (.evtx), as Event Viewer keeps and exports them.

They lie in `C:\Windows\System32\winevt\Logs`: `Security.evtx`, `System.evtx`, `Application.evtx`,
`Microsoft-Windows-Partition%4Diagnostic.evtx`, `Microsoft-Windows-DriverFrameworks-UserMode%4Operational.evtx`. Windows
keeps the last ones open: export with `wevtutil epl CHANNEL FILE.evtx`.

The events, columns and caveats are those of `windows-json` (see `aup formats windows-json`): each record is decoded to
the same JSON and read by the same code. `offset` is the record's number in the file: Windows' EventRecordID, save in a
file that was exported through a filter, where the file's records are numbered anew.

A file is a header of 4096 bytes and chunks of 64 KiB that each stand alone
(https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc). They are read one at
a time, in order of their record numbers (a log that wrapped has its newest chunk first), so that memory is flat, damage
in one chunk costs that chunk alone, and chunks read before are passed over. Every record that a chunk's header counts
and that does not decode is a reject.

Caveats:

- The file's header changes as the file grows, so its identity is taken from its first event. A log that wraps
  overwrites that event and is then read as a new file, events that were read before included. Have Windows archive a
  full log instead (`wevtutil sl CHANNEL /rt:true /ab:true`), or collect with Winlogbeat or NXLog.
- Events that Windows has not yet counted in the chunk's header (a copy of a file in use) come with the next copy.
- A chunk whose header is damaged is one reject: how many events it held cannot be known.
"""

from __future__ import annotations

import io
import shutil
import struct
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import polars as pl
from evtx import PyEvtxParser

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.endpoint import windows_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.format import Context

MAGIC: Final = b"ElfFile\x00"
HEADER_BYTES: Final = 4096
CHUNK_BYTES: Final = 64 << 10
CHUNK_HEADER: Final = 512
FRAME_RECORDS: Final = 20_000
"""How many records are parsed at a time: some 30 MB of JSON."""

_CHUNK_MAGIC: Final = b"ElfChnk\x00"
_MOST_RECORDS: Final = CHUNK_BYTES // 28
"""A record has a header of 24 bytes and its length again behind it: a chunk cannot hold more."""

_SCHEMA: Final = {"line": pl.String(), "offset": pl.Int64(), "damage": pl.String()}
# magic, first and last chunk, next record, size of this header, version 3.1, size of its block, one chunk
_HEADER: Final = struct.pack("<8s3QI4H", MAGIC, 0, 0, 1, 128, 1, 3, HEADER_BYTES, 1)
_ONE_CHUNK: Final = _HEADER.ljust(HEADER_BYTES, b"\x00")


class _Chunk(NamedTuple):
    """A chunk's place in the file and its record numbers; damaged: the numbers of what went before, none."""

    first: int
    last: int
    position: int
    damage: str | None


class _Row(NamedTuple):
    """A record as JSON text, or why there is none."""

    line: str | None
    offset: int
    damage: str | None


def sniff(head: bytes) -> float:
    """Return 1 for a file that begins as every EVTX file does."""
    return float(head.startswith(MAGIC))


def read(file: IO[bytes], context: Context, after: int) -> Iterator[pl.DataFrame]:
    """Yield frames of at most `FRAME_RECORDS` records with numbers above `after` (`core.format.Read`)."""
    with _seekable(file) as stream:
        rows: list[_Row] = []
        for chunk in sorted(_chunks(stream)):
            if chunk.last > after:
                rows += (row for row in _rows(stream, chunk) if row.offset > after)
            if len(rows) > FRAME_RECORDS - _MOST_RECORDS:
                yield _frame(rows, context)
                rows = []
        if rows:
            yield _frame(rows, context)


@contextmanager
def _seekable(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a file that can be read out of order: itself, or a copy of a stream that runs one way."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy


def _chunks(stream: IO[bytes]) -> Iterator[_Chunk]:
    size = stream.seek(0, io.SEEK_END)
    if size < HEADER_BYTES:
        yield _Chunk(0, 0, 0, "the file is cut off in its header")
    last = 0
    for position in range(HEADER_BYTES, size, CHUNK_BYTES):
        stream.seek(position)
        chunk = _chunk(stream.read(CHUNK_HEADER + 4), position, last)
        if chunk:
            last = chunk.last
            yield chunk


def _chunk(header: bytes, position: int, before: int) -> _Chunk | None:
    """Return what a chunk's header says; None for a chunk that holds nothing yet."""
    if not header.strip(b"\x00"):
        return None
    if not header.startswith(_CHUNK_MAGIC) or len(header) < CHUNK_HEADER:
        return _Chunk(before, before, position, "a stretch of the file is damaged")
    first, last, _, _, free = struct.unpack_from("<2Q3I", header, 24)
    if free == CHUNK_HEADER:
        return None
    if not 0 <= last - first < _MOST_RECORDS or last >= 1 << 62:
        return _Chunk(before, before, position, "a stretch of the file has a damaged header")
    return _Chunk(first, last, position, None)


def _rows(stream: IO[bytes], chunk: _Chunk) -> Iterator[_Row]:
    """Yield a chunk's records, then a row for each that its header counts and that did not decode."""
    if chunk.damage:
        yield _Row(None, chunk.last, chunk.damage)
        return
    stream.seek(chunk.position)
    possible = set(range(chunk.first, chunk.first + _MOST_RECORDS))
    for row in _decoded(stream.read(CHUNK_BYTES).ljust(CHUNK_BYTES, b"\x00")):
        if row.offset in possible:
            possible.remove(row.offset)
            yield row
    lost = sorted(number for number in possible if number <= chunk.last)
    yield from (_Row(None, number, "the record does not decode") for number in lost)


def _decoded(chunk: bytes) -> Iterator[_Row]:
    """Yield the records of one chunk that decode, as the library gives them from a file of this chunk alone."""
    records = PyEvtxParser(io.BytesIO(_ONE_CHUNK + chunk), number_of_threads=1).records_json()
    for _ in range(_MOST_RECORDS):
        try:
            record = next(records, None)
        except RuntimeError:
            continue
        if record is None:
            return
        yield _Row(record["data"], record["event_record_id"], None)


def _frame(rows: list[_Row], context: Context) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    sound = pl.col("damage").is_null()
    parsed = windows_json.parse(frame.lazy().filter(sound).select("line", "offset"), context).collect()
    lost = frame.filter(~sound).select("offset", pl.col("damage").alias(REJECT), pl.lit(False).alias(SKIP))
    return pl.concat([parsed, lost], how="diagonal")


FORMAT: Final = Format(
    name="evtx",
    log_class="endpoint",
    title="Windows event log (EVTX)",
    sniff=sniff,
    doc=__doc__,
    read=read,
    fills=(
        *("timestamp", "log_class", "event_code", "event_action", "event_outcome"),
        *("observer_vendor", "observer_product", "observer_name", "host_name", "user_name", "user_domain"),
        *("device_class", "device_vendor_id", "device_product_id", "device_serial", "device_name"),
        *("process_executable", "process_command_line", "file_name"),
        *("package_name", "package_version", "package_publisher"),
        *("source_ip", "destination_ip", "destination_port", "url_domain", "dns_question_name"),
        *("user_group", "user_target_name"),
        *("rule_name", "rule_category", "print_pages"),
    ),
    fingerprint_at=HEADER_BYTES + CHUNK_HEADER,
)
