"""
Phrases whose spaces slipped: `painless ways t odie`, `run away fromhome`.

A phrase is met where some whole words of a text, written together, are the phrase written together. Its first letter must
begin a word and its last one end a word: `highways to dieppe` holds no `ways to die`.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = 3
_LETTERS: Final = 10
"""Shorter phrases come about by chance where words meet."""


def across_spaces(texts: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """
    Return each (value, text) with each term that it holds when spaces are not counted.

    Args:
        texts: value, text; normalised.
        terms: with `pattern`; phrases too short for it are left out.

    """
    together = (
        terms.filter(pl.col("pattern").str.count_matches(" ", literal=True) > _WORDS)
        .with_columns(squashed=_squashed("pattern"))
        .filter(pl.col("squashed").str.len_chars() >= _LETTERS)
    )
    patterns = together["squashed"].unique().sort().implode()
    held = pl.col("squashed").str.extract_many(patterns, overlapping=True)
    likely = (
        texts.with_columns(squashed=_squashed("text"))
        .filter(pl.col("squashed").str.contains_any(patterns))
        .with_columns(squashed=held)
        .explode("squashed")
        .unique(maintain_order=True)
    )
    whole = [row for row in likely.iter_rows() if _of_whole_words(row[1], row[2])]
    return pl.DataFrame(whole, schema=likely.schema, orient="row").join(together, on="squashed")


def _squashed(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(" ", "", literal=True)


def _of_whole_words(text: str, squashed: str) -> bool:
    ends = list(accumulate((len(word) for word in text.split()), initial=0))
    return any(at in ends and at + len(squashed) in ends for at in _places("".join(text.split()), squashed))


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
