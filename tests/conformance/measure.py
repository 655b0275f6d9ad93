"""Read samples with the program's own reader, and compare each row with what others read of its line."""

from __future__ import annotations

import io
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from aup_monitor.core.errors import AupError
from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, recognise
from tests.conformance.reading import places
from tests.conformance.samples import NoLog, Sample
from tests.conformance.table import (
    NO_FORMAT,
    OTHER_END,
    OTHER_WAY,
    Reason,
    ends,
    reasons,
    right_formats,
    same_things,
)
from tests.conformance.told import same, time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.conformance.reading import Reading
    from tests.conformance.table import Same

USUAL: Final = Context("UTC", datetime(2026, 1, 31, 12, tzinfo=UTC))
ELSEWHERE: Final = Context("Asia/Tokyo", USUAL.reference)
"""A log that writes no zone has other times when it is read here."""
LATER: Final = Context("UTC", datetime(2027, 1, 31, 12, tzinfo=UTC))
"""A log that writes no year has other times when it is read then."""
_LETTERS: Final = re.compile(r'\b(?:time)?zone="?[A-Z]{2,5}\b')
FARTHEST: Final = timedelta(hours=14)
"""No zone is farther from UTC."""


@dataclass(frozen=True)
class Difference:
    """A value that is not as others read it."""

    format: str
    by: str
    field: str
    column: str
    theirs: object
    ours: object
    where: str
    """File and number of the line."""
    line: str
    reason: Reason | None


@dataclass
class Figures:
    """What was counted of one format's samples."""

    files: int = 0
    lines: int = 0
    events: int = 0
    rejects: int = 0
    skipped: int = 0
    compared: int = 0
    equal: int = 0
    explained: int = 0
    crossed: int = 0
    """Equal values of ends that others name the other way round."""
    by: set[str] = field(default_factory=set)

    def add(self, other: Figures) -> None:
        """Add another's figures."""
        for name in (
            "files",
            "lines",
            "events",
            "rejects",
            "skipped",
            "compared",
            "equal",
            "explained",
            "crossed",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by |= other.by

    @property
    def different(self) -> int:
        """Return how many differences nobody explained."""
        return self.compared - self.equal - self.explained


@dataclass
class Findings:
    """What came of a folder of samples."""

    formats: dict[str, Figures] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    rejects: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(format, reason) -> lines."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """File, and why no format reads it."""
    sniffed: int = 0
    """Files of which it is known what they are, or that no format should claim them."""
    mistaken: list[tuple[str, str, str]] = field(default_factory=list)
    """File, what won, and what should have."""
    used: set[Reason] = field(default_factory=set)

    @property
    def total(self) -> Figures:
        """Return the figures of all formats together."""
        whole = Figures()
        for figures in self.formats.values():
            whole.add(figures)
        return whole

    @property
    def unused(self) -> list[Reason]:
        """Return the reasons that explain nothing any more."""
        return [reason for reason in reasons() if reason not in self.used]


def measure(samples: Iterable[Sample | NoLog]) -> Findings:
    """Read and compare everything; files are read side by side, and told in their order."""
    findings = Findings()
    with ThreadPoolExecutor() as pool:
        for sample, read in pool.map(lambda sample: (sample, _read(sample)), samples):
            if not isinstance(read, Log):
                findings.unread.append((sample.name, read))
            else:
                figures = findings.formats.setdefault(read.format.name, Figures())
                figures.add(_counted(read.rows))
                findings.rejects.update(
                    (read.format.name, row[REJECT]) for row in read.rows.values() if row[REJECT] is not None
                )
                _compare(read, findings)
            if isinstance(sample, Sample):
                _note_sniffing(findings, sample.name, read if isinstance(read, str) else read.format.name)
    return findings


def _read(sample: Sample | NoLog) -> Log | str:
    """Return the log as the program reads it, or why it does not."""
    if isinstance(sample, NoLog):
        return sample.reason
    try:
        log = Log(sample, recognise(sample.content[:HEAD_BYTES]))
        log.rows  # noqa: B018 - read here, where files are read side by side
    except AupError as error:
        return str(error)
    return log


def _note_sniffing(findings: Findings, name: str, won: str) -> None:
    """Count whether the right format won; a file that no format should claim is right where none does."""
    right = right_formats(name)
    if right is None:
        return
    findings.sniffed += 1
    if won not in right and not (NO_FORMAT in right and won.startswith("no known format")):
        findings.mistaken.append((name, won, " or ".join(right)))


def _counted(rows: dict[int, dict[str, Any]]) -> Figures:
    skipped = sum(bool(row[SKIP]) for row in rows.values())
    rejects = sum(row[REJECT] is not None for row in rows.values())
    return Figures(1, len(rows), len(rows) - skipped - rejects, rejects, skipped)


class Log:
    """A sample as a format reads it: once as usual, and again elsewhere and later if a time asks for it."""

    def __init__(self, sample: Sample, fmt: Format) -> None:
        self.sample, self.format = sample, fmt

    @cached_property
    def rows(self) -> dict[int, dict[str, Any]]:
        """Return each row by its offset."""
        return _rows(self.format, self.sample.content, USUAL)

    @cached_property
    def lines(self) -> dict[int, tuple[int, str]]:
        """Return the number and the text of each line by its offset; a binary log has none."""
        if self.format.parse is None:
            return {}
        return {offset: (n, line) for n, (offset, line) in enumerate(places(self.sample.content), 1)}

    @cached_property
    def elsewhere(self) -> dict[int, dict[str, Any]]:
        """Return the rows as in another zone."""
        return _rows(self.format, self.sample.content, ELSEWHERE)

    @cached_property
    def later(self) -> dict[int, dict[str, Any]]:
        """Return the rows as in a later year."""
        return _rows(self.format, self.sample.content, LATER)

    def same_time(self, reading: Reading, theirs: object, ours: Any) -> bool:
        """
        Say whether times are the same but for what the line does not write.

        Where reading in another zone gives another time, the line has no zone, and theirs may be any zone's; where
        reading a year later does, it has no year, and theirs may be of any. Where a line names its zone by letters
        (`CEST`; `IST`, which is three) and their reading says that it took another (`event.timezone`), theirs may differ by
        whole quarters of an hour, too.
        """
        offset, told = reading.offset, time_of(theirs)
        if told is None or ours is None:
            return False
        if self.later[offset]["timestamp"] != ours:
            try:
                told = told.replace(year=ours.year)
            except ValueError:
                return False
        lettered = _LETTERS.search(self.lines.get(offset, (0, ""))[1]) and "event.timezone" in reading.fields
        if lettered or self.elsewhere[offset]["timestamp"] != ours:
            apart = told - ours
            quarters = round(apart / timedelta(minutes=15))
            if abs(apart) <= FARTHEST + timedelta(seconds=1):
                told -= quarters * timedelta(minutes=15)
        return same("timestamp", told.isoformat(), {"timestamp": ours}) is True


def _rows(fmt: Format, content: bytes, context: Context) -> dict[int, dict[str, Any]]:
    frames = [block.frame for block in read_blocks(fmt, io.BytesIO(content), context)]
    if not frames:
        return {}
    whole = pl.concat(frames, how="diagonal")
    absent = [
        pl.lit(None, dtype).alias(name) for name, dtype in EVENT_SCHEMA.items() if name not in whole.columns
    ]
    return {row["offset"]: row for row in whole.with_columns(absent).to_dicts()}


def _compare(log: Log, findings: Findings) -> None:
    figures = findings.formats[log.format.name]
    for reading in log.sample.readings:
        row = log.rows.get(reading.offset)
        if row is None or row[SKIP] or row[REJECT] is not None:
            continue
        things = list(_told_once(reading, log.format.name))
        crossed = _crossed(log, reading, row, things)
        for thing, theirs in things:
            column = crossed.get(thing.column, thing.column)
            equal = same(column, theirs, row)
            if equal is None:
                continue
            if not equal and column == "timestamp":
                equal = log.same_time(reading, theirs, row["timestamp"])
            figures.compared += 1
            figures.by.add(reading.by)
            if equal:
                figures.equal += 1
                figures.crossed += column != thing.column
            else:
                _note_difference(log, reading, replace(thing, column=column), theirs, findings)


def _crossed(
    log: Log, reading: Reading, row: dict[str, Any], things: list[tuple[Same, object]]
) -> Mapping[str, str]:
    """Return which columns theirs names the other way round on this line, as `fields.yml` says of its kind."""
    _, line = log.lines.get(reading.offset, (0, ""))
    kind = next((e for e in ends(reading.by, log.format.name) if e.line.search(line)), None)
    if kind is None:
        return {}
    if not kind.either:
        return OTHER_WAY
    told = [(thing.column, theirs) for thing, theirs in things if thing.column in OTHER_END]
    straight = all(same(column, theirs, row) is not False for column, theirs in told)
    turned = all(same(OTHER_END[column], theirs, row) is not False for column, theirs in told)
    return OTHER_END if turned and not straight else {}


def _told_once(reading: Reading, format_name: str) -> Iterator[tuple[Same, object]]:
    """Yield what can be compared; a value that the reading repeats under another name counts once."""
    told: set[tuple[str, str]] = set()
    for thing in same_things(reading.by, format_name):
        theirs = next((v for name in thing.theirs.split(" / ") if (v := reading.fields.get(name))), None)
        if thing.times != 1 and theirs is not None:
            try:
                theirs = float(str(theirs)) * thing.times
            except ValueError:
                continue
        if theirs is not None and (thing.column, str(theirs)) not in told:
            told.add((thing.column, str(theirs)))
            yield thing, theirs


def _note_difference(log: Log, reading: Reading, thing: Same, theirs: object, findings: Findings) -> None:
    ours = log.rows[reading.offset][thing.column]
    number, line = log.lines.get(reading.offset, (reading.offset, ""))
    name = log.format.name
    reason = next((r for r in reasons() if r.covers(name, thing.column, line, theirs, ours)), None)
    if reason:
        findings.formats[name].explained += 1
        findings.used.add(reason)
    where = f"{log.sample.name}:{number}"
    findings.differences.append(
        Difference(name, reading.by, thing.theirs, thing.column, theirs, ours, where, line, reason)
    )
