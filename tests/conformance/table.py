"""
The data that comparing goes by: `fields.yml`, `reasons.yml` and `sniffing.yml`.

`fields.yml`: whose reading -> format, or `every` -> their name of a thing -> our column. A format's own line wins over
the one of `every`; `null` says that theirs is not the thing that ours is. `column * 1000000` is theirs in another unit; of `a / b`
the first is meant that the reading has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

_HERE: Final = Path(__file__).parent
NO_FORMAT: Final = "none"
"""What `sniffing.yml` writes where no format should claim a file."""


@dataclass(frozen=True)
class Reason:
    """Why ours differs, and is right."""

    format: str
    columns: frozenset[str]
    line: re.Pattern[str]
    why: str
    theirs: re.Pattern[str] | None = None
    """What their value must match, where the line alone does not say it."""
    ours: re.Pattern[str] | None = None

    def covers(self, format_name: str, column: str, line: str, theirs: object, ours: object) -> bool:
        """Say whether a difference is one of those that this explains."""
        return bool(
            format_name == self.format
            and column in self.columns
            and (self.theirs is None or self.theirs.search(str(theirs)))
            and (self.ours is None or self.ours.search(str(ours)))
            and self.line.search(line)
        )


@dataclass(frozen=True)
class Same:
    """One of their names, and which column of ours is the same thing."""

    theirs: str
    column: str
    times: int = 1


@dataclass(frozen=True)
class Ends:
    """Lines of which others call the other end the source."""

    line: re.Pattern[str]
    either: bool
    """Whether the line does not say which end began, so that theirs may be either way."""


OTHER_END: Final = {
    "source_ip": "destination_ip",
    "source_port": "destination_port",
    "destination_ip": "source_ip",
    "destination_port": "source_port",
}
"""Our column -> the one that is compared instead where the ends are the other way round."""
OTHER_WAY: Final = {**OTHER_END, "source_bytes": "destination_bytes", "destination_bytes": "source_bytes"}


@cache
def ends(by: str, format_name: str) -> tuple[Ends, ...]:
    """Return which lines' ends others name the other way round."""
    return tuple(
        Ends(re.compile(entry["line"]), entry["order"] == "either")
        for entry in _read("fields.yml").get(by, {}).get("ends", {}).get(format_name, [])
    )


@cache
def same_things(by: str, format_name: str) -> tuple[Same, ...]:
    """Return what of a reading can be compared with our columns of a format."""
    table: dict[str, dict[str, str | None]] = _read("fields.yml").get(by, {})
    names = {**table.get("every", {}), **table.get(format_name, {})}
    found = []
    for theirs, ours in names.items():
        if ours is not None:
            column, _, times = ours.partition(" * ")
            found.append(Same(theirs, column, int(times or 1)))
    return tuple(found)


@cache
def reasons() -> tuple[Reason, ...]:
    """Return the differences that are explained."""
    return tuple(
        Reason(
            entry["format"],
            frozenset(entry["columns"]),
            re.compile(entry["line"]),
            entry["why"],
            re.compile(entry["theirs"]) if "theirs" in entry else None,
            re.compile(entry["ours"]) if "ours" in entry else None,
        )
        for entry in _read("reasons.yml") or []
    )


def right_formats(name: str) -> tuple[str, ...] | None:
    """Return the formats that may claim a file of this path, by the first line that fits; None: nobody knows."""
    for pattern, formats in _sniffing():
        if pattern.search(name):
            return formats
    return None


@cache
def _sniffing() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(
        (re.compile(entry["path"], re.IGNORECASE), tuple(entry["formats"])) for entry in _read("sniffing.yml")
    )


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
