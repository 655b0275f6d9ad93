"""What every filter's log has: fields that say nothing, accounts that are an address, the machine that asked."""

from __future__ import annotations

import polars as pl


def given(column: str) -> pl.Expr:
    """Return the column without the blanks around it; null where it is empty, `-` or `N/A`."""
    text = pl.col(column).str.strip_chars(" ")
    return pl.when(~text.is_in(["", "-", "N/A", "n/a", "NA"])).then(text).alias(column)


def machine_name(column: str) -> pl.Expr:
    """Return a device's name; null where the field holds an address or nothing."""
    return pl.when(~pl.col(column).str.contains(r"^[0-9.]+$|:|^$|^-$")).then(pl.col(column))


def verdict(blocked: pl.Expr, allowed: pl.Expr) -> pl.Expr:
    """Return event_outcome: blocked, else allowed, else unknown; null counts as false."""
    return (
        pl.when(blocked)
        .then(pl.lit("blocked"))
        .when(allowed)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )
