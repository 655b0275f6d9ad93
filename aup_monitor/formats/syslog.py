"""
The envelope of a syslog line: time, machine and program, before the message.

Three shapes are read, each with or without `<priority>` before it:

    Jan  2 03:04:05 [machine] program[12]: message                           BSD, RFC 3164: local time, no year
    2026-01-02T03:04:05.678+00:00 [machine] program[12]: message             the same with a time of RFC 3339
    1 2026-01-02T03:04:05.678+00:00 machine program 12 - [data] message      RFC 5424

References: https://www.rfc-editor.org/rfc/rfc3164 and https://www.rfc-editor.org/rfc/rfc5424
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl
import polars.selectors as cs

from aup_monitor.core.schema import TIME
from aup_monitor.formats.pieces import cut, groups

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_VERSION: Final = r"^(?:<\d{1,3}>)?1 (?:-|\d{4}-)"
_NO_YEAR: Final = r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
_RFC5424: Final = (
    r"^(?<_new_host>\S+) (?<_new_program>\S+) \S+ \S+ "
    r'(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: \x{FEFF}?(?<_new_message>.*))?$'
)


def unwrap(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """
    Return the lines with `timestamp`, `observer_name`, `program` and `message` added.

    A line that is no syslog has a null `timestamp` or a null `program`. The daemon's own "last message repeated 3
    times" is of the program `syslogd`.
    """
    return (
        lines.with_columns(
            pl.col("line").str.contains(_VERSION).alias("_new"),
            pl.col("line").str.replace(r"^(?:<\d{1,3}>)?(?:1 )?", "").alias("_text"),
        )
        .with_columns(pl.col("_text").str.contains(_NO_YEAR).alias("_no_year"))
        .pipe(_stamp_and_rest)
        .with_columns(time_without_year("_local", context), _iso_time("_iso", context))
        .with_columns(pl.coalesce("_local", "_iso").alias("timestamp"))
        .pipe(_machine_and_program)
        .drop(cs.starts_with("_new_", "_old_"), "_new", "_text", "_no_year", "_local", "_iso", "_rest")
    )


def utc_of_local(naive: pl.Expr, zone: str) -> pl.Expr:
    """
    Return local times as UTC.

    Of an hour that the clocks repeat in autumn the first is meant. A time in the hour that they leave out in spring is
    read as if they had not yet changed.
    """

    def there(local: pl.Expr) -> pl.Expr:
        return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")

    return pl.coalesce(there(naive), there(naive.dt.offset_by("1h"))).dt.convert_time_zone("UTC").cast(TIME)


def time_without_year(column: str, context: Context) -> pl.Expr:
    """
    Return UTC times of local ones such as `Jan  2 03:04:05`; null where there is no reference time.

    The year is the last one in which the time is not more than a day after the reference (the file's last change), so
    that December's lines in a January file are last year's.
    """
    if context.reference is None:
        return pl.lit(None, TIME).alias(column)
    latest = (context.reference + timedelta(days=1)).astimezone(ZoneInfo(context.zone)).replace(tzinfo=None)
    this = _in_year(column, latest.year)
    # Only 29 February can be missing from both years.
    before = pl.coalesce(_in_year(column, latest.year - 1), _in_year(column, _leap_year(latest)))
    return utc_of_local(pl.when(this <= latest).then(this).otherwise(before), context.zone).alias(column)


def _in_year(column: str, year: int) -> pl.Expr:
    return (f"{year} " + pl.col(column)).str.to_datetime("%Y %b %e %H:%M:%S", time_unit="us", strict=False)


def _leap_year(before: datetime) -> int:
    """Return the last year before that has a 29 February."""
    year = before.year - 1
    while year % 4 or (year % 100 == 0 and year % 400):
        year -= 1
    return year


def _stamp_and_rest(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Cut the time off: fifteen characters without a year, else what stands before the first blank."""
    text, no_year = pl.col("_text"), pl.col("_no_year")
    return (
        lines.with_columns(pl.when(~no_year).then("_text").alias("_dated"))
        .pipe(cut, "_dated", " ", ["_iso", "_rest"])
        .with_columns(
            pl.when(no_year).then(text.str.head(15)).alias("_local"),
            pl.when(no_year).then(text.str.slice(16)).otherwise("_rest").alias("_rest"),
        )
        .drop("_dated")
    )


def _iso_time(column: str, context: Context) -> pl.Expr:
    """Return the time of RFC 3339; one without an offset is local."""
    aware = pl.col(column).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    naive = pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    return pl.coalesce(aware, utc_of_local(naive, context.zone)).alias(column)


def _machine_and_program(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read `[machine] program[12]: message`, and what RFC 5424 writes instead."""
    new, rest = pl.col("_new"), pl.col("_rest")
    return (
        lines.with_columns(
            pl.when(new).then(rest).alias("_new_rest"),
            pl.when(~new).then(rest).alias("_old_rest"),
        )
        .pipe(groups, "_new_rest", _RFC5424)
        .pipe(cut, "_old_rest", ": ", ["_old_tag", "_old_message"])
        .with_columns(pl.col("_old_tag").str.strip_suffix(":"))
        .pipe(cut, "_old_tag", " ", ["_old_first", "_old_second", "_old_third"])
        .with_columns(
            _old_program(), pl.when(pl.col("_old_second").is_not_null()).then("_old_first").alias("_old_host")
        )
        .with_columns(
            pl.coalesce("_new_host", "_old_host").alias("observer_name"),
            pl.coalesce("_new_program", "_old_program").alias("program"),
            pl.coalesce("_new_message", "_old_message").alias("message"),
        )
        .with_columns(pl.when(pl.col("observer_name") != "-").then("observer_name").alias("observer_name"))
    )


def _old_program() -> pl.Expr:
    """Return the last word before the colon without its number; a third word means that this is no envelope."""
    tag = pl.when(pl.col("_old_third").is_null()).then(pl.coalesce("_old_second", "_old_first"))
    repeated = pl.col("_old_rest").str.contains("last message repeated", literal=True)
    return (
        pl.when(repeated)
        .then(pl.lit("syslogd"))
        .otherwise(tag.str.replace(r"\[.*$", ""))
        .alias("_old_program")
    )
