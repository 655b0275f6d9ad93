"""
Readings that formats share: addresses, ports, transports, verdicts.

Each takes the name of a String column and returns an expression; what it cannot read is null, never an error.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4: Final = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"
_TRANSPORTS: Final[Mapping[str, str]] = {
    "1": "icmp",
    "2": "igmp",
    "6": "tcp",
    "17": "udp",
    "41": "ipv6",
    "47": "gre",
    "50": "esp",
    "51": "ah",
    "58": "ipv6-icmp",
    "89": "ospf",
    "132": "sctp",
}
"""Numbers of https://www.iana.org/assignments/protocol-numbers that firewalls write instead of names."""

ZONES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("GMT", "UTC", "WET"), 0),
    **dict.fromkeys(("BST", "CET", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET"), 2),
    "EEST": 3,
}
"""Abbreviations of European zones, and the hours that they are ahead of UTC; `IST` means two zones and is not here."""


def address(column: str) -> pl.Expr:
    """Return an IP address as canonical text; null for `0.0.0.0`, `::`, a name and anything else."""
    text = pl.col(column)
    plain = text.str.contains(_V4) & (text != "0.0.0.0")  # noqa: S104 - compared with, not bound to
    other = pl.when(text.str.contains(":", literal=True)).then(text)
    return (
        pl.when(plain)
        .then(text)
        .otherwise(other.map_batches(_canonical, return_dtype=pl.String, is_elementwise=True))
    )


def _canonical(texts: pl.Series) -> pl.Series:
    distinct = texts.drop_nulls().unique()
    return texts.replace_strict(
        distinct, [_address(text) for text in distinct], default=None, return_dtype=pl.String
    )


def _address(text: str) -> str | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return None if found.is_unspecified else str(found)


def port(column: str) -> pl.Expr:
    """Return a port; 0, which firewalls write where there is none, is null."""
    number = pl.col(column).cast(pl.Int32, strict=False)
    return pl.when(number.is_between(1, 65535)).then(number)


def number(column: str) -> pl.Expr:
    """Return a whole number that is not negative."""
    found = pl.col(column).cast(pl.Int64, strict=False)
    return pl.when(found >= 0).then(found)


def seconds(column: str) -> pl.Expr:
    """Return seconds, perhaps with a fraction, as nanoseconds."""
    found = pl.col(column).cast(pl.Float64, strict=False)
    return (pl.when(found.is_between(0, 9e9)).then(found) * 1e9).round().cast(pl.Int64, strict=False)


def mac(column: str) -> pl.Expr:
    """Return a hardware address as `aa:bb:cc:dd:ee:ff`; null where it is none, or all zeros."""
    text = pl.col(column).str.to_lowercase().str.replace_all("-", ":", literal=True)
    good = text.str.contains(r"^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$") & (text != "00:00:00:00:00:00")
    return pl.when(good).then(text)


def transport(column: str) -> pl.Expr:
    """Return the transport's name, given by name or by number."""
    text = pl.col(column).str.strip_chars().str.to_lowercase().replace(_TRANSPORTS)
    return pl.when(text.str.contains(r"^[a-z][a-z0-9-]*$")).then(text)


def outcome(word: pl.Expr, allowed: str, blocked: str) -> pl.Expr:
    """Return allowed, blocked or unknown for the vendor's word in any case, each list given as words in lower case."""
    verdicts = {
        **dict.fromkeys(allowed.split("|"), "allowed"),
        **dict.fromkeys(blocked.split("|"), "blocked"),
    }
    return word.str.to_lowercase().replace_strict(verdicts, default="unknown", return_dtype=pl.String)


def account(column: str, *nobody: str) -> pl.Expr:
    """Return the column without `-`, `N/A` and the words by which the vendor says that it knows nobody."""
    text = pl.col(column)
    return pl.when(~text.str.to_lowercase().is_in(["", "-", "n/a", "none", "unknown", *nobody])).then(text)
