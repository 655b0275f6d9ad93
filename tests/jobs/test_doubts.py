"""What loads and is unwise all the same: a problem in the school's own rules and lists, advice in what ships and in others'."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from aup_monitor.jobs.rules import check

if TYPE_CHECKING:
    from school import School

COLLECTION = Path(__file__).parents[1] / "detect" / "data" / "collection"
RULE = """title: Printed on the old printer
name: old_printer
description: The old printer is to be left alone.
logsource: {category: print}
detection:
  old: {device.name: OLD-1}
  condition: old
level: low
aup: {theme: print}
"""
MANY = """title: Printed on the old printer again and again
name: old_printer_often
description: The old printer is to be left alone.
correlation:
  type: event_count
  rules: [old_printer]
  group-by: [GROUP, subject]
  timespan: 10m
  condition: {gte: 3}
level: low
aup: {theme: print}
"""
HEADER = "term\tmatch\tlanguage\tseverity\ttheme\texcluding\n"
POLICY = """id: ours
title: Our policy
clauses:
  - {id: OURS-1, heading: Betting, summary: No betting., binds: [all], themes: [gambling], rules: [gambling_site], seen_in: [web]}
"""


def found(school: School) -> list[str]:
    """Return the problems of the check, without those of examples that are not there."""
    return [problem for problem in check(school.workspace).problems if "has no examples" not in problem]


def test_what_ships_has_no_problem_and_little_advice() -> None:
    """Only lists that must be fetched first are told of."""
    checked = check(None)

    assert checked.problems == ()
    assert all("holds nothing" in advice for advice in checked.advice), checked.advice


def test_rules_that_see_nothing_are_told_of(empty_school: School) -> None:
    """A correlation that never comes together, a list that is empty, a folder of a file whose name alone is kept."""
    empty_school.write("rules/sigma/ours/old_printer.yml", RULE)
    empty_school.write("rules/sigma/ours/old_printer_often.yml", MANY.replace("GROUP", "user.name"))
    for name, old, new in (
        ("called", "GROUP", "phone.number"),
        ("reached", "device.name: OLD-1", "source.ip|expand: '%list.vpn-range%'"),
        ("written", "device.name: OLD-1", "TargetFilename|startswith: 'C:\\Temp\\'"),
    ):
        text = (MANY if old == "GROUP" else RULE).replace(old, new)
        text = re.sub("(?m)^(title|name): .*", rf"\1: {name}", text)
        empty_school.write(f"rules/sigma/ours/{name}.yml", text)
    lonely, empty, never = found(empty_school)

    assert "rules/sigma/ours/called.yml:1: " in lonely
    assert "groups by phone_number, which no log has that the rule old_printer reads" in lonely
    assert "the rule reached asks the list list.vpn-range, which holds nothing" in empty
    assert "lists/own/vpn-range.txt" in empty
    assert "the rule written can never hit: no log here has TargetFilename" in never


def test_an_entry_that_does_more_or_nothing_is_told_of(empty_school: School) -> None:
    """Names below which anybody may publish, and names that other lists hold otherwise; with file and line."""
    entries = {
        "github.io": "is of this name alone",
        "*.github.io": "takes in every site below it",
        "sites.google.com  # a page there": "an override takes it off this list",
        "www.childline.org.uk": "the protective list holds it",
        "one.github.io": "",
        "bet.example": "",
    }
    empty_school.write("lists/own/gambling.txt", "\n".join(["# title: Ours", *entries, ""]))
    problems = found(empty_school)

    for problem, (line, said) in zip(problems, enumerate(list(entries.values())[:4], 2), strict=True):
        assert f"lists/own/gambling.txt:{line}: " in problem
        assert said in problem


def test_a_term_of_people_who_look_for_help_is_told_of(empty_school: School) -> None:
    """It would accuse those whom it must not, and finds nothing."""
    empty_school.write(
        "terms/ours.tsv",
        f"{HEADER}How to help my friend who\tphrase\ten\t3\tdrugs\t\nold intranet\tphrase\ten\t3\tdrugs\t\n",
    )
    (problem,) = found(empty_school)

    assert "terms/ours.tsv:2: 'How to help my friend who' finds nothing" in problem


def test_a_rule_that_a_clause_names_twice_is_advice(empty_school: School) -> None:
    """By its theme and by itself: nothing is lost, so it is no problem."""
    empty_school.write("rules/policies/ours.yml", POLICY)
    empty_school.settings(("expected", 'policies = ["ours"]\nexpected'))
    checked = check(empty_school.workspace)

    assert checked.problems == ()
    assert any("ours, clause OURS-1: names gambling_site twice" in advice for advice in checked.advice)


def test_what_is_unwise_in_others_rules_is_advice(empty_school: School) -> None:
    """Rules that never hit, exclusions that never hold, rules that are withdrawn: named and counted, no problem."""
    shutil.copytree(COLLECTION, empty_school.folder / "others")
    empty_school.settings(("expected", 'rules = ["others"]\nexpected'))
    checked = check(empty_school.workspace)
    text = "\n".join(checked.advice)

    assert checked.problems == ()
    assert "can never hit, for no log here has Details, TargetObject: registry_set_extension" in text
    assert "can never hit, for no log here is of ps_script/windows: posh_script" in text
    assert "what they except is told by ParentImage, which no log here has: proc_creation_parent" in text
    assert "not to be used any more, and are not: 1" in text
