"""
What people do to a word so that a filter does not know it, undone: figures for letters, letters held down, letters apart.

    su1c1de, $ex, k!ll      figures and signs that stand for letters
    suuuicide, pornnn       a letter three times or more: once, and twice (`pool`, `skill`)
    s u i c i d e, s.e.x.y  four letters or more, each by itself
    k*ll, p**n              letters that are not shown: `HIDDEN` stands for each, until a word is known that fits

Each gives further forms of the text beside the text itself, which stays as it is: a form that means nothing finds nothing.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import product
from string import ascii_lowercase
from typing import Final

import polars as pl

_LEET: Final = str.maketrans({"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"})
_ONE: Final = re.compile(r"[1!|]")
"""May stand for `i` or for `l`."""
_SIGNS: Final = "0-9@$!|"
_WORD: Final = re.compile(rf"(?<![\w@$!|])(?=\w*[{_SIGNS}])(?=[\d@$!|]*[^\W\d_])[\w@$!|]{{3,40}}")
_BEFORE_LETTER: Final = re.compile(rf"[{_SIGNS}][^\W\d_]")
_HELD: Final = re.compile(r"([^\W\d_\u02d1])\1{2,}")
_STARS: Final = re.compile(r"(?<=[^\W\d_])\*{1,3}(?=[^\W\d_])")
HIDDEN: Final = "\u02d1"
"""Stands for a letter that is not shown; a letter itself, of no language, so that it stays in its word."""
_APART: Final = re.compile(r"(?<!\w)[^\W\d_](?:[ .*_-]{1,2}[^\W\d_]){3,}(?!\w)")

DISGUISED: Final = "|".join(
    (
        rf"[{_SIGNS}]\p{{L}}",
        *(f"{letter}{{3}}" for letter in ascii_lowercase),
        r"\p{L}\*{1,3}\p{L}",
        r"(?:^|[^\p{L}\p{N}])\p{L}[ .*_-]{1,2}\p{L}[ .*_-]{1,2}\p{L}[ .*_-]{1,2}\p{L}(?:[^\p{L}\p{N}]|$)",
        r"(?:^|[^\p{L}\p{N}])\p{L}(?:[ .*_-]{1,2}\p{L}){4}",
    )
)
"""What a text holds of which `forms` may say more, in lower case; Rust's syntax."""


def forms(text: str) -> list[str]:
    """Return the further forms of a text (lower case) in which a disguised word would be plain; not the text itself."""
    joined = {_APART.sub(partial(_together, words), text) for words in ("", "ai")}
    masked = [_STARS.sub(lambda found: HIDDEN * len(found.group()), plain) for plain in joined]
    lettered = (_WORD.sub(partial(_letters, one), plain) for plain, one in product(masked, "il"))
    found = {_HELD.sub(times, plain) for plain, times in product(lettered, (r"\1", r"\1\1"))}
    return sorted(found - {text})


def _together(words: str, found: re.Match[str]) -> str:
    """Return a row of letters as one word; a first letter that is one of `words` by itself stays by itself."""
    row = found.group()
    first = row[0] + " " if row[0] in words and row[1] == " " else ""
    return first + re.sub(r"[ .*_-]", "", row[1:] if first else row)


def _letters(one: str, found: re.Match[str]) -> str:
    """Return the word with letters for figures, `one` for the figure 1; `ks3`, `3d`, `year7` stay as they are."""
    word = found.group()
    letters = sum(character.isalpha() for character in word)
    if letters < 2 or not _BEFORE_LETTER.search(word) or (len(word) < 4 and not set(word) & set("@$")):
        return word
    return _ONE.sub(one, word.rstrip("!|")).translate(_LEET)


def disguised(texts: pl.DataFrame) -> pl.DataFrame:
    """Return (value, text) with the further forms of those texts (lower case) that may be disguised."""
    few = texts.filter(pl.col("text").str.contains(DISGUISED))
    further = pl.Series("text", [forms(text) for text in few["text"]], pl.List(pl.String))
    return few.with_columns(further).explode("text").drop_nulls("text")
