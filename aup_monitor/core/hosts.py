"""Host names: one canonical text, their parent domains, and the registrable domain."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

import idna
import polars as pl
from publicsuffixlist import PublicSuffixList

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def canonical_host(text: str) -> str | None:
    """Return a host in lower case, without port, brackets or final dot, non-ASCII as punycode; None if it is none."""
    host = text.strip().lower().removesuffix(".")
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return None
    return host if host and not any(c in text.strip() for c in " /\\@?#%") else None


def is_address(host: str) -> bool:
    """Tell an IP address from a name."""
    if ":" not in host and not host[-1:].isdigit():
        return False
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def parents(host: str) -> Iterator[str]:
    """Yield the host, then each parent domain, up to the last label: `a.b.uk`, `b.uk`, `uk`."""
    while host:
        yield host
        host = host.partition(".")[2]


def registrable_domain(host: str) -> str:
    """Return the part that somebody registered (`bbc.co.uk` of `www.bbc.co.uk`); an address or a bare suffix itself."""
    if is_address(host):
        return host
    found = _suffixes().privatesuffix(host)
    return host if found is None else str(found)


def clean_host(column: str) -> pl.Expr:
    """Return the column in canonical form, column-wise: lower case, no port, brackets or final dot; `-` and '' null."""
    text = pl.col(column).str.to_lowercase().str.strip_chars()
    # Few hosts have a port or brackets; an expression passes over nulls.
    odd = pl.when(text.str.contains(":", literal=True)).then(text)
    bracketed = pl.when(text.str.starts_with("[")).then(text)
    host = (
        pl.when(bracketed.is_not_null())
        .then(bracketed.str.extract(r"^\[([^\]]*)\]", 1))
        .otherwise(pl.coalesce(odd.str.replace(r"^([^:]*):\d+$", "$1"), text))
        .str.strip_chars_end(".")
    )
    return pl.when(host.is_in(["", "-"])).then(None).otherwise(host)
