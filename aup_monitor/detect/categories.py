"""
The filter's own categories, in one form for all makers: each in small letters between bars, `|gambling|games|`.

A filter names one category or several, in its own way: `Gambling, Games`, `Gambling;Games`, `[Gambling][Games]`,
`["gambling", "games"]`, `Gambling/Games`, `Leisure: Gambling`. Hyphens, underscores and dots read as spaces, `&` as `and`; a
category below another stands with it and by itself. One that says that something is taught, prevented, or not there (`Sex
Education`, `not gambling-related`) accuses nobody and is left out; which words say so is in `rules/facts/categories.yml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator

_BETWEEN: Final = re.compile(r"[,;|/\[\]{}\"\r\n]")
_SPACE: Final = re.compile(r"[\s\-_.()]+")
_LONGEST: Final = 2_000
"""Characters that are looked at; no filter's verdict is longer."""


class Categories(BaseModel):
    """What tells the categories of a verdict that accuse nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    harmless: tuple[str, ...]
    """Words and phrases, as they read here, of categories that help, teach or deny."""
    unless: tuple[str, ...]
    """Words of categories that are meant, although they hold one of those."""
    whole: tuple[str, ...]
    """Beginnings of verdicts that are one text and no list of categories."""

    def between_bars(self, verdict: str) -> str | None:
        """Return the verdict's categories between bars, in their order; None where it has none that accuse."""
        text = verdict[:_LONGEST].lower()
        if text.startswith(self.whole):
            return f"|{_plain(text)}|"
        found = dict.fromkeys(name for part in _BETWEEN.split(text) for name in self._names(part))
        return f"|{'|'.join(found)}|" if found else None

    def _names(self, part: str) -> Iterator[str]:
        """Yield a category with all that it stands below, then by itself."""
        levels = [plain for level in part.split(":") if (plain := _plain(level))]
        whole = " ".join(levels)
        if levels and not (_holds(whole, self.harmless) and not _holds(whole, self.unless)):
            yield whole
            yield levels[-1]


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.replace("&", " and ").replace("+", " and ")).strip(" '")


def _holds(text: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def filter_categories(categories: Categories) -> pl.Expr:
    """Return each event's categories between bars, String; a filter has few, and each is read once."""
    known: dict[str, str | None] = {}

    def read(verdicts: pl.Series) -> pl.Series:
        distinct = verdicts.unique().drop_nulls()
        known.update((one, categories.between_bars(one)) for one in distinct if one not in known)
        read_as = pl.Series([known[one] for one in distinct], dtype=pl.String)
        return verdicts.replace_strict(distinct, read_as, default=None, return_dtype=pl.String)

    return pl.col("rule_category").map_batches(read, return_dtype=pl.String, is_elementwise=True)
