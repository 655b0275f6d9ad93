r"""
Olfeo Secure Web Gateway, on-premise: proxy log over syslog or in a file.

    10.20.4.31 - alice [12/01/2026 08:45:01] "GET https://www.example.org/ HTTP/1.1" 200 - - 1000 Education

The shape of a web server's log, with the day before the month, and at the end the number and the name of Olfeo's category.
Reference: https://docs.sekoia.io/integration/categories/network_security/olfeo_secure_web_gateway/ (Olfeo's own
documentation is for its customers)

What it fills: time (local), client, account, method, address and its parts, status, category (its number is `event_code`).

The outcome: the log has no verdict. An answer 2xx or 304 is allowed, any other unknown, since a page that Olfeo blocked cannot
be told from one that the site itself refused or sent elsewhere.

Lacks: verdict, policy, bytes, media type, browser, referrer, machine of the client.
Caveats: a CONNECT shows host and port only.

Checked by hand on 2 published lines beside an independent parse; neither is in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LINE: Final = (
    r"(?:^|: ?| )(?<client>[0-9A-Fa-f:.]+) - (?<user>.*?) \[(?<time>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)\] "
    r'"(?<method>[A-Z]+) (?<target>.*) HTTP/[\d.]+" (?<status>\d{3}) \S+ \S+ (?<number>\d+) (?<category>.+)$'
)


_LOOKS: Final = (
    r"[0-9A-Fa-f:.]+ - .* \[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d\] "
    r'"[A-Z]+ .* HTTP/[\d.]+" \d{3} \S+ \S+ \d+ \S'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    bare = pl.col("target").str.replace("^[a-z]+://", "").str.strip_suffix("/")
    return (
        groups(lines, "line", _LINE)
        .with_columns(given("category"), tunnel.alias("tunnel"))
        .with_columns(pl.when("tunnel").then(bare).otherwise("target").alias("address"))
        .pipe(split_url, "address")
        .select(_columns(context))
    )


def _columns(context: Context) -> list[pl.Expr]:
    moment = pl.col("time").str.to_datetime("%d/%m/%Y %H:%M:%S", time_unit="us", strict=False)
    status = pl.col("status").cast(pl.Int32, strict=False)
    whole = ~pl.col("tunnel") & pl.col("url_scheme").is_not_null()
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_path", "url_query", "destination_port"),
        utc_of_local(moment, context.zone).alias("timestamp"),
        pl.lit("Olfeo").alias("observer_vendor"),
        pl.lit("Secure Web Gateway").alias("observer_product"),
        pl.col("number").alias("event_code"),
        verdict(pl.lit(value=False), status.is_between(200, 299) | (status == 304)),
        address("client").alias("source_ip"),
        split_account("user").struct.field("user_name", "user_domain"),
        pl.when(whole).then("address").alias("url_full"),
        pl.col("method").alias("http_request_method"),
        pl.when(status > 0).then(status).alias("http_response_status_code"),
        pl.col("category").alias("rule_category"),
        pl.when(pl.col("time").is_null()).then(pl.lit("not the fields of Olfeo's proxy log")).alias(REJECT),
    ]


FORMAT: Final = Format(
    name="olfeo",
    log_class="web",
    title="Olfeo proxy log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
