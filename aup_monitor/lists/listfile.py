"""
A list file as it lies on disk: its bytes, their hash, and what its header says.

The header is the comment lines at the top, a word and a colon each: `# title: Gambling`, `# theme: ...`,
`# date: 2026-11-22`, `# licence: CC0-1.0`. A list without one is read all the same.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.core.errors import RuleError
from aup_monitor.core.files import open_bytes

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 300_000_000
"""No list that a school could use is larger (the largest known, 5 million names, is about 100 MB)."""

_HEADER_BYTES: Final = 4_000
_HEADER_LINE: Final = re.compile(r"^#\s*(title|theme|date|licence):\s*(\S.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class ListFile:
    """One file's content and provenance."""

    path: Path
    content: bytes
    digest: str
    header: dict[str, str]

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 become the replacement character, a byte order mark goes."""
        return self.content.decode("utf-8-sig", errors="replace")

    def rows(self, columns: tuple[str, ...]) -> list[tuple[int, str, list[str]]]:
        """
        Return the lines below the header row of a tab-separated list: number, line, cells; absent cells are empty, comments left out.

        Raises:
            RuleError: its first line that is not a comment does not name these columns.

        """
        numbered = enumerate(self.text.splitlines(), start=1)
        lines = [(n, line) for n, line in numbered if line.strip() and line[0] != "#"]
        if not lines or tuple(lines[0][1].split("\t")) != columns:
            where = f"{self.path}:{lines[0][0] if lines else 1}"
            raise RuleError(
                "the header row is missing", where=where, fix=f"write it, tabs between: {' '.join(columns)}"
            )
        cells = ([cell.strip() for cell in line.split("\t")] for _, line in lines[1:])
        return [
            (n, line, [*row, *[""] * (len(columns) - len(row))])
            for (n, line), row in zip(lines[1:], cells, strict=True)
        ]


def read_list_file(path: Path, max_bytes: int = MAX_BYTES) -> ListFile:
    """
    Read a list file, compressed or not.

    Raises:
        InputError: it is missing or may not be read.
        RuleError: it is larger than `max_bytes`, unpacked, or is damaged.

    """
    try:
        with open_bytes(path) as file:
            content = file.read(max_bytes + 1)
    except (EOFError, OSError) as exc:
        raise RuleError(f"the file is damaged: {exc}", where=path, fix="fetch or copy it again") from exc
    if len(content) > max_bytes:
        raise RuleError(
            f"the list is larger than {max_bytes:,} bytes", where=path, fix="check that it is a list"
        )
    head = content[:_HEADER_BYTES].decode("utf-8-sig", errors="replace")
    return ListFile(
        path, content, hashlib.blake2b(content, digest_size=16).hexdigest(), dict(_HEADER_LINE.findall(head))
    )
