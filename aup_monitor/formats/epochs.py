"""Times that are written as a number since 1970, in one unit or in whichever its size tells."""

from __future__ import annotations

from typing import Final

import polars as pl

from aup_monitor.core.schema import TIME

_LATEST: Final = 4_102_444_800  # the year 2100, in seconds


def of_seconds(text: pl.Expr) -> pl.Expr:
    """Return the time of seconds, perhaps with a fraction; null for zero, for no number and past the year 2100."""
    seconds = text.cast(pl.Float64, strict=False)
    micros = pl.when(seconds.is_between(1, _LATEST)).then((seconds * 1e6).round())
    return micros.cast(pl.Int64).cast(TIME)


def of_any_unit(text: pl.Expr) -> pl.Expr:
    """
    Return the time of seconds, milliseconds, microseconds or nanoseconds, told by the number's size.

    A time since 1973 in one unit is before 1973 or past the year 5000 in every other. Null for zero and for no number.
    """
    number = text.str.strip_chars().cast(pl.Float64, strict=False)
    whole = text.str.strip_chars().cast(pl.Int64, strict=False)
    micros = (
        pl.when(number <= 0)
        .then(None)
        .when(number < 10**11)
        .then((number * 10**6).round())
        .when(number < 10**14)
        .then((number * 10**3).round())
        .when(number < 10**17)
        .then(whole)
        .when(number < 9 * 10**18)
        .then(whole // 10**3)
    )
    return micros.cast(pl.Int64, strict=False).cast(TIME)
