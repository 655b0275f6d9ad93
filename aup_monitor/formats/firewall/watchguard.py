r"""
WatchGuard Firebox log (Fireware 11 and 12), as it sends it by syslog.

    <140>Jan 14 10:14:09 FB-School 80XX (2026-01-14T10:14:09) http-proxy[2222]: msg_id="1AFF-0024" Deny 1-Trusted
    0-External tcp 10.20.4.31 203.0.113.9 54321 80 msg="ProxyDeny: HTTP Request categories" proxy_act="Pupils"
    cats="Gambling" op="GET" dstname="casino.example" arg="/spin" src_user="amina.k@School" (HTTP-proxy-00)  (one line)

Reference: https://www.watchguard.com/help/docs/help-center/en-US/Content/en-US/Fireware/logging/read_log-msg.html and the
Log Catalog beside it.

Reads traffic (Allow and Deny of packet filters and proxies) and log-ons of users to the Firebox; its other events (licences,
interfaces, updates, clusters) are passed over.
Class: a line of a proxy that names a site (`dstname`, `sni`) is `web`, of the DNS proxy `dns`, log-ons are `auth`, the
rest is `firewall`. Time: the one in brackets, UTC; the envelope's is not used.
Fills: outcome (Allow, Deny), both ends, ports, transport, account and its server (`src_user`), site, path, method, bytes, SNI, DNS
question, application, category, `virus: NAME` or `attack: NAME`, and the policy (in the last brackets).

Caveats: a proxy writes Allow also where it stripped a part of the page. Of https only the host is seen. The forms of
Traffic Monitor and of Dimension's export differ and are not read.
Checked on 234 real lines (events and alarms); traffic from documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_HEAD: Final = (
    r"\((?<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?\) "
    r"(?<program>[A-Za-z0-9_.-]+)(?:\[[0-9]+\])?: "
)
_TRAFFIC: Final = (
    r'(?:msg_id="[^"]*" )?(?<verdict>Allow|Deny) [^"=]+? (?:[0-9]+ )?(?<transport>[a-z][a-z0-9-]*) (?:[0-9]+ [0-9]+ )?'
    r"(?<source>[0-9A-Fa-f.]*[.:][0-9A-Fa-f:.]+) (?<destination>[0-9A-Fa-f.]*[.:][0-9A-Fa-f:.]+)"
    r"(?: (?<source_number>[0-9]+) (?<destination_number>[0-9]+))?(?: |$)"
)
_LOG_ON: Final = r" [Uu]ser \[(?<who>[^\[\]]+)\](?: from (?<where>[0-9a-fA-F:.]+))?.*? (?:was )?(?<result>accepted|rejected|failed|logged in|logged out)"
_READ: Final = (
    *(
        "stamp",
        "program",
        "verdict",
        "transport",
        "source",
        "destination",
        "source_number",
        "destination_number",
    ),
    *("policy", "who", "where", "result"),
)
"""What stands in the line beside its keys."""
_WORDS: Final = ("msg_id", "op", "sent_bytes", "rcvd_bytes", "elapsed_time", "query_type")
_TEXTS: Final = (
    *(
        "msg",
        "proxy_act",
        "cats",
        "dstname",
        "arg",
        "src_user",
        "user",
        "app_name",
        "app_cat_name",
        "virus",
        "sni",
    ),
    *("signature_name", "question", "query_name", "cn", "duration"),
)


_LOOKS: Final = (
    r'\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\) [A-Za-z0-9_.-]+(?:\[\d+\])?: (?:msg_id="|(?:Allow|Deny) )'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    read = (
        # One search for both: what follows the head need not be traffic.
        groups(lines, "line", f"{_HEAD}(?:{_TRAFFIC})?")
        .with_columns(pl.col("line").str.extract(r"\(([^()]+)\)\s*$").alias("policy"))
        .with_columns(
            pl.when(pl.col("line").str.contains('msg_id="11', literal=True)).then("line").alias("log_on")
        )
        .pipe(groups, "log_on", _LOG_ON)
        .drop("log_on")
    )
    known = pairs(read, _WORDS, _TEXTS, kept=_READ).with_columns(
        _address(), pl.coalesce("src_user", "who").alias("account")
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"))
        .select("offset", *_what(), *_ends(), *_content(), *_verdict())
    )


def _address() -> pl.Expr:
    secure = pl.col("program").str.starts_with("https") | (pl.col("destination_number") == "443")
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    host = pl.when(pl.col("program").str.starts_with("http")).then(pl.coalesce("dstname", "sni", "cn"))
    path = pl.when(pl.col("arg").str.starts_with("/")).then("arg").otherwise(pl.lit("/"))
    return (scheme + host + path).alias("address")


def _what() -> list[pl.Expr]:
    stamp = pl.col("stamp").str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    traffic, person = pl.col("verdict").is_not_null(), pl.col("who").is_not_null()
    return [
        stamp.dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
        pl.when(traffic & pl.col("url_domain").is_not_null())
        .then(pl.lit("web"))
        .when(traffic & pl.col("program").str.starts_with("dns"))
        .then(pl.lit("dns"))
        .when(person & ~traffic)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.lit("WatchGuard").alias("observer_vendor"),
        pl.lit("Firebox").alias("observer_product"),
        pl.when(stamp.is_null()).then(pl.lit("no time in brackets as a Firebox writes")).alias(REJECT),
        (stamp.is_not_null() & ~traffic & ~person).alias(SKIP),
    ]


def _ends() -> list[pl.Expr]:
    has_ports = pl.col("transport").is_in(["tcp", "udp"])
    return [
        pl.coalesce(f.address("source"), f.address("where")).alias("source_ip"),
        pl.when(has_ports).then(f.port("source_number")).alias("source_port"),
        f.address("destination").alias("destination_ip"),
        pl.when(has_ports).then(f.port("destination_number")).alias("destination_port"),
        f.transport("transport").alias("network_transport"),
        pl.col("user_name"),
        pl.col("user_domain"),
        f.number("sent_bytes").alias("source_bytes"),
        f.number("rcvd_bytes").alias("destination_bytes"),
    ]


def _content() -> list[pl.Expr]:
    seen = (pl.col("url_scheme") == "http") | (pl.col("url_path") != "/")
    return [
        pl.when(seen).then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.col("op").str.to_uppercase().alias("http_request_method"),
        pl.coalesce(clean_host("question"), clean_host("query_name")).alias("dns_question_name"),
        pl.col("query_type").alias("dns_question_type"),
        clean_host("sni").alias("tls_server_name"),
        pl.col("app_name").alias("network_application"),
    ]


def _verdict() -> list[pl.Expr]:
    return [
        pl.col("msg_id").alias("event_code"),
        pl.coalesce("msg", "verdict", "result").alias("event_action"),
        f.outcome(
            pl.coalesce("verdict", "result"), "allow|accepted|logged in|logged out", "deny|rejected|failed"
        ).alias("event_outcome"),
        pl.when(pl.col("verdict").is_not_null()).then(pl.coalesce("policy", "proxy_act")).alias("rule_name"),
        pl.coalesce(
            pl.lit("virus: ") + pl.col("virus"),
            pl.lit("attack: ") + pl.col("signature_name"),
            "cats",
            "app_cat_name",
        ).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="watchguard",
    log_class="firewall",
    title="WatchGuard Firebox log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
