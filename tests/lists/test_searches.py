"""
The keyword lists of safeguarding, against searches that each must and must not meet: `searches/<list>.yml`.

Adding a list is adding two files: `rules/terms/<list>.tsv`, and its searches under `met:` and `innocent:`.
`searches/ordinary.yml` holds what pupils search for on any day, hard subjects included: no list may meet it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl
import pytest
import yaml

from aup_monitor.core.resources import resource
from aup_monitor.lists import PROTECTIVE, Lists, load_lists
from aup_monitor.lists.contexts import contexts
from tests.lists.test_data import SEARCHES

HERE: Final = Path(__file__).parent / "searches"
NAMES: Final = sorted(
    path.stem
    for path in resource("rules", "terms").glob("*.tsv")
    if path.stem != PROTECTIVE and f"terms.{path.stem}" not in SEARCHES
)
NEVER_CANCELLED: Final = {
    "bullying",
    "eating-disorders",
    "exploitation",
    "self-harm",
    "support",
    "violence",
    "weapons",
    "women-and-girls",
}
"""Themes in which a person must see every search, whatever else is in it."""


@pytest.fixture(scope="module")
def lists() -> Lists:
    """Return the lists that ship."""
    return load_lists([resource("rules")], None)


def searches(name: str, kind: str) -> list[str]:
    """Return the searches of that kind that test the list."""
    given: list[str] = yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8"))[kind]
    return given


def met(lists: Lists, name: str, texts: list[str]) -> set[str]:
    """Return those that the list meets."""
    return set(lists.lookups()[f"terms.{name}"].find(pl.Series(texts))["value"])


def test_every_list_has_its_searches() -> None:
    """The two folders hold the same names, beside the ordinary searches."""
    assert sorted(path.stem for path in HERE.glob("*.yml")) == sorted([*NAMES, "ordinary"])


@pytest.mark.parametrize("name", NAMES)
def test_what_must_be_met_is_met(lists: Lists, name: str) -> None:
    """Each search of somebody in need, or that leaves no doubt, is met."""
    wanted = searches(name, "met")
    assert sorted(set(wanted) - met(lists, name, wanted)) == []


@pytest.mark.parametrize("name", NAMES)
def test_innocence_is_not_met(lists: Lists, name: str) -> None:
    """Homework, songs, sport and words inside others are not met."""
    assert sorted(met(lists, name, searches(name, "innocent"))) == []


@pytest.mark.parametrize("name", NAMES)
def test_ordinary_searches_are_not_met(lists: Lists, name: str) -> None:
    """What pupils search for on any day is met by no list."""
    assert sorted(met(lists, name, searches("ordinary", "innocent"))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_term_cannot_cancel_itself(name: str) -> None:
    """No term holds a word of its own excluding context, which would leave it dead."""
    rows = (resource("rules", "terms") / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in rows if line and not line.startswith("#")][1:]
    dead = [
        (row[0], word)
        for row in cells
        for part in row[5].split(";")
        for word in contexts().get(part, (part,))
        if word and f" {word} " in f" {row[0]} "
    ]
    assert dead == []


def test_a_call_for_help_is_never_cancelled(lists: Lists) -> None:
    """No protective term is of a theme in which a person must be seen; a helpline in the search changes nothing."""
    lines = (resource("rules", "terms") / "protective.tsv").read_text(encoding="utf-8").splitlines()
    themes = {line.split("\t")[4] for line in lines if line and not line.startswith("#")}
    assert themes & NEVER_CANCELLED == set()
    assert met(lists, "suicide", ["i want to kill myself childline number samaritans"])
