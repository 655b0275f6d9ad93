r"""
CoreDNS' query log (plugin `log`), as text, in syslog, and as the JSON lines that containers write.

    2026-01-12T10:03:17.123Z [INFO] 192.168.7.21:36413 - 21583 "A IN www.example.org. udp 43 false 512" NOERROR qr,rd,ra 136 0.000102078s
    {"log":"[INFO] [2001:db8:7::21]:37915 - 62762 \"AAAA IN www.example.org. udp 29 false 512\" NXDOMAIN qr,rd,ra 100 0.00006286s\n","stream":"stdout","time":"2026-01-12T10:03:17.013970788Z"}

Reference: https://coredns.io/plugins/log/ (the common log format)

What it fills: the time, the client's address and port, name and type asked for, transport, response code, how long it
took, bytes of question and answer. NOERROR is allowed, REFUSED is blocked, all else unknown.

What it lacks: accounts, answers. A name that CoreDNS blocks itself (plugins `acl`, `hosts`, `template`) looks like any
other answer.

Caveats:

- CoreDNS itself writes no time: it is that of the container's log, of syslog, or one put before the level. A line
  without any is rejected.
- Lines of other plugins, of errors, and questions of another class than IN are skipped.
- Inside a cluster the client is often a node or the cluster's own service, not a person's device.

Checked on 5 real lines against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.dns.questions import outcome_of, question_name, question_type
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.syslog import unwrap, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

# A quote may be escaped, as it is inside JSON.
_INFO: Final = "[INFO] "
_ASKED: Final = (
    r"^(?:\[(?<_six>[0-9A-Fa-f:.]+)(?:%\w+)?\]|(?<_four>[0-9.]+)):(?<_port>\d+) - \d+ "
    r'\\?"(?<_type>\S+) (?<_class>\S+) (?<_name>\S+) (?<_transport>\S+) (?<_asked>\d+) \S+ \d+\\?" '
    r"(?<_code>[A-Z0-9]+) \S+ (?<_told>\d+) (?<_took>[0-9.]+)s"
)
_BEGUN: Final = r'\[INFO\] \[?[0-9A-Fa-f:.]+\]?:\d+ - \d+ \\?"'
_LEVEL: Final = r"\[(?:INFO|ERROR|WARNING|DEBUG|FATAL)\] "
_STAMP: Final = r"^(\d{4}-\d\d-\d\dT\S+) "
_JSON_TIME: Final = r'"time": *"([^"]+)"'


_LOOKS: Final = rf"{_BEGUN}|{_LEVEL}plugin/"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    took = pl.col("_took").cast(pl.Float64, strict=False)
    return (
        lines.pipe(_timed, context)
        # A search that begins where the text begins takes a fifth of the time.
        .pipe(cut, "line", _INFO, ["_before", "_said"])
        .pipe(groups, "_said", _ASKED)
        .select(
            "offset",
            "timestamp",
            pl.lit("dns").alias("log_class"),
            pl.lit("query").alias("event_action"),
            outcome_of("_code"),
            (took * 1e9).round().cast(pl.Int64, strict=False).alias("event_duration"),
            pl.lit("CoreDNS").alias("observer_product"),
            "observer_name",
            pl.coalesce("_four", pl.col("_six").str.to_lowercase()).alias("source_ip"),
            pl.col("_port").cast(pl.Int32, strict=False).alias("source_port"),
            pl.col("_transport").str.to_lowercase().alias("network_transport"),
            pl.lit("dns").alias("network_protocol"),
            pl.col("_asked").cast(pl.Int64, strict=False).alias("source_bytes"),
            pl.col("_told").cast(pl.Int64, strict=False).alias("destination_bytes"),
            question_name("_name"),
            question_type("_type"),
            pl.col("_code").alias("dns_response_code"),
            _reject(),
            _skip(),
        )
    )


def _timed(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Add `timestamp` and `observer_name`: of the line itself, of the container's log around it, or of syslog."""
    line = pl.col("line")
    json = line.str.starts_with("{")
    # CoreDNS' own time inside the JSON comes before the container's, as it does in a line of text.
    own = pl.when(json).then("line").str.extract(r'"(?:log|message)": *"(\d{4}-\d\d-\d\dT\S+) ')
    outer = pl.when(json).then("line").str.extract(_JSON_TIME)
    text = pl.coalesce(own, outer, pl.when(~json).then("line").str.extract(_STAMP))
    aware = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    naive = (
        pl.when(aware.is_null())
        .then(text)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    )
    return unwrap(lines, context).with_columns(
        pl.coalesce(aware, utc_of_local(naive, context.zone), "timestamp").alias("timestamp"),
        pl.when(pl.col("program") == "coredns").then("observer_name").alias("observer_name"),
    )


def _whole() -> pl.Expr:
    return pl.col("_code").is_not_null()


def _skip() -> pl.Expr:
    other = ~_whole() & pl.col("line").str.contains(_LEVEL) & ~pl.col("line").str.contains(_BEGUN)
    return (other | (_whole() & (pl.col("_class") != "IN"))).alias(SKIP)


def _reject() -> pl.Expr:
    line = pl.col("line")
    cut = ~_whole() & line.str.contains(_BEGUN)
    foreign = ~_whole() & ~line.str.contains(_LEVEL)
    timeless = _whole() & (pl.col("_class") == "IN") & pl.col("timestamp").is_null()
    return (
        pl.when(cut)
        .then(pl.lit("a query that does not say who asked for what"))
        .when(foreign)
        .then(pl.lit("not a line of CoreDNS"))
        .when(timeless)
        .then(pl.lit("no time in the line: CoreDNS writes none, take the container's log or syslog"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="coredns",
    log_class="dns",
    title="CoreDNS query log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
