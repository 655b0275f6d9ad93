r"""
Asterisk's call detail records: `Master.csv` (also of FreePBX, Issabel and others that are Asterisk inside), a call a line.

    "","201","01632960123","from-internal","Office <201>","PJSIP/201-0001","PJSIP/trunk-0002","Dial","PJSIP/01632960123@trunk",
    "2026-01-14 10:14:09","2026-01-14 10:14:14","2026-01-14 10:16:20",131,126,"ANSWERED","DOCUMENTATION","1768385649.1",""   (one line)

Reference: https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/CDR-Specification/

What it fills: start (local, by the site's zone), the telephone (`host_name`: its channel, such as PJSIP/201), the other number
(`phone_number`), how long they spoke (`event_duration`), way (`event_action`: outbound, inbound, internal, by which end has
a number of at most five figures), outcome (answered is allowed, congested or failed blocked, the rest unknown). Class phone.

Lacks: who spoke; the account, unless the exchange is told to write account codes (`user_name`).

From documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LOOKS: Final = (
    r'^"?[^",]*"?,"?[^",]*"?,"?[^",]*"?,"[^"]*",.*"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",.*,"?\d+"?,"?\d+"?,'
    r'"(?:ANSWERED|NO ANSWER|BUSY|FAILED|CONGESTION)",'
)
_COLUMNS: Final = ("code", "source", "target", "context", "caller", "channel", "other", "app", "data", "start", "answer", "end",
                   "lasted", "spoken", "disposition")  # fmt: skip
_EXTENSION: Final = r"^[0-9]{2,5}$"
_OUTCOMES: Final = {"ANSWERED": "allowed", "FAILED": "blocked", "CONGESTION": "blocked"}


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    from_here = pl.col("source").str.contains(_EXTENSION).fill_null(value=False)
    to_here = pl.col("target").str.contains(_EXTENSION).fill_null(value=False)
    way = (
        pl.when(from_here & to_here)
        .then(pl.lit("internal"))
        .when(from_here)
        .then(pl.lit("outbound"))
        .otherwise(pl.lit("inbound"))
    )
    when = pl.col("start").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    own = pl.when(way == "inbound").then(pl.col("other")).otherwise("channel")
    return (
        lines.pipe(cells, "line", _COLUMNS)
        .with_columns(utc_of_local(when, context.zone).alias("timestamp"), way.alias("event_action"))
        .select(
            "offset",
            "timestamp",
            pl.lit("phone").alias("log_class"),
            "event_action",
            pl.col("disposition")
            .replace_strict(_OUTCOMES, default="unknown", return_dtype=pl.String)
            .alias("event_outcome"),
            pl.lit("Asterisk").alias("observer_product"),
            pl.col("code").alias("user_name"),
            own.str.extract(r"^([^-]+)").alias("host_name"),
            pl.when(way == "inbound").then("source").otherwise("target").alias("phone_number"),
            (pl.col("spoken").cast(pl.Int64, strict=False) * 1_000_000_000).alias("event_duration"),
            pl.when(pl.col("timestamp").is_null() | pl.col("disposition").is_null())
            .then(pl.lit("not a call detail record: no start, or not what became of the call"))
            .alias(REJECT),
            pl.lit(value=False).alias(SKIP),
        )
    )


FORMAT: Final = Format(
    name="asterisk-cdr",
    log_class="phone",
    title="Asterisk call records",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
