"""
The second half of reading a described format: from texts to event columns.

Each column's text is read as what the column holds: an address is made canonical, an account loses its domain, a web
address is taken apart; what is no address or number is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.custom.texts import WHY
from aup_monitor.formats.custom.times import moment
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.fields import account, address, mac, number, port, transport
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import machine_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aup_monitor.core.custom_format import CustomFormat, OutcomeSetting
    from aup_monitor.core.format import Context

_URL_PARTS: Final = ("url_scheme", "url_domain", "destination_port", "url_path", "url_query")
_NANOSECONDS: Final[Mapping[str, int]] = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_TRUE: Final = ("true", "yes", "1", "on")
_FALSE: Final = ("false", "no", "0", "off")


def _status(column: str) -> pl.Expr:
    found = number(column)
    return pl.when(found.is_between(100, 999)).then(found)


def _hex_id(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.extract(r"^(?:0x)?([0-9a-f]{4})$")


_READ: Final[Mapping[str, Callable[[str], pl.Expr]]] = {
    "source_ip": address,
    "destination_ip": address,
    "source_port": port,
    "destination_port": port,
    "source_mac": mac,
    "host_name": machine_name,
    "network_transport": transport,
    "url_domain": clean_host,
    "tls_server_name": clean_host,
    "dns_question_name": question_name,
    "dns_question_type": question_type,
    "http_response_status_code": _status,
    "device_vendor_id": _hex_id,
    "device_product_id": _hex_id,
}
"""Columns that are more than a text, a number or a truth value."""


def events(texts: pl.LazyFrame, spec: CustomFormat, context: Context) -> pl.LazyFrame:
    """Return the event columns, with the reason where a line is none."""
    return (
        texts.with_columns(_time_text(spec))
        .with_columns(_moment(spec, context).alias("timestamp"))
        .pipe(_with_addresses, spec)
        .select(
            "offset",
            "timestamp",
            pl.lit(spec.log_class).alias("log_class"),
            *_outcome(spec.outcome),
            *_observer(spec),
            *(column for name in spec.filled for column in _filled(name, spec)),
            *_parts_alone(spec),
            _reject(spec),
        )
    )


def _time_text(spec: CustomFormat) -> pl.Expr:
    parts = (
        [pl.col(f"time_{n}") for n in range(len(spec.time.columns))]
        if spec.time
        else [pl.lit(None, pl.String)]
    )
    return pl.concat_str(parts, separator=" ").alias("time")


def _moment(spec: CustomFormat, context: Context) -> pl.Expr:
    return moment("time", spec.time, context) if spec.time else pl.col("time").str.to_datetime("%+")


def _outcome(setting: OutcomeSetting | None) -> Iterator[pl.Expr]:
    """Yield the outcome, and the word that says it."""
    if setting is None:
        yield pl.lit("unknown").alias("event_outcome")
        return
    words = {
        **{word.lower(): "allowed" for word in setting.allowed},
        **{word.lower(): "blocked" for word in setting.blocked},
    }
    word = pl.col("outcome").str.to_lowercase()
    yield (
        word.replace_strict(words or {"": ""}, default="unknown", return_dtype=pl.String)
        .fill_null("unknown")
        .alias("event_outcome")
    )


def _observer(spec: CustomFormat) -> Iterator[pl.Expr]:
    for name, value in (("observer_vendor", spec.vendor), ("observer_product", spec.product)):
        if value and name not in spec.filled:
            yield pl.lit(value).alias(name)
    if spec.outcome and spec.kind != "squid" and "event_action" not in spec.filled:
        yield pl.col("outcome").alias("event_action")


def _filled(name: str, spec: CustomFormat) -> Iterator[pl.Expr]:
    """Yield the columns that one of their columns fills."""
    said = f"said_{name}"
    if name == "url_full":
        yield from _address_columns(spec)
    elif name in _URL_PARTS and "url_full" in spec.filled:
        return
    elif name == "url_path":
        yield pl.col(said).str.extract(r"^([^?]*)").alias(name)
    elif name == "user_name":
        parts = split_account("account").struct.field
        yield parts("user_name")
        if "user_domain" not in spec.filled:
            yield parts("user_domain")
    elif name == "event_duration":
        length = pl.col(said).cast(pl.Float64, strict=False) * _NANOSECONDS[spec.duration]
        yield (
            pl.when(length.is_between(0, 9e18)).then(length.round()).cast(pl.Int64, strict=False).alias(name)
        )
    else:
        yield _read(name)


def _parts_alone(spec: CustomFormat) -> Iterator[pl.Expr]:
    """Yield the query that stands in a path of its own, where no column holds the query."""
    if "url_path" in spec.filled and not {"url_full", "url_query"} & set(spec.filled):
        yield pl.col("said_url_path").str.extract(r"\?(.+)$").alias("url_query")


def _read(name: str) -> pl.Expr:
    """Return a column read as its kind of value."""
    said, kind = f"said_{name}", EVENT_SCHEMA[name]
    if name in _READ:
        found = _READ[name](said)
    elif kind == pl.Boolean:
        word = pl.col(said).str.to_lowercase()
        found = pl.when(word.is_in(_TRUE)).then(pl.lit(True)).when(word.is_in(_FALSE)).then(pl.lit(False))
    else:
        found = pl.col(said) if kind == pl.String else number(said)
    return found.cast(kind, strict=False).alias(name)


def _with_addresses(texts: pl.LazyFrame, spec: CustomFormat) -> pl.LazyFrame:
    """Add the account without words that mean nobody, and the parts of a whole web address."""
    if "user_name" in spec.filled:
        texts = texts.with_columns(account("said_user_name").alias("account"))
    if "url_full" not in spec.filled:
        return texts
    said = pl.col("said_url_full")
    # An address without a scheme (`www.example.org/page`) is split as if its scheme were empty.
    schemed = said.str.contains(r"^[A-Za-z][^/?#:]*://")
    whole = pl.when(schemed).then(said).otherwise("//" + said)
    return texts.with_columns(whole.alias("address")).pipe(split_url, "address")


def _address_columns(spec: CustomFormat) -> Iterator[pl.Expr]:
    """Yield a web address and its parts; of a tunnel, and of a host alone, nobody saw more than the host."""
    method = (
        pl.col("said_http_request_method")
        if "http_request_method" in spec.filled
        else pl.lit(None, pl.String)
    )
    seen = (method != "CONNECT").fill_null(value=True)
    host = pl.when(~pl.col("url_domain").str.contains(r"\s")).then("url_domain")
    more = pl.col("url_path").is_not_null() | pl.col("url_query").is_not_null() | (pl.col("url_scheme") != "")
    yield pl.when(seen & host.is_not_null() & more).then("said_url_full").alias("url_full")
    yield pl.when(pl.col("url_scheme") != "").then("url_scheme").alias("url_scheme")
    yield pl.coalesce(*_also("url_domain", spec), host).alias("url_domain")
    number_in = pl.when(pl.col("destination_port").is_between(1, 65535)).then("destination_port")
    yield pl.coalesce(*_also("destination_port", spec), number_in).alias("destination_port")
    for name in ("url_path", "url_query"):
        yield pl.coalesce(*_also(name, spec), pl.when(seen).then(name)).alias(name)


def _also(name: str, spec: CustomFormat) -> Iterator[pl.Expr]:
    """Yield the column of its own that says a part of the address, too."""
    if name in spec.filled:
        yield _read(name)


def _reject(spec: CustomFormat) -> pl.Expr:
    formats = " or ".join(spec.time.formats) if spec.time else ""
    column = " and ".join(spec.time.columns).replace("|", " or ") if spec.time else ""
    return (
        pl.when(pl.col(WHY).is_not_null())
        .then(WHY)
        .when(pl.col("time").is_null())
        .then(pl.lit(f"no time in {column}"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit(f"the time in {column} is not written as {formats}"))
        .alias(REJECT)
    )
