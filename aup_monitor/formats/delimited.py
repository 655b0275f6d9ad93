"""
Columns out of lines parted by commas (or another mark), of which a few have quotes with commas inside.

Lines whose cells are all in quotes are cut at quote, comma, quote. Of the others only those few go the long way: cut at
the quotes, every second piece is the inside of one (two quotes that stand for one flip that twice), and its commas get a
stand-in until the line is cut at the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

_STAND_IN: Final = "\x1f"


def cells(
    lines: pl.LazyFrame, column: str, names: Sequence[str], *, mark: str = ",", quote: str = '"'
) -> pl.LazyFrame:
    """Add a String column for each of the first cells; null where absent or empty, the rest is dropped."""
    line, all_quoted = pl.col(column), _all_quoted(column, mark, quote)
    between = f"{quote}{mark}{quote}"
    return (
        lines.with_columns(pl.when(all_quoted).then(line).alias("_all"))
        .with_columns(pl.when(pl.col("_all").is_null()).then(line).alias("_some"))
        .pipe(_some_quoted, names, mark, quote)
        .with_columns(pl.col("_all").str.strip_prefix(quote).str.strip_suffix(quote))
        .pipe(cut, "_all", between, [*(f"_all_{name}" for name in names), "_more"])
        .with_columns(pl.coalesce(f"_all_{name}", name).alias(name) for name in names)
        .with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in names)
        .drop("_all", "_more", *(f"_all_{name}" for name in names))
    )


def _all_quoted(column: str, mark: str, quote: str) -> pl.Expr:
    """Tell the lines whose cells are all in quotes, none with a quote inside: they can be cut at quote, mark, quote."""
    q, m = re.escape(quote), re.escape(mark)
    return pl.col(column).str.contains(f"^{q}[^{q}]*{q}(?:{m}{q}[^{q}]*{q})*$")


def _some_quoted(lines: pl.LazyFrame, names: Sequence[str], mark: str, quote: str) -> pl.LazyFrame:
    """Add the cells of `_some`, of which a few may be in quotes."""
    q, m = re.escape(quote), re.escape(mark)
    quoted = pl.col("_some").str.contains(quote, literal=True)
    odd = pl.when(pl.col("_some").str.contains(f"{q}[^{q}]*{m}[^{q}]*{q}")).then(pl.col("_some"))
    whole = pl.coalesce(_masked(odd, mark, quote), "_some")
    return (
        lines.with_columns(quoted.alias("_quoted"), whole.alias("_cells"))
        .pipe(cut, "_cells", mark, [*names, "_more"])
        .with_columns(_bare(name, mark, quote) for name in names)
        .drop("_quoted", "_some", "_cells", "_more")
    )


def _masked(line: pl.Expr, mark: str, quote: str) -> pl.Expr:
    piece = pl.element()
    inside = pl.int_range(pl.len()) % 2 == 1
    masked = pl.when(inside).then(piece.str.replace_all(mark, _STAND_IN, literal=True)).otherwise(piece)
    return (
        line.str.replace_all(_STAND_IN, "", literal=True).str.split(quote).list.eval(masked).list.join(quote)
    )


def _bare(name: str, mark: str, quote: str) -> pl.Expr:
    """Return a cell without its quotes; only lines that hold one are looked at."""
    cell = pl.when(pl.col("_quoted")).then(pl.col(name))
    bare = (
        cell.str.strip_prefix(quote)
        .str.strip_suffix(quote)
        .str.replace_all(quote * 2, quote, literal=True)
        .str.replace_all(_STAND_IN, mark, literal=True)
    )
    return pl.coalesce(bare, name).alias(name)
