"""Rules checked and listed, and the clauses that they cover."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aup_monitor.core.schema import LOG_CLASSES
from aup_monitor.jobs.rules import check, coverage_rows, rule_rows

if TYPE_CHECKING:
    from school import School


def test_what_ships_is_clean() -> None:
    """Every rule can be used, and nothing is wrong."""
    checked = check(None)
    assert checked.rules == len(rule_rows(None))
    assert checked.problems == ()


def test_a_broken_rule_is_named_with_file_and_line(empty_school: School) -> None:
    """The others can still be used."""
    empty_school.write("rules/sigma/ours/broken.yml", "title: Broken\nname: broken\ndetection: nothing\n")
    checked = check(empty_school.workspace)
    assert checked.rules == check(None).rules
    assert all("rules/sigma/ours/broken.yml:" in problem for problem in checked.problems)
    assert checked.problems


def test_rule_rows() -> None:
    """By name, each with its author and what it reads; all of it fit for JSON."""
    rows = rule_rows(None)
    names = [str(row["name"]) for row in rows]
    assert names == sorted(names)
    gambling = next(row for row in rows if row["name"] == "gambling_site")
    assert gambling["lists"] == ["list.gambling"]
    assert set(gambling["reads"]) <= set(LOG_CLASSES)  # type: ignore[call-overload]
    assert all(row["author"] and row["title"] for row in rows)
    assert json.loads(json.dumps(rows)) == rows


def test_coverage_rows(empty_school: School) -> None:
    """Every clause of the chosen policies, with the rules that watch it or why none can."""
    empty_school.settings(("expected", 'policies = ["connected-learning", "pupils"]\nexpected'))
    rows = coverage_rows(empty_school.workspace)
    assert list(dict.fromkeys(row["policy"] for row in rows)) == ["connected-learning", "pupils"]
    assert {row["status"] for row in rows} >= {"watched", "not observable"}
    assert all(row["rules"] for row in rows if row["status"] == "watched")
    assert all(row["note"] for row in rows if row["status"] == "not observable")
