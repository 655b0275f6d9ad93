"""
Phrases whose spaces slipped: `painless ways t odie`, `run away fromhome`.

A phrase is met where some whole words of a text, written together, are the phrase written together. Its first letter must
begin a word and its last one end a word: `highways to dieppe` holds no `ways to die`.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.lists.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = 3
_LETTERS: Final = 10
"""Shorter phrases come about by chance where words meet."""


class AcrossSpaces:
    """
    Phrases met when spaces are not counted.

    Args:
        terms: with `pattern`; phrases too short for it are left out.

    """

    def __init__(self, terms: pl.DataFrame) -> None:
        words = pl.col("pattern").str.count_matches(" ", literal=True) > _WORDS
        together = terms.filter(words).with_columns(squashed=_squashed("pattern"))
        self._terms = together.filter(pl.col("squashed").str.len_chars() >= _LETTERS)
        self._patterns = Patterns(self._terms["squashed"].unique().sort())

    def met(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return each row of the texts (with `text`, normalised) with each of the terms that it holds."""
        held = self._patterns.within(texts.select(_squashed("text")).to_series())
        likely = texts[held["row"]].with_columns(squashed=held["pattern"])
        whole = [_of_whole_words(*pair) for pair in likely.select("text", "squashed").iter_rows()]
        return (
            likely.filter(pl.Series(whole, dtype=pl.Boolean))
            .join(self._terms, on="squashed")
            .drop("squashed")
        )


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
