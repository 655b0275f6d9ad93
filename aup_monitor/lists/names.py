"""
Words in the names of hosts: what a host that no list holds says of itself, such as `thinspo-diary.wordpress.com`.

`<folder>/lists/names/<category>.tsv`, tab-separated, `#` comment lines, and the header row

    term  match  excluding

`match`: `word` (a whole word of one part of the name: hyphens, figures and the part's ends divide; `ghost guns` is also
`ghost-guns` and `ghostguns`) or `part` (anywhere within one part of the name, hyphens and figures left out). `excluding`:
texts, `;` between, whose presence anywhere in the host's name cancels the term; `@help` stands for all contexts of that name in
`rules/facts/contexts.yml`.

A name is a weak sign, so a word is only asked where no list of its category holds the host, and its confidence is low.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.lists.contexts import contexts

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from aup_monitor.lists.listfile import ListFile

COLUMNS: Final = ("term", "match", "excluding")
NAME_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "term": pl.String(),
    "pattern": pl.String(),
    "excluding": pl.List(pl.String()),
    "category": pl.String(),
    "source": pl.String(),
}
"""A term as written, once for each `pattern` that is looked for; `excluding` holds texts without spaces."""

_TERM: Final = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
_SHORTEST: Final = {"word": 3, "part": 5}
"""Letters of a term without its spaces; shorter ones would be inside innocent names."""


@dataclass(frozen=True)
class ParsedNames:
    """One file: the sound terms (`NAME_SCHEMA`), how many they are, and the bad lines (line, text, reason)."""

    words: pl.DataFrame
    count: int
    problems: list[tuple[int, str, str]]


def parse_names(file: ListFile, category: str, source: str) -> ParsedNames:
    """
    Return the terms of one file.

    Raises:
        RuleError: its first line that is not a comment is not the header row.

    """
    good: list[tuple[object, ...]] = []
    bad: list[tuple[int, str, str]] = []
    rows = file.rows(COLUMNS)
    for number, line, cells in rows:
        if reason := _reason(cells):
            bad.append((number, line, reason))
            continue
        term, match, excluding = cells
        good += [(term, pattern, _texts(excluding), category, source) for pattern in _patterns(term, match)]
    words = pl.DataFrame(good, schema=NAME_SCHEMA, orient="row")
    return ParsedNames(words, len(rows) - len(bad), bad)


def _reason(cells: list[str]) -> str | None:
    """Return what is wrong with a line, or None."""
    if len(cells) > len(COLUMNS):
        return f"{len(cells)} cells, where {len(COLUMNS)} are expected"
    term, match, excluding = cells
    if match not in _SHORTEST:
        return f"match is none of {', '.join(_SHORTEST)}"
    if not _TERM.fullmatch(term):
        return "a term is small letters and figures, with single spaces between words"
    if len(term.replace(" ", "")) < _SHORTEST[match]:
        return f"too short for a {match}: it is in innocent names"
    unknown = [
        part for part in excluding.split(";") if part.strip()[:1] == "@" and part.strip() not in contexts()
    ]
    return f"{', '.join(unknown)}: no contexts have that name" if unknown else None


def _patterns(term: str, match: str) -> list[str]:
    together = term.replace(" ", "")
    return [together] if match == "part" else sorted({f" {term} ", f" {together} "})


def _texts(excluding: str) -> list[str]:
    parts = [part.strip() for part in excluding.split(";") if part.strip()]
    return sorted({_squashed(text) for part in parts for text in contexts().get(part, (part,))})


def _squashed(text: str) -> str:
    return re.sub(r"[-_ 0-9]", "", text.lower())


class NameWords:
    """
    The words of all categories, ready to be asked.

    Args:
        words: `NAME_SCHEMA`.

    """

    def __init__(self, words: pl.DataFrame) -> None:
        self._words = words
        self._patterns = words["pattern"].unique().sort()

    def met(self, names: pl.DataFrame) -> pl.DataFrame:
        """
        Return the terms that hosts hold: (value, name, depth, category, source), `name` the term as written.

        Args:
            names: (value, name, depth): each host as asked, with its name and every domain above it; a term is looked for
                in the first part of each, so that `depth` counts the labels between the host and the part that holds it.

        """
        parts = names.filter(~pl.col("name").str.contains("[/:]")).with_columns(
            label=pl.col("name").str.splitn(".", 2).struct[0]
        )
        held = self._held(parts["label"].unique())
        met = parts.join(held, on="label").join(self._words, on="pattern")
        excluded = (
            met.select("value", "term", "excluding")
            .explode("excluding")
            .drop_nulls()
            .with_columns(plain=pl.col("value").str.to_lowercase().str.replace_all("[-_0-9]", ""))
            .filter(pl.col("plain").str.contains(pl.col("excluding"), literal=True))
        )
        return (
            met.join(excluded, on=["value", "term"], how="anti")
            .select("value", pl.col("term").alias("name"), "depth", "category", "source")
            .sort(
                "value",
                "category",
                "depth",
                pl.col("name").str.len_chars(),
                "name",
                descending=[False, False, False, True, False],
            )
            .unique(["value", "category", "source"], keep="first", maintain_order=True)
        )

    def _held(self, labels: pl.Series) -> pl.DataFrame:
        """Return (label, pattern): each distinct part of names with each pattern that it holds."""
        label = pl.col("label").str.to_lowercase()
        opened = label.str.replace_all("[-_]+", " ")
        lettered = label.str.replace_all("[-_0-9]+", " ").str.strip_chars(" ")
        joined = label.str.replace_all("[-_]", "")
        forms = (opened, lettered, joined, joined.str.replace_all("[0-9]", ""))
        plain = labels.filter(~labels.str.starts_with("xn--")).rename("label").to_frame()
        texts = pl.concat([plain.with_columns(pl.format(" {} ", form).alias("text")) for form in forms])
        if self._patterns.is_empty():
            return pl.DataFrame(schema={"label": pl.String, "pattern": pl.String})
        return (
            texts.filter(pl.col("text").str.contains_any(self._patterns.implode()))
            .with_columns(pattern=pl.col("text").str.extract_many(self._patterns.implode(), overlapping=True))
            .explode("pattern")
            .select("label", "pattern")
            .unique(maintain_order=True)
        )
