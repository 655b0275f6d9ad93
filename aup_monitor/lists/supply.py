"""Where lists come from: the web, by the catalogue's addresses, or a folder or archive that came another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.archive import find, shelf_of, take
from aup_monitor.lists.fetch import FetchError, Limits, Marks, fetch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aup_monitor.lists.archive import Shelf
    from aup_monitor.lists.catalogue import Source


class Supply(Protocol):
    """Somewhere that lists come from."""

    def has(self, source: Source) -> bool:
        """Tell whether the source can be asked for here at all."""
        ...

    def origin(self, source: Source) -> str:
        """Return the name of where a source comes from here."""
        ...

    def bring(self, source: Source, marks: Marks, target: Path) -> Marks | None:
        """
        Write a source's list to `target`; return its marks, or None where the copy of `marks` is still the newest.

        Raises:
            AupError: it cannot be had.

        """
        ...


@dataclass
class Web:
    """The addresses of the catalogue. `work`: an empty folder for what is on its way."""

    work: Path
    limits: Limits = field(default_factory=Limits)
    _archives: dict[tuple[str, Marks], tuple[Shelf, Marks] | None] = field(default_factory=dict)
    _silent: dict[str, FetchError] = field(default_factory=dict)

    def has(self, source: Source) -> bool:
        """Tell whether the source has an address."""
        return source.url is not None

    def origin(self, source: Source) -> str:
        """Return the address, and the part of an archive."""
        return f"{source.url}#{source.part}" if source.part else str(source.url)

    def bring(self, source: Source, marks: Marks, target: Path) -> Marks | None:
        """Fetch a source; of an archive that several share, once."""
        if source.part is None:
            return self._fetch(source, target, marks)
        key = (str(source.url), marks)
        if key not in self._archives:
            self._archives[key] = self._archive(source, marks)
        held = self._archives[key]
        if held is None:
            return None
        shelf, new_marks = held
        _take(shelf, source, [source], target)
        return new_marks

    def _archive(self, source: Source, marks: Marks) -> tuple[Shelf, Marks] | None:
        place = self.work / f"archive-{len(self._archives)}"
        place.mkdir()
        new_marks = self._fetch(source, place / "archive", marks)
        if new_marks is None:
            return None
        (place / "files").mkdir()
        return shelf_of(place / "archive", place / "files"), new_marks

    def _fetch(self, source: Source, target: Path, marks: Marks) -> Marks | None:
        """Fetch, but do not wait again for a server that just said nothing: eighty lists may lie on one."""
        url = str(source.url)
        server = urlsplit(url).netloc
        if server in self._silent:
            raise self._silent[server]
        try:
            return fetch(url, target, source.max_bytes, marks, self.limits)
        except FetchError as exc:
            if exc.no_server:
                self._silent[server] = exc
            raise


class Given:
    """
    A folder or an archive of lists.

    Args:
        path: the folder or archive.
        sources: the whole catalogue, so that no file is taken for another source's.
        work: an empty folder to unpack into.

    Raises:
        RuleError: it cannot be read.

    """

    def __init__(self, path: Path, sources: Sequence[Source], work: Path) -> None:
        self._name = path.name
        self._sources = [source for source in sources if source.url]
        self._shelf = shelf_of(path, work)

    def has(self, source: Source) -> bool:
        """Tell whether the source is among the files."""
        return source.url is not None and find(self._shelf, source, self._sources) is not None

    def origin(self, source: Source) -> str:  # noqa: ARG002 - one name for all of its lists
        """Return the name of the folder or archive."""
        return self._name

    def bring(self, source: Source, marks: Marks, target: Path) -> Marks | None:  # noqa: ARG002 - files have no marks
        """Copy a source's file."""
        _take(self._shelf, source, self._sources, target)
        return Marks()


def _take(shelf: Shelf, source: Source, sources: Sequence[Source], target: Path) -> None:
    name = find(shelf, source, sources)
    if name is None:
        raise RuleError(
            f"the archive holds no {source.part or source.id}",
            where=source.url,
            fix="correct part: in lists/catalogue.yml of the workspace",
        )
    take(shelf, name, source, target)
