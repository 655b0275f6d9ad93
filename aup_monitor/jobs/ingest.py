"""
Read log files into the lake, exactly once.

A file is known by its first kilobyte, so that a rotated, renamed or compressed copy is recognised, and a file that
grew is read from where it stopped. A file that cannot be used is a problem that is named; the rest go on.
"""

from __future__ import annotations

import glob
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import polars as pl

from aup_monitor.core.errors import ConfigError, InputError
from aup_monitor.core.files import DAMAGED, FINGERPRINT_BYTES, compression, open_bytes
from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.core.locks import locked
from aup_monitor.core.tally import Tally
from aup_monitor.core.zones import known_zone
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, candidates, decoded_head, in_envelope, recognise
from aup_monitor.formats.refused import refuse_cameras, refuse_folder_of_cameras
from aup_monitor.jobs.formats import find_format, formats_of
from aup_monitor.jobs.reading import Reading
from aup_monitor.lake import Batch, Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aup_monitor.core.workspace import Workspace

COMMIT_ROWS: Final = 250_000
"""A batch of this many rows is committed; what is not yet committed is read again after a kill."""

SETTLED: Final = timedelta(hours=1)
"""A file unchanged for so long is finished: its last line counts even without a line end."""


@dataclass(frozen=True)
class Item:
    """One file to read, and what is known of it."""

    path: Path
    site: str
    site_zone: str
    """Zone of the site, whose days the lake is partitioned by."""
    zone: str
    """Zone of local times in the file."""
    format: Format | None
    """The format that the user named, if any."""


def ingest(
    workspace: Workspace,
    items: Sequence[Item],
    now: datetime,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _all: None,
) -> Tally:
    """
    Read the files into the workspace's lake.

    Args:
        workspace: where to.
        items: the files; see `items_of`.
        now: the present moment, aware.
        progress: called with a file's name, files done, files in all.

    Returns:
        What was read. Files that could not be used are in `problems`.

    """
    total, formats = Tally(), formats_of(workspace)
    with locked(workspace.lake / ".lock"):
        lake = Lake(workspace.lake)
        with _Intake(lake, formats) as intake:
            for n, item in enumerate(items):
                progress(item.path.name, n, len(items))
                total.add(_ingest_one(intake, item, now))
        lake.compact()
    progress("", len(items), len(items))
    return total


def items_of(
    workspace: Workspace,
    paths: Sequence[str],
    *,
    site: str | None = None,
    format_name: str | None = None,
    zone: str | None = None,
) -> list[Item]:
    """
    Return the files that these paths (with `*`, or folders) name, or that the settings' sources name where none is given.

    Raises:
        ConfigError: no path and no source; an unknown site or time zone.
        InputError: a path that names no file.
        NotFoundError: there is no such format.

    """
    if not paths:
        return list(_configured(workspace))
    name = site or workspace.config.first_site
    if name not in workspace.config.sites:
        known = ", ".join(workspace.config.sites)
        raise ConfigError(
            f"there is no site {name!r} (known: {known})", fix=f"add [sites.{name}] to aup.toml"
        )
    fmt = find_format(format_name, workspace) if format_name else None
    home = workspace.config.sites[name].zone
    local = _zone(zone) if zone else home
    return [Item(path, name, home, local, fmt) for text in paths for path in _expand(text)]


def _zone(name: str) -> str:
    try:
        return known_zone(name)
    except ValueError as exc:
        raise ConfigError(str(exc), fix="aup ingest --zone Europe/London FILE ...") from exc


def _configured(workspace: Workspace) -> Iterator[Item]:
    config = workspace.config
    if not config.sources:
        raise ConfigError("no file named, and no [[sources]] in aup.toml", fix="aup ingest FILE ...")
    for source in config.sources:
        site = source.site or config.first_site
        fmt = find_format(source.format, workspace) if source.format else None
        home = config.sites[site].zone
        for path in _expand(str(workspace.path(source.path))):
            yield Item(path, site, home, source.zone or home, fmt)


def _expand(text: str) -> list[Path]:
    """Return the files that a path with `*` names, sorted; a folder is all files in it that are not hidden."""
    path = Path(text)
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    elif glob.has_magic(text):
        found = sorted(Path(p) for p in glob.glob(text, recursive=True) if Path(p).is_file())  # noqa: PTH207 - Path.glob takes no absolute pattern
    else:
        return [path]
    if not found:
        raise InputError("no file fits this path", where=text, fix="check the path; ls shows what is there")
    refuse_folder_of_cameras(found, text)
    return found


class _Intake:
    """
    Where rows wait for the lake: one batch is filled while the one before is committed in the background.

    Leaving its `with` commits what waits; after an error, what was handed over before it.
    """

    def __init__(self, lake: Lake, formats: Sequence[Format]) -> None:
        self.formats = formats
        self._lake = lake
        self._formats_read = lake.formats_read()
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        self.batch = Batch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()
        self._pool.shutdown()
        self._wait()

    def identify(self, head: bytes) -> tuple[str, int, int]:
        """Return a file's `ingest_id`, the offset up to which it was read, and that up to which it was counted."""
        self._wait()
        ingest_id, start = self._lake.identify(head, self.batch.ends)
        return (
            ingest_id,
            max(start, self.batch.ends.get(ingest_id, 0)),
            self._lake.mark(ingest_id, "readings"),
        )

    def known_format(self, head: bytes) -> Format | None:
        """Return the format that the file was read as before: to recognise it anew costs a tenth of a second."""
        ingest_id, start, _ = self.identify(head[:FINGERPRINT_BYTES])
        name = self._formats_read.get(ingest_id) if start else None
        return next((fmt for fmt in self.formats if fmt.name == name), None)

    def rows_added(self) -> None:
        """Commit the batch once it is large."""
        if self.batch.rows >= COMMIT_ROWS:
            self.commit()

    def commit(self) -> None:
        """Commit the batch in the background and begin another."""
        self._wait()
        self._last = self._pool.submit(self._lake.commit, self.batch)
        self.batch = Batch(ends=dict(self.batch.ends))

    def _wait(self) -> None:
        if self._last is not None:
            last, self._last = self._last, None
            last.result()


def _ingest_one(intake: _Intake, item: Item, now: datetime) -> Tally:
    tally = Tally(files=1)
    try:
        _read(intake, item, now, tally)
    except InputError as exc:
        tally.problems.append(str(InputError(exc.message, where=exc.where or item.path, fix=exc.fix)))
    except DAMAGED as exc:
        # A compressed file that is cut short; what came before the cut has been read.
        fix = "copy the file again; what could be read of it was kept"
        tally.problems.append(
            str(InputError(f"the file breaks off or is damaged ({exc})", where=item.path, fix=fix))
        )
    return tally


def _read(intake: _Intake, item: Item, now: datetime, tally: Tally) -> None:
    with open_bytes(item.path) as file:
        head = file.read(HEAD_BYTES)
        refuse_cameras(head)
        known = item.format or intake.known_format(head)
        fmt = in_envelope(head, known) if known else recognise(head, intake.formats)
        at = fmt.fingerprint_at
        ingest_id, start, counted = intake.identify(head[at : at + FINGERPRINT_BYTES])
        file.seek(0)
        changed = datetime.fromtimestamp(item.path.stat().st_mtime, UTC)
        final = compression(item.path) is not None or now - changed > SETTLED
        reading = Reading(
            item.path,
            item.site,
            item.site_zone,
            fmt,
            ingest_id,
            changed,
            min(len(head) - at, FINGERPRINT_BYTES),
            counted,
        )
        context = Context(zone=item.zone, reference=changed)
        end = start
        others = () if item.format else intake.formats
        for block in read_blocks(fmt, file, context, start, others=others, final=final):
            if end == 0 and _mostly_bad(*_counts(block.frame)):
                raise _wrong_format(fmt, block.frame, head, intake.formats)
            reading.put(intake.batch, block, end, tally)
            end = block.end
            intake.rows_added()
    tally.unchanged = int(end == start)
    _name_what_is_odd(item, fmt, tally)
    if not final and fmt.parse is not None and not _ends_a_line(item.path):
        tally.notes.append(f"{item.path}: the last line has no end yet; it will be read once it has")


def _ends_a_line(path: Path) -> bool:
    """Tell whether the file's last character is a line's end; UTF-16 writes it with a zero byte beside it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2))
        return file.read().strip(b"\0").endswith(b"\n")


def _counts(frame: pl.DataFrame) -> tuple[int, int]:
    """Return how many lines are events, and how many are bad."""
    bad = frame[REJECT].is_not_null() & ~frame[SKIP]
    return int((~bad & ~frame[SKIP]).sum()), int(bad.sum())


def _mostly_bad(events: int, rejects: int) -> bool:
    return rejects > events


def _wrong_format(fmt: Format, frame: pl.DataFrame, head: bytes, formats: Sequence[Format]) -> InputError:
    """Return why a file is refused before any of it counts as read, so that it can be read as another format."""
    events, rejects = _counts(frame)
    first = frame.filter(pl.col(REJECT).is_not_null() & ~pl.col(SKIP))[REJECT][0]
    share = "none" if not events else f"only {events:,} of {events + rejects:,}"
    others = [c.format.name for c in candidates(decoded_head(head), formats) if c.format.name != fmt.name][:3]
    name = " or ".join(others) or "NAME"
    listed = "" if others else " (aup formats lists them)"
    return InputError(
        f"{share} of its lines could be read as {fmt.title} (the first bad one: {first})",
        fix=f"see what it holds: aup ingest --explain FILE; or name another format{listed}: aup ingest --format {name} FILE",
    )


def _name_what_is_odd(item: Item, fmt: Format, tally: Tally) -> None:
    """Say that a file holds other formats, or that most of what was new in it was bad; its rows are kept."""
    if tally.adopted:
        others = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.adopted.items()))
        tally.notes.append(
            f"{item.path}: lines of other formats than {fmt.name} were read as such ({others})"
        )
    if _mostly_bad(tally.events, tally.rejects):
        fix = "see what it holds: aup ingest --explain FILE; its format may have changed"
        tally.problems.append(
            str(
                InputError(
                    f"{tally.rejects:,} new lines are bad, more than are good", where=item.path, fix=fix
                )
            )
        )
