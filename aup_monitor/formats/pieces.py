"""
Cut a column into named pieces, each of which becomes a column.

Pieces are made into columns at once, rather than nested into longer expressions, since Polars would cut the text again
for every piece that an expression names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence


def cut(lines: pl.LazyFrame, column: str, mark: str, names: Sequence[str]) -> pl.LazyFrame:
    """Add the pieces of a column between the first marks, the rest in the last; missing ones are null."""
    pieces = pl.col(column).str.splitn(mark, len(names)).struct.rename_fields(names)
    return lines.with_columns(pieces.alias("_pieces")).unnest("_pieces")


def groups(lines: pl.LazyFrame, column: str, pattern: str) -> pl.LazyFrame:
    """Add the named groups of a regular expression; a line that it does not match has nulls in all of them."""
    return lines.with_columns(pl.col(column).str.extract_groups(pattern).alias("_pieces")).unnest("_pieces")
