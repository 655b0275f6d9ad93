"""
One canonical text for words: what a term and a search have in common, whatever their case, accents' form or marks.

A search is read in several forms: as it stands, with disguises undone (`disguises`), without accents, in the usual phrasing
(`how do i` is `how to`), and each of these without the small words that people put in or leave out (`the`, `my`): `get past
the school filter` is `get past school filter`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

import polars as pl

from aup_monitor.lists.disguises import HIDDEN, disguised
from aup_monitor.lists.spellings import hidden, phrasings, small_words, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ENCODED: Final = r"%[0-9A-Fa-f]{2}"
_ACCENTED: Final = "[\u00c0-\u024f\u1e00-\u1eff]"
_ACCENT: Final = "[\u0300-\u036f]"
_BARE: Final = {"\u0142": "l", "\u0111": "d", "\u00f8": "o", "\u0131": "i", "\u00df": "ss", "\u00e6": "ae"}
"""Letters that are no letter with an accent, and what people write for them."""


def normalised(column: str) -> pl.Expr:
    """
    Return the column as words between single spaces, with a space at either end.

    NFKC, lower case; apostrophes and invisible characters go (`don't` -> `dont`), other marks become spaces.
    """
    return _words(_folded(column))


def _folded(column: str) -> pl.Expr:
    return pl.col(column).str.normalize("NFKC").str.to_lowercase()


def _words(text: pl.Expr) -> pl.Expr:
    return (
        text.str.replace_all(r"['\u2019\u02bc\p{Cf}]", "")
        .str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
        .str.strip_chars(" ")
        .pipe(lambda words: pl.format(" {} ", words))
    )


def decoded(values: pl.Series) -> pl.Series:
    """Undo `+` and `%20` where a caller left them; only the few values that hold such a code are touched."""
    encoded = values.filter(values.str.contains(_ENCODED))
    if encoded.is_empty():
        return values
    return values.replace({text: unquote_plus(text, errors="replace") for text in encoded})


def readings(values: pl.Series, table: Mapping[str, str] | None = None) -> pl.DataFrame:
    """
    Return (value, text): every form in which each value is read, normalised, one row a form.

    Args:
        values: searches as they came.
        table: the spelling that stands for each other one; by default what is true of all words.

    """
    folded = (
        values.rename("value").to_frame().select("value", text=decoded(values)).with_columns(_folded("text"))
    )
    forms = pl.concat([folded, disguised(folded)]).with_columns(_words(pl.col("text")).alias("text"))
    return read(respelt(forms, spellings() if table is None else table))


def read(texts: pl.DataFrame) -> pl.DataFrame:
    """Return the texts, and their forms without accents, in the usual phrasing and without small words."""
    plain = pl.concat([texts, without_accents(texts)])
    said = pl.concat([plain, rephrased(plain)])
    return pl.concat([said, without_small_words(said)]).unique(maintain_order=True)


def respelt(texts: pl.DataFrame, table: Mapping[str, str]) -> pl.DataFrame:
    """Return the frame with those words of `text`, which is normalised, changed that the table has."""
    patterns = pl.Series([f" {word} " for word in table], dtype=pl.String)
    odd = texts.filter(pl.col("text").str.contains_any(patterns.implode()))["text"].unique()
    if odd.is_empty():
        return texts
    plain = {text: f" {' '.join(table.get(word, word) for word in text.split())} " for text in odd}
    return texts.with_columns(pl.col("text").replace(plain))


def without_accents(texts: pl.DataFrame) -> pl.DataFrame:
    """Return, of the texts that hold any, those without Latin accents: `chcę` as `chce`."""
    accented = texts.filter(pl.col("text").str.contains(_ACCENTED))
    bare = pl.col("text").str.normalize("NFKD").str.replace_all(_ACCENT, "").str.normalize("NFKC")
    return accented.with_columns(bare.str.replace_many(list(_BARE), list(_BARE.values())))


def rephrased(texts: pl.DataFrame) -> pl.DataFrame:
    """Return, of the texts that say something in another way than the usual one, the usual one."""
    usual = pl.col("text").str.replace_many(list(phrasings()), list(phrasings().values()))
    other = texts.with_columns(usual)
    return other.filter(other["text"] != texts["text"])


def without_small_words(texts: pl.DataFrame) -> pl.DataFrame:
    """Return, of the texts that hold any, those without the small words."""
    pattern = rf"\b(?:{'|'.join(small_words())}) "
    shorter = texts.with_columns(pl.col("text").str.replace_all(pattern, ""))
    return shorter.filter(shorter["text"] != texts["text"])


def revealed(texts: pl.DataFrame, words: Iterable[str]) -> pl.DataFrame:
    """Return the frame with those words of `text` shown whose letters are hidden, where only one of `words` fits."""
    masked = texts.filter(pl.col("text").str.contains(HIDDEN, literal=True))["text"].unique()
    if masked.is_empty():
        return texts
    known = sorted(set(words))
    plain = {
        text: " ".join(hidden(word, HIDDEN, known) if HIDDEN in word else word for word in text.split(" "))
        for text in masked
    }
    return texts.with_columns(pl.col("text").replace(plain))
