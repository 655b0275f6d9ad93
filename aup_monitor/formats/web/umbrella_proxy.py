r"""
Cisco Umbrella proxy log (secure web gateway and intelligent proxy), the CSV that Umbrella puts into an S3 bucket.

    "2026-01-12 08:45:01","Year 9 laptops","10.20.4.31","203.0.113.5","192.0.2.7","text/html","BLOCKED","https://casino.example/","",...

Every field stands in quotes; newer versions of the log add fields at the end (the first 23 are those of version 1).
Reference: https://docs.umbrella.com/deployment-umbrella/docs/proxy-log-formats

What it fills: time (UTC), client (its address inside the school, else the school's own), server, media type, verdict,
address and its parts, referrer, browser, status, bytes, categories, method.

Who it was: Umbrella names "identities", which may be a person, a computer, a network or a site. The policy identity is a
user where its type says so (AD users, G Suite users, ...) and the device's name where it is a computer; else a person is
taken from the list of identities only if one stands there with an address: `Alice Example (alice@elmpark.example)`.

The outcome: ALLOWED and BLOCKED as written. A page with a warning, or one shown in isolation, is ALLOWED.

Lacks: the account in most schools that only direct their networks' traffic to Umbrella; the rule's name (its number is not
read). Caveats: the log arrives up to ten minutes late; the browser of some programs is a blank.

Checked on 17 real lines against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = (
    *("time", "identity", "inside", "outside", "server", "mime", "verdict", "url", "referrer", "agent"),
    *("status", "sent", "received", "body", "sha", "categories", "virus", "unwanted", "amp", "malware"),
    *("score", "kind", "blocked", "identities", "kinds", "method"),
)
_HEADER: Final = r'^"?Timestamp"?,'


_LOOKS: Final = rf'{_HEADER}|^"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d",(?: ?"[^"]*",){{5}} ?"[A-Z]+", ?"[a-z]+://'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the log is in UTC
    """Turn lines into events; see the module's page."""
    return (
        lines.with_columns(pl.col("line").str.replace_all('", "', '","', literal=True))
        .pipe(cells, "line", _NAMES)
        .with_columns(given(name) for name in ("agent", "referrer", "url", "mime", "method"))
        .with_columns(
            pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False).alias("moment"),
            _account().alias("account"),
        )
        .pipe(split_url, "url")
        .select(_columns())
    )


def _account() -> pl.Expr:
    """Return the person: the policy identity if it is one, else an identity with an address."""
    mail = r"\(([^()\s,@]+@[^()\s,]+)\)"
    person = pl.when(pl.col("kind").str.contains("(?i)user")).then("identity")
    return pl.coalesce(person.str.extract(mail), person, pl.col("identities").str.extract(mail))


def _columns() -> list[pl.Expr]:
    device = pl.col("kind").str.contains("(?i)computer|device|chromebook$") & ~pl.col("kind").str.contains(
        "(?i)user"
    )
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_path", "url_query", "destination_port"),
        pl.col("moment").dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
        pl.lit("web").alias("log_class"),
        pl.lit("Cisco").alias("observer_vendor"),
        pl.lit("Umbrella").alias("observer_product"),
        pl.col("verdict").alias("event_action"),
        verdict(pl.col("verdict") == "BLOCKED", pl.col("verdict") == "ALLOWED"),
        pl.coalesce(address("inside"), address("outside")).alias("source_ip"),
        pl.when(device).then("identity").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        address("server").alias("destination_ip"),
        pl.col("url").alias("url_full"),
        pl.col("method").alias("http_request_method"),
        pl.col("status").cast(pl.Int32, strict=False).replace(0, None).alias("http_response_status_code"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        number("sent").alias("source_bytes"),
        number("received").alias("destination_bytes"),
        pl.col("categories").alias("rule_category"),
        pl.col("line").str.contains(_HEADER).alias(SKIP),
        _reject(),
    ]


def _reject() -> pl.Expr:
    whole = (
        pl.col("time").is_not_null() & pl.col("verdict").is_not_null() & pl.col("url_scheme").is_not_null()
    )
    return (
        pl.when(~whole & ~pl.col("line").str.contains(_HEADER))
        .then(pl.lit("not the fields of Umbrella's proxy log"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="umbrella-proxy",
    log_class="web",
    title="Cisco Umbrella proxy log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
