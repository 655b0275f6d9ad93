r"""
Alerts of Snort 2 and 3 and of Suricata as text: `alert_fast`, `fast.log`, and Snort's `alert_syslog`.

    01/14/2026-10:14:09.326123  [**] [1:2009187:4] ET POLICY Game client [**] [Classification: Policy Violation]
    [Priority: 3] {TCP} 10.20.4.31:61930 -> 203.0.113.9:443                                        (one line)

    Jan 14 10:14:09 fw snort[1234]: [1:2009187:4] ET POLICY Game client [Classification: ...] [Priority: 3] {TCP} ...

Reference: https://docs.snort.org/start/alert_logging and https://docs.suricata.io/en/latest/output/eve/eve-json-output.html

Class: `firewall`. Time: local, in the configured zone. The day stands in four ways: month/day (the year follows from the
file's last change), month/day/year, and year/month/day as Snort 3 writes it, told by which number can be no month.
Fills: outcome, both ends, ports, transport, number of the rule (`event_code`, `gid:sid`), its classification (`rule_name`);
`rule_category` is `attack: MESSAGE`.

Outcome: `[Drop]` and `[Blocked]` are blocked; without them it is unknown, since a sensor beside the line blocks nothing and
says nothing of what became of the packet.

Caveats: an alert names the packet that it was raised on; where that came from the lower port, it is the server's, and the
other end is the source here. Suricata's eve.json says much more (format `suricata`). The comma-separated alerts of pfSense's
Snort are another form.
Checked on 9 lines that others published, read by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import time_without_year, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_ALERT: Final = (
    r"\[(?<code>\d+:\d+):\d+\] (?<message>.*?)(?: \[\*\*\])?(?: \[Classification: (?<class>[^\]]*)\])?"
    r"(?: \[Priority: \d+\])?:? (?:<[^>]*> )?\{(?<protocol>[A-Za-z0-9-]+)\} (?<left_end>[0-9A-Fa-f.:]+) -> (?<right_end>[0-9A-Fa-f.:]+)\s*$"
)
_DAY: Final = r"^(?<first>\d{2})/(?<second>\d{2})(?:/(?<third>\d{2,4}))?-(?<clock>\d\d:\d\d:\d\d)(?<fraction>\.\d{1,6})?\s"
_SENT: Final = r"^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) "
_DROPPED: Final = r"(?i)\[(?:drop|dropped|block|blocked|reject)\]"
_PORTED: Final = ("tcp", "udp", "sctp")

_LOOKS: Final = r"\[\d+:\d+:\d+\] .*\{[A-Za-z0-9-]+\} [0-9A-Fa-f.:]+ -> [0-9A-Fa-f.:]+\s*$"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    return (
        groups(lines, "line", _ALERT)
        .pipe(groups, "line", _DAY)
        .with_columns(f.transport("protocol").alias("transport"), *_sent())
        .with_columns(*_end("left"), *_end("right"))
        .with_columns(_swapped(), _yearless())
        .with_columns(_time(context))
        .select("offset", *_columns())
    )


def _sent() -> list[pl.Expr]:
    envelope = pl.col("line").str.extract_groups(_SENT).struct
    return [envelope["1"].alias("sent"), envelope["2"].alias("machine")]


def _end(side: str) -> list[pl.Expr]:
    """Cut the port off an end; of ICMP and the like there is none."""
    whole = pl.col(f"{side}_end")
    ported = pl.when(pl.col("transport").is_in(_PORTED))
    return [
        ported.then(whole.str.extract(r"^(.*):\d+$")).otherwise(whole).alias(f"{side}_old"),
        ported.then(whole.str.extract(r":(\d+)$")).alias(f"{side}_number"),
    ]


def _swapped() -> pl.Expr:
    return (f.port("left_number") < f.port("right_number")).fill_null(value=False).alias("swapped")


def _yearless() -> pl.Expr:
    """Return month, day and clock as syslog writes them."""
    written = pl.when(pl.col("third").is_null()).then(
        pl.lit("2000 ") + pl.concat_str("first", "second", "clock", separator=" ")
    )
    return (
        written.str.to_datetime("%Y %m %d %H:%M:%S", time_unit="us", strict=False)
        .dt.strftime("%b %e %H:%M:%S")
        .alias("yearless")
    )


def _time(context: Context) -> pl.Expr:
    """Return the time; of a year of two digits the number that can be no month is the year."""
    year_first = (pl.col("third").str.len_bytes() == 2) & (pl.col("first").cast(pl.Int32, strict=False) > 12)
    century = pl.when(pl.col("third").str.len_bytes() == 2).then(pl.lit("20")).otherwise(pl.lit(""))
    day = (
        pl.when(year_first)
        .then(pl.lit("20") + pl.concat_str("first", "second", "third", separator="-"))
        .otherwise(pl.concat_str(century + pl.col("third"), "first", "second", separator="-"))
    )
    moment = pl.concat_str(day, "clock", separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    micros = (pl.col("fraction").cast(pl.Float64, strict=False) * 1e6).round().cast(pl.Int64, strict=False)
    iso = pl.col("sent").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    logged = pl.coalesce(utc_of_local(moment, context.zone), time_without_year("yearless", context))
    return (
        pl.coalesce(
            logged + pl.duration(microseconds=micros.fill_null(0)), iso, time_without_year("sent", context)
        )
        .cast(TIME)
        .alias("timestamp")
    )


def _columns() -> list[pl.Expr]:
    swapped = pl.when("swapped")
    left, right = f.address("left_old"), f.address("right_old")
    dropped = pl.col("line").str.contains(_DROPPED)
    known = pl.col("code").is_not_null()
    return [
        pl.col("timestamp"),
        pl.lit("firewall").alias("log_class"),
        pl.col("code").alias("event_code"),
        pl.lit("alert").alias("event_action"),
        pl.when(dropped).then(pl.lit("blocked")).otherwise(pl.lit("unknown")).alias("event_outcome"),
        pl.lit("Snort or Suricata").alias("observer_product"),
        pl.col("machine").alias("observer_name"),
        swapped.then(right).otherwise(left).alias("source_ip"),
        swapped.then(f.port("right_number")).otherwise(f.port("left_number")).alias("source_port"),
        swapped.then(left).otherwise(right).alias("destination_ip"),
        swapped.then(f.port("left_number")).otherwise(f.port("right_number")).alias("destination_port"),
        pl.col("transport").alias("network_transport"),
        pl.when(pl.col("class") != "(null)").then("class").alias("rule_name"),
        (pl.lit("attack: ") + pl.col("message").str.strip_chars('" ')).alias("rule_category"),
        pl.when(~known)
        .then(pl.lit("no alert with a rule's number and two ends"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time that is understood"))
        .alias(REJECT),
        pl.lit(False).alias(SKIP),
    ]


FORMAT: Final = Format(
    name="snort",
    log_class="firewall",
    title="Snort or Suricata alerts (fast)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
