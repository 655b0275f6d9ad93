"""What pupils type: what a person in school must hear of is met, and what only looks bad is not (`pupils/`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from aup_monitor.core.resources import resource
from aup_monitor.lists import load_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.lookup import Lookup

FOLDER = Path(__file__).parent / "pupils"
NO_ACCUSATION = {"terms.protective", "terms.support"}
OF_VICTIMS = {
    f"terms.{name}"
    for name in (
        "bullied",
        "disclosure",
        "distress",
        "relationship-abuse",
        "self-harm",
        "suicide",
        "threatened",
    )
}
DISGUISES = (
    "apart", "held", "figure", "capitals", "width", "plus", "percent", "hidden", "apostrophe", "marks",
)  # fmt: skip
FIGURES = {"a": "4@", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}
GRAVEST = (
    "suicide",
    "self-harm",
    "disclosure",
    "threatened",
    "attack-plan",
    "eating-disorders",
    "weapon-making",
)


def searches(name: str) -> dict[str, list[str]]:
    """Return the searches of a file, by their heading."""
    given: dict[str, list[Any]] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {heading: [str(text) for text in texts] for heading, texts in given.items()}


def themes() -> dict[str, str]:
    """Return the theme of each list that ships."""
    lines = {
        path.stem: path.read_text(encoding="utf-8").splitlines()
        for path in resource("rules", "terms").glob("*.tsv")
    }
    return {name: rows[-1].split("\t")[4] for name, rows in lines.items() if name != "protective"}


def grave_phrases() -> list[str]:
    """Return English phrases of the gravest lists that nothing cancels but other people's songs and games."""
    rows = [
        line.split("\t")
        for name in GRAVEST
        for line in (resource("rules", "terms") / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    plain = re.compile(r"[a-z]+( [a-z]+)+")
    return sorted({row[0] for row in rows if row[1:3] == ["phrase", "en"] and plain.fullmatch(row[0])})


@pytest.fixture(scope="module")
def terms() -> Mapping[str, Lookup]:
    """Return the term lists that ship."""
    lookups = load_lists([resource("rules")], None).lookups()
    return {name: lookup for name, lookup in lookups.items() if name.startswith("terms.")}


def accused(terms: Mapping[str, Lookup], asked: pl.Series) -> dict[str, list[str]]:
    """Return what each list that accuses meets."""
    met = {name: lookup.find(asked)["value"].to_list() for name, lookup in terms.items()}
    return {name: values for name, values in met.items() if values and name not in NO_ACCUSATION}


@pytest.mark.parametrize("heading", searches("innocent"))
def test_what_only_looks_bad_is_not_met(heading: str, terms: Mapping[str, Lookup]) -> None:
    """Places, lessons, games, songs, health, news: no list that accuses has them."""
    assert accused(terms, pl.Series(sorted(set(searches("innocent")[heading])))) == {}


@pytest.mark.parametrize("theme", searches("worrying"))
def test_what_must_be_heard_of_is_met(theme: str, terms: Mapping[str, Lookup]) -> None:
    """As pupils type it, mistakes and all, by a list of its theme."""
    asked = pl.Series(sorted(set(searches("worrying")[theme])))
    of_theme = [terms[f"terms.{name}"] for name, its in themes().items() if its == theme]
    met = {value for lookup in of_theme for value in lookup.find(asked)["value"]}

    assert sorted(set(asked) - met) == []


@pytest.mark.parametrize("heading", searches("victims"))
def test_a_victim_is_not_accused(heading: str, terms: Mapping[str, Lookup]) -> None:
    """Whoever tells of a wrong that was done to him or her is on no list of conduct."""
    met = accused(terms, pl.Series(sorted(set(searches("victims")[heading]))))

    assert {name: values for name, values in met.items() if name not in OF_VICTIMS} == {}


@pytest.mark.parametrize("name", [name for name in searches("languages") if name != "innocent"])
def test_other_languages_are_met(name: str, terms: Mapping[str, Lookup]) -> None:
    """Polish, Romanian, Urdu, Punjabi and Arabic, as they are typed on an English keyboard too."""
    asked = pl.Series(searches("languages")[name])

    assert sorted(set(asked) - set(terms[f"terms.{name}"].find(asked)["value"])) == []


def test_ordinary_things_in_other_languages_are_not_met(terms: Mapping[str, Lookup]) -> None:
    """The same words about other matters are on no list."""
    assert accused(terms, pl.Series(searches("languages")["innocent"])) == {}


def test_no_ordinary_word_is_met_by_itself(terms: Mapping[str, Lookup]) -> None:
    """Two and a half thousand words of lessons and home, alone, are on no list, whatever letters they hold."""
    lines = (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines()
    words = sorted({word for line in lines if not line.startswith("#") for word in line.split()})

    assert len(words) > 2_500
    assert accused(terms, pl.Series(words)) == {}


def test_there_are_enough_of_both() -> None:
    """Hundreds of each, so that a change to the lists shows."""
    assert all(sum(map(len, searches(name).values())) > 500 for name in ("innocent", "worrying"))


def disguise(phrase: str, way: str, data: st.DataObject) -> str:
    """Return the phrase in a disguise: one of its longer words, or the whole."""
    words = phrase.split()
    if way == "capitals":
        return phrase.upper()
    if way == "width":
        return "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in phrase)
    if way in {"plus", "percent", "marks"}:
        return {"plus": "+", "percent": "%20", "marks": ", "}[way].join(words)
    longest = max(range(len(words)), key=lambda n: len(words[n]))
    word = words[longest]
    assume(len(word) > 3)
    place = data.draw(st.integers(1, len(word) - 2))
    letter = word[place]
    assume(way != "figure" or letter in FIGURES)
    assume(way != "apart" or len([*words, "end"][longest + 1]) > 1)
    assume(way != "held" or letter not in {word[place - 1], word[place + 1]})
    changed = {
        "apart": " ".join(word),
        "held": word[:place] + letter * 4 + word[place + 1 :],
        "figure": word[:place] + data.draw(st.sampled_from(FIGURES.get(letter, letter))) + word[place + 1 :],
        "hidden": word,
        "apostrophe": word[:place] + "\u2019" + word[place:],
    }
    return " ".join([*words[:longest], changed[way], *words[longest + 1 :]])


@given(phrase=st.sampled_from(grave_phrases()), way=st.sampled_from(DISGUISES), data=st.data())
def test_a_grave_phrase_is_met_in_every_disguise(
    phrase: str, way: str, data: st.DataObject, terms: Mapping[str, Lookup]
) -> None:
    """Letters apart or held down, figures for letters, width, codes and marks change nothing."""
    typed = pl.Series([disguise(phrase, way, data)])

    assert any(len(terms[f"terms.{name}"].find(typed)) for name in GRAVEST)


@pytest.mark.parametrize(
    ("typed", "theme"),
    [
        ("how to k*ll myself", "suicide"),
        ("su*cide methods", "suicide"),
        ("how do i kill my self", "suicide"),
        ("i do not want to live anymore", "suicide"),
        ("my step dad hits me", "disclosure"),
        ("chc\u0119 umrze\u0107", "suicide"),
        ("chce umrzec", "suicide"),
    ],
)
def test_other_ways_to_say_the_same(typed: str, theme: str, terms: Mapping[str, Lookup]) -> None:
    """Hidden letters, words apart, other phrasings and missing accents are the same search."""
    assert len(terms[f"terms.{theme}"].find(pl.Series([typed]))) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "how to help a friend who buys weed online",
        "how to report a groomer who sent porn videos",
        "childline number free porn videos",
        "my friend is addicted to online casino",
        "how to get off ket buy ket uk",
    ],
)
def test_a_search_for_help_accuses_nobody(typed: str, terms: Mapping[str, Lookup]) -> None:
    """Whoever looks for help is seen as such, and no list of conduct has the search."""
    asked = pl.Series([typed])

    assert len(terms["terms.support"].find(asked)) == 1
    assert not any(len(terms[f"terms.{name}"].find(asked)) for name in ("drugs", "adult", "gambling"))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("i want to kill myself childline number", "suicide"),
        ("i want to kill myself over this gcse essay", "suicide"),
        ("my dad hits me how to report abuse", "disclosure"),
        ("i was raped what happens if i tell a teacher", "disclosure"),
    ],
)
def test_what_somebody_says_of_himself_is_never_cancelled(
    typed: str, name: str, terms: Mapping[str, Lookup]
) -> None:
    """Neither a helpline nor homework in the same search hides it."""
    assert len(terms[f"terms.{name}"].find(pl.Series([typed]))) == 1
