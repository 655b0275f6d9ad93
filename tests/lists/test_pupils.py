"""What pupils type: what a person in school must hear of is met, and what only looks bad is not (`pupils/`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import yaml

from aup_monitor.core.resources import resource
from aup_monitor.lists import load_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.lookup import Lookup

FOLDER = Path(__file__).parent / "pupils"
NO_ACCUSATION = {"terms.protective", "terms.support"}


def searches(name: str) -> dict[str, list[str]]:
    """Return the searches of a file, by their heading."""
    given: dict[str, list[Any]] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {heading: [str(text) for text in texts] for heading, texts in given.items()}


@pytest.fixture(scope="module")
def terms() -> Mapping[str, Lookup]:
    """Return the term lists that ship."""
    lookups = load_lists([resource("rules")], None).lookups()
    return {name: lookup for name, lookup in lookups.items() if name.startswith("terms.")}


@pytest.mark.parametrize("heading", searches("innocent"))
def test_what_only_looks_bad_is_not_met(heading: str, terms: Mapping[str, Lookup]) -> None:
    """Places, lessons, games, songs, health, news: no list that accuses has them."""
    asked = pl.Series(sorted(set(searches("innocent")[heading])))
    met = {
        name: lookup.find(asked)["value"].to_list()
        for name, lookup in terms.items()
        if name not in NO_ACCUSATION
    }

    assert {name: values for name, values in met.items() if values} == {}


@pytest.mark.parametrize("theme", searches("worrying"))
def test_what_must_be_heard_of_is_met(theme: str, terms: Mapping[str, Lookup]) -> None:
    """As pupils type it, mistakes and all."""
    asked = pl.Series(sorted(set(searches("worrying")[theme])))
    met = {value for lookup in terms.values() for value in lookup.find(asked)["value"]}

    assert sorted(set(asked) - met) == []


def test_there_are_enough_of_both() -> None:
    """Hundreds of each, so that a change to the lists shows."""
    assert all(sum(map(len, searches(name).values())) > 300 for name in ("innocent", "worrying"))
