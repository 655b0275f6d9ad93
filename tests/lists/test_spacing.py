"""Phrases whose spaces slipped."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.lists.spacing import AcrossSpaces

PHRASES = ["painless ways to die", "run away from home", "i want to die", "to die"]
TERMS = pl.DataFrame({"pattern": [f" {phrase} " for phrase in PHRASES]})


def met(*values: str) -> list[tuple[str, str]]:
    """Return each value with each phrase that it holds."""
    texts = pl.DataFrame({"value": values, "text": [f" {value} " for value in values]})
    found = AcrossSpaces(TERMS).met(texts).select("value", pl.col("pattern").str.strip_chars(" "))
    return sorted(found.rows())


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("painless ways t odie", "painless ways to die"),
        ("painlesswaystodie uk", "painless ways to die"),
        ("how to run away fromhome", "run away from home"),
        ("iwant to die", "i want to die"),
        ("painless ways to die", "painless ways to die"),
    ],
)
def test_a_space_that_slipped(typed: str, phrase: str) -> None:
    """The phrase is met wherever its spaces are."""
    assert met(typed) == [(typed, phrase)]


@pytest.mark.parametrize(
    "typed",
    [
        "hawaii want to diet",
        "semi want to die cast",
        "ifrun away from homeland",
        "painless ways to diet",
        "todie",
        "",
    ],
)
def test_whole_words_only(typed: str) -> None:
    """Letters that belong to other words make no phrase, and short phrases are left alone."""
    assert met(typed) == []


@given(st.sampled_from(PHRASES[:3]), st.sets(st.integers(1, 14)))
def test_any_spaces(phrase: str, places: set[int]) -> None:
    """However a phrase is cut into words, it is met."""
    letters = phrase.replace(" ", "")
    typed = "".join(f" {letter}" if n in places else letter for n, letter in enumerate(letters))
    assert met(typed) == [(typed, phrase)]
