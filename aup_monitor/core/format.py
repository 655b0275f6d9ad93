"""
What a log format is: a value with a name, a way to recognise itself, and a way to turn lines into columns.

A text format's `parse` sees whole lines as a LazyFrame and answers with Polars expressions over whole columns.
It is pure: no files, no clock, no logging, no settings. A binary format (`read`) yields frames to the same contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - a field of a public dataclass, read at run time by tools
from typing import IO, TYPE_CHECKING, Final, Protocol

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Context:
    """What a format may need to know that the lines do not say."""

    zone: str = "Europe/London"
    """IANA zone of times that are written as local time."""
    reference: datetime | None = None
    """Aware time near the end of the file (its last change), for formats that write no year."""
    header: str | None = None
    """The newest line before the block that begins with the format's `header`, if any."""


class Sniff(Protocol):
    """Say how surely the first kilobytes of a file are of this format: 0 no, 1 certainly."""

    def __call__(self, head: bytes) -> float:
        """Return the score of a file's head, decoded to UTF-8."""
        ...


class Parse(Protocol):
    """
    Turn lines into columns.

    `lines` has columns `line` (String, no line end) and `offset` (Int64). The answer has one row for each row of
    `lines`, in any order, with `offset`, any of the columns of `core.schema.EVENT_SCHEMA`, and

    - `reject` (String): why the line is bad; null for an event;
    - `skip` (Boolean, optional): true for comments, headers and lines that carry no event of their own;
    - `lease_from` and `lease_to` (both UTC microseconds, optional): the line says that `source_ip` was given to
      `source_mac`, `host_name` or `user_name` at the one, and until when, or that it was given back at the other.

    Nothing a file can hold may raise.
    """

    def __call__(self, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        """Return a row for each line."""
        ...


class Read(Protocol):
    """Yield frames of the same shape as `Parse` answers, from a binary file; `offset` is the record's own number."""

    def __call__(self, file: IO[bytes], context: Context, after: int) -> Iterator[pl.DataFrame]:
        """Yield a row for each record whose number is greater than `after`."""
        ...


@dataclass(frozen=True)
class Format:
    """One log format. Exactly one of `parse` and `read` is given, and at least one of `looks` and `sniff`."""

    name: str
    """What a user types: `squid`, `fortigate`."""
    log_class: str
    """The class of most of its events, a key of `core.schema.LOG_CLASSES`."""
    title: str
    """What a report calls it: `Squid access log`."""
    doc: str
    """The module's docstring: the reference page that `aup formats NAME` prints."""
    looks: str | None = None
    """Regular expression (Rust syntax, unanchored) of a line that is surely of this format and of no other."""
    sniff: Sniff | None = None
    """How a file is recognised where its lines by themselves do not say it; else the share that `looks` matches."""
    parse: Parse | None = None
    read: Read | None = None
    fills: tuple[str, ...] = ()
    """The event columns that a binary format can fill; those of a text format follow from its `parse`."""
    header: bytes | str | None = None
    """
    Start of the lines that name the columns (`b"#fields"`), or a regular expression of them (text).

    Each such line begins a section parsed on its own.
    """
    lookback: int = 0
    """How many earlier lines a block is given again so that a line can refer back; the reader drops their rows."""
    own: bool = False
    """Described by the school itself: of formats that fit alike it is the one that is meant."""
    fingerprint_at: int = 0
    """Where the kilobyte begins that tells one file of this format from another."""

    def score(self, head: bytes) -> float:
        """Say how surely the first kilobytes of a file, decoded to UTF-8, are of this format: 0 no, 1 certainly."""
        if self.sniff is not None:
            return self.sniff(head)
        return share_of_lines(head, self.looks) if self.looks else 0.0

    def names_columns(self, lines: pl.Series) -> pl.Series:
        """Tell which lines are those of `header`."""
        if isinstance(self.header, bytes):
            return lines.str.starts_with(self.header.decode())
        return lines.str.contains(self.header or r"[^\s\S]")


REJECT: Final = "reject"
SKIP: Final = "skip"
LEASE_FROM: Final = "lease_from"
LEASE_TO: Final = "lease_to"


def share_of_lines(head: bytes, pattern: str) -> float:
    """
    Return the share of the head's lines that the regular expression (Rust syntax, unanchored) matches.

    The last line is left out unless it is the only one, since the head may cut it. Blank lines do not count.
    """
    lines = head.split(b"\n")
    whole = [line for line in (lines[:-1] if len(lines) > 1 else lines) if line.strip()][:50]
    if not whole:
        return 0.0
    text = pl.Series([line.decode("utf-8", "replace").removesuffix("\r") for line in whole])
    return int(text.str.contains(pattern).sum()) / len(whole)
