"""Disguised words are found in plain form, and ordinary words are left as they are."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.lists.disguises import DISGUISED, forms
from aup_monitor.lists.spellings import spellings
from aup_monitor.lists.words import readings

PLAIN = ("suicide", "porn", "kill", "skill", "pool", "cannabis", "gambling", "vape")
SIGNS = {"a": "4@", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}


def read(text: str) -> set[str]:
    """Return every form in which a text is read."""
    return {form.strip() for form in readings(pl.Series([text]))["text"]}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("p0rn", "porn"),
        ("Su1c1de", "suicide"),
        ("k!ll my$elf", "kill myself"),
        ("$ex", "sex"),
        ("suuuuicide", "suicide"),
        ("pooool party", "pool party"),
        ("pornnn", "porn"),
        ("s u i c i d e", "suicide"),
        ("how to k.i.l.l time", "how to kill time"),
        ("get past the school filter", "get past school filter"),
        ("pedophile", "paedophile"),
        ("suiside note", "suicide note"),
    ],
)
def test_a_disguise_is_undone(text: str, plain: str) -> None:
    """One of the forms in which the text is read is the plain one, and one is the text itself."""
    assert plain in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "ks3 maths",
        "3d printer",
        "7 x 8",
        "h2o",
        "1984",
        "year 9",
        "f1",
        "year7",
        "covid19",
        "b&q",
        "a b c",
        "pool",
        "skill",
    ],
)
def test_what_is_no_disguise_is_read_as_it_stands(text: str) -> None:
    """Figures beside letters, short rows of letters and double letters are ordinary."""
    assert forms(text) == []


@st.composite
def disguises(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a plain word and a disguise of it."""
    word = draw(st.sampled_from(PLAIN))
    way = draw(st.sampled_from(["figures", "held", "apart"]))
    if way == "apart":
        return word, draw(st.sampled_from(" .-_")).join(word)
    place = draw(st.integers(0, len(word) - 1))
    if way == "held":
        letter = word[place]
        return word, re.sub(f"{letter}+", letter * draw(st.integers(3, 6)), word, count=1)
    letter = word[place]
    return word, word[:place] + draw(st.sampled_from(SIGNS.get(letter, letter))) + word[place + 1 :]


@given(disguises())
def test_every_disguise_made_so_is_undone(drawn: tuple[str, str]) -> None:
    """Figures or signs for a letter, a letter held down, letters apart: the word is found."""
    word, disguise = drawn
    last_sign = not disguise[-1].isalpha()  # a figure at the end is a number: year7

    assert word in read(disguise) or last_sign


@given(st.text(alphabet="abcs015$@! .", max_size=20))
def test_whatever_has_further_forms_is_looked_at(text: str) -> None:
    """The quick test over whole columns passes over no text that has further forms."""
    looked_at = pl.Series([text]).str.contains(DISGUISED).item()

    assert looked_at or forms(text) == []


def test_no_spelling_leads_on_to_another() -> None:
    """Each other spelling stands for a word that is itself in its final spelling, and none is a word of its own."""
    table = spellings()

    assert not set(table) & set(table.values())
    assert all(other.isalnum() for other in table)
