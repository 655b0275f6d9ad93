"""
Columns out of comma-separated lines, of which a few have quotes with commas inside.

Only those few go the long way: cut at the quotes, every second piece is the inside of one (two quotes that stand for one
flip that twice), and its commas get a stand-in until the line is cut at the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMA: Final = "\x1f"
_QUOTED_COMMA: Final = r'"[^"]*,[^"]*"'


def cells(lines: pl.LazyFrame, column: str, names: Sequence[str]) -> pl.LazyFrame:
    """Add a String column for each of the first cells; null where absent or empty, the rest is dropped."""
    quoted = pl.col(column).str.contains('"', literal=True)
    odd = pl.when(pl.col(column).str.contains(_QUOTED_COMMA)).then(pl.col(column))
    whole = pl.coalesce(_masked(odd), column)
    return (
        lines.with_columns(quoted.alias("_quoted"), whole.alias("_cells"))
        .pipe(cut, "_cells", ",", [*names, "_more"])
        .with_columns(_bare(name) for name in names)
        .with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in names)
        .drop("_quoted", "_cells", "_more")
    )


def _masked(line: pl.Expr) -> pl.Expr:
    piece = pl.element()
    inside = pl.int_range(pl.len()) % 2 == 1
    masked = pl.when(inside).then(piece.str.replace_all(",", _COMMA, literal=True)).otherwise(piece)
    return line.str.replace_all(_COMMA, "", literal=True).str.split('"').list.eval(masked).list.join('"')


def _bare(name: str) -> pl.Expr:
    """Return a cell without its quotes; only lines that hold one are looked at."""
    cell = pl.when(pl.col("_quoted")).then(pl.col(name))
    bare = (
        cell.str.strip_prefix('"')
        .str.strip_suffix('"')
        .str.replace_all('""', '"', literal=True)
        .str.replace_all(_COMMA, ",", literal=True)
    )
    return pl.coalesce(bare, name).alias(name)
