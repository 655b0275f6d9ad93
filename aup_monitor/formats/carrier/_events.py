"""
From what a general shape says, as text, to an event: each value cleaned, the page taken apart, the class and the outcome told.

A format of this folder knows which of its keys stands for which column; all else is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.carrier._judged import class_of, outcome_of, says_nothing
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from collections.abc import Callable, Container

PAGE: Final = "page"
"""Column of an address as written: whole, without its scheme, only a path, or `host:port`."""
WORDS: Final = ("verdict", "result", "event_name")
"""Columns whose words tell the outcome; the first that tells one counts."""
KIND: Final = "kind"
"""Column of what the product calls the event; some of its words tell the class."""

_PARTS: Final = ("url_scheme", "url_domain", "url_path", "url_query", "destination_port")
_TRANSPORTS: Final = (
    "tcp",
    "udp",
    "icmp",
    "icmp6",
    "ipv6-icmp",
    "igmp",
    "gre",
    "esp",
    "ah",
    "sctp",
    "ospf",
    "ipv6",
)
_PROTOCOLS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "http https ssl tls dns ftp ftps smtp smtps imap pop3 ssh telnet rdp ldap ldaps kerberos quic ntp"
).split()
_SECURE: Final = ("tls", "quic")


def events(said: pl.LazyFrame) -> pl.LazyFrame:
    """
    Return the events.

    Args:
        said: `offset`, `timestamp` and `reject`; any columns of an event, as text or as the schema has them; the columns
            named above; perhaps `log_class`, where the line itself tells it, and `event_outcome`.

    """
    known = said.collect_schema()
    wanted = (*EVENT_SCHEMA, PAGE, *WORDS, KIND)
    absent = [
        pl.lit(None, EVENT_SCHEMA.get(name, pl.String())).alias(name) for name in wanted if name not in known
    ]
    texts = {name for name, kind in known.items() if kind == pl.String}
    return (
        said.with_columns(absent)
        .with_columns(_protocol(), *_clean(texts))
        .with_columns(
            split_account("user_name").struct.rename_fields(["user_name", "_realm"]).alias("_account")
        )
        .drop("user_name")
        .unnest("_account")
        .pipe(_page)
        .with_columns(
            pl.coalesce("user_domain", "_realm").alias("user_domain"),
            pl.coalesce("log_class", class_of(KIND)).alias("log_class"),
            pl.coalesce("event_outcome", outcome_of(*WORDS)).alias("event_outcome"),
        )
        .with_columns((says_nothing() & pl.col(REJECT).is_null()).alias(SKIP))
        .select("offset", REJECT, SKIP, *EVENT_SCHEMA)
        .drop("source_file", "source_offset", "ingest_id", "site")
    )


def _clean(texts: Container[str]) -> list[pl.Expr]:
    """Return the columns that came as text as the schema has them; what cannot be read is null."""
    readings: dict[str, Callable[[str], pl.Expr]] = {
        "source_ip": f.address,
        "destination_ip": f.address,
        "source_port": f.port,
        "destination_port": f.port,
        "source_mac": f.mac,
        "event_duration": f.number,
        "source_bytes": f.number,
        "destination_bytes": f.number,
        "http_response_status_code": _status,
        "url_domain": clean_host,
        "tls_server_name": clean_host,
        "dns_question_name": question_name,
        "dns_question_type": question_type,
        "dns_response_code": _code,
        "network_transport": _transport,
        "device_vendor_id": _usb_number,
        "device_product_id": _usb_number,
        "device_encrypted": _truth,
    }
    return [read(name).alias(name) for name, read in readings.items() if name in texts]


def _status(name: str) -> pl.Expr:
    code = pl.col(name).cast(pl.Int32, strict=False)
    return pl.when(code.is_between(100, 599)).then(code)


def _code(name: str) -> pl.Expr:
    return pl.col(name).str.to_uppercase()


def _usb_number(name: str) -> pl.Expr:
    return pl.col(name).str.extract(r"(?i)^(?:0x|[vp]id_)?([0-9a-f]{4})$").str.to_lowercase()


def _truth(name: str) -> pl.Expr:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return pl.col(name).str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def _transport(name: str) -> pl.Expr:
    """Return the transport; some products write the application's protocol in its place."""
    found = f.transport(name)
    return pl.when(found.is_in(_TRANSPORTS)).then(found)


def _protocol() -> pl.Expr:
    """Return the protocol: as given, else what some products write as the application or the transport."""
    application, transport = pl.col("network_application"), pl.col("network_transport")
    other = pl.when(_bare(transport) & ~transport.str.to_lowercase().is_in(_TRANSPORTS)).then(transport)
    given = pl.coalesce("network_protocol", pl.when(_is_protocol(application)).then(application), other)
    word = given.str.to_lowercase()
    return pl.when(_bare(given)).then(word.replace({"https": "tls", "ssl": "tls"})).alias("network_protocol")


def _is_protocol(word: pl.Expr) -> pl.Expr:
    return word.str.to_lowercase().is_in(_PROTOCOLS)


def _bare(word: pl.Expr) -> pl.Expr:
    return word.str.contains(r"^[A-Za-z][A-Za-z0-9/._-]*$")


def _page(said: pl.LazyFrame) -> pl.LazyFrame:
    """Take the page apart; what the line says of a part by itself goes before."""
    own = {name: f"_own_{name}" for name in _PARTS}
    page, method = pl.col(PAGE), pl.col("http_request_method")
    secure = pl.col("network_protocol").is_in(_SECURE) | (pl.col("_own_destination_port") == 443)
    scheme = pl.coalesce("_own_url_scheme", pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")))
    tunnel = (method.str.to_uppercase() == "CONNECT").fill_null(value=False)
    whole = (
        pl.when(page.str.contains("://", literal=True))
        .then(page)
        .when(page.str.starts_with("/"))
        .then(scheme + "://" + pl.col("_own_url_domain") + page)
        .when(page.str.contains(r"^[^/?\s:@]+\.[^/?\s:@]+(?::\d+)?(?:[/?]|$)") & ~tunnel)
        .then(scheme + "://" + page)
        .when(tunnel)
        .then(page)
    )
    seen = pl.when(~pl.col("_tunnel"))
    return (
        said.rename(own)
        .with_columns(whole.alias("_address"), tunnel.alias("_tunnel"))
        .pipe(split_url, "_address")
        .with_columns(
            *(
                pl.coalesce(own[name], name).alias(name)
                for name in ("url_scheme", "url_domain", "destination_port")
            ),
            *(seen.then(pl.coalesce(own[name], name)).alias(name) for name in ("url_path", "url_query")),
            seen.then(pl.coalesce("url_full", "_address")).alias("url_full"),
        )
        .with_columns(clean_host("url_domain").alias("url_domain"))
    )
