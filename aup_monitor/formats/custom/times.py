"""Times as described formats write them: ISO, counted from 1970, syslog's without a year, or by a pattern."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.custom_format import CLOCKS
from aup_monitor.core.schema import TIME
from aup_monitor.formats.syslog import time_without_year, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.custom_format import TimeSetting
    from aup_monitor.core.format import Context

_LATEST: Final = 4_102_444_800  # the year 2100, in seconds
_WITH_ZONE: Final = r"\d(?:Z|[+-]\d\d:?\d\d)$"


def moment(column: str, setting: TimeSetting, context: Context) -> pl.Expr:
    """Return the column's times as UTC; the first way to write a time that fits counts."""
    there = replace(context, zone=setting.zone or context.zone)
    return pl.coalesce(moment_of(column, written, there) for written in setting.formats)


def moment_of(column: str, written: str, context: Context) -> pl.Expr:
    """Return the column's times, written in one way, as UTC; what is no such time is null."""
    if written in CLOCKS:
        return _counted(column, CLOCKS[written])
    if written == "iso":
        return _iso(column, context)
    if written == "syslog":
        return time_without_year(column, context)
    found = pl.col(column).str.to_datetime(written, time_unit="us", strict=False)
    if "%z" in written or "%:z" in written:
        return found.dt.convert_time_zone("UTC").cast(TIME)
    return utc_of_local(found, context.zone)


def _counted(column: str, units: int) -> pl.Expr:
    count = pl.col(column).cast(pl.Float64, strict=False)
    micros = pl.when(count.is_between(1, _LATEST * units)).then((count * (1_000_000 / units)).round())
    return micros.cast(pl.Int64).cast(TIME)


def _iso(column: str, context: Context) -> pl.Expr:
    """Return `2026-01-12T08:45:01.5+00:00`, or local without a zone; a blank may stand for the T, seconds may be absent."""
    text = pl.col(column).str.replace(" ", "T", literal=True)
    aware = pl.when(pl.col(column).str.contains(_WITH_ZONE)).then(text)
    naive = pl.when(~pl.col(column).str.contains(_WITH_ZONE)).then(text)
    whole = naive.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    minutes = naive.str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", strict=False)
    return pl.coalesce(
        aware.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False),
        utc_of_local(pl.coalesce(whole, minutes), context.zone),
    )
