r"""
Untangle or Arista NG Firewall syslog: JSON of its apps behind a syslog head.

    <174>Jan 14 10:14:09 INFO  uvm[0]:  {"appName":"web_filter","requestLine":"GET http://casino.example/spin",
    "sessionEvent":{"hostname":"LIB-PC-07","CClientAddr":"10.20.4.31","CClientPort":53010,"SServerAddr":"203.0.113.9",
    "CServerPort":80,"protocolName":"TCP","username":"amina.k",...},"timeStamp":"2026-01-14 10:14:09.737",
    "blocked":true,"category":"Gambling","class":"class com.untangle.app.web_filter.WebFilterEvent"}    (one line)

Reference: https://wiki.edge.arista.com/index.php/Event_Definitions

Reads Web Filter, HTTP requests and responses, sessions and their statistics, intrusion prevention and log-ons of
administrators. Events without an address (firewall verdicts that name a session by its number, interfaces, the system) are passed over.
Class: pages are `web`, log-ons `auth`, the rest `firewall`. Time: the event's own, local, in the configured zone.
Fills: both ends (the client's before, the server's after translation), ports, transport, device, account, page, method, media type,
bytes, category, rule number, `attack: NAME`.

Outcome: `blocked` of Web Filter and intrusion prevention; a response is allowed; the rest is unknown.

Caveats: one page gives up to three events: request, Web Filter's, response. On port 443 Untangle writes `http://host/`, of which only
the host was seen: such a page is https, with a domain but no address.
Checked on 141 real lines, of which 61 are about nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.json_values import json_texts
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

# What an event holds beside the request and the session that it belongs to.
_INNER: Final = r'"(?:sessionEvent|httpRequestEvent)":\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}'
_OPENED: Final = r'"sessionEvent": ?\{[^{}]*"timeStamp": ?"([^"]+)"'
_OWN: Final = {
    "kind": "class",
    "stamp": "timeStamp",
    "blocked": "blocked",
    "category": "category",
    "rule": "ruleId",
    "signature": "signatureId",
    "request_line": "requestLine",
    "media": "contentType",
    "received": "contentLength",
    "attack": "msg",
    "succeeded": "succeeded",
}
_ALL: Final = {
    "client": "CClientAddr|ipSource|clientAddress",
    "client_port": "CClientPort|sportItype",
    "server": "SServerAddr|ipDestination",
    "server_port": "CServerPort|dportIcode",
    "transport": "protocolName",
    "device": "hostname",
    "account": "username|login",
    "method": "method",
    "host": "host",
    "uri": "requestUri",
    "sent_bytes": "c2pBytes",
    "received_bytes": "p2cBytes",
}


_LOOKS: Final = r'\{.*"class": ?"class com\.untangle\.'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    known = (
        lines.with_columns(_after_brace().alias("json"))
        .with_columns(pl.col("json").str.replace_all(_INNER, "").alias("own"))
        .pipe(json_texts, "own", _OWN)
        .pipe(json_texts, "json", _ALL)
        .with_columns(pl.col("kind").str.extract(r"^class com\.untangle\.[a-z_.]*([A-Za-z]+)$").alias("kind"))
        .with_columns(
            _address(),
            pl.when(pl.col("kind") == "SessionStatsEvent").then("json").str.extract(_OPENED).alias("opened"),
        )
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"))
        .select("offset", *_what(context), _lasted(), *_ends(), *_page(), *_verdict())
    )


def _after_brace() -> pl.Expr:
    """Return what follows the first brace of a line that ends with one, where keys are searched for."""
    whole = pl.when(pl.col("line").str.strip_chars_end().str.ends_with("}")).then("line")
    return whole.str.splitn("{", 2).struct.field("field_1")


def _address() -> pl.Expr:
    asked = pl.col("request_line").str.extract(r"^[A-Z]+ +(\S+)")
    whole = pl.coalesce(asked, pl.lit("http://") + pl.col("host") + pl.col("uri"))
    secure = pl.col("server_port") == "443"
    return pl.when(secure).then(whole.str.replace("^http://", "https://")).otherwise(whole).alias("address")


def _what(context: Context) -> list[pl.Expr]:
    naive = pl.col("stamp").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    stamp = utc_of_local(naive, context.zone)
    foreign = pl.col("kind").is_null()
    return [
        stamp.alias("timestamp"),
        pl.when(pl.col("url_domain").is_not_null())
        .then(pl.lit("web"))
        .when(pl.col("kind") == "AdminLoginEvent")
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.col("kind").alias("event_code"),
        pl.lit("Arista").alias("observer_vendor"),
        pl.lit("NG Firewall (Untangle)").alias("observer_product"),
        pl.when(foreign)
        .then(pl.lit("no whole JSON with a class of Untangle's"))
        .when(stamp.is_null())
        .then(pl.lit("no timeStamp that is understood"))
        .alias(REJECT),
        (~foreign & stamp.is_not_null() & f.address("client").is_null()).alias(SKIP),
    ]


def _lasted() -> pl.Expr:
    """Return how long a session had lasted whose end is told; both times are of the same clock."""
    began, ended = (
        pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
        for name in ("opened", "stamp")
    )
    return ((ended - began).dt.total_microseconds() * 1000).alias("event_duration")


def _ends() -> list[pl.Expr]:
    return [
        f.address("client").alias("source_ip"),
        f.port("client_port").alias("source_port"),
        pl.when(~pl.col("device").str.contains(r"^[\d.:]+$")).then("device").alias("host_name"),
        pl.col("user_name"),
        pl.col("user_domain"),
        f.address("server").alias("destination_ip"),
        f.port("server_port").alias("destination_port"),
        f.transport("transport").alias("network_transport"),
        f.number("sent_bytes").alias("source_bytes"),
        pl.coalesce(
            f.number("received_bytes"),
            pl.when(pl.col("kind") == "HttpResponseEvent").then(f.number("received")),
        ).alias("destination_bytes"),
    ]


def _page() -> list[pl.Expr]:
    seen = (pl.col("url_scheme") != "https") | (pl.coalesce("url_path", pl.lit("/")) != "/")
    return [
        pl.when(seen).then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.coalesce("method", pl.col("request_line").str.extract("^([A-Z]+) ")).alias("http_request_method"),
        pl.col("media").alias("http_response_mime_type"),
    ]


def _verdict() -> list[pl.Expr]:
    judged = pl.col("kind").is_in(["WebFilterEvent", "IntrusionPreventionLogEvent", "FirewallEvent"])
    return [
        pl.when(judged)
        .then(pl.col("blocked").replace({"true": "blocked", "false": "allowed"}))
        .when(pl.col("kind") == "HttpResponseEvent")
        .then(pl.lit("allowed"))
        .when(pl.col("kind") == "AdminLoginEvent")
        .then(pl.col("succeeded").replace({"true": "allowed", "false": "blocked"}))
        .otherwise(pl.lit("unknown"))
        .fill_null("unknown")
        .alias("event_outcome"),
        pl.when(judged).then(pl.coalesce("signature", "rule")).alias("rule_name"),
        pl.when(pl.col("kind") == "IntrusionPreventionLogEvent")
        .then(pl.lit("attack: ") + pl.col("attack"))
        .otherwise("category")
        .alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="untangle",
    log_class="web",
    title="Untangle or Arista NG Firewall log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
