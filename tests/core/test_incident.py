"""An incident's name."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.incident import LEVELS, SEVERITIES, incident_id

DAY = date(2026, 9, 7)


def test_id_is_stable() -> None:
    """The id never changes: decisions hang on it for years."""
    assert incident_id("main", "gambling_site", "jsmith", DAY) == "41b4d41d097f8d63"


@given(
    st.lists(st.text(max_size=8), min_size=3, max_size=3),
    st.lists(st.text(max_size=8), min_size=3, max_size=3),
)
def test_different_four_different_id(one: list[str], other: list[str]) -> None:
    """Site, rule and subject each count, and do not run into one another."""
    same = incident_id(*one, DAY) == incident_id(*other, DAY)
    assert same == (one == other)


def test_every_level_has_words() -> None:
    """Each Sigma level is a severity with words for a report."""
    assert {SEVERITIES[s] for s in LEVELS.values()} == set(SEVERITIES.values())
