"""
What logs of leases and log-ons have in common: how hardware addresses are written, and what a lease event is made of.

A DUID (the client's identifier in DHCPv6) of type 1 or 3 holds a hardware address of the device: of one of its interfaces,
by https://www.rfc-editor.org/rfc/rfc8415#section-11 not always of the one that asks, but always of the same device.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_BYTES: Final = "^" + "([0-9a-f]{2})" * 6 + "$"
_LINK_TIME: Final = "^00010001[0-9a-f]{8}([0-9a-f]{12})$"
_LINK: Final = "^00030001([0-9a-f]{12})$"


def hardware(column: str | pl.Expr) -> pl.Expr:
    """Return a hardware address as `aa:bb:cc:dd:ee:ff`, however its digits are parted; null for zeros and all else."""
    return _coloned(_digits(column))


def hardware_of_duid(column: str | pl.Expr) -> pl.Expr:
    """Return the hardware address that a DUID holds; null where it holds none."""
    digits = _digits(column)
    return _coloned(pl.coalesce(digits.str.extract(_LINK_TIME), digits.str.extract(_LINK)))


def name(column: str | pl.Expr) -> pl.Expr:
    """Return a device's name without its final dot; null for `-`, `*`, an empty text and the like."""
    text = pl.col(column) if isinstance(column, str) else column
    bare = text.str.strip_chars(" ").str.strip_chars_end(".")
    return pl.when(~bare.is_in(["", "-", "*", "(none)", "null"])).then(bare)


def later(time: pl.Expr, seconds: pl.Expr) -> pl.Expr:
    """Return the time so many seconds (Int64) later; null where that is for ever, or nobody said."""
    return time + pl.duration(seconds=pl.when(seconds.is_between(0, 0xFFFFFFFE)).then(seconds))


def _digits(column: str | pl.Expr) -> pl.Expr:
    text = pl.col(column) if isinstance(column, str) else column
    return text.str.to_lowercase().str.replace_all(r"[:.\-]", "")


def _coloned(digits: pl.Expr) -> pl.Expr:
    good = digits.str.contains(_BYTES) & (digits != "000000000000")
    return pl.when(good).then(digits).str.replace(_BYTES, "$1:$2:$3:$4:$5:$6")
