"""
Searches that were only on the way to another: suggestions asked for while somebody types.

`how to k`, `how to kill time` are one search, of which the last is meant. What was typed and never sent stays: somebody may
have thought better of it, and for the gravest words that is worth knowing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from aup_monitor.detect.noise import SUPPORTING

TYPING: Final = timedelta(seconds=30)
"""Who types on within this is still typing the same search."""
_TYPED: Final = ("site", "subject", "rule")
_ORDER: Final = ("timestamp", "search_query", "source_file", "source_offset")


def collapsed(matches: pl.DataFrame) -> pl.DataFrame:
    """Return the matches (`MATCH_SCHEMA`) without typed beginnings of what the same person went on to type or to search for."""
    ordered = matches.with_row_index("row").sort(*_TYPED, *_ORDER, nulls_last=True)
    text = pl.col("search_query").str.to_lowercase()
    later = text.shift(-1).over(_TYPED)
    soon = pl.col("timestamp").shift(-1).over(_TYPED) - pl.col("timestamp") <= TYPING
    only_typed = pl.col("log_level") <= SUPPORTING
    beginning = (only_typed & soon & later.str.starts_with(text)).fill_null(value=False)
    return ordered.filter(~beginning).sort("row").drop("row")
