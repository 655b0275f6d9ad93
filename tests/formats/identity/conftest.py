"""Tools for tests of the formats that say who held an address: whole files, and Elastic's reading of real ones."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = datetime(2026, 1, 31, 12, tzinfo=UTC)
Row = dict[str, Any]
Rows = Callable[..., list[Row]]
Differences = Callable[..., list[tuple[str, object, object]]]


def read_text(fmt: Format, text: str, *, zone: str = "UTC", reference: datetime = REFERENCE) -> list[Row]:
    """Return one dict a line, in the file's order."""
    blocks = read_blocks(fmt, io.BytesIO(text.encode()), Context(zone, reference))
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Return `read_text`."""
    return read_text


@pytest.fixture(scope="session")
def events() -> Rows:
    """Return a function that reads a text and gives its events alone, of which none may be a reject."""

    def read(fmt: Format, text: str, **options: Any) -> list[Row]:
        found = [row for row in read_text(fmt, text, **options) if not row["skip"]]
        assert [row["reject"] for row in found if row["reject"]] == []
        return found

    return read


def flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of Elastic's reading with their dotted names."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def told(name: str, value: object) -> str:
    """Return a value so that two spellings of the same compare equal."""
    if name == "@timestamp":
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return time.astimezone(UTC).isoformat(timespec="milliseconds")
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    hardware = name.endswith((".mac", "calling_station.id"))
    return text.lower().replace("-", ":") if hardware else text


@pytest.fixture(scope="session")
def differences() -> Differences:
    """Return a function that compares our events with Elastic's reading: their name, their value, and ours."""

    def compare(
        fmt: Format, path: Path, same: Mapping[str, str], **options: Any
    ) -> list[tuple[str, object, object]]:
        items = json.loads(path.with_name(f"{path.name}-expected.json").read_text())["expected"]
        ours = [row for row in read_text(fmt, path.read_text(), **options) if row["offset"] is not None]
        assert len(items) == len(ours)
        return [
            (name, theirs[name], row[column])
            for item, row in zip(items, ours, strict=True)
            if not row["skip"] and item is not None
            for theirs in [dict(flat(item))]
            for name, column in same.items()
            if theirs.get(name) not in {None, ""} and told(name, theirs[name]) != told(name, row[column])
        ]

    return compare
