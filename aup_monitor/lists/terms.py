"""
Keyword lists: which words and phrases a search holds.

`<folder>/terms/<category>.tsv`, tab-separated, `#` comment lines, and the header row

    term  match  language  severity  theme  excluding

`match`: `word` (one whole word), `phrase` (whole words in this order), `words` (all of these whole words in any order,
others between; `buy|order weed|cannabis` gives alternatives) or `substring` (also inside a word: for terms that no
innocent word contains). `severity`: 1-5. `excluding`: words or phrases, `;` between, whose presence in the
same search cancels the term (`bet` excluding `alphabet;betting shop history`); `@study` stands for all contexts of that name
in `rules/facts/contexts.yml`.

`protective.tsv` has the same form: where one of its terms is in a search, every other term of the same theme is
cancelled, so that someone who looks for help ("gambling addiction") is not accused. The terms of `support.tsv` cancel all
of these themes. A theme without protective terms (self-harm, where a search for help must be seen) is never cancelled.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.lists.contexts import contexts
from aup_monitor.lists.patterns import Patterns
from aup_monitor.lists.spacing import AcrossSpaces
from aup_monitor.lists.spellings import american, slips, spellings
from aup_monitor.lists.words import normalised, read, readings, respelt, revealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

    from aup_monitor.lists.listfile import ListFile

COLUMNS: Final = ("term", "match", "language", "severity", "theme", "excluding")
MATCHES: Final = ("word", "phrase", "words", "substring")

TERM_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "term": pl.String(),
    "match": pl.String(),
    "language": pl.String(),
    "severity": pl.Int8(),
    "theme": pl.String(),
    "excluding": pl.List(pl.String()),
    "source": pl.String(),
    "pattern": pl.String(),
}
"""
A term as written, and `pattern`: its normalised text, between spaces unless it is a substring. `excluding` holds words as
they are looked for, and names such as `@study`.
"""

_CHOICES: Final = re.compile(r"[^\W_]+(\|[^\W_]+)*( [^\W_]+(\|[^\W_]+)*)*")
_ASKED_KEPT: Final = 4
_GRAVE: Final = 3
"""Terms of this severity or a graver one are known with letters that changed places, and phrases with spaces that slipped."""
_SHORTEST_SUBSTRING: Final = 4
"""A shorter one would be inside innocent words."""


@dataclass(frozen=True)
class ParsedTerms:
    """One file: the sound terms (`TERM_SCHEMA`) and the bad lines (line, text, reason)."""

    terms: pl.DataFrame
    problems: list[tuple[int, str, str]]


def parse_terms(file: ListFile, source: str) -> ParsedTerms:
    """
    Return the terms of one file.

    Raises:
        RuleError: its first line that is not a comment is not the header row.

    """
    rows = file.rows(COLUMNS)
    words = _words(text for _, _, cells in rows for text in (cells[0], *cells[5].split(";")))
    good: list[tuple[object, ...]] = []
    bad: list[tuple[int, str, str]] = []
    for number, line, cells in rows:
        if reason := _reason(cells, words[cells[0]]):
            bad.append((number, line, reason))
        else:
            excluding = [_context(part.strip(), words[part]) for part in cells[5].split(";") if words[part]]
            pattern = _pattern(cells[1], words[cells[0]])
            if cells[1] == "words":
                pattern = f" {cells[0].lower()} "
            good.append((*cells[:3], int(cells[3]), cells[4], excluding, source, pattern))
    terms = pl.DataFrame(good, schema=TERM_SCHEMA, orient="row")
    return ParsedTerms(terms, bad)


def _context(part: str, words: tuple[str, ...]) -> str:
    """Return a context as it is looked for, the name of several as it is."""
    return part if part.startswith("@") else " ".join(words)


def _words(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return each text with its words; all are normalised at once, for one by one costs a millisecond each."""
    frame = pl.DataFrame({"text": sorted(set(texts))}, schema={"text": pl.String})
    pairs = frame.select("text", normalised("text").alias("words")).iter_rows()
    return {text: tuple(words.split()) for text, words in pairs}


def _pattern(match: str, words: tuple[str, ...]) -> str:
    text = " ".join(words)
    return text if match == "substring" else f" {text} "


def _reason(cells: list[str], words: tuple[str, ...]) -> str | None:
    """Return what is wrong with a line, whose term has these words; or None."""
    if len(cells) > len(COLUMNS):
        return f"{len(cells)} cells, where {len(COLUMNS)} are expected"
    term, match, language, severity, theme, excluding = cells
    unknown = [
        part for part in map(str.strip, excluding.split(";")) if part[:1] == "@" and part not in contexts()
    ]
    checks = [
        (not words, "the term holds no letter or digit"),
        (match not in MATCHES, f"match is none of {', '.join(MATCHES)}"),
        (match == "word" and len(words) > 1, "a term of several words is a phrase"),
        (match == "phrase" and len(words) == 1, "a term of one word is a word"),
        (match == "words" and len(term.split()) == 1, "one word alone is no choice of words"),
        (
            match == "words" and not _CHOICES.fullmatch(term),
            "words are letters and figures, with | between alternatives",
        ),
        (
            match == "substring" and len(term) < _SHORTEST_SUBSTRING,
            "too short for a substring: it is in innocent words",
        ),
        (severity not in {"1", "2", "3", "4", "5"}, "severity is not 1 to 5"),
        (not language or not theme, "language and theme may not be empty"),
        (
            bool(unknown),
            f"{', '.join(unknown)}: no contexts have that name; there are {', '.join(contexts())}",
        ),
    ]
    return next((reason for wrong, reason in checks if wrong), None)


class TermIndex:
    """
    All keyword lists together, so that a search is read once, whatever the number of lists.

    Args:
        lists: `TERM_SCHEMA` of each list, by its name.
        protective: `TERM_SCHEMA`; where one of these is in a value, terms of its theme are cancelled.

    """

    def __init__(self, lists: Mapping[str, pl.DataFrame], protective: pl.DataFrame) -> None:
        named = [terms.with_columns(pl.lit(name).alias("list")) for name, terms in sorted(lists.items())]
        none = pl.DataFrame(schema={**TERM_SCHEMA, "list": pl.String()})
        whole = pl.concat([none, *named])
        self._terms = _Terms(whole)
        self._protective = _Terms(protective)
        self._grave = frozenset(_vocabulary(whole.filter(pl.col("severity") >= _GRAVE)))
        self._contexts = _contexts(whole["excluding"])
        self._table = {**american(_vocabulary(whole)), **slips(self._grave), **spellings()}
        self._asked: deque[tuple[pl.Series, pl.DataFrame]] = deque(maxlen=_ASKED_KEPT)

    def matches(self, values: pl.Series) -> pl.DataFrame:
        """
        Return (value, text, list) with every term's `TERM_SCHEMA` that a value holds and that nothing cancels.

        The last few answers are kept, because detection asks list after list about the same searches.
        """
        for asked, answer in list(self._asked):
            if asked.equals(values):
                return answer
        answer = self._matches(values)
        self._asked.append((values, answer))
        return answer

    def _matches(self, values: pl.Series) -> pl.DataFrame:
        texts = revealed(readings(values, self._table), self._grave)
        met = self._terms.met(texts)
        of_met = texts.join(met.select("value").unique(), on="value", how="semi")
        excluded = (
            met.select("value", "term", "source", "excluding")
            .unique(["value", "term", "source"])
            .explode("excluding")
            .join(self._contexts, on="excluding")
            .join(of_met, on="value")
            .filter(pl.col("text").str.contains(pl.col("context"), literal=True))
        )
        cancelled = self._protective.met(of_met)
        return met.join(excluded, on=["value", "term", "source"], how="anti").join(
            cancelled, on=["value", "theme"], how="anti"
        )


class _Terms:
    """Terms as they are looked for: those found in a text, and those whose words may stand in any order."""

    def __init__(self, terms: pl.DataFrame) -> None:
        chosen = pl.col("match") == "words"
        self._terms = _as_read(terms.filter(~chosen))
        self._patterns = Patterns(self._terms["pattern"].unique().sort())
        self._choices = terms.filter(chosen).with_row_index("row")
        grave = (pl.col("match") == "phrase") & (pl.col("severity") >= _GRAVE)
        self._slipped = AcrossSpaces(self._terms.filter(grave))

    def met(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return each (value, text) with each term that it holds."""
        held = self._patterns.within(texts.get_column("text"))
        found = pl.concat(
            [
                texts[held["row"]].with_columns(held["pattern"]).join(self._terms, on="pattern"),
                self._slipped.met(texts),
            ],
            how="diagonal",
        )
        columns = "value", "text", *self._choices.drop("row").columns
        return pl.concat([found.select(columns), _met_choices(texts, self._choices).select(columns)]).unique(
            maintain_order=True
        )


def _vocabulary(terms: pl.DataFrame) -> set[str]:
    return {word for pattern in terms["pattern"] for word in re.split(r"[ |]", pattern) if word}


class TermList:
    """One keyword list, ready to be asked (`core.lookup.Lookup`)."""

    def __init__(self, index: TermIndex, name: str) -> None:
        self._index = index
        self._name = name

    def find(self, values: pl.Series) -> pl.DataFrame:
        """Return the values that hold a term; `entry` is the most severe, of those the longest."""
        met = self._index.matches(values).filter(pl.col("list") == self._name)
        if met.is_empty():
            return pl.DataFrame(schema=FOUND_SCHEMA)
        return (
            met.sort(
                "value",
                "severity",
                pl.col("term").str.len_chars(),
                "term",
                descending=[False, True, True, False],
            )
            .group_by("value", maintain_order=True)
            .agg(
                pl.col("term").first().alias("entry"),
                pl.col("source")
                .filter(pl.col("term") == pl.col("term").first())
                .unique()
                .sort()
                .str.join(",")
                .alias("sources"),
            )
            .select(*FOUND_SCHEMA)
        )


def _as_read(terms: pl.DataFrame) -> pl.DataFrame:
    """Return the terms in the forms in which texts are read; a phrase stays one of two words or more."""
    spelt = respelt(terms.rename({"pattern": "text"}), spellings())
    forms = read(spelt.with_row_index("row")).unique(["row", "text"], maintain_order=True)
    several = pl.col("text").str.strip_chars(" ").str.contains(" ", literal=True)
    kept = forms.filter(several | (pl.col("match") != "phrase"))
    return kept.rename({"text": "pattern"}).select(terms.columns)


def _contexts(excluding: pl.Series) -> pl.DataFrame:
    """Return each context that terms write (`excluding`) with each text that is looked for: several for a name."""
    named = contexts()
    written = [
        (name, text)
        for name in sorted(set(excluding.explode().drop_nulls()))
        for text in named.get(name, (name,))
    ]
    pairs = pl.DataFrame(written, schema={"excluding": pl.String, "text": pl.String}, orient="row")
    return respelt(pairs.with_columns(normalised("text")), spellings()).rename({"text": "context"})


def _met_choices(texts: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Return each value with each term of several words of which it holds all, whatever their order."""
    slots = (
        terms.select("row", pl.col("pattern").str.strip_chars(" ").str.split(" ").alias("slot"))
        .with_columns(pl.int_ranges(pl.col("slot").list.len()).alias("number"))
        .explode("slot", "number")
        .with_columns(pl.col("slot").str.split("|").alias("word"))
        .explode("word")
    )
    wanted = slots.group_by("row").agg(pl.col("number").n_unique().alias("asked"))
    words = texts.select("value", pl.col("text").str.split(" ").alias("word")).explode("word").unique()
    counts = pl.col("number").n_unique().alias("met"), pl.col("word").n_unique().alias("words")
    likely = words.join(_rarest(slots, words), on="word").select("value", "row").unique()
    # All words of these few values, rather than all terms that a common word is in.
    places = likely.join(words, on="value").join(slots, on=["row", "word"])
    found = places.group_by("value", "row").agg(*counts)
    # As many different words as are asked for: one word does not stand for two.
    met = (pl.col("met") == pl.col("asked")) & (pl.col("words") >= pl.col("asked"))
    whole = found.join(wanted, on="row").filter(met)
    held = whole.select("value", "row").join(terms, on="row").with_columns(pl.lit("").alias("text"))
    return held.select("value", "text", "pattern", *(c for c in terms.columns if c not in {"row", "pattern"}))


def _rarest(slots: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Return of each term the place whose words the values hold least: only values that hold one can hold the term."""
    held = slots.join(words.group_by("word").len("held"), on="word", how="left")
    totals = held.group_by("row", "number").agg(pl.col("held").sum())
    rarest = totals.sort("row", "held", "number").unique("row", keep="first", maintain_order=True)
    return slots.join(rarest.select("row", "number"), on=["row", "number"], how="semi")
