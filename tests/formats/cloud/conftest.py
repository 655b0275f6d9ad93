"""Reading lines by a format, and comparing real ones with an independent reading of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]


def parse_lines(fmt: Format, *lines: str, zone: str = "Europe/London") -> list[dict[str, Any]]:
    """Return one dict a line, in the order given."""
    frame = pl.DataFrame(
        {"line": list(lines), "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    assert fmt.parse is not None
    context = Context(zone, datetime(2026, 1, 31, 12, tzinfo=UTC))
    return fmt.parse(frame.lazy(), context).collect().sort("offset").to_dicts()


@pytest.fixture(scope="session")
def parse() -> Rows:
    """Return `parse_lines`."""
    return parse_lines


def flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of an expected document with their dotted names."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


@pytest.fixture(scope="session")
def expected() -> Callable[[Path], list[dict[str, Any]]]:
    """Return a function that gives the flat documents expected of a real log, one for each of its lines."""

    def read(log: Path) -> list[dict[str, Any]]:
        found = json.loads(log.with_name(f"{log.name}-expected.json").read_text())
        return [dict(flat(item)) for item in (found["expected"] if isinstance(found, dict) else found)]

    return read
