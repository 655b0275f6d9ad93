r"""
squidGuard's log of blocked (and, if so configured, of passed) requests.

    2026-01-12 08:45:01 [31277] Request(pupils/gambling/-) http://casino.example/ 192.168.7.21/- alice GET REDIRECT

The three words in brackets are the source group, the target class (the list that matched) and the rewrite rule. squidGuard
writes such a line for each `log` directive in its configuration; pfSense's package shows the same log as its block log.
Reference: http://www.squidguard.org/Doc/extended.html#blocklog

What it fills: time, client and its name, account, address and its parts, method, category (the target class), group (the
source group, unless it is `default`), rewrite rule (`rule_name`), and the action as written.

The outcome: REDIRECT is blocked (squidGuard sends a denied request to its block page). What a rewrite rule changed (REWRITE,
often a safer search) is unknown, PASS is allowed, any other word unknown.

Lacks: status, bytes, browser; and all requests that no `log` directive covers. Squid's own log has them.
Caveats: the time is local. Lines of squidGuard's own life (`squidGuard 1.6.0 started`) are skipped.

Checked on 6 real lines, one of them against an independent parse, and on 7 that squidGuard 1.6.0 wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_TIME: Final = r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}"
_LINE: Final = (
    rf"^(?<time>{_TIME}) \[\d+\] Request\((?<source>[^/]*)/(?<target>.*?)/(?<rewrite>[^/)]*)\) "
    r"(?<url>\S.*) (?<client>[^/ ]*)/(?<name>\S*) (?<user>\S+) (?<method>\S+) (?<action>\S+)$"
)
_OWN: Final = rf"^{_TIME} \[\d+\] (?:[^R]|R[^e]|Re[^q])"


_LOOKS: Final = rf"^{_TIME} \[\d+\] Request\([^)]*/[^)]*/"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    local = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    whole = pl.col("url").str.contains("://", literal=True)
    return (
        groups(lines, "line", _LINE)
        .with_columns(
            utc_of_local(local, context.zone).alias("timestamp"),
            tunnel.alias("tunnel"),
            pl.when(tunnel | whole).then("url").alias("address"),
            *(given(name) for name in ("rewrite", "target", "source", "method")),
        )
        .pipe(split_url, "address")
        .select(_columns())
    )


def _columns() -> list[pl.Expr]:
    redirected = pl.col("action") == "REDIRECT"
    own = pl.col("line").str.contains(_OWN)
    return [
        pl.col("offset", "timestamp", "url_scheme", "url_domain", "url_path", "url_query"),
        pl.col("destination_port"),
        pl.lit("web").alias("log_class"),
        pl.lit("squidGuard").alias("observer_vendor"),
        pl.lit("squidGuard").alias("observer_product"),
        pl.col("action").alias("event_action"),
        verdict(redirected & pl.col("rewrite").is_null(), pl.col("action") == "PASS"),
        address("client").alias("source_ip"),
        machine_name("name").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        pl.when(pl.col("source") != "default").then("source").alias("user_group"),
        pl.when(~pl.col("tunnel")).then("address").alias("url_full"),
        pl.col("method").alias("http_request_method"),
        pl.col("rewrite").alias("rule_name"),
        pl.col("target").alias("rule_category"),
        own.alias(SKIP),
        pl.when(pl.col("url").is_null() & ~own).then(pl.lit("not a squidGuard request")).alias(REJECT),
    ]


FORMAT: Final = Format(
    name="squidguard",
    log_class="web",
    title="squidGuard block log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
