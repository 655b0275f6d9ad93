"""Terms that find too much are told of; sound ones are not."""

from __future__ import annotations

import polars as pl
import pytest

from aup_monitor.core.resources import resource
from aup_monitor.lists.broad import too_broad
from aup_monitor.lists.listfile import read_list_file
from aup_monitor.lists.terms import TERM_SCHEMA, parse_terms


def term(text: str, match: str, *excluding: str) -> pl.DataFrame:
    """Return one term."""
    row = (text, match, "en", 3, "adult", list(excluding), "ours", text)
    return pl.DataFrame([row], schema=TERM_SCHEMA, orient="row")


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (term("bet", "word"), "3 letters"),
        (term("cock", "substring"), "babcock"),
        (term("how to get", "phrase"), "nothing but words"),
        (term("how|what to|do", "words"), "nothing but words"),
    ],
)
def test_a_broad_term_is_told_of(terms: pl.DataFrame, why: str) -> None:
    """Short words, parts of ordinary words, and phrases that say nothing."""
    found = list(too_broad(terms))

    assert [text for text, _ in found] == terms["term"].to_list()
    assert why in found[0][1]


@pytest.mark.parametrize(
    "terms",
    [term("bet", "word", "alphabet"), term("pornhub", "substring"), term("how to buy weed", "phrase")],
)
def test_a_sound_term_is_not(terms: pl.DataFrame) -> None:
    """An excluding context, a part of no ordinary word, a phrase that says something."""
    assert list(too_broad(terms)) == []


ACCUSING = sorted(
    path for path in resource("rules", "terms").glob("*.tsv") if path.stem not in {"protective", "support"}
)


@pytest.mark.parametrize("path", ACCUSING, ids=lambda path: path.stem)
def test_no_term_that_ships_is_too_broad(path: object) -> None:
    """Our own lists are held to it."""
    assert list(too_broad(parse_terms(read_list_file(path), "ours").terms)) == []  # type: ignore[arg-type]  # a path
