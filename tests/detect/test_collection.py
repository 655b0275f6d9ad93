"""A folder of rules in the shapes that public collections use: all load, hit what they mean, and say what they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import yaml

from aup_monitor.core.calendar import SchoolCalendar
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.examples import Examples, as_frame
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match
from aup_monitor.detect.reference import LONDON, Surroundings, matches
from aup_monitor.detect.unanswered import loses_exclusions, never_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.detect.examples import Story
    from aup_monitor.detect.rule import RuleSet

DATA = Path(__file__).parent / "data"
CALENDAR = SchoolCalendar((), LONDON)
EVENTS: dict[str, Any] = yaml.safe_load((DATA / "collection_events.yml").read_text(encoding="utf-8"))
CORRELATIONS = [name for name in EVENTS if isinstance(EVENTS[name]["hit"][0], list)]
PLACEHOLDER = """title: Connection of a workstation
author: Example House
logsource: {category: network_connection, product: windows}
detection:
  selection: {Computer|expand: '%Workstations%'}
  condition: selection
"""
OWN = """title: Ours
name: same
description: What it looks for.
logsource: {category: network_name}
detection:
  seen: {url.domain: example.com}
  condition: seen
level: low
aup: {theme: gambling}
"""


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Return the rules of the folder."""
    return load_rules([], [DATA / "collection"])


def stories(name: str, *, hit: bool) -> list[Story]:
    """Return what a rule must hit, or must not."""
    return [story for must, story in Examples.model_validate(EVENTS[name]).stories() if must == hit]


def enriched(story: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return events as analysis gives them to rules."""
    return enrich(as_frame(story), load_facts(), CALENDAR).collect()


def test_all_load(rules: RuleSet) -> None:
    """Nothing is wrong; what is withdrawn is set aside and counted; each rule has its author and its events."""
    sleeping = {rule.name for rule in rules if never_hits(rule)}

    assert rules.problems == ()
    assert [path.name for path in rules.set_aside] == ["old_rule.yml"]
    assert all(rule.author for rule in rules)
    assert {rule.name for rule in rules} == EVENTS.keys() | sleeping


@pytest.mark.parametrize("name", [name for name in EVENTS if name not in CORRELATIONS])
def test_a_rule_hits_what_it_means(name: str, rules: RuleSet) -> None:
    """Both evaluators find every hit and no miss."""
    for hit in (True, False):
        for story in stories(name, hit=hit):
            events = enriched(story)
            assert (match(events, [rules[name]], {}).height > 0) == hit, story
            assert matches(rules[name], events.row(0, named=True), Surroundings({})) == hit, story


@pytest.mark.parametrize("name", CORRELATIONS)
def test_a_correlation_hits_what_it_means(name: str, rules: RuleSet) -> None:
    """By the names and the ids of its rules, in one file with them or in another, with filters on them."""
    for hit in (True, False):
        for story in stories(name, hit=hit):
            plain = [rule for rule in rules if not rule.correlation]
            found = correlate(match(enriched(story), plain, {}), rules)
            assert (found.filter(pl.col("rule") == name).height > 0) == hit, story


def test_what_no_log_can_answer_is_said(rules: RuleSet) -> None:
    """Rules that never hit, and rules whose exclusions never hold, with the fields that they ask for."""
    assert {rule.name: said for rule in rules if (said := never_hits(rule))} == {
        "registry_set_extension": "no log here has Details, TargetObject",
        "posh_script": "no log here is of ps_script/windows",
    }
    assert {rule.name: said for rule in rules if (said := loses_exclusions(rule))} == {
        "proc_creation_parent": ("ParentImage",)
    }


def test_a_placeholder_that_no_list_serves_is_a_problem(tmp_path: Path) -> None:
    """The list is named, with the file; the rule is left out."""
    (tmp_path / "placeholder.yml").write_text(PLACEHOLDER, encoding="utf-8")
    rules = load_rules([], [tmp_path]).with_lists(["list.gambling"])

    assert len(rules) == 0
    assert "asks the list %Workstations%, which is not there" in rules.problems[0].message


def test_hidden_folders_hold_no_rules(tmp_path: Path) -> None:
    """Settings of a collection's own machinery are not read as rules."""
    (tmp_path / ".settings").mkdir()
    (tmp_path / ".settings" / "machine.yml").write_text("on: [push]\n", encoding="utf-8")

    assert load_rules([], [tmp_path]).problems == ()


def test_a_file_that_is_named_like_a_rule_of_ours_has_its_folders_name_too(tmp_path: Path) -> None:
    """Nobody can rename the files of others; both rules are used."""
    theirs = PLACEHOLDER.replace("Computer|expand: '%Workstations%'", "Computer: PC-1")
    for place, text in (("ours", OWN), ("others", theirs)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "same.yml").write_text(text, encoding="utf-8")
    rules = load_rules([tmp_path / "ours"], [tmp_path / "others"])

    assert rules.problems == ()
    assert [rule.name for rule in rules] == ["others-same", "same"]
