"""Described formats, and whole files read by them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from aup_monitor.core.custom_format import CustomFormat
from aup_monitor.core.format import Context, Format
from aup_monitor.formats.custom import build
from aup_monitor.formats.reader import read_blocks

sys.path.insert(0, str(Path(__file__).parents[2]))

CONTEXT = Context(reference=datetime(2026, 1, 31, 12, tzinfo=UTC))
Described = Callable[..., Format]
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def described() -> Described:
    """Return a function that makes a format of settings."""
    return lambda **settings: build("ours", CustomFormat.model_validate(settings))


@pytest.fixture
def rows() -> Rows:
    """Return a function that parses a whole file into a dictionary for each line, in the file's order."""

    def read(fmt: Format, content: bytes | str) -> list[dict[str, Any]]:
        file = io.BytesIO(content.encode() if isinstance(content, str) else content)
        frames = [block.frame for block in read_blocks(fmt, file, CONTEXT)]
        return pl.concat(frames, how="diagonal").sort("offset").to_dicts()

    return read
