r"""
Common and combined logs: Squid's `logformat common` and `combined`, Apache, NGINX and other web servers.

    192.168.7.21 - alice [12/Jan/2026:08:45:01 +0000] "GET http://www.example.org/a HTTP/1.1" 200 512 "-" "Mozilla/5.0" TCP_MISS:HIER_DIRECT
    10.20.4.31 - - [12/Jan/2026:08:45:02 +0000] "GET /portal/ HTTP/2.0" 200 5120 "-" "Mozilla/5.0"

Referrer and browser are missing in `common`. Squid adds its result and how it reached the site at the end, which tells it
from a web server; a virtual host with its port may stand in front (Apache's `vhost_combined`).
References: https://www.squid-cache.org/Doc/config/logformat/,
https://httpd.apache.org/docs/2.4/logs.html and https://nginx.org/en/docs/http/ngx_http_log_module.html

What it fills: time, client (a name is the host's), account, method, address or, of a web server, its path and query,
status, bytes to the client, referrer, browser, and of Squid its result (`event_action`).

The outcome: of Squid as in the format `squid`: `TCP_DENIED` is blocked, with 407 unknown; other `TCP_` results but
`TCP_REDIRECT` are allowed. A web server filters nothing: an answer under 400 is allowed, the rest unknown.

Caveats:
- A web server's log seldom names its host: `url_domain` is empty unless the virtual host stands in front.
- A web server's client is the reverse proxy where one stands before it.
- Fields added at the end are passed over; fields added before the time or between make another format.
- Squid's forms do not mark quotes inside a browser's name or a referrer: such a line has neither.
- A line without a whole request ("-" or the bytes of an attack) is an event without an address.

Checked on 1006 real lines of web servers, and on what a real Squid 5.7 wrote beside its native log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_TEXT: Final = r'(?:[^"\\]|\\.)*'
# Squid does not mark the quotes of an address, so that a request goes on until a quote before status and size.
_REQUESTED: Final = r'(?:[^"\\]|\\.|")*?'
_START: Final = (
    r"(?:(?<vhost>[\w.-]+:\d+) )?(?<client>\S+) (?<ident>\S+) (?<who>[^\[\":]+?) "
    r"\[(?<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
)
_LINE: Final = (
    rf'{_START}"(?<request>{_REQUESTED})" (?<status>\d{{1,3}}|-) (?<size>\d+|-)'
    rf'(?: "(?<referrer>{_TEXT})" "(?<agent>{_TEXT})")?(?: .*?)??'
    r"(?: (?<result>[A-Z_]+):[A-Z_]+)?$"
)
_METHOD: Final = r"^[A-Z_a-z-]+$"
_SYSLOG: Final = r"^(?:<\d{1,3}>)?[A-Z\d][^\[\"]{8,120}?(?:\[\d+\])?: "


_LOOKS: Final = rf'(?:^|: ){_START}"'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the lines write their zone
    """Turn lines into events; see the module's page."""
    wrapped = ~pl.col("line").str.contains("^" + _START)
    bare = pl.when(wrapped).then(pl.col("line").str.replace(_SYSLOG, "")).otherwise("line")
    return (
        lines.select("offset", bare.alias("line"))
        .pipe(groups, "line", "^" + _LINE)
        .pipe(_request)
        .with_columns(_kinds())
        .pipe(split_url, "address")
        .select(_columns())
    )


def _request(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add `method` and `where`; what does not begin with a word and a blank is no request."""
    asked = pl.col("_method").str.contains(_METHOD) & pl.col("_where").is_not_null()
    return lines.pipe(cut, "request", " ", ["_method", "_where"]).with_columns(
        pl.when(asked).then("_method").alias("method"),
        pl.when(asked).then(pl.col("_where").str.replace(r" HTTP/[\d.]+$", "")).alias("where"),
    )


def _kinds() -> list[pl.Expr]:
    """Return what each line is: a tunnel, a whole address (a proxy's) or the path of a web server."""
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    whole = tunnel | pl.col("where").str.contains(r"^[A-Za-z][A-Za-z0-9+.-]*://")
    moment = pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="us", strict=False)
    return [
        tunnel.alias("tunnel"),
        pl.when(whole).then("where").alias("address"),
        pl.when(~whole).then("where").alias("local"),
        moment.dt.convert_time_zone("UTC").cast(TIME).alias("timestamp"),
        pl.col("status").cast(pl.Int32, strict=False),
        *(given(name) for name in ("who", "referrer", "agent")),
    ]


def _columns() -> list[pl.Expr]:
    squid = pl.when(pl.col("result").is_not_null()).then(pl.lit("Squid"))
    return [
        pl.col("offset", "timestamp", "url_scheme"),
        pl.lit("web").alias("log_class"),
        squid.alias("observer_vendor"),
        squid.alias("observer_product"),
        pl.col("result").alias("event_action"),
        _outcome(),
        address("client").alias("source_ip"),
        machine_name("client").alias("host_name"),
        split_account("who").struct.field("user_name", "user_domain"),
        pl.when(pl.col("method") != "-").then("method").alias("http_request_method"),
        pl.when(~pl.col("tunnel")).then("address").alias("url_full"),
        pl.coalesce("url_domain", clean_host("vhost")).alias("url_domain"),
        pl.coalesce(
            "destination_port", pl.col("vhost").str.extract(r":(\d+)$").cast(pl.Int32, strict=False)
        ).alias("destination_port"),
        pl.coalesce("url_path", pl.col("local").str.extract(r"^(/[^?]*)")).alias("url_path"),
        pl.coalesce("url_query", pl.col("local").str.extract(r"^[^?]*\?(.+)$")).alias("url_query"),
        pl.when(pl.col("status") > 0).then("status").alias("http_response_status_code"),
        number("size").alias("destination_bytes"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        pl.when(pl.col("time").is_null())
        .then(pl.lit("not the fields of a common or combined log"))
        .alias(REJECT),
    ]


def _outcome() -> pl.Expr:
    result, status = pl.col("result"), pl.col("status")
    denied = result.str.contains("DENIED", literal=True) & (status != 407)
    passed = result.str.starts_with("TCP_") & ~result.str.contains_any(["DENIED", "REDIRECT"])
    return verdict(denied, pl.when(result.is_null()).then(status < 400).otherwise(passed))


FORMAT: Final = Format(
    name="combined",
    log_class="web",
    title="Common or combined log (Squid, Apache, NGINX)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
