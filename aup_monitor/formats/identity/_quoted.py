r"""Texts in quotes with escapes as in C: `"caf\303\251 \"x\""`, as FreeRADIUS and the ISC DHCP server write them."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_CONTROLS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def octets(text: str) -> bytes:
    """Return the bytes that a text, perhaps in quotes, stands for."""
    bare = text.removeprefix('"').removesuffix('"').encode("utf-8", "replace")
    return _ESCAPE.sub(lambda found: _octet(found[1]), bare)


def unquoted(column: str) -> pl.Expr:
    """Return texts without their quotes and escapes; each distinct one that has an escape is looked at once."""
    return pl.col(column).map_batches(_bare, return_dtype=pl.String, is_elementwise=True)


def _bare(texts: pl.Series) -> pl.Series:
    escaped = texts.filter(texts.str.contains("\\", literal=True)).unique()
    plain = texts.str.strip_prefix('"').str.strip_suffix('"')
    if not len(escaped):
        return plain
    undone = texts.replace_strict(
        escaped,
        [octets(text).decode("utf-8", "replace") for text in escaped],
        default=None,
        return_dtype=pl.String,
    )
    return undone.zip_with(undone.is_not_null(), plain)


def _octet(escape: bytes) -> bytes:
    if len(escape) == 3:
        return bytes([int(escape, 8) & 0xFF])
    return _CONTROLS.get(escape, escape)
