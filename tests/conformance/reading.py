"""What another program read of one line, and the places of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Reading:
    """One line as another program reads it."""

    by: str
    """Whose reading it is, as `fields.yml` names it."""
    offset: int
    """Byte of the log where the line begins; in a binary log the record's own number."""
    fields: Mapping[str, object]
    """Their dotted names, with their values."""


def places(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the offset and the text of each line that is not blank."""
    offset = 0
    for line in content.split(b"\n"):
        if line.strip():
            yield offset, line.decode("utf-8", "replace").rstrip("\r")
        offset += len(line) + 1


def flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a tree with their dotted names; some write them so already."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + str(key), value
