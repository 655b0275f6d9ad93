"""Terms that find too much: what a writer should hear of before a pupil is asked about it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from aup_monitor.core.resources import resource
from aup_monitor.lists.spellings import small_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

SHORT: Final = 3
"""A word of so many letters is in everyday use, more often than not."""


def too_broad(terms: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """
    Yield each term that finds too much, as written, and why.

    Args:
        terms: `terms.TERM_SCHEMA`.

    """
    for term, match, excluding in terms.select("term", "match", "excluding").iter_rows():
        words = term.lower().replace("|", " ").split()
        if match == "word" and len(term) <= SHORT and not excluding:
            yield term, f"a word of {len(term)} letters without an excluding context"
        if match == "substring" and (held := [word for word in ordinary() if term.lower() in word]):
            yield term, f"also in ordinary words, such as {', '.join(held[:3])}"
        if match in {"phrase", "words"} and set(words) <= {*small_words(), *_COMMON}:
            yield term, "nothing but words that say nothing by themselves"


_COMMON: Final = frozenset(
    [
        "how",
        "to",
        "do",
        "i",
        "you",
        "me",
        "we",
        "he",
        "she",
        "it",
        "they",
        "what",
        "where",
        "when",
        "why",
        "who",
        "is",
        "are",
        "am",
        "was",
        "be",
        "can",
        "could",
        "will",
        "would",
        "should",
        "get",
        "make",
        "go",
        "for",
        "of",
        "in",
        "on",
        "at",
        "by",
        "with",
        "from",
        "and",
        "or",
        "not",
        "no",
        "yes",
        "up",
        "down",
        "out",
    ]
)


@cache
def ordinary() -> tuple[str, ...]:
    """Return ordinary words that hold shorter ones of another kind, `rules/facts/ordinary_words.txt`."""
    lines = resource("rules", "facts", "ordinary_words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(sorted({word for line in lines if not line.startswith("#") for word in line.split()}))
