"""Reading whole files by a format, as the program does."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format
from aup_monitor.formats.reader import read_blocks

Rows = Callable[[Format, str], list[dict[str, Any]]]


@pytest.fixture
def rows() -> Rows:
    """Return a function that parses a whole file into a dictionary for each line, in the file's order."""

    def read(fmt: Format, text: str) -> list[dict[str, Any]]:
        context = Context(reference=datetime(2026, 1, 31, 12, tzinfo=UTC))
        frames = [block.frame for block in read_blocks(fmt, io.BytesIO(text.encode()), context)]
        return pl.concat(frames, how="diagonal").sort("offset").to_dicts()

    return read
