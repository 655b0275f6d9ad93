"""One canonical text for words: what a term and a search have in common, whatever their case, accents' form or marks."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_plus

import polars as pl

_ENCODED: Final = r"%[0-9A-Fa-f]{2}"


def normalised(column: str) -> pl.Expr:
    """
    Return the column as words between single spaces, with a space at either end.

    NFKC, lower case; apostrophes and invisible characters go (`don't` -> `dont`), other marks become spaces.
    """
    return (
        pl.col(column)
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"['\u2019\u02bc\p{Cf}]", "")
        .str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
        .str.strip_chars(" ")
        .pipe(lambda text: pl.format(" {} ", text))
    )


def decoded(values: pl.Series) -> pl.Series:
    """Undo `+` and `%20` where a caller left them; only the few values that hold such a code are touched."""
    encoded = values.filter(values.str.contains(_ENCODED))
    if encoded.is_empty():
        return values
    return values.replace({text: unquote_plus(text, errors="replace") for text in encoded})
