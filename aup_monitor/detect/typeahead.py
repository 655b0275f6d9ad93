"""
Searches that were only on the way to another: suggestions asked for while somebody types.

`how to k`, `how to kill time` are one search, of which the last is meant; a beginning lacks the words that would say what was
meant. What was typed and never gone on with stays: somebody may have thought better of it, and for the gravest words that
is worth knowing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from aup_monitor.detect.noise import SUPPORTING

TYPING: Final = timedelta(seconds=30)
"""Who types on within this is still typing the same search."""
SEARCHES: Final = ("timestamp", "subject", "search_query")
"""Columns that are asked of the searches round about."""


def typists(matches: pl.DataFrame) -> pl.Series:
    """Return whose searches must be looked at: those of whom something matched that was only being typed."""
    return matches.filter(_typed())["subject"].unique().drop_nulls().sort()


def collapsed(matches: pl.DataFrame, searches: pl.DataFrame) -> pl.DataFrame:
    """
    Return the matches (`MATCH_SCHEMA`) without typed beginnings of what the same person went on to type or to search for.

    Args:
        matches: of any rules.
        searches: all searches, `SEARCHES`, of the `typists` of these matches, typed ones among them.

    """
    numbered = matches.with_row_index("row")
    begun = numbered.filter(_typed()).select("row", "subject", "timestamp", _text().alias("begun"))
    later = searches.select("subject", pl.col("timestamp").alias("later"), _text().alias("text")).unique()
    on = begun.join(later, on="subject").filter(
        (pl.col("later") - pl.col("timestamp")).is_between(timedelta(0), TYPING)
        & pl.col("text").str.starts_with(pl.col("begun"))
        & (pl.col("text").str.len_bytes() > pl.col("begun").str.len_bytes())
    )
    return numbered.join(on.select("row").unique(), on="row", how="anti").sort("row").drop("row")


def _typed() -> pl.Expr:
    return (pl.col("search_query").is_not_null() & (pl.col("log_level") <= SUPPORTING)).fill_null(value=False)


def _text() -> pl.Expr:
    return pl.col("search_query").str.to_lowercase()
