"""
The first half of reading a described format: from lines to the texts that its columns are filled from.

Each kind of format says how one of its columns is found in a line. The answer has `offset`, a String column for
each text (`said_user_name`, `time_0`, `outcome`) and `why`: what is wrong with the line as a whole.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.custom_format import names_of
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.json_paths import json_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aup_monitor.core.custom_format import CustomFormat
    from aup_monitor.core.format import Context

    Find = Callable[[pl.LazyFrame, CustomFormat, Context], pl.LazyFrame]

MOST_COLUMNS: Final = 300
"""A header that names more is none."""
WHY: Final = "why"
_NOTHING: Final = ("", "-", "N/A", "n/a", "NA")


def texts(lines: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:
    """Return a row for each line with the texts that the format's columns are filled from."""
    found = _FINDERS[spec.kind](lines, spec, context)
    said = [
        pl.coalesce(something(_from(source)) for source in sources).alias(name)
        for name, sources in _wanted(spec).items()
    ]
    # Blanks are taken off first: in one expression Polars would do so for every mention of the text.
    bare = found.with_columns(pl.col(*map(_from, spec.sources)).str.strip_chars(" "))
    return bare.select("offset", WHY, *said)


def something(column: str) -> pl.Expr:
    """Return the column; null where it says nothing."""
    return pl.when(~pl.col(column).is_in(_NOTHING)).then(pl.col(column)).alias(column)


def _wanted(spec: CustomFormat) -> Mapping[str, tuple[str, ...]]:
    """Return each text that is wanted with the columns that may say it."""
    timed = spec.time.columns if spec.time else ()
    judged = {"outcome": names_of(spec.outcome.column)} if spec.outcome else {}
    return {
        **{f"time_{n}": names_of(column) for n, column in enumerate(timed)},
        **judged,
        **{f"said_{name}": names_of(source) for name, source in spec.filled.items()},
    }


def _from(source: str) -> str:
    """Return the name under which the text of one of their columns stands."""
    return f"from {source}"


def header_cells(line: str | None, spec: CustomFormat) -> list[str]:
    """Return the names that a header line gives, in lower case; none where it is no header."""
    if not line:
        return []
    rows = csv.reader([line], delimiter=spec.delimiter or ",", quotechar=spec.quote)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
    except csv.Error:
        return []
    return names if len(names) <= MOST_COLUMNS else []


def _of_cells(lines: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:
    names = header_cells(context.header, spec) if spec.header else [name.lower() for name in spec.names]
    places = {source: names.index(source.lower()) for source in spec.sources if source.lower() in names}
    last = max(places.values(), default=-1)
    named = [f"_cell {n}" for n in range(last + 1)]
    mark, quote = spec.delimiter or ",", spec.quote
    absent = pl.lit(None, pl.String)
    return (
        cells(lines, "line", named, mark=mark, quote=quote)
        .with_columns(
            pl.col(f"_cell {places[source]}").alias(_from(source))
            if source in places
            else absent.alias(_from(source))
            for source in spec.sources
        )
        .with_columns(_wrong_cells(len(names), mark, quote).alias(WHY))
    )


def _wrong_cells(count: int, mark: str, quote: str) -> pl.Expr:
    """Return what is wrong with a line of cells: a cell that never ends, or fewer than the columns."""
    line, m, q = pl.col("line"), re.escape(mark), re.escape(quote)
    if not count:
        return pl.lit("no line before this one names the columns")
    return (
        pl.when(line.str.contains(f"(?:^|{m}){q}(?:[^{q}]|{q}{q})*$"))
        .then(pl.lit("a quoted cell runs on over the end of the line"))
        .when(line.str.count_matches(mark, literal=True) + 1 < count)
        .then(pl.lit("fewer cells than there are columns"))
    )


def _of_pairs(lines: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - each line by itself
    if spec.delimiter not in (None, " "):
        return lines.with_columns(
            *(_pair(source, spec.delimiter or " ").alias(_from(source)) for source in spec.sources),
            pl.lit(None, pl.String).alias(WHY),
        )
    keys = {re.escape(source): source for source in spec.sources}
    found = pairs(lines, [], keys).rename({key: _from(source) for key, source in keys.items()})
    return found.with_columns(pl.lit(None, pl.String).alias(WHY))


def _pair(key: str, mark: str) -> pl.Expr:
    """Return the value of `key=value` where pairs are parted by another mark than a blank."""
    m = re.escape(mark)
    found = pl.col("line").str.extract(rf'(?:^|{m})\s*{re.escape(key)}\s*=\s*("[^"]*"?|[^{m}]*)')
    return found.str.strip_chars('"')


def _of_objects(lines: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - each line by itself
    paths = {_from(source): source for source in spec.sources}
    return json_paths(lines, "line", paths, dotted=True).with_columns(
        pl.when(~pl.col("whole")).then(pl.lit("the line is not one whole JSON object")).alias(WHY)
    )


def _of_groups(lines: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - each line by itself
    found = pl.col("line").str.extract_groups(spec.pattern or "").alias("_groups")
    fits = pl.any_horizontal(pl.col(_from(source)).is_not_null() for source in spec.sources)
    return (
        lines.select("offset", found)
        .select(
            "offset",
            *(pl.col("_groups").struct.field(source).alias(_from(source)) for source in spec.sources),
        )
        .with_columns(pl.when(~fits).then(pl.lit("the pattern does not fit the line")).alias(WHY))
    )


_FINDERS: Final[Mapping[str, Find]] = {
    "csv": _of_cells,
    "keyvalue": _of_pairs,
    "json": _of_objects,
    "regex": _of_groups,
}
