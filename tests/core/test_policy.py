"""Which clauses bind whom."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aup_monitor.core.policy import Clause, Policy


def clause(name: str, **other: Any) -> Clause:
    """Return a clause that binds everybody."""
    return Clause(**({"id": name, "heading": "Betting", "summary": "No betting.", "binds": ("all",)} | other))


POLICY = Policy(
    id="ours",
    title="Our policy",
    clauses=(
        clause("B-ALL", themes=("gambling",)),
        clause("A-STAFF", binds=("staff", "governor"), rules=("gambling_site",)),
        clause("C-DUTY", kind="duty", binds=("visitor",), themes=("gambling",)),
        clause("D-OTHER", themes=("adult",), rules=("adult_site",)),
    ),
)


@pytest.mark.parametrize(
    ("rule", "theme", "role", "clauses"),
    [
        ("gambling_site", "gambling", "staff", ("A-STAFF", "B-ALL")),
        ("gambling_site", "gambling", "governor", ("A-STAFF", "B-ALL")),
        ("gambling_site", "gambling", "pupil", ("B-ALL",)),
        ("gambling_search", "gambling", "staff", ("B-ALL",)),
        ("gambling_site", "gambling", "visitor", ("B-ALL", "C-DUTY")),
        ("gambling_site", "gambling", "unknown", ("A-STAFF", "B-ALL", "C-DUTY")),
        ("usb_storage", "usb", "staff", ()),
    ],
)
def test_clauses_for(rule: str, theme: str, role: str, clauses: tuple[str, ...]) -> None:
    """By rule or theme and by role, sorted; an unknown person may be anyone."""
    assert tuple(clause.id for clause in POLICY.clauses_for(rule, theme, role)) == clauses


def test_a_misspelt_key_is_refused() -> None:
    """`rule:` for `rules:` would leave a clause unwatched in silence."""
    with pytest.raises(ValidationError, match="rule"):
        clause("A", rule=("gambling_site",))
    with pytest.raises(ValidationError, match="kind"):
        clause("A", kind="wish")


@pytest.mark.parametrize("hours", ["any", "school", "outside", "08:30-15:30"])
def test_hours_in_which_a_clause_binds(hours: str) -> None:
    """Words for the school day, or two times of a day."""
    assert clause("A", hours=hours).hours == hours


@pytest.mark.parametrize("hours", ["", "never", "8:30-15:30", "08:30", "24:00-25:00"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    """A misspelt window would never be met, in silence."""
    with pytest.raises(ValidationError, match="hours"):
        clause("A", hours=hours)
