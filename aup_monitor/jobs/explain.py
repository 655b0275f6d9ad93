"""Say how a file would be read, without reading it into the lake: which format, how surely, and which columns come of it."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import InputError
from aup_monitor.core.files import compression, open_bytes
from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, candidates, decoded_head, in_envelope, recognise
from aup_monitor.formats.refused import refuse_cameras

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LINES: Final = 5
LONGEST: Final = 200
"""Characters of a line, and of a value, that are shown."""


@dataclass(frozen=True)
class Filled:
    """A column that the format fills in the part of the file that was looked at."""

    column: str
    share: float
    """Of the events, 0 to 1."""
    example: str


@dataclass
class Explanation:
    """How one file would be read."""

    path: str
    compressed: str | None
    """gz, bz2, xz, zst or None."""
    lines: list[str] = field(default_factory=list)
    """Its first lines, cut to `LONGEST`; none of a binary file."""
    scores: list[tuple[str, float]] = field(default_factory=list)
    """What each format that fits anything scores, best first."""
    format: str | None = None
    title: str | None = None
    problem: str | None = None
    """Why no format was chosen, in words."""
    events: int = 0
    rejects: int = 0
    skipped: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)
    """Why lines are bad, the most frequent first."""
    adopted: list[tuple[str, int]] = field(default_factory=list)
    """Lines of other formats in the file."""
    columns: list[Filled] = field(default_factory=list)


def explain(
    path: Path, formats: Sequence[Format], *, named: Format | None = None, zone: str = "Europe/London"
) -> Explanation:
    """
    Look at a file's first 64 kB as `ingest` would, and say what comes of it.

    Raises:
        InputError: the file is missing, may not be read, or comes from cameras.

    """
    told = Explanation(str(path), compression(path) if path.is_file() else None)
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    refuse_cameras(head)
    text = decoded_head(head)
    told.scores = [(c.name, round(c.score, 3)) for c in candidates(text, formats)][:10]
    if b"\0" not in text[:1024]:
        whole = text.decode("utf-8", "replace").splitlines()[:LINES]
        told.lines = [line[:LONGEST] for line in whole]
    try:
        fmt = in_envelope(head, named) if named else recognise(head, formats)
    except InputError as exc:
        told.problem = str(InputError(exc.message, where=path, fix=exc.fix))
        return told
    told.format, told.title = fmt.name, fmt.title
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    _count(told, _rows(told, fmt, path, () if named else formats, Context(zone=zone, reference=changed)))
    return told


def _rows(
    told: Explanation, fmt: Format, path: Path, others: Sequence[Format], context: Context
) -> pl.DataFrame:
    """Return the rows of the file's first part: whole lines of 64 kB, or the first records of a binary file."""
    with open_bytes(path) as file:
        content = io.BytesIO(file.read(HEAD_BYTES)) if fmt.parse is not None else file
        frames: list[pl.DataFrame] = []
        adopted = Counter[str]()
        for block in read_blocks(
            fmt, content, context, others=others, final=path.stat().st_size <= HEAD_BYTES
        ):
            frames.append(block.frame)
            adopted += block.adopted
            if fmt.parse is None:
                break
    told.adopted = adopted.most_common()
    return (
        pl.concat(frames, how="diagonal")
        if frames
        else pl.DataFrame(schema={REJECT: pl.String, SKIP: pl.Boolean})
    )


def _count(told: Explanation, frame: pl.DataFrame) -> None:
    bad = frame[REJECT].is_not_null() & ~frame[SKIP]
    events = frame.filter(~bad & ~frame[SKIP])
    told.events, told.rejects, told.skipped = len(events), int(bad.sum()), int(frame[SKIP].sum())
    reasons = Counter(frame.filter(bad)[REJECT].to_list())
    told.reasons = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:LINES]
    for name in EVENT_SCHEMA:
        if name in events.columns and len(values := events[name].drop_nulls()):
            told.columns.append(Filled(name, len(values) / len(events), str(values[0])[:LONGEST]))
