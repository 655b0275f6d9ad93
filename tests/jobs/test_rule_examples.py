"""A school's own rules are tried on what they must hit and miss, and what is unwise in them is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import NotFoundError
from aup_monitor.jobs.rule_examples import try_rules
from aup_monitor.jobs.rules import check

if TYPE_CHECKING:
    from school import School

RULE = """title: Went to the old intranet
name: old_intranet
description: The old intranet is to be left alone.
logsource: {category: network_name}
detection:
  old: {destination.domain: old.oakfield.example}
  condition: old
level: low
aup: {theme: software}
"""
MANY = """title: Went to the old intranet again and again
name: old_intranet_often
description: The old intranet is to be left alone.
correlation:
  type: event_count
  rules: [old_intranet]
  group-by: [subject]
  timespan: 10m
  condition: {gte: 3}
level: low
aup: {theme: software}
"""
GOOD = "hit: [{log_class: web, url_domain: old.oakfield.example}]\nmiss: [{log_class: web, url_domain: oakfield.example}]\n"
OFTEN = """hit:
  - [{log_class: web, user_name: a, url_domain: old.oakfield.example, repeat: 3, every: 60}]
miss:
  - [{log_class: web, user_name: a, url_domain: old.oakfield.example, repeat: 2, every: 60}]
"""


@pytest.fixture
def own(empty_school: School) -> School:
    """Return a school with a rule and a correlation of its own, and their examples."""
    empty_school.write("rules/sigma/ours/old_intranet.yml", RULE)
    empty_school.write("rules/sigma/ours/old_intranet_often.yml", MANY)
    empty_school.write("rules/tests/ours/old_intranet.yml", GOOD)
    empty_school.write("rules/tests/ours/old_intranet_often.yml", OFTEN)
    return empty_school


def test_what_comes_out_as_it_must_is_counted(own: School) -> None:
    """Single events and stories are tried, of the school's own rules only."""
    trial = try_rules(own.workspace, [])

    assert (trial.rules, trial.stories, trial.failures, trial.without) == (2, 4, [], ())


def test_what_comes_out_otherwise_is_told_with_the_reason(own: School) -> None:
    """The example, which test of the rule held, and what the event has there."""
    own.write(
        "rules/tests/ours/old_intranet.yml",
        GOOD.replace("hit: [{log_class: web, url_domain: old", "hit: [{log_class: web, url_domain: new"),
    )
    trial = try_rules(own.workspace, ["old_intranet"])

    assert len(trial.failures) == 1
    assert "must hit, and does not" in trial.failures[0]
    assert (
        "old: destination.domain is “old.oakfield.example”: no ('new.oakfield.example')" in trial.failures[0]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hit: []\nmiss: [{log_class: web}]\n", "hit: tuple should have at least 1 item"),
        ("hit: [{log_class: web}]\n", "miss: field required"),
        ("hit: [{log_class: wbe}]\nmiss: [{log_class: web}]\n", "log_class is none of"),
        (
            "hit: [{log_class: web, url_domian: x}]\nmiss: [{log_class: web}]\n",
            "there is no column url_domian",
        ),
        ("hit: [{log_class: web, repeat: many}]\nmiss: [{log_class: web}]\n", "repeat is no number of times"),
        ("hit: [", "is not YAML"),
    ],
)
def test_a_faulty_file_of_examples_is_named(text: str, said: str, own: School) -> None:
    """File and line, and what is wrong."""
    own.write("rules/tests/ours/old_intranet.yml", text)
    failures = try_rules(own.workspace, ["old_intranet"]).failures

    assert any("rules/tests/ours/old_intranet.yml:" in failure and said in failure for failure in failures), (
        failures
    )


def test_a_rule_without_examples_is_told_of(own: School) -> None:
    """The check of the rules names it, and what to write; asked for by name, it is an error."""
    (own.workspace.rules / "tests" / "ours" / "old_intranet.yml").unlink()

    assert try_rules(own.workspace, []).without == ("old_intranet",)
    assert any("old_intranet has no examples" in problem for problem in check(own.workspace)[1])
    with pytest.raises(NotFoundError, match="has no examples"):
        try_rules(own.workspace, ["old_intranet"])


def test_a_broad_term_of_the_school_is_told_of(own: School) -> None:
    """With the file, the line, and why it finds too much."""
    header = "term\tmatch\tlanguage\tseverity\ttheme\texcluding\n"
    own.write(
        "terms/ours.tsv",
        header + "old intranet\tphrase\ten\t2\tsoftware\t\ncock\tsubstring\ten\t3\tadult\t\n",
    )
    problems = [problem for problem in check(own.workspace)[1] if "finds too much" in problem]

    assert len(problems) == 1
    assert "terms/ours.tsv:3: 'cock'" in problems[0]


def test_rules_that_ship_are_tried_in_a_source_tree() -> None:
    """By name, or all of them; what asks a list that holds nothing here is not called wrong."""
    assert try_rules(None, ["gambling_site", "repeated_blocked_attempts"]).failures == []
