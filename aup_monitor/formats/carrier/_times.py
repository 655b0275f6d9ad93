"""
Times as general shapes write them: seconds or milliseconds, ISO 8601, or `Jan 14 2026 10:14:09.123 GMT+01:00`.

References: the CEF guide, "Date Formats"; https://docs.oracle.com/javase/8/docs/api/java/text/SimpleDateFormat.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import TIME
from aup_monitor.formats.epochs import of_any_unit
from aup_monitor.formats.fields import ZONES
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PIECES: Final = (
    r"^\s*(?<_stamp>\S.*?\d:\d\d:\d\d|\d{14}|\S.*?\d:\d\d)(?<_fraction>[.,]\d{1,9})?(?<_half> ?(?i:[ap]m))?"
    r"(?: ?(?<_zone>Z|[A-Z]{2,5}|(?:GMT|UTC)?[+-]\d\d:?\d\d))?\s*$"
)
_PLAIN: Final = ("%Y-%m-%d %H:%M:%S", "%b %d %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")
"""Ways to write a time that can be read in one way only."""
_NO_YEAR: Final = r"^[A-Z][a-z]{2} +\d"
_FORMATS: Final = 16
"""More ways to write a time than this are not in one block of one log."""
_LONGEST: Final = 64
_JAVA: Final = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
}


def moment(column: str, context: Context, *, pattern: str | None = None) -> pl.Expr:
    """
    Return the time; one without a zone is local, and one that is not understood is null.

    Args:
        column: the text.
        context: zone and reference time.
        pattern: column of how the text is written, in the letters of Java's SimpleDateFormat, where the text alone does
            not say it.

    """
    text = pl.col(column)
    number = text.str.contains(r"^\s*\d{9,13}(?:\.\d+)?\s*$|^\s*(?:\d{16}|\d{19})\s*$")
    written = pl.when(~number).then(text).str.extract_groups(_PIECES).struct
    stamp = written["_stamp"].str.replace("T", " ", literal=True).str.replace_all(r" +", " ")
    naive = pl.coalesce(
        *(stamp.str.to_datetime(way, time_unit="us", strict=False) for way in _PLAIN),
        *(
            []
            if pattern is None
            else [_by_pattern(written["_stamp"] + written["_half"].fill_null(""), pattern)]
        ),
    )
    fraction = pl.duration(microseconds=_micros(written["_fraction"]).fill_null(0))
    east = pl.duration(seconds=_seconds_east(written["_zone"]))
    there = naive.dt.replace_time_zone("UTC").cast(TIME) - east
    return pl.coalesce(
        of_any_unit(pl.when(number).then(text)),
        there + fraction,
        utc_of_local(naive, context.zone) + fraction,
    ).cast(TIME)


def _micros(fraction: pl.Expr) -> pl.Expr:
    return fraction.str.slice(1).str.pad_end(6, "0").str.head(6).cast(pl.Int64, strict=False)


def _seconds_east(zone: pl.Expr) -> pl.Expr:
    """Return how far ahead of UTC a zone is; null for an abbreviation that means several zones, and for none."""
    offset = zone.str.extract_groups(r"([+-])(\d\d):?(\d\d)$").struct
    seconds = offset["2"].cast(pl.Int64) * 3600 + offset["3"].cast(pl.Int64) * 60
    named = zone.replace_strict(
        {**{name: hours * 3600 for name, hours in ZONES.items()}, "Z": 0}, default=None, return_dtype=pl.Int64
    )
    return pl.coalesce(pl.when(offset["1"] == "-").then(-seconds).otherwise(seconds), named)


def _by_pattern(stamp: pl.Expr, pattern: str) -> pl.Expr:
    pair = pl.struct(stamp.alias("stamp"), pl.col(pattern).alias("pattern"))
    return pair.map_batches(_read, return_dtype=pl.Datetime("us"), is_elementwise=True)


def _read(pairs: pl.Series) -> pl.Series:
    """Read each text in the way that its own pattern says; there are few patterns."""
    frame = pairs.struct.unnest()
    usual = frame.drop_nulls()["pattern"].value_counts(sort=True)["pattern"].head(_FORMATS)
    ways = [
        pl.when(pl.col("pattern") == java).then("stamp").str.to_datetime(way, time_unit="us", strict=False)
        for java in usual
        if (way := _translated(java)) is not None
    ]
    none = pl.lit(None, pl.Datetime("us"))
    return frame.select(pl.coalesce(*ways, none).alias("time")).to_series()


def _translated(java: str) -> str | None:
    """Return Java's pattern, without its fraction and zone, as Polars writes it; None where it makes no whole time."""
    if len(java) > _LONGEST or "%" in java:
        return None
    bare = re.sub(r"[.,]?S+|\s*[zZXV]+$", "", java.replace("'", ""))
    found = re.sub(r"([A-Za-z])\1*", lambda run: _JAVA.get(run[0], _special(run[0])), bare)
    return found if "\0" not in found and _makes_times(found) else None


def _makes_times(way: str) -> bool:
    try:
        pl.Series(["-"]).str.to_datetime(way, time_unit="us", strict=False)
    except pl.exceptions.ComputeError:
        return False
    return True


def _special(letters: str) -> str:
    return {"T": "T", "a": "%p"}.get(letters, "\0")
