"""Reading whole files by a format, as the program does."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format
from aup_monitor.formats.reader import read_blocks

CONTEXT = Context(reference=datetime(2026, 1, 31, 12, tzinfo=UTC))
Rows = Callable[[Format, bytes], list[dict[str, object]]]


@pytest.fixture
def rows() -> Rows:
    """Return a function that parses a whole file into a dictionary for each line, in the file's order."""

    def read(fmt: Format, content: bytes) -> list[dict[str, object]]:
        frames = [block.frame for block in read_blocks(fmt, io.BytesIO(content), CONTEXT)]
        return pl.concat(frames, how="diagonal").sort("offset").to_dicts()

    return read
