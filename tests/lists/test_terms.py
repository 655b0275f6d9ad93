"""Which searches hold a term, and which only look as if they did."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import RuleError
from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.lists.listfile import ListFile
from aup_monitor.lists.terms import COLUMNS, TERM_SCHEMA, TermIndex, TermList, parse_terms

HEADER = "\t".join(COLUMNS)


def parse(
    *lines: str, header: str = HEADER, source: str = "ours"
) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """Return the terms and problems of a file of these lines."""
    content = "\n".join([header, *lines]).encode()
    parsed = parse_terms(ListFile(Path("x.tsv"), content, "0", {}), source)
    return parsed.terms, parsed.problems


def term(
    text: str, match: str = "phrase", severity: int = 2, excluding: str = "", theme: str = "gambling"
) -> str:
    """Return a line of a term file."""
    return "\t".join([text, match, "en", str(severity), theme, excluding])


def listed(terms: pl.DataFrame, protective: pl.DataFrame | None = None) -> TermList:
    """Return a list of these terms."""
    guards = pl.DataFrame(schema=TERM_SCHEMA) if protective is None else protective
    return TermList(TermIndex({"ours": terms}, guards), "ours")


def entries(terms: TermList, *values: str) -> dict[str, str]:
    """Return the term that each value meets."""
    frame = terms.find(pl.Series(values, dtype=pl.String))
    assert frame.schema == pl.Schema(FOUND_SCHEMA)
    return dict(frame.select("value", "entry").iter_rows())


def test_word_and_phrase_are_whole_words() -> None:
    """A word is not found inside another, nor a phrase with a word between; a small word is none."""
    terms = listed(parse(term("sex", "word"), term("online casino"))[0])
    values = [
        "essex",
        "sussex university",
        "sex",
        "Sex!",
        "online casino",
        "online bingo casino",
        "online the casino",
        "online casinos",
    ]
    assert entries(terms, *values) == {
        "sex": "sex",
        "Sex!": "sex",
        "online casino": "online casino",
        "online the casino": "online casino",
    }


def test_substring_is_found_inside_a_word() -> None:
    """A substring is found inside a word; it is for terms that no innocent word contains."""
    terms = listed(parse(term("pornhub", "substring"))[0])
    assert entries(terms, "mypornhubvideos", "porn hub") == {"mypornhubvideos": "pornhub"}


def test_context_cancels_its_term_alone() -> None:
    """An excluding word cancels the term beside which it is written, not another one."""
    terms = listed(parse(term("bet365", "word", excluding="stadium; news"), term("online casino"))[0])
    assert entries(terms, "bet365 stadium parking", "bet365 online casino stadium", "bet365 Stadiums") == {
        "bet365 online casino stadium": "online casino",
        "bet365 Stadiums": "bet365",
    }


def test_protective_terms_cancel_their_theme_alone() -> None:
    """A search for help cancels the terms of its theme; a theme without protective terms is never cancelled."""
    bad = parse(term("online casino"), term("end it all", theme="self-harm", severity=5))[0]
    terms = listed(bad, parse(term("gambling addiction"))[0])
    assert entries(terms, "gambling addiction online casino", "gambling addiction end it all") == {
        "gambling addiction end it all": "end it all"
    }


def test_most_severe_then_longest() -> None:
    """Of several terms in one search the gravest speaks, of equally grave ones the longest."""
    terms = listed(parse(term("online casino"), term("casino", "word"), term("free", "word", 4))[0])
    assert entries(terms, "online casino free", "online casino") == {
        "online casino free": "free",
        "online casino": "online casino",
    }


def test_overlapping_terms_are_both_met() -> None:
    """The space between two words serves both."""
    terms = TermIndex(
        {"ours": parse(term("one", "word"), term("two", "word"))[0]}, pl.DataFrame(schema=TERM_SCHEMA)
    )
    assert terms.matches(pl.Series(["one two"]))["term"].sort().to_list() == ["one", "two"]


def test_sources_of_the_same_term() -> None:
    """A term that our list and the school's hold has both votes."""
    both = pl.concat([parse(term("online casino"))[0], parse(term("Online-Casino"), source="own")[0]])
    frame = listed(both).find(pl.Series(["online casino"]))
    assert frame["entry"].item() in {"online casino", "Online-Casino"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "too\tfew",
        term("two words", "word"),
        term("one", "phrase"),
        term("abc", "substring"),
        term("x", "regex"),
        term("!!!", "word"),
        "x\tword\ten\t9\tgambling\t",
        "x\tword\ten\thigh\tgambling\t",
        "x\tword\t\t2\tgambling\t",
        "x\tword\ten\t2\t\t",
        term("x", "word") + "\tone more",
    ],
)
def test_bad_lines_are_named(line: str) -> None:
    """A bad line is left out and named with its line number; the next is read. An empty line is nothing."""
    terms, problems = parse(line, term("casino", "word"))
    assert terms["term"].to_list() == ["casino"]
    assert [number for number, _, _ in problems] == ([2] if line else [])


def test_missing_excluding_cell_and_windows_lines() -> None:
    """An editor that drops the last tab or writes Windows line ends does no harm."""
    terms, problems = parse("casino\tword\ten\t2\tgambling\r", header=HEADER + "\r")
    assert (terms["term"].to_list(), problems) == (["casino"], [])


@pytest.mark.parametrize("header", ["", "term\tmatch", HEADER.upper(), HEADER.replace("\t", ",")])
def test_header_row_is_required(header: str) -> None:
    """A file without its header row is an error with the place and the remedy: columns are never guessed."""
    with pytest.raises(RuleError) as caught:
        parse(term("casino", "word"), header=header)
    assert str(caught.value).startswith("x.tsv:")
    assert "excluding" in str(caught.value)


def test_empty_list_and_no_values() -> None:
    """No terms, or no values: an empty answer."""
    assert entries(listed(pl.DataFrame(schema=TERM_SCHEMA)), "anything") == {}
    assert entries(listed(parse(term("casino", "word"))[0])) == {}


@given(st.text(max_size=60))
def test_any_search_ends_and_agrees_with_itself(text: str) -> None:
    """Whatever is searched for, adding a term to it is found, and the text alone only if it holds it."""
    terms = listed(parse(term("casinoterm", "word"))[0])
    found = entries(terms, text + " casinoterm")
    assert found == {text + " casinoterm": "casinoterm"}


def test_words_in_any_order_with_others_between() -> None:
    """Every word, or one of its alternatives, must be there; one word does not stand for two."""
    terms = listed(parse(term("buy|order|get weed|cannabis online|uk", "words"))[0])
    met = ["where to buy some weed in the uk", "cannabis uk order", "weed online get"]
    unmet = ["buy weed", "weed uk", "buy seeds online uk", "get online uk"]

    assert set(entries(terms, *met, *unmet)) == set(met)


@pytest.mark.parametrize("bad", ["alone", "two w*rds", "|x y", "x| y"])
def test_a_choice_of_words_is_written_strictly(bad: str) -> None:
    """One word alone, or a sign that would never be met, is a bad line."""
    terms, problems = parse(term(bad, "words"))

    assert terms.is_empty()
    assert len(problems) == 1


def test_letters_that_changed_places() -> None:
    """A slip in a long word of a grave term is seen; words of other terms are left alone."""
    terms = listed(parse(term("gambling site", severity=3), term("casino games", severity=2))[0])

    assert set(entries(terms, "gmabling site", "gamblnig site", "casnio games")) == {
        "gamblnig site",
        "gmabling site",
    }
