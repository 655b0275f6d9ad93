r"""
Squid access log, in Squid's own native form (`logformat squid`, the default of `access_log`).

A line looks like this:

    1700000000.049   5006 192.168.7.21 TCP_MISS/200 19763 GET http://www.example.org/a?b=c alice HIER_DIRECT/192.0.2.7 text/html

Reference: https://www.squid-cache.org/Doc/config/logformat/ and, for the results and peers,
https://wiki.squid-cache.org/SquidFaq/SquidLogs

What it fills: the time (milliseconds, UTC), how long the request took, the client's address, Squid's result
(`event_action`), the status, bytes sent to the client, method, address and its parts, media type, account, and the
server's address when Squid itself connected to it. A client that Squid wrote by name (`log_fqdn`) is the host's name.
`DOMAIN\user` and `user@realm` fill `user_name` and `user_domain`; %-escapes in accounts are undone.

The outcome: `TCP_DENIED` is blocked, but a denial with status 407 is unknown: Squid asked the browser to say who its
user is, which every browser meets at its first request of the day. Other `TCP_` results are allowed. The rest is
unknown: `TCP_REDIRECT` (a redirector's answer may be a block page or a safer search), and `NONE`, `TAG_NONE` and
`NONE_NONE`, such as the CONNECT that opens an inspected (SSL-bump) connection, whose own requests follow it.

What it lacks: bytes sent by the client, browser name, referrer, what was looked for beyond the address.

Caveats:

- What never became a request (`error:transaction-end-before-headers`: a connection opened and closed, as a monitor of
  the proxy does) is an event without method and address.
- A CONNECT shows host and port only: `url_full` and `url_path` stay empty, since nobody saw them.
- Squid drops everything after `?` unless `strip_query_terms off` is set; without it no search query can be read.
- With a parent proxy the peer is the parent, so `destination_ip` stays empty.
- The port is the one written, else the usual one of the scheme.
- Fields added after the media type (`log_mime_hdrs`, an extended `logformat`) are passed over; fields added between
  the native ones make another format. A syslog prefix before the native fields is passed over, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_OWN: Final = r"^\d{9,10}\.\d{3} "
_SYSLOG: Final = r"^(?:<\d{1,3}>)?(?:1 )?[A-Z2].{8,200}?(?:\]|squid|-): (?:\[[^\]]*\] )?"
_FIELDS: Final = (
    *("_elapsed", "_client", "_result", "_bytes", "_method"),
    *("_url", "_user", "_peer", "_type", "_more"),
)
# An account with blanks in it, which Squid leaves; those of an address it encodes, unless `uri_whitespace allow` is set.
_BLANKS: Final = r"^(?:\S+ +){6}(?<_whole_user>.*?(?:[^ -]|[^ ][^ ])) (?<_whole_peer>[A-Z_]+/\S*) (?<_whole_type>\S+)(?: .*)?$"
_NEEDED: Final = ("timestamp", "_elapsed", "_status", "_bytes", "_address", "_type")


_LOOKS: Final = (
    r"(?:^|: )\d{9,10}\.\d{3} +-?\d+ \S+ [A-Z_]+/\d{3} -?\d+ \S+ \S+ \S+ [A-Z_]+/\S* "
    # What follows the media type must not be the decision tag of Cisco's appliance: `DEFAULT_CASE_12-...`.
    r"\S+(?: *$| +[^A-Z ]| +[A-Z]+[^A-Z_\d-])"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    return split_url(_typed(_fields(lines)), "_address_of").select(
        "offset",
        "timestamp",
        pl.lit("web").alias("log_class"),
        pl.col("_tag").alias("event_action"),
        _outcome().alias("event_outcome"),
        (pl.col("_elapsed") * 1_000_000).alias("event_duration"),
        pl.lit("Squid").alias("observer_vendor"),
        pl.lit("Squid").alias("observer_product"),
        *_client(),
        pl.col("_account").struct.field("user_name", "user_domain"),
        _server(),
        "destination_port",
        pl.when(~pl.col("_connect")).then("_address_of").alias("url_full"),
        "url_scheme",
        "url_domain",
        "url_path",
        "url_query",
        _given("_method").alias("http_request_method"),
        pl.when(pl.col("_status") > 0).then("_status").alias("http_response_status_code"),
        _given("_type").alias("http_response_mime_type"),
        pl.col("_bytes").alias("destination_bytes"),
        _reject(),
    )


def _fields(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return the ten fields. The time is fourteen characters wide; the second field is padded with blanks."""
    wrapped = pl.when(~pl.col("line").str.contains(_OWN)).then("line").str.replace(_SYSLOG, "")
    return (
        lines.select("offset", pl.coalesce(wrapped, "line").alias("_line"))
        .with_columns(
            pl.col("_line").str.head(14).alias("_time"),
            pl.col("_line").str.slice(14).str.strip_chars_start(" ").alias("_rest"),
        )
        .pipe(cut, "_rest", " ", _FIELDS)
        .pipe(_with_blanks)
        .drop("_line", "_rest", "_more")
    )


def _with_blanks(fields: pl.LazyFrame) -> pl.LazyFrame:
    """Return the fields, where an account has blanks in it (Squid leaves them) those that follow put right."""
    shifted = pl.when(~pl.col("_peer").str.contains("/", literal=True)).then("_rest")
    return (
        fields.with_columns(shifted.alias("_shifted"))
        .pipe(groups, "_shifted", _BLANKS)
        .with_columns(pl.coalesce(f"_whole{name}", name).alias(name) for name in ("_user", "_peer", "_type"))
        .drop("_shifted", "_whole_user", "_whole_peer", "_whole_type")
    )


def _typed(fields: pl.LazyFrame) -> pl.LazyFrame:
    """Return the fields with numbers and time read, and result and peer taken apart."""
    connect = pl.col("_method") == "CONNECT"
    return (
        fields.with_columns(
            of_seconds(pl.col("_time")).alias("timestamp"),
            pl.col("_elapsed", "_bytes").cast(pl.Int64, strict=False),
            _halves("_result", "_tag", "_status"),
            _halves("_peer", "_hierarchy", "_address"),
            split_account("_user").alias("_account"),
            connect.alias("_connect"),
            pl.when(connect | pl.col("_url").str.contains("://", literal=True))
            .then("_url")
            .alias("_address_of"),
        )
        .unnest("_result", "_peer")
        .with_columns(pl.col("_status").cast(pl.Int32, strict=False))
    )


def _halves(column: str, left: str, right: str) -> pl.Expr:
    return pl.col(column).str.splitn("/", 2).struct.rename_fields([left, right])


def _outcome() -> pl.Expr:
    tag, asked_who = pl.col("_tag"), pl.col("_status") == 407
    denied = tag.str.contains("DENIED", literal=True)
    passed = tag.str.starts_with("TCP_") & ~tag.str.contains_any(["DENIED", "REDIRECT"])
    return (
        pl.when(denied & ~asked_who)
        .then(pl.lit("blocked"))
        .when(passed)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _client() -> list[pl.Expr]:
    numeric = pl.col("_client").str.contains(r"^[0-9A-Fa-f:.]+$")
    return [
        pl.when(numeric).then("_client").alias("source_ip"),
        pl.when(~numeric).then(_given("_client")).alias("host_name"),
    ]


def _server() -> pl.Expr:
    """Return the peer's address where Squid connected to the server itself."""
    direct = pl.col("_hierarchy").str.contains_any(["DIRECT", "ORIGINAL_DST", "PINNED"])
    numeric = pl.col("_address").str.contains(r"^[0-9A-Fa-f:.]+$")
    return pl.when(direct & numeric).then("_address").alias("destination_ip")


def _reject() -> pl.Expr:
    incomplete = pl.any_horizontal(pl.col(name).is_null() for name in _NEEDED)
    return pl.when(incomplete).then(pl.lit("not the ten fields of Squid's native log")).alias(REJECT)


def _given(column: str) -> pl.Expr:
    """Return the column, null where Squid wrote `-`."""
    return pl.when(pl.col(column) != "-").then(pl.col(column))


FORMAT: Final = Format(
    name="squid", log_class="web", title="Squid access log", looks=_LOOKS, doc=__doc__, parse=parse
)
