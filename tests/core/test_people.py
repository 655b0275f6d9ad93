"""The school's people as detection needs them."""

from __future__ import annotations

import polars as pl

from aup_monitor.core.incident import ROLES
from aup_monitor.core.people import PEOPLE_SCHEMA, Directory, RoleRule


def test_an_empty_directory_has_its_columns() -> None:
    """A school that lists nobody can be asked like any other, and shares nothing with another."""
    assert Directory().people.schema == pl.Schema(PEOPLE_SCHEMA)
    assert Directory().people.is_empty()
    assert Directory().people is not Directory().people
    assert Directory().problems == ()


def test_a_rule_says_nothing_that_it_was_not_told() -> None:
    """What a rule does not ask for is None, not an empty text that fits nobody."""
    rule = RoleRule(role="pupil", network="10.20.0.0/16")
    assert (rule.user, rule.group) == (None, None)
    assert rule.role in ROLES
