"""What a workspace judges by: ours first, then the school's own; what is broken is named and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.errors import ConfigError
from aup_monitor.jobs.rulebook import load_rulebook

if TYPE_CHECKING:
    from school import School

RULE = """\
title: Opened our example
name: our_example
author: Elm Park School
level: low
date: '2026-09-01'
status: experimental
tags: [aup.gambling, kcsie.commerce]
logsource: {category: network_name}
description: Somebody opened the example page.
falsepositives: [Everybody may]
detection:
  page: {destination.domain: www.example.net}
  condition: page
aup: {theme: gambling, min_log_level: 3}
"""
FOREIGN = """\
title: A rule of another house
logsource: {category: proxy}
detection:
  page: {c-uri|contains: example}
  condition: page
"""
POLICY = """\
id: ours
title: Our policy
clauses:
  - {id: OURS-1, heading: Betting, summary: No betting., binds: [all], rules: [our_example], seen_in: [web]}
  - {id: OURS-2, heading: Else, summary: Nothing else., binds: [all], rules: [no_such_rule], seen_in: [web]}
"""


def test_what_ships_loads_whole() -> None:
    """Without a workspace: every rule, list and policy, and nothing wrong with any."""
    book = load_rulebook(None)
    assert book.problems == ()
    assert len(book.rules) >= 70
    assert {policy.id for policy in book.policies} >= {"the-learning-alliance", "pupils"}
    assert "list.gambling" in book.lookups


def test_the_schools_own(empty_school: School) -> None:
    """Its rules, a folder of foreign rules, its lists and its policy come after ours, and are chosen by aup.toml."""
    ours = load_rulebook(empty_school.workspace)
    empty_school.write("rules/sigma/ours/our_example.yml", RULE)
    empty_school.write("elsewhere/foreign.yml", FOREIGN)
    empty_school.write("lists/own/gambling.txt", "www.example.net\n")
    empty_school.write("rules/policies/ours.yml", POLICY.replace("no_such_rule", "gambling_site"))
    empty_school.settings(("expected", 'rules = ["elsewhere"]\npolicies = ["ours"]\nexpected'))
    book = load_rulebook(empty_school.workspace)
    assert book.problems == ()
    assert {rule.name for rule in book.rules} - {rule.name for rule in ours.rules} == {
        "our_example",
        "foreign",
    }
    assert [policy.title for policy in book.policies] == ["Our policy"]
    found = book.lookups["list.gambling"].find(pl.Series(["www.example.net"]))
    assert found["entry"].to_list() == ["www.example.net"]


def test_the_fingerprint_follows_rules_and_lists(empty_school: School) -> None:
    """The same twice; another with a rule more, another again with an entry more."""
    prints = [load_rulebook(empty_school.workspace).fingerprint for _ in range(2)]
    empty_school.write("rules/sigma/ours/our_example.yml", RULE)
    prints.append(load_rulebook(empty_school.workspace).fingerprint)
    empty_school.write("lists/own/gambling.txt", "www.example.net\n")
    prints.append(load_rulebook(empty_school.workspace).fingerprint)
    empty_school.write("lists/own/gambling.txt", "www.example.com\n")
    prints.append(load_rulebook(empty_school.workspace).fingerprint)
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4


def test_what_is_broken_is_named_and_the_rest_goes_on(empty_school: School) -> None:
    """A rule with a wrong key, one that is no YAML, a policy with a missing rule, a bad line: file and line of each."""
    whole = len(load_rulebook(empty_school.workspace).rules)
    empty_school.write("rules/sigma/ours/broken.yml", "title: [never closed\n")
    empty_school.write(
        "rules/sigma/ours/wrong.yml",
        RULE.replace("our_example", "wrong").replace("level: low", "level: loud"),
    )
    empty_school.write("rules/sigma/ours/our_example.yml", RULE)
    empty_school.write("rules/policies/ours.yml", POLICY)
    empty_school.write("lists/own/gambling.txt", "# title: Ours\nwww.example.net\nno host at all!\n")
    book = load_rulebook(empty_school.workspace)
    said = sorted(problem.partition("ules/")[2] or problem.rpartition("/")[2] for problem in book.problems)
    assert len(said) == 4
    assert said[0].startswith("gambling.txt:3:")
    assert said[1].startswith("policies/ours.yml:5:")
    assert "no_such_rule" in said[1]
    assert said[2].startswith("sigma/ours/broken.yml:")
    assert said[3].startswith("sigma/ours/wrong.yml:4:")
    assert len(book.rules) == whole + 1


def test_a_policy_that_there_is_not(empty_school: School) -> None:
    """It is an error that names those that there are; the report must not go out under no policy."""
    empty_school.settings(("expected", 'policies = ["our-own"]\nexpected'))
    with pytest.raises(
        ConfigError, match=r"no policy 'our-own'\n  Next: .*the-learning-alliance.*our-own.yml"
    ):
        load_rulebook(empty_school.workspace)


def test_a_folder_of_rules_that_there_is_not(empty_school: School) -> None:
    """A misspelt folder in aup.toml is a problem that names it."""
    empty_school.settings(("expected", 'rules = ["nowhere"]\nexpected'))
    (problem,) = load_rulebook(empty_school.workspace).problems
    assert "nowhere" in problem
    assert "no such folder" in problem
