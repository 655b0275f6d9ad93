"""The class of an event and its outcome, told from what it holds."""

from __future__ import annotations

from functools import reduce
from typing import Final

import polars as pl

_NOT_BLOCKED: Final = (
    r"\b(?:not|never|without being|un)[ _-]?(?:be(?:en)? )?(?:block|den[iy]|drop|reject|prevent|quarantin)"
)
_END: Final = r"(?:[^a-z]|$)"
_BLOCKED: Final = (
    r"(?:^|[^a-z])(?:(?:block|drop|reject|refuse?|discard|terminate?|reset|quarantine?|prevent|sinkhole?|isolate?|kill)"
    r"(?:p?ed|d|s|ing)?|den(?:y|ied|ies)|bann?(?:ed)?|forbidden|fail(?:ed|ure|s)?|unauthori[sz]ed|violation|locked|invalid|"
    rf"disallow(?:ed)?|not allowed){_END}"
)
_ALLOWED: Final = (
    r"(?:^|[^a-z])(?:(?:allow|accept|permit|pass|grant|bypass|detect|monitor|alert|approve|observe|exempt|trust)"
    r"(?:t?ed|d|s|ing)?|pass(?:through|_session)|succe(?:ss|ssful|ssfully|eded|eds|ed)|notif(?:y|ied)|log(?:ged)?|authenticated|"
    rf"log[ _-]?[io]n|log(?:ged)?[ _-]?(?:on|in|off|out)|count(?:ed)?|no action){_END}"
)

_LOG_ON: Final = (
    r"(?i)log[ _-]?(?:[io]n|off|out)\b|authenticat|session (?:start|end)|sso\b|\bauth\b|kerberos|radius"
)
_LEASE: Final = r"(?i)\bdhcp"
_DEVICE: Final = r"(?i)\busb|removable|device control|software|install|application control|peripheral"


def outcome_of(*columns: str) -> pl.Expr:
    """Return allowed or blocked as the first column says that says either, else unknown."""
    return pl.coalesce(*map(_said_by, columns), pl.lit("unknown"))


def _said_by(column: str) -> pl.Expr:
    word = pl.col(column).str.to_lowercase()
    return (
        pl.when(word.str.contains(_NOT_BLOCKED))
        .then(pl.lit("allowed"))
        .when(word.str.contains(_BLOCKED))
        .then(pl.lit("blocked"))
        .when(word.str.contains(_ALLOWED))
        .then(pl.lit("allowed"))
    )


def class_of(kind: str) -> pl.Expr:
    """Return the class by the columns that have a value and by the words of `kind`."""
    word = pl.col(kind)
    person = pl.col("user_name").is_not_null()
    there = pl.col("destination_ip").is_not_null() | pl.col("destination_port").is_not_null()
    carried = there | _any("network_transport", "network_protocol", "network_application", "source_bytes")
    return (
        pl.when(pl.col("dns_question_name").is_not_null())
        .then(pl.lit("dns"))
        .when(word.str.contains(_LEASE) & pl.col("source_mac").is_not_null())
        .then(pl.lit("dhcp"))
        .when(_any("url_domain", "url_full", "http_request_method"))
        .then(pl.lit("web"))
        .when(_any("device_class", "device_vendor_id", "device_serial", "device_name", "package_name"))
        .then(pl.lit("endpoint"))
        .when(person & word.str.contains(_LOG_ON))
        .then(pl.lit("auth"))
        .when(~there & (_any("process_executable", "file_name", "file_hash") | word.str.contains(_DEVICE)))
        .then(pl.lit("endpoint"))
        .when(person & ~carried)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
    )


def says_nothing() -> pl.Expr:
    """Tell a line about the product itself: nobody, no address, no site and nothing on a computer."""
    return ~_any(
        *("source_ip", "source_mac", "user_name", "url_domain", "dns_question_name", "tls_server_name"),
        *("process_executable", "file_name", "file_hash", "package_name"),
        *("device_class", "device_vendor_id", "device_serial", "device_name"),
    )


def _any(*columns: str) -> pl.Expr:
    return reduce(lambda left, right: left | right, (pl.col(name).is_not_null() for name in columns))
