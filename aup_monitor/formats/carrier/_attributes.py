"""
Columns out of `key=value` attributes behind a header of pieces between bars, as CEF and LEEF write them.

Every attribute is first given one mark before its key, so that one search finds a key and its value ends at the next mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.format import Context

MARK: Final = "\x1f"
_EMPTY: Final = ("", "-", "--", "N/A", "n/a", "NA", "None", "none", "null", "(null)", "NULL")


def attributes(lines: pl.LazyFrame, column: str, keys: Mapping[str, str]) -> pl.LazyFrame:
    """
    Add a String column for each name; null where its key is absent or says nothing.

    The first of a key that occurs twice counts.

    Args:
        lines: a frame with the column.
        column: attributes, each with `MARK` before it.
        keys: name of the new column -> its key, or several parted with `|`.

    """
    found = [
        pl.col(column).str.extract(f"{MARK}(?:{key})=([^{MARK}]*)").str.strip_chars(' "').alias(name)
        for name, key in keys.items()
    ]
    said = [pl.when(~pl.col(name).is_in(_EMPTY)).then(name).alias(name) for name in keys]
    return lines.with_columns(found).with_columns(said)


def sent(lines: pl.LazyFrame, column: str, context: Context) -> pl.LazyFrame:
    """Add `timestamp` and `observer_name` of the envelope, of which the column holds what stands before the header."""
    # A program's name in the place of the header makes a whole envelope of it.
    return (
        lines.with_columns((pl.col(column).str.strip_chars_end() + " header: -").alias("line"))
        .pipe(unwrap, context)
        .drop("program", "message")
    )
