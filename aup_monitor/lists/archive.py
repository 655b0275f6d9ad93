"""
The files of a folder or of an archive (zip, tar; compressed or not), and which of them a catalogue's source is.

What an archive names is never a path on this machine: each of its files is written under a number of ours.
"""

from __future__ import annotations

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections import Counter
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from aup_monitor.core.errors import RuleError
from aup_monitor.core.files import open_bytes
from aup_monitor.lists.v2fly import flat_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aup_monitor.lists.catalogue import Source

    Shelf = Mapping[str, Path]
    """Files by the name that they have in their folder or archive, with `/` between its parts."""

MAX_UNPACKED: Final = 2_000_000_000
MAX_FILES: Final = 100_000
_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    OSError,
    lzma.LZMAError,
    zlib.error,
    RuntimeError,
)


def shelf_of(path: Path, into: Path) -> dict[str, Path]:
    """
    Return the files of a folder, or of an archive, which is unpacked into the empty folder `into`.

    Raises:
        RuleError: it is neither, or is damaged, or holds more than a collection of lists could.

    """
    if path.is_dir():
        return dict(_of_folder(path))
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = ((m.filename, archive.open(m)) for m in archive.infolist() if not m.is_dir())
                return _unpacked(members, path, into)
        with open_bytes(path) as file, tarfile.open(fileobj=file, mode="r|") as tar:
            opened = ((m.name, tar.extractfile(m)) for m in tar if m.isfile())
            return _unpacked(((name, content) for name, content in opened if content), path, into)
    except _DAMAGED as exc:
        raise RuleError(
            f"this is no archive that can be read: {exc}",
            where=path,
            fix="give a folder, or a zip, tar.gz or tar.xz file",
        ) from exc


def _of_folder(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder, by name; links are not followed out of it."""
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            found = path.__class__(folder) / name
            if found.is_file() and not found.is_symlink():
                yield found.relative_to(path).as_posix(), found


def _unpacked(members: Iterable[tuple[str, IO[bytes]]], path: Path, into: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    left = MAX_UNPACKED
    for number, (name, content) in enumerate(members):
        target = into / str(number)
        with content, target.open("wb") as file:
            while left >= 0 and (block := content.read(1 << 20)):
                left -= len(block)
                file.write(block)
        if left < 0 or number >= MAX_FILES:
            raise RuleError(
                f"it unpacks to more than {MAX_UNPACKED:,} bytes or {MAX_FILES:,} files",
                where=path,
                fix="unpack it yourself, look at what it is, and give the folder",
            )
        found[name.replace("\\", "/")] = target
    return found


def find(shelf: Shelf, source: Source, sources: Sequence[Source]) -> str | None:
    """
    Return the name of the file (of squidGuard's lists in an archive: of the folder) that a source is, or None.

    It is called by the source's id, with or without an ending; or it ends as the source's address does (`part` where
    there is one): in as many parts as no other source of the catalogue ends in, so that `gambling/domains` is never
    taken for `dating/domains`. Of several the shallowest, and none where two are equally deep.
    """
    by_id = [name for name in shelf if name.rpartition("/")[2].split(".txt")[0] == source.id]
    if by_id:
        return _shallowest(by_id)
    tail = _tail(source)
    needed = 1 + max((_common(tail, _tail(other)) for other in sources if other.id != source.id), default=0)
    names = (
        {name.rpartition("/")[0] for name in shelf}
        if source.part and source.format == "squidguard"
        else set(shelf)
    )
    lengths = {name: _common(tail, name.split("/")) for name in names}
    best = max(lengths.values(), default=0)
    return (
        _shallowest([name for name, length in lengths.items() if length == best])
        if best >= min(needed, len(tail))
        else None
    )


def _shallowest(names: list[str]) -> str | None:
    depths = Counter(name.count("/") for name in names)
    least = min(depths)
    return next(name for name in names if name.count("/") == least) if depths[least] == 1 else None


def _tail(source: Source) -> list[str]:
    return (source.part or unquote(urlsplit(source.url or "").path)).strip("/").split("/")


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts two paths have in common at their ends."""
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count]:
        count += 1
    return count


def take(shelf: Shelf, name: str, source: Source, target: Path) -> None:
    """
    Write the list of a source to `target`, as its maker wrote it; with what it includes, or its parts together.

    Raises:
        RuleError: it is larger than the source's `max_bytes`, or what it includes goes round in a circle.

    """
    with target.open("wb") as file:
        if source.format == "v2fly":
            folder, slash, alone = name.rpartition("/")
            rules = flat_rules(alone, lambda other: _text(shelf, f"{folder}{slash}{other}"))
            _check_size(file.write("\n".join(rules).encode()), name, source)
        else:
            parts = [f"{name}/{part}" for part in ("domains", "urls")] if name not in shelf else [name]
            for part in parts:
                if part in shelf:
                    _copy(shelf[part], file, name, source)


def _text(shelf: Shelf, name: str) -> str:
    """Return a file's text; raises `RuleError` where it is not there."""
    if name not in shelf:
        raise RuleError(
            "a list includes this file, which is not there",
            where=name,
            fix="give the whole folder or archive",
        )
    return shelf[name].read_text(encoding="utf-8", errors="replace")


def _copy(path: Path, file: IO[bytes], name: str, source: Source) -> None:
    _check_size(file.tell() + path.stat().st_size, name, source)
    with path.open("rb") as content:
        shutil.copyfileobj(content, file)
    if source.part:  # the next file begins its own line
        file.write(b"\n")


def _check_size(size: int, name: str, source: Source) -> None:
    if size > source.max_bytes:
        raise RuleError(
            f"larger than {source.max_bytes:,} bytes, which is more than this list may have",
            where=name,
            fix="check that it is the list; a larger max_bytes: may be set in lists/catalogue.yml of the workspace",
        )
