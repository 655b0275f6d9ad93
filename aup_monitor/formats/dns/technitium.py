r"""
Query log of Technitium DNS Server: its log file (Settings, Logging, "Log All Queries"), and the CSV of its query logs.

    [2026-01-12 10:03:17 UTC] [192.168.7.21:54321] [UDP] QNAME: www.example.org; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: [192.0.2.7]

    RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,ResponseRtt,RCODE,Domain,Type,Class,Answer
    1,2026-01-12T10:03:17.1234567Z,192.168.7.21,Udp,Blocked,,NxDomain,casino.example.com,A,IN,

Reference: https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md (Export Query Logs)

What it fills: the time, the client's address (and port, in the log file), name and type asked for, transport, response
code, answers. The CSV (of the app "Query Logs") also has how long it took, and what kind of answer it was
(`event_action`: Authoritative, Recursive, Cached, Blocked, ...).

The outcome: in the CSV, Blocked, UpstreamBlocked, CacheBlocked and Dropped are blocked. The log file does not say: an
answer of nowhere (0.0.0.0, ::), which Technitium gives for blocked names unless set otherwise, is blocked. Beyond that
NOERROR is allowed, REFUSED blocked, all else unknown.

What it lacks: accounts, and the list that blocked. A question is no proof of a visit.

Caveats: `Local` times are in the site's zone. Set to answer NXDOMAIN, the log file's blocked names look like unknown
ones: take the CSV. Log-ons, errors, and questions of another class than IN are skipped.

From the server's source; no real line of a query seen, 7 of log-ons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.core.schema import TIME
from aup_monitor.formats.dns._technitium_pieces import HEADER, pieces
from aup_monitor.formats.dns.questions import outcome_of, question_name, question_type
from aup_monitor.formats.fields import address
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_STAMP: Final = r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:UTC|Local)\] "
_NOWHERE: Final = r"^(?:0\.0\.0\.0|::)(?:, *(?:0\.0\.0\.0|::))*$"
_BLOCKED: Final = r"Blocked|^Dropped$"


_LOOKS: Final = (
    rf"{_STAMP}(?:\[\[?[0-9A-Fa-f.:]+\]?:\d+\] )?(?:\[[A-Z]+\] QNAME: |DnsServerCore|DNS Server|\[)"
)


def sniff(head: bytes) -> float:
    """Say whether the first line names the CSV's columns, else how many of the first lines the log file has."""
    if head.startswith(HEADER.encode()):
        return 1.0
    return share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    outcome = pl.when(_blocked()).then(pl.lit("blocked")).otherwise(outcome_of("code"))
    return pieces(lines, context.header).select(
        "offset",
        _time(context.zone),
        pl.lit("dns").alias("log_class"),
        pl.col("action").fill_null("query").alias("event_action"),
        outcome.alias("event_outcome"),
        (pl.col("took").cast(pl.Float64, strict=False) * 1e6)
        .round()
        .cast(pl.Int64, strict=False)
        .alias("event_duration"),
        pl.lit("Technitium").alias("observer_vendor"),
        pl.lit("Technitium DNS Server").alias("observer_product"),
        address("client").alias("source_ip"),
        pl.col("port").cast(pl.Int32, strict=False).alias("source_port"),
        _transport(),
        pl.lit("dns").alias("network_protocol"),
        question_name("name"),
        question_type("type"),
        pl.col("code").alias("dns_response_code"),
        pl.col("answers").str.replace_all(", ", ",", literal=True).alias("dns_answers"),
        _reject(),
        _skip(),
    )


def _time(zone: str) -> pl.Expr:
    text = pl.col("time").str.strip_suffix("Z").str.replace("T", " ", literal=True)
    naive = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    local = pl.when(pl.col("zone") == "Local").then(naive)
    utc = pl.when(pl.col("zone") == "UTC").then(naive).dt.replace_time_zone("UTC").cast(TIME)
    return pl.coalesce(utc, utc_of_local(local, zone)).alias("timestamp")


def _transport() -> pl.Expr:
    """Return what carries the protocol: QUIC runs over UDP; TLS, HTTPS and the rest over TCP."""
    udp = pl.col("transport").str.to_lowercase().is_in(["udp", "quic"])
    given = pl.when(pl.col("transport").is_not_null())
    return given.then(pl.when(udp).then(pl.lit("udp")).otherwise(pl.lit("tcp"))).alias("network_transport")


def _blocked() -> pl.Expr:
    nowhere = pl.col("action").is_null() & pl.col("answers").str.contains(_NOWHERE)
    return (pl.col("action").str.contains(_BLOCKED) | nowhere).fill_null(False)


def _whole() -> pl.Expr:
    return pl.all_horizontal(pl.col("time", "client", "type", "class").is_not_null())


def _skip() -> pl.Expr:
    """Skip first lines, what is no query, the lines of an error's trace, and classes other than IN."""
    line = pl.col("line")
    other = (
        line.str.starts_with(HEADER)
        | line.str.contains(r"^\s")
        | (line.str.contains(_STAMP) & ~line.str.contains("QNAME:", literal=True))
    )
    return ((~_whole() & other) | (_whole() & (pl.col("class") != "IN"))).alias(SKIP)


def _reject() -> pl.Expr:
    return (
        pl.when(~_whole() & ~_skip())
        .then(pl.lit("not a query of Technitium's log, or one that was cut off"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="technitium",
    log_class="dns",
    title="Technitium DNS Server query log",
    sniff=sniff,
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    header=HEADER.encode(),
)
