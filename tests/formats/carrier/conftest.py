"""Tools for the tests of general shapes: parse lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REFERENCE = datetime(2026, 1, 31, 12, tzinfo=UTC)


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


def flat_leaves(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of an object with their dotted names; Beats writes them so already."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat_leaves(value, f"{before}{key}.")
        else:
            yield before + key, value


@pytest.fixture(scope="session")
def flat() -> Callable[..., Iterator[tuple[str, Any]]]:
    """Return `flat_leaves`."""
    return flat_leaves


def told(value: object) -> str:
    """Return a value so that two spellings of the same compare equal."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.fixture(scope="session")
def differences() -> Callable[..., tuple[int, list[tuple[str, object, object]]]]:
    """
    Return a function that compares an event with an independent reading of it.

    It takes our event, their dotted names and values, and a table of their name -> our column; it returns how many values
    they have, and those that differ: name, theirs, ours.
    """

    def compare(
        event: Mapping[str, Any], theirs: Mapping[str, Any], same: Mapping[str, str]
    ) -> tuple[int, list[tuple[str, object, object]]]:
        given = {name: theirs[name] for name in same if theirs.get(name) not in (None, "", [])}
        wrong = [
            (name, value, event[same[name]])
            for name, value in given.items()
            if told(datetime.fromisoformat(value) if name == "@timestamp" else value)
            != told(event[same[name]])
        ]
        return len(given), wrong

    return compare
