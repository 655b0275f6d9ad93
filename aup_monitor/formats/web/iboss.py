r"""
iboss cloud gateway: web log as JSON over syslog, or as bare JSON lines.

    <46>Jan 12 08:45:01 elmpark.ibosscloud.com {"logType":"WEB_LOG","logTime":"2026-01-12","time":"08:45:01","action":"Blocked",...}

One flat object a line, whose fields may come in any order; `logType` and `action` must be there.
Reference: https://support.iboss.com/ (Log forwarding from the reporter, JSON)

What it fills: time, account, filtering group (`user_group`), computer, hardware address, client and its port, server and
its port, address and its parts, method, status, browser, referrer, bytes, categories, policy (`rule_name`), action, file.

The outcome: Blocked and Soft-blocked are blocked (a soft block shows a page that the user may click through; that makes
another event), Allowed is allowed, any other word unknown.

Lacks: media type. Caveats:
- Times are UTC; the start of the transaction, if it is there, is exact to the millisecond.
- Other logs of iboss (`logType` not WEB_LOG) are skipped.
- Field names are those of the reporter's JSON in version 10; other names are not known.

Checked on 1 real line against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, mac, number, port
from aup_monitor.formats.json_values import json_texts
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_KEYS: Final = {
    "kind": "logType",
    "began": "proxyTransactionStartTime",
    "date": "logTime",
    "time": "time",
    "user": "username",
    "group": "filteringGroupName",
    "computer": "computerName",
    "mac": "macAddress",
    "client": "sourceIpAddress",
    "inside": "privateIp",
    "client_port": "sourcePort",
    "server": "ipAddress",
    "server_port": "destinationPort",
    "url": "url",
    "host": "host",
    "method": "requestMethod",
    "status": "responseCode",
    "agent": "userAgent",
    "referrer": "referrerUrl",
    "sent": "upstreamByteUsage",
    "received": "downstreamByteUsage",
    "category": "categoryName",
    "policy": "ztPolicyName",
    "action": "action",
    "file": "filename",
}


_OURS: Final = r'"(?:filteringGroupName|urlLogId|sAction|ibossIpAddress)" *:'
_LOOKS: Final = rf'\{{.*"logType" *: *"[A-Z_]+_LOG".*{_OURS}|\{{.*{_OURS}.*"logType" *: *"[A-Z_]+_LOG"'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - iboss writes UTC
    """Turn lines into events; see the module's page."""
    return (
        json_texts(lines, "line", _KEYS)
        .with_columns(
            (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel"),
            (pl.col("kind") != "WEB_LOG").fill_null(value=False).alias(SKIP),
        )
        .pipe(split_url, "url")
        .select(_columns())
    )


def _columns() -> list[pl.Expr]:
    word = pl.col("action").str.to_lowercase()
    return [
        pl.col("offset", SKIP, "url_scheme"),
        _time(),
        pl.lit("web").alias("log_class"),
        pl.lit("iboss").alias("observer_vendor"),
        pl.lit("iboss").alias("observer_product"),
        pl.col("action").alias("event_action"),
        verdict(word.is_in(["blocked", "soft-blocked"]), word == "allowed"),
        pl.coalesce(address("client"), address("inside")).alias("source_ip"),
        port("client_port").alias("source_port"),
        mac("mac").alias("source_mac"),
        pl.col("computer").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        pl.col("group").alias("user_group"),
        address("server").alias("destination_ip"),
        pl.coalesce(port("server_port"), "destination_port").alias("destination_port"),
        pl.when(~pl.col("tunnel")).then("url").alias("url_full"),
        pl.coalesce("url_domain", clean_host("host")).alias("url_domain"),
        pl.when(~pl.col("tunnel")).then("url_path").alias("url_path"),
        pl.when(~pl.col("tunnel")).then("url_query").alias("url_query"),
        pl.col("method").alias("http_request_method"),
        pl.col("status").cast(pl.Int32, strict=False).replace(0, None).alias("http_response_status_code"),
        pl.col("agent").alias("user_agent_original"),
        pl.col("referrer").alias("http_request_referrer"),
        number("sent").alias("source_bytes"),
        number("received").alias("destination_bytes"),
        pl.col("category").alias("rule_category"),
        pl.col("policy").alias("rule_name"),
        pl.col("file").alias("file_name"),
        _reject(),
    ]


def _time() -> pl.Expr:
    written = (pl.col("date") + " " + pl.col("time")).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    exact = of_seconds(pl.col("began"))
    return pl.coalesce(exact, written.dt.replace_time_zone("UTC").cast(TIME)).alias("timestamp")


def _reject() -> pl.Expr:
    named = pl.col("kind").is_not_null() & pl.col("action").is_not_null() & pl.col("host").is_not_null()
    return (
        pl.when(SKIP)
        .then(None)
        .when(~pl.col("line").str.contains(r"\{.*\}\s*$"))
        .then(pl.lit("no whole JSON object in the line"))
        .when(~named)
        .then(pl.lit("not a line of iboss's web log"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="iboss", log_class="web", title="iboss web log (JSON)", looks=_LOOKS, doc=__doc__, parse=parse
)
