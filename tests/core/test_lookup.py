"""The shape in which every list answers."""

from __future__ import annotations

import polars as pl
import pytest

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.resources import resource
from aup_monitor.lists import load_lists

ASKED = pl.Series(
    ["www.bet365.com", "WWW.BET365.COM", "www.example.org", "0951:1666", "betting odds", "GeoGebra 6", ""]
)
LOOKUPS = load_lists([resource("rules")], None).lookups()


@pytest.mark.parametrize("name", LOOKUPS)
def test_every_list_that_ships_answers_in_one_shape(name: str) -> None:
    """One row a value at most, of the values asked, sorted; nothing asked is nothing found."""
    found = LOOKUPS[name].find(ASKED)
    assert found.schema == pl.Schema(FOUND_SCHEMA)
    assert found["value"].is_sorted()
    assert found["value"].is_unique().all()
    assert set(found["value"]) <= set(ASKED)
    assert found.null_count().sum_horizontal().item() == 0
    assert LOOKUPS[name].find(ASKED.clear()).schema == pl.Schema(FOUND_SCHEMA)


def test_case_does_not_matter() -> None:
    """Both ways of writing the host are found, each as it was asked."""
    assert LOOKUPS["list.gambling"].find(ASKED)["value"].to_list() == ["WWW.BET365.COM", "www.bet365.com"]
