"""Tools for the firewall formats' tests: parse lines, and compare with Elastic's independent reading of real ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

REFERENCE = datetime(2026, 1, 31, 12, tzinfo=UTC)
Explained = dict[str, tuple[str, set[str]]]


def parse_lines(fmt: Format, *lines: str, zone: str = "UTC") -> list[dict[str, Any]]:
    """Return one dict a line, in the order given."""
    frame = pl.DataFrame(
        {"line": list(lines), "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    assert fmt.parse is not None
    return fmt.parse(frame.lazy(), Context(zone, REFERENCE)).collect().sort("offset").to_dicts()


@pytest.fixture(scope="session")
def parse() -> Callable[..., list[dict[str, Any]]]:
    """Return `parse_lines`."""
    return parse_lines


def _flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves with their dotted names; Beats writes them so already."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def _told(name: str, value: object) -> str:
    """Return a value so that two spellings of the same compare equal."""
    if isinstance(value, datetime) or name == "@timestamp":
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return time.astimezone(UTC).isoformat(timespec="milliseconds")
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.lower().replace("-", ":") if name == "source.mac" else text


def _expected(path: Path, lines: list[str]) -> list[dict[str, Any] | None]:
    """Return Elastic's flat reading of each line: by the line that it quotes, else by its place."""
    expected = json.loads(path.with_name(f"{path.name}-expected.json").read_text())
    items = expected["expected"] if isinstance(expected, dict) else expected
    flat = [None if item is None else dict(_flat(item)) for item in items]
    if len(flat) == len(lines):
        return flat
    quoted = {item["event.original"].strip(): item for item in flat if item and "event.original" in item}
    return [quoted.get(line.strip()) for line in lines]


@dataclass
class Agreement:
    """What came of a comparison."""

    events: int = 0
    skipped: int = 0
    rejects: list[str] = field(default_factory=list)
    values: int = 0
    strange: list[tuple[str, object, object, str]] = field(default_factory=list)
    unused: set[str] = field(default_factory=set)


Compare = "Callable[[Format, Iterable[Path], Mapping[str, str], Explained, str], Agreement]"


def compare_with_elastic(
    fmt: Format, paths: Iterable[Path], same: Mapping[str, str], explained: Explained, zone: str = "UTC"
) -> Agreement:
    """
    Compare each real line of the logs with the expected JSON that lies beside.

    Args:
        fmt: the format under test.
        paths: logs, each with an `-expected.json`.
        same: their name of a thing -> ours. Compared where theirs is not null.
        explained: reason -> (pattern of lines, our columns) where ours differs and is right.
        zone: of local times.

    """
    found, used = Agreement(), set()
    for path in paths:
        lines = [line for line in path.read_text().split("\n") if line.strip()]
        items = _expected(path, lines)
        for line, item, event in zip(lines, items, parse_lines(fmt, *lines, zone=zone), strict=True):
            if event["reject"] is not None:
                found.rejects.append(line)
            elif event.get("skip"):
                found.skipped += 1
            elif item is not None:
                found.events += 1
                for theirs, ours in same.items():
                    if item.get(theirs) in (None, "", []):
                        continue
                    found.values += 1
                    if _told(theirs, item[theirs]) == _told(theirs, event[ours]):
                        continue
                    reasons = {
                        why
                        for why, (where, columns) in explained.items()
                        if ours in columns and re.search(where, line)
                    }
                    used |= reasons
                    if not reasons:
                        found.strange.append((theirs, item[theirs], event[ours], line))
    found.unused = set(explained) - used
    return found


@pytest.fixture(scope="session")
def compare() -> Callable[..., Agreement]:
    """Return `compare_with_elastic`."""
    return compare_with_elastic
