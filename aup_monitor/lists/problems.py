"""What is wrong in a list file: a frame of (source, line, text, reason), counted and named, never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polars._typing import PolarsDataType

PROBLEM_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "source": pl.String(),
    "line": pl.Int64(),
    "text": pl.String(),
    "reason": pl.String(),
}
"""The list's id, the line (from 1; 0 for the whole file), the start of what stands there, and what is wrong with it."""

SHOWN_CHARACTERS: Final = 80


def problems(source: str, found: Iterable[tuple[int, str, str]]) -> pl.DataFrame:
    """Return a frame of `PROBLEM_SCHEMA` from (line, text, reason) of one source."""
    rows = [(source, line, text[:SHOWN_CHARACTERS], reason) for line, text, reason in found]
    return pl.DataFrame(rows, schema=PROBLEM_SCHEMA, orient="row")
