"""
One canonical text for words: what a term and a search have in common, whatever their case, accents' form or marks.

A search is read in several forms: as it stands, with disguises undone (`disguises`), and each of these without the small
words that people put in or leave out (`the`, `my`): `get past the school filter` is `get past school filter`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

import polars as pl
import yaml

from aup_monitor.core.resources import resource
from aup_monitor.lists.disguises import disguised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONG: Final = 6
_ENCODED: Final = r"%[0-9A-Fa-f]{2}"


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


def readings(values: pl.Series) -> pl.DataFrame:
    """Return (value, text): every form in which each value is read, normalised, one row a form."""
    folded = (
        values.rename("value").to_frame().select("value", text=decoded(values)).with_columns(_folded("text"))
    )
    forms = pl.concat([folded, disguised(folded)]).with_columns(_words(pl.col("text")).alias("text"))
    spelt = respelt(forms, spellings())
    return pl.concat([spelt, without_small_words(spelt)]).unique(maintain_order=True)


def respelt(texts: pl.DataFrame, table: Mapping[str, str]) -> pl.DataFrame:
    """Return the frame with those words of `text`, which is normalised, changed that the table has."""
    patterns = pl.Series([f" {word} " for word in table], dtype=pl.String)
    odd = texts.filter(pl.col("text").str.contains_any(patterns.implode()))["text"].unique()
    if odd.is_empty():
        return texts
    plain = {text: f" {' '.join(table.get(word, word) for word in text.split())} " for text in odd}
    return texts.with_columns(pl.col("text").replace(plain))


def without_small_words(texts: pl.DataFrame) -> pl.DataFrame:
    """Return, of the texts that hold any, those without the small words."""
    pattern = rf"\b(?:{'|'.join(small_words())}) "
    shorter = texts.with_columns(pl.col("text").str.replace_all(pattern, ""))
    return shorter.filter(shorter["text"] != texts["text"])


def slips(words: Iterable[str]) -> dict[str, str]:
    """
    Return each word for what comes of it when two letters change places, in the order of the words.

    Only of words of six letters or more, and not of their first letter: what comes of shorter ones is often a word.
    """
    whole = sorted({word for word in words if len(word) >= _LONG and word.isalpha()})
    swapped = {
        word[:n] + word[n + 1] + word[n] + word[n + 2 :]: word
        for word in whole
        for n in range(1, len(word) - 1)
    }
    known = set(whole)
    return {slip: word for slip, word in swapped.items() if slip not in known}


@cache
def spellings() -> dict[str, str]:
    """Return the spelling that stands for each other one: American and mistaken ones, `rules/facts/spellings.yml`."""
    return {other: word for word, others in _facts()["words"].items() for other in others}


@cache
def small_words() -> tuple[str, ...]:
    """Return the words that say nothing by themselves, `rules/facts/spellings.yml`."""
    return tuple(_facts()["small"])


def _facts() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load(
        resource("rules", "facts", "spellings.yml").read_text(encoding="utf-8")
    )
    return given
