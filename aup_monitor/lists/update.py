"""
Bring the copies of other people's lists up to date, one by one; whatever goes wrong with one, its last good copy stays.

A new copy takes the place of the old one only if it is a list at all, has as many entries as the catalogue expects, not less than half
of those it had, and more lines that can be read than not.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal

from aup_monitor.core.errors import AupError, RuleError
from aup_monitor.core.files import open_bytes
from aup_monitor.lists.fetch import Marks
from aup_monitor.lists.listfile import MAX_BYTES, read_list_file
from aup_monitor.lists.record import Record, read_record, stated_date, stated_version, write_record
from aup_monitor.lists.syntax import BY_LINE, parse_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from aup_monitor.lists.catalogue import Source
    from aup_monitor.lists.supply import Supply

_BLOCK: Final = 8_000_000
"""Bytes of a list that are parsed at once, so that memory does not grow with it."""
_HEAD: Final = 4_000
_INCOMING: Final = ".incoming-"

State = Literal["new", "updated", "unchanged", "kept", "failed"]
"""`kept`: the update failed, and the copy of before goes on serving; `failed`: and there is none."""


@dataclass(frozen=True)
class Outcome:
    """What became of one source."""

    source: str
    state: State
    entries: int
    """Of the copy that serves now."""
    before: int | None
    """Of the copy that served before; None where there was none."""
    problem: AupError | None = None


@dataclass(frozen=True)
class Measure:
    """A list file, counted: entries, lines that cannot be read, and its hashes."""

    entries: int
    bad: int
    sha256: str
    digest: str


@contextmanager
def incoming(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside the copies for what is on its way; what a killed run left there goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_INCOMING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_INCOMING) as work:
        yield Path(work)


@dataclass(frozen=True)
class _Copy:
    """The copy that serves: its record, if it has one, and its entries; None where there is no copy."""

    record: Record | None
    entries: int | None


@dataclass(frozen=True)
class Updater:
    """
    What every source's update needs.

    Args:
        folder: where copies and their records are.
        supply: where lists come from.
        work: a folder for what is on its way, on the same disk as `folder` (see `incoming`).
        now: the present moment, for the record.

    """

    folder: Path
    supply: Supply
    work: Path
    now: datetime

    def update(self, source: Source) -> Outcome:
        """Bring one source's copy up to date; what goes wrong is in the outcome."""
        held = _held(self.folder, source)
        try:
            return self._updated(source, held)
        except AupError as exc:
            if held.record is not None:
                failed = {"failed": exc.message, "failed_on": self.now}
                write_record(self.folder, source.id, held.record.model_copy(update=failed))
            state: State = "failed" if held.entries is None else "kept"
            return Outcome(source.id, state, held.entries or 0, held.entries, exc)

    def _updated(self, source: Source, held: _Copy) -> Outcome:
        origin, target = self.supply.origin(source), self.work / source.id
        marks = Marks()
        if held.record is not None and held.record.origin == origin:
            marks = Marks(held.record.etag, held.record.last_modified)
        new_marks = self.supply.bring(source, marks, target)
        if new_marks is None:
            return self._unchanged(source, held)
        found = measured(target, source)
        _judge(found, source, held.entries)
        unchanged = held.record is not None and held.record.sha256 == found.sha256
        record = self._record(target, source, found, new_marks)
        target.replace(self.folder / f"{source.id}.txt")
        write_record(self.folder, source.id, record)
        state: State = "unchanged" if unchanged else "new" if held.entries is None else "updated"
        return Outcome(source.id, state, found.entries, held.entries)

    def _unchanged(self, source: Source, held: _Copy) -> Outcome:
        if held.record is None:
            raise RuleError(
                "the server sent nothing, though there is no copy", where=source.url, fix="run it again later"
            )
        still = {"fetched": self.now, "failed": None, "failed_on": None}
        write_record(self.folder, source.id, held.record.model_copy(update=still))
        return Outcome(source.id, "unchanged", held.record.entries, held.entries)

    def _record(self, path: Path, source: Source, found: Measure, marks: Marks) -> Record:
        head, tail = _ends(path)
        return Record(
            origin=self.supply.origin(source),
            fetched=self.now,
            licence=source.licence,
            entries=found.entries,
            sha256=found.sha256,
            digest=found.digest,
            version=stated_version(head, tail),
            date=stated_date(head, marks.last_modified),
            etag=marks.etag,
            last_modified=marks.last_modified,
        )


def _held(folder: Path, source: Source) -> _Copy:
    """Return what serves now; a copy that is damaged or no list is as good as none."""
    path, record = folder / f"{source.id}.txt", read_record(folder, source.id)
    if not path.is_file():
        return _Copy(None, None)
    try:
        if record is not None and record.digest == read_list_file(path, source.max_bytes).digest:
            return _Copy(record, record.entries)
        return _Copy(None, measured(path, source).entries or None)
    except AupError:
        return _Copy(None, None)


def _ends(path: Path) -> tuple[bytes, bytes]:
    """Return the first and the last bytes of a list, unpacked; of a packed one only the first."""
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _HEAD))
        return head, file.read()


def _judge(found: Measure, source: Source, before: int | None) -> None:
    """Raise `RuleError` where a copy is not what the list should be."""
    fix = f"look at {source.url}; if the list is meant to be so, set entries: of {source.id} in lists/catalogue.yml of the workspace"
    if not source.entries.min <= found.entries <= source.entries.max:
        raise RuleError(
            f"{found.entries:,} entries, where {source.entries.min:,} to {source.entries.max:,} are expected",
            where=source.id,
            fix=fix,
        )
    if found.bad > found.entries:
        raise RuleError(
            f"{found.bad:,} of its lines cannot be read, and only {found.entries:,} can",
            where=source.id,
            fix=fix,
        )
    if before is not None and found.entries * 2 < before:
        raise RuleError(
            f"it shrank to {found.entries:,} entries from {before:,}, to less than half",
            where=source.id,
            fix=f"if that is meant, delete lists/downloaded/{source.id}.txt of the workspace and run it again",
        )


def measured(path: Path, source: Source) -> Measure:
    """
    Count a list's entries; a name that stands twice far apart in a long list is counted twice.

    Raises:
        RuleError: it is not a list of the source's format, or is larger than `max_bytes`, or damaged.

    """
    hashed, digest = hashlib.sha256(), hashlib.blake2b(digest_size=16)
    entries = bad = size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    try:
        with open_bytes(path) as file:
            for block in _blocks(file, source):
                size += len(block)
                if size > source.max_bytes:
                    raise RuleError(
                        f"larger than {source.max_bytes:,} bytes unpacked", where=source.id, fix=_LARGER
                    )
                digest.update(block)
                parsed = parse_list(block, source)
                entries, bad = entries + parsed.entries.height, bad + parsed.problems.height
    except (EOFError, OSError) as exc:
        raise RuleError(f"the file is damaged: {exc}", where=source.id, fix="run it again") from exc
    return Measure(entries, bad, hashed.hexdigest(), digest.hexdigest())


_LARGER: Final = (
    "check that it is the list; a larger max_bytes: may be set in lists/catalogue.yml of the workspace"
)


def _blocks(file: IO[bytes], source: Source) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines where its format allows, else whole."""
    if source.format not in BY_LINE:
        yield file.read(min(source.max_bytes, MAX_BYTES) + 1)
        return
    while block := file.read(_BLOCK):
        # The rest of the line; of a line without end only so much that it is seen to be none.
        yield block + file.readline(_BLOCK)
