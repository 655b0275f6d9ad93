r"""
NextDNS log, the CSV of "Download logs" (Settings, Logs) and of its API (`/profiles/ID/logs/download`).

    timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,device_id,device_name,device_model,device_local_ip,matched_name,client_name
    2026-01-12T10:03:17.123Z,casino.example.com,A,false,DNS-over-HTTPS,203.0.113.5,blocked,blocklist:gambling,,example.com,A1B2C,Library iPad 3,iPad,192.168.7.21,,

Reference: https://nextdns.github.io/api/#logs

What it fills: the time (UTC), name and type asked for, the verdict (`event_action`), why (`rule_name`), the device's name
and its address: its own in the school where NextDNS' program told it, else that which the school has outside.

The outcome: blocked as written; allowed and default (nothing spoke against it) are allowed; all else is unknown.

Lacks: accounts, answers, response codes. Names are as good as the devices': "iPad" may be anybody's.
Caveats: the first line names the columns, in any order; a file that lacks it is not read. NextDNS keeps logs as long as
its settings say: download them in time. A question is no proof of a visit.

From documentation and the names of the columns; no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.fields import address

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

HEADER: Final = "timestamp,domain,"
MOST_COLUMNS: Final = 100
"""A first line that names more is not one of NextDNS'."""
_NEEDED: Final = ("timestamp", "domain", "query_type", "client_ip", "status")
_READ: Final = (*_NEEDED, "reasons", "device_name", "device_local_ip")
_OUTCOMES: Final = {"blocked": "blocked", "allowed": "allowed", "default": "allowed"}


def sniff(head: bytes) -> float:
    """Say whether the first line names the columns."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    return float(first.startswith(HEADER) and set(_NEEDED) <= set(_columns(first)))


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    columns = _columns(context.header)
    missing = [pl.lit(None, pl.String).alias(f"c_{name}") for name in _READ if name not in columns]
    named = [f"c_{name}" if columns.index(name) == at else f"other_{at}" for at, name in enumerate(columns)]
    header = pl.col("line").str.starts_with(HEADER)
    return (
        lines.pipe(cells, "line", named)
        .with_columns(missing)
        .select(
            "offset",
            _time(),
            pl.lit("dns").alias("log_class"),
            pl.col("c_status").alias("event_action"),
            _outcome(),
            pl.lit("NextDNS").alias("observer_vendor"),
            pl.lit("NextDNS").alias("observer_product"),
            pl.coalesce(address("c_device_local_ip"), address("c_client_ip")).alias("source_ip"),
            pl.col("c_device_name").alias("host_name"),
            pl.lit("dns").alias("network_protocol"),
            question_name("c_domain"),
            question_type("c_query_type"),
            pl.col("c_reasons").alias("rule_name"),
            _reject(header, known=bool(columns)),
            header.alias(SKIP),
        )
    )


def _columns(header: str | None) -> list[str]:
    names = [] if header is None else [name.strip().strip('"') for name in header.split(",")]
    return names if len(names) <= MOST_COLUMNS else []


def _time() -> pl.Expr:
    text = pl.col("c_timestamp")
    return text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False).alias("timestamp")


def _outcome() -> pl.Expr:
    return (
        pl.col("c_status")
        .replace_strict(_OUTCOMES, default="unknown", return_dtype=pl.String)
        .fill_null("unknown")
        .alias("event_outcome")
    )


def _reject(header: pl.Expr, *, known: bool) -> pl.Expr:
    cut = pl.any_horizontal(pl.col("c_timestamp", "c_domain", "c_query_type", "c_client_ip").is_null())
    return (
        pl.when(header)
        .then(None)
        .when(pl.lit(not known))
        .then(pl.lit("no line before this one names the columns"))
        .when(cut)
        .then(pl.lit("not the columns of NextDNS' log"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="nextdns",
    log_class="dns",
    title="NextDNS log",
    sniff=sniff,
    doc=__doc__,
    parse=parse,
    header=HEADER.encode(),
)
