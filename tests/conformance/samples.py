"""
Find the logs in a folder of anybody's samples, each with what others read of its lines.

Nothing is known by name: a log is any file that is no document and no expected parse, and an expected parse is known
by the ending that its project gives such files (`theirs.py`) or by its shape (`documents.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.core.errors import InputError
from aup_monitor.core.files import DAMAGED, open_bytes
from tests.conformance.documents import inside
from tests.conformance.theirs import ENDINGS, beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conformance.reading import Reading

_DOCUMENTS: Final = (".md", ".rst", ".html", ".pdf", ".png", ".yml", ".yaml", ".py", ".go")
_NOTICES: Final = ("README", "COPYING", "LICENSE", "LICENCE", "NOTICE")
_PACKETS: Final = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a")


@dataclass(frozen=True)
class Sample:
    """A log, and what others read of it."""

    name: str
    """Path below the folder of samples."""
    content: bytes
    """The log's own bytes, decompressed, and taken out of whatever document quotes them."""
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class NoLog:
    """A file that is no log, and why."""

    name: str
    reason: str


def walk(folder: Path) -> Iterator[Sample | NoLog]:
    """Yield each file below the folder that is no expected parse, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(ENDINGS):
            yield _sample(path, path.relative_to(folder).as_posix())


def _sample(path: Path, name: str) -> Sample | NoLog:
    if path.suffix in _DOCUMENTS or path.stem.rpartition("__")[2].upper() in _NOTICES:
        return NoLog(name, "a document, not a log")
    try:
        with open_bytes(path) as file:
            content = file.read()
    except (InputError, *DAMAGED) as error:
        return NoLog(name, f"it cannot be read: {error}")
    if not content.strip():
        return NoLog(name, "it has no line")
    if content.startswith(_PACKETS):
        return NoLog(name, "packets, not lines: the capture reads those")
    quoted = inside(content)
    if quoted is not None:
        content, readings = quoted
        return Sample(name, content, tuple(readings or beside(path, content)))
    return Sample(name, content, tuple(beside(path, content)))
