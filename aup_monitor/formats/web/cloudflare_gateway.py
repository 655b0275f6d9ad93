r"""
Cloudflare Gateway (Zero Trust): HTTP, DNS and network logs as JSON lines, from Logpush.

    {"Action":"block","Datetime":"2026-01-12T08:45:01Z","Email":"alice@elmpark.example","HTTPHost":"casino.example",...}
    {"Datetime":"2026-01-12T08:45:01Z","QueryName":"casino.example","ResolverDecision":"blockedByCategory","SrcIP":...}
    {"Action":"forward","Datetime":"2026-01-12T08:45:01Z","SNI":"www.example.org","Transport":"tcp","SourceIP":...}

Logpush jobs choose their fields; those named here suffice: `HTTPHost` or `URL` with `Action` (HTTP), `QueryName` with
`ResolverDecision` (DNS), `SNI` or `Transport` with `Action` (network). They need `Datetime`, in any of Logpush's three
ways of writing time (RFC 3339, seconds, nanoseconds since 1970).
Reference: https://developers.cloudflare.com/logs/reference/log-fields/account/

What they fill: time, account (`Email`), device, client (its address inside the school if known), server, policy; and
- cloudflare-http (class web): address and its parts, method, status, referrer, browser, name of a blocked file.
- cloudflare-dns (class dns): question, type, response code, addresses in the answer, categories.
- cloudflare-network (class firewall): transport, server name (SNI).

The outcome: a word that begins with `block` is blocked; `allow`, `forward`, `isolate`, `off` (not inspected), `override` (a safer
search) and the like, and the DNS decisions that begin with `allowed` or `override`, are allowed; any other word is unknown.

Lacks: bytes, and the category of a page (`rule_category` is of DNS alone). Logs of Cloudflare in front of a web site
(`http_requests`), Access, and session logs are other formats.

Checked on 3 real lines of DNS against an independent parse; HTTP and network from public examples, no real line in the tests.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format, share_of_lines
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_any_unit
from aup_monitor.formats.fields import address, port
from aup_monitor.formats.json_values import json_list, json_texts
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_KEYS: Final = {
    "time": "Datetime",
    "email": "Email",
    "device": "DeviceName",
    "outside": "SourceIP|SrcIP",
    "inside": "SourceInternalIP",
    "client_port": "SourcePort|SrcPort",
    "server": "DestinationIP|DstIP",
    "server_port": "DestinationPort|DstPort",
    "policy": "PolicyName|Policy",
    "action": "Action|ResolverDecision",
}
_HTTP_KEYS: Final = {
    **_KEYS,
    "url": "URL",
    "host": "HTTPHost",
    "method": "HTTPMethod",
    "status": "HTTPStatusCode",
    "referrer": "Referer",
    "agent": "UserAgent",
    "blocked_file": "BlockedFileName",
}
_DNS_KEYS: Final = {**_KEYS, "question": "QueryName", "kind": "QueryTypeName", "code": "RCode"}
_NETWORK_KEYS: Final = {**_KEYS, "name": "SNI", "transport": "Transport"}
_MARKS: Final = {
    "http": r'"HTTP(?:Host|Method|StatusCode)" *:',
    "dns": r'"ResolverDecision" *:',
    "network": r'"(?:SNI|Transport|OverrideIP)" *:',
}
_CODES: Final = {
    "0": "NOERROR",
    "1": "FORMERR",
    "2": "SERVFAIL",
    "3": "NXDOMAIN",
    "4": "NOTIMP",
    "5": "REFUSED",
}
_PASSED: Final = r"^(?:allow|forward|bypass|isolate|noisolate|noscan|scan|on|off|override|l4_override|egress)$|^(?:allowed|override)"


def _sniff(kind: str, head: bytes) -> float:
    """Say how many lines have the fields of this log, and a time and an action of Gateway's."""
    key = rf"(?:{_MARKS[kind]}|\"Datetime\" *:|\"(?:Action|ResolverDecision)\" *:|\"(?:SourceIP|SrcIP)\" *:)"
    return share_of_lines(head, _looks(kind)) * share_of_lines(head, rf"^\s*\{{.*{key}.*{key}.*{key}")


def _looks(kind: str) -> str:
    return rf"^\s*\{{.*{_MARKS[kind]}"


def _parse_http(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Gateway writes UTC
    return (
        json_texts(lines, "line", _HTTP_KEYS)
        .pipe(split_url, "url")
        .select(
            *_shared("http", "web", pl.coalesce("url_domain", "host")),
            pl.col("url").alias("url_full"),
            pl.col("url_scheme", "url_path", "url_query"),
            pl.coalesce("url_domain", clean_host("host")).alias("url_domain"),
            pl.coalesce(port("server_port"), "destination_port").alias("destination_port"),
            pl.col("method").alias("http_request_method"),
            pl.col("status").cast(pl.Int32, strict=False).replace(0, None).alias("http_response_status_code"),
            pl.col("referrer").alias("http_request_referrer"),
            pl.col("agent").alias("user_agent_original"),
            pl.col("blocked_file").alias("file_name"),
        )
    )


def _parse_dns(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Gateway writes UTC
    return json_texts(lines, "line", _DNS_KEYS).select(
        *_shared("dns", "dns", pl.col("question")),
        port("server_port").alias("destination_port"),
        clean_host("question").alias("dns_question_name"),
        pl.col("kind").alias("dns_question_type"),
        pl.col("code").replace(_CODES).alias("dns_response_code"),
        json_list("line", "ResolvedIPs").alias("dns_answers"),
        pl.coalesce(json_list("line", "MatchedCategoryNames"), json_list("line", "QueryCategoryNames")).alias(
            "rule_category"
        ),
    )


def _parse_network(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Gateway writes UTC
    return json_texts(lines, "line", _NETWORK_KEYS).select(
        *_shared("network", "firewall", pl.coalesce("name", "server")),
        port("server_port").alias("destination_port"),
        clean_host("name").alias("tls_server_name"),
        pl.col("transport").str.to_lowercase().alias("network_transport"),
    )


def _shared(kind: str, log_class: str, needed: pl.Expr) -> list[pl.Expr]:
    return [
        pl.col("offset"),
        _time(),
        pl.lit(log_class).alias("log_class"),
        pl.lit("Cloudflare").alias("observer_vendor"),
        pl.lit("Gateway").alias("observer_product"),
        pl.col("action").alias("event_action"),
        verdict(
            pl.col("action").str.to_lowercase().str.starts_with("block"),
            pl.col("action").str.to_lowercase().str.contains(_PASSED),
        ),
        pl.coalesce(address("inside"), address("outside")).alias("source_ip"),
        port("client_port").alias("source_port"),
        address("server").alias("destination_ip"),
        pl.col("device").alias("host_name"),
        split_account("email").struct.field("user_name", "user_domain"),
        pl.col("policy").alias("rule_name"),
        _reject(kind, needed),
    ]


def _time() -> pl.Expr:
    """Return the time from RFC 3339, seconds or nanoseconds."""
    written = pl.col("time").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return pl.coalesce(of_any_unit(pl.col("time")), written).alias("timestamp")


def _reject(kind: str, needed: pl.Expr) -> pl.Expr:
    return (
        pl.when(~pl.col("line").str.contains(r"^\s*\{.*\}\s*$"))
        .then(pl.lit("not a whole JSON object"))
        .when(~pl.col("line").str.contains(_MARKS[kind]) | needed.is_null() | pl.col("action").is_null())
        .then(pl.lit(f"not a line of Cloudflare Gateway's {kind} log"))
        .alias(REJECT)
    )


HTTP: Final = Format(
    name="cloudflare-http",
    log_class="web",
    title="Cloudflare Gateway HTTP log",
    sniff=partial(_sniff, "http"),
    looks=_looks("http"),
    doc=__doc__,
    parse=_parse_http,
)
DNS: Final = Format(
    name="cloudflare-dns",
    log_class="dns",
    title="Cloudflare Gateway DNS log",
    sniff=partial(_sniff, "dns"),
    looks=_looks("dns"),
    doc=__doc__,
    parse=_parse_dns,
)
NETWORK: Final = Format(
    name="cloudflare-network",
    log_class="firewall",
    title="Cloudflare Gateway network log",
    sniff=partial(_sniff, "network"),
    looks=_looks("network"),
    doc=__doc__,
    parse=_parse_network,
)
