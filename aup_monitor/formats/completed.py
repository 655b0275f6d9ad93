"""What the reader does to every format's rows alike, so that no format has to: marks filled, hosts and addresses in one form."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import idna
import polars as pl

from aup_monitor.core.format import REJECT, SKIP
from aup_monitor.core.schema import TIME

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

_ADDRESSES: Final = ("source_ip", "destination_ip")
_HOSTS: Final = ("url_domain", "dns_question_name", "tls_server_name")


def completed(fmt: Format, frame: pl.DataFrame) -> pl.DataFrame:
    """
    Return the frame with `skip`, `log_class` and `timestamp` filled, and an event without a time made a reject.

    Hosts that a log writes in other letters than ASCII become punycode, as lists and DNS have them; addresses of IPv6
    become canonical text (RFC 5952).
    """
    if "log_class" not in frame.columns:
        frame = frame.with_columns(pl.lit(fmt.log_class).alias("log_class"))
    if SKIP not in frame.columns:
        frame = frame.with_columns(pl.lit(False).alias(SKIP))
    if "timestamp" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, TIME).alias("timestamp"))
    timeless = ~pl.col(SKIP).fill_null(False) & pl.col(REJECT).is_null() & pl.col("timestamp").is_null()
    return frame.with_columns(
        pl.col(SKIP).fill_null(False),
        pl.when(timeless).then(pl.lit("the time is not understood")).otherwise(pl.col(REJECT)).alias(REJECT),
        *(_punycode(frame[name]) for name in _HOSTS if name in frame.columns),
        *(_canonical(frame[name]) for name in _ADDRESSES if name in frame.columns),
    )


def _canonical(addresses: pl.Series) -> pl.Series:
    long = addresses.filter(addresses.str.contains(":", literal=True)).unique()
    return addresses.replace(long, [_written(text) for text in long]) if len(long) else addresses


def _written(text: str) -> str:
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return text


def _punycode(hosts: pl.Series) -> pl.Series:
    """Return the hosts in ASCII (RFC 5891, UTS 46); a name that cannot be one stays as it was written."""
    foreign = hosts.filter(hosts.str.len_bytes() != hosts.str.len_chars()).unique()
    return hosts.replace(foreign, [_encoded(host) for host in foreign]) if len(foreign) else hosts


def _encoded(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host
