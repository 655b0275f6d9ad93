"""
What the logs of DNS servers have in common: names, types, what an answer means, and which answer is news.

Many servers log a question when it comes and again when it is answered. To count it once, an answer is an event of its
own only if its question is not among the `LOOKBACK` lines before it, or if it says that the question was refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKBACK: Final = 256
"""How many lines an answer looks back for its question; what a format that uses `asked_before` gives the reader."""

_NUMBERED: Final = {"64": "SVCB", "65": "HTTPS", "TYPE64": "SVCB", "TYPE65": "HTTPS"}


def question_name(name: str | pl.Expr) -> pl.Expr:
    """Return a name in lower case without its final dot; the root, `-` and an empty text are none."""
    text = pl.col(name) if isinstance(name, str) else name
    bare = text.str.to_lowercase().str.strip_chars_end(".")
    return pl.when(~bare.is_in(["", "-"])).then(bare).alias("dns_question_name")


def question_type(kind: str | pl.Expr) -> pl.Expr:
    """Return a type by its name (HTTPS and SVCB, which older servers number), or as RFC 3597 writes a number."""
    text = pl.col(kind) if isinstance(kind, str) else kind
    return text.replace(_NUMBERED).str.replace(r"^(\d+)$", "TYPE$1").alias("dns_question_type")


def outcome_of(code: str | pl.Expr) -> pl.Expr:
    """
    Return what a response code says of the outcome.

    NOERROR is allowed, REFUSED is blocked, all else unknown: NXDOMAIN may be a filter's word or a slip of the keyboard.
    """
    text = pl.col(code) if isinstance(code, str) else code
    return (
        pl.when(text == "NOERROR")
        .then(pl.lit("allowed"))
        .when(text == "REFUSED")
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def asked_before(lines: pl.LazyFrame, asks: str, keys: Sequence[str]) -> pl.LazyFrame:
    """
    Return the lines with `asked_before` (Boolean): the newest question with the same keys is at most `LOOKBACK` lines old.

    Args:
        lines: in the file's order.
        asks: Boolean column, true for a question.
        keys: what a question and its answer have in common: client, name, the number of the packet.

    """
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    asked_at = pl.when(asks).then("_row").forward_fill().over(keys)
    recent = pl.col("_row") - asked_at <= LOOKBACK
    return (
        lines.with_columns(row.alias("_row"))
        .with_columns((recent & ~pl.col(asks)).fill_null(False).alias("asked_before"))
        .drop("_row")
    )
