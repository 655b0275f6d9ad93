r"""
Chrome Enterprise reporting: what managed Chrome browsers and Chromebooks report, one JSON object a line.

    {"event":"badNavigationEvent","time":"1768385649.5","reason":"SOCIAL_ENGINEERING","result":"EVENT_RESULT_BLOCKED",
     "device_name":"CB-0417","device_user":"a.khan@elmpark.example","url":"https://prizes.example/win","client_type":"CHROME_OS_DEVICE"}    (one line)

This is what the reporting connector of the Google admin console sends to a collector. The same events in the audit log of
the Reports API are `google-workspace`.
References: https://support.google.com/chrome/a/answer/11375053 (the connector) and
https://support.google.com/a/answer/9393909 (the events)

Class: where a page is named, `web`; log-ons and log-offs `auth`; all else (extensions, devices plugged in, users, crashes)
`endpoint`.

What it fills: time, event (`event_action`), account, device's name, page, browser, file (name, hash), extension
(`package_name`), of a device that was plugged in the maker's and product's numbers and its name, both ends of a remote session.
`rule_category`: the page's category, why (SOCIAL_ENGINEERING, ...), or where data went (USB); `rule_name`: the data
protection rules that acted.

Outcome: what the result says (blocked; allowed and bypassed are allowed; warned, detected and reported are unknown); of
log-ons a failure is blocked; all else unknown.

Lacks: ordinary visits, since only what broke a rule or a threat is reported; the address. Caveats: `device_user` is who is logged on to the
computer; `profile_user`, where it is there, is who is logged on to Chrome, and counts.

Checked on 18 real lines, by eye; there is no independent parse of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, port
from aup_monitor.formats.json_paths import joined, json_paths
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PATHS: Final = {
    "event": "event",
    "time": "time",
    "reason": "reason",
    "result": "result",
    "device": "device_name",
    "user": "profile_user|device_user",
    "page": "url",
    "category": "url_category",
    "rules": "triggered_rules",
    "agent": "user_agent",
    "file": "content_name",
    "hash": "content_hash",
    "media": "content_type",
    "extension": "extension_name",
    "version": "extension_version",
    "detail": "event_detail",
    "client": "client_type",
    "destination": "destination",
}
_PLUGGED: Final = (
    r"^vendor: .{0,200}?, product: (?P<product>.{0,200}?), vendorId: 0x(?P<vendor>[0-9a-fA-F]{1,4}), "
    r"productId: 0x(?P<number>[0-9a-fA-F]{1,4})"
)
_SESSION: Final = r"^hostIp: (?P<host>[^,]*):(?P<host_port>\d+), clientIp: (?P<from>[^,]*):(?P<from_port>\d+)"
_LOOKS: Final = r'"client_type" *: *"CHROME_[A-Z_]+".*"(?:event|device_id|os_platform)" *:|"event" *: *"[A-Za-z_]+".*"client_type" *: *"CHROME_'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Chrome writes seconds since 1970
    """Turn lines into events; see the module's page."""
    return (
        json_paths(lines, "line", _PATHS)
        .pipe(groups, "detail", _PLUGGED)
        .pipe(groups, "detail", _SESSION)
        .pipe(split_url, "page")
        .select(_columns())
    )


def _class() -> pl.Expr:
    return (
        pl.when(pl.col("page").is_not_null())
        .then(pl.lit("web"))
        .when(pl.col("event").str.contains("(?i)log(?:in|out)_"))
        .then(pl.lit("auth"))
        .otherwise(pl.lit("endpoint"))
        .alias("log_class")
    )


def _outcome() -> pl.Expr:
    event, result = pl.col("event"), pl.col("result")
    logon = event.str.contains("(?i)login_(?:logout_)?event")
    return (
        pl.when(result.str.contains("(?i)block") | event.str.contains("(?i)login_failure"))
        .then(pl.lit("blocked"))
        .when(result.str.contains("(?i)allowed|bypassed") | (result.is_null() & logon))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _columns() -> list[pl.Expr]:
    plugged = pl.col("vendor").is_not_null()
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_path", "url_query"),
        of_seconds(pl.col("time")).alias("timestamp"),
        _class(),
        pl.col("event").alias("event_action"),
        _outcome(),
        pl.lit("Google").alias("observer_vendor"),
        pl.lit("Chrome").alias("observer_product"),
        pl.col("device").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        address("from").alias("source_ip"),
        port("from_port").alias("source_port"),
        address("host").alias("destination_ip"),
        pl.coalesce(port("host_port"), "destination_port").alias("destination_port"),
        pl.when(pl.col("url_scheme").is_not_null()).then("page").alias("url_full"),
        pl.col("agent").alias("user_agent_original"),
        pl.col("media").alias("http_response_mime_type"),
        joined("rules").alias("rule_name"),
        pl.coalesce("category", "reason", "destination").alias("rule_category"),
        pl.when(plugged).then(pl.lit("USB")).alias("device_class"),
        pl.col("vendor").str.to_lowercase().str.zfill(4).alias("device_vendor_id"),
        pl.col("number").str.to_lowercase().str.zfill(4).alias("device_product_id"),
        pl.when(pl.col("product").str.strip_chars() != "").then("product").alias("device_name"),
        pl.col("file").alias("file_name"),
        pl.col("hash").str.to_lowercase().alias("file_hash"),
        pl.col("extension").alias("package_name"),
        pl.col("version").alias("package_version"),
        pl.when(~pl.col("whole"))
        .then(pl.lit("not a whole JSON object"))
        .when(pl.any_horizontal(pl.col("event", "time", "client").is_null()))
        .then(pl.lit("not an event that Chrome reports"))
        .alias(REJECT),
    ]


FORMAT: Final = Format(
    name="chrome-enterprise",
    log_class="endpoint",
    title="Chrome Enterprise reporting",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
