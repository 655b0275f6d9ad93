"""Policies: those that ship cover every clause and every rule, and a school's own is read strictly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from aup_monitor.core.resources import resource
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.policies import COVERAGE_SCHEMA, binding, coverage, load_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from aup_monitor.core.policy import Policy
    from aup_monitor.detect.rule import RuleSet

STAFF: Final = ("connected-learning", "the-learning-alliance")
WELFARE: Final = {
    "abuse_disclosure_search",
    "bullied_search",
    "dangerous_challenge_search",
    "distress_search",
    "eating_disorder_search",
    "eating_disorder_site",
    "eating_disorder_verdict",
    "exploitation_verdict",
    "forced_marriage_search",
    "gang_search",
    "relationship_abuse_search",
    "runaway_search",
    "self_harm_search",
    "self_harm_site",
    "self_harm_verdict",
    "suicide_search",
    "support_search",
    "threatened_search",
    "welfare_pattern",
}
"""Rules about somebody who may need help or be a victim: never a breach of a staff policy."""

PUPILS_ALONE: Final = {
    "alcohol_tobacco_verdict",
    "essay_search",
    "essay_site",
    "fake_id_site",
    "misinformation_search",
    "misinformation_site",
    "misinformation_verdict",
    "vape_search",
    "vape_site",
}
"""Rules about what adults may do: buy wine, read what they like, and write no coursework."""

THE_SYSTEM: Final = {"blocked_traffic_fell"}
"""Rules about the filter itself: nobody's breach."""

OF_STAFF: Final = {"personal-use", "print", "mail", "cloud", "social"}
"""Themes of rules about what staff do with their working hours and the school's means: no clause binds a pupil."""

UNBOUND: Final = {
    "connected-learning": (WELFARE | PUPILS_ALONE | THE_SYSTEM, set()),
    "the-learning-alliance": (WELFARE | PUPILS_ALONE | THE_SYSTEM, {"cloud", "personal-use"}),
    "pupils": (THE_SYSTEM, OF_STAFF),
}
"""Rules that no clause of the policy names, on purpose, and themes of which some are not named."""

GOOD: Final = """\
id: ours
title: Our own
clauses:
  - id: OUR-1
    heading: No gambling
    summary: Nobody gambles.
    binds: [staff]
    rules: [gambling_site]
    seen_in: [web]
"""


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Return the rules that ship."""
    return load_rules([resource("rules", "sigma")])


def policy_file(folder: Path, text: str, name: str = "ours.yml") -> Path:
    """Write one policy and return its file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_policies_that_ship_have_no_problem(rules: RuleSet) -> None:
    """All three load, sorted, and every rule and theme that they name is there."""
    policies, problems = load_policies([resource("rules", "policies")], rules)
    assert problems == ()
    assert [policy.id for policy in policies] == ["connected-learning", "pupils", "the-learning-alliance"]


def test_every_id_of_the_policy_map_is_a_clause(shared: Path) -> None:
    """Each duty and each clause that the map of the two policies names is in our files, under the same kind."""
    _, duties, conduct = (shared / "policy-map.md").read_text(encoding="utf-8").split("\n## ")
    policies, _ = load_policies([resource("rules", "policies")])
    ours = {clause.id: clause.kind for policy in policies for clause in policy.clauses}
    asked = dict.fromkeys(_ids(duties), "duty") | dict.fromkeys(_ids(conduct), "conduct")
    assert len(asked) > 50
    assert {clause: ours.get(clause) for clause in asked} == asked


def _ids(table: str) -> set[str]:
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    return {found for cell in cells for found in re.findall(r"\b(?:CL|TLA)(?:-[A-Z]+)+\b", cell)}


@pytest.mark.parametrize("name", sorted(UNBOUND))
def test_every_rule_is_named_by_a_clause(name: str, rules: RuleSet) -> None:
    """Each rule enforces some clause of the policy, but for the exceptions written here."""
    policies, _ = load_policies([resource("rules", "policies")])
    clauses = next(policy for policy in policies if policy.id == name).clauses
    unbound = {
        rule.name
        for rule in rules
        if rule.name not in rules.silent
        and not any(rule.name in clause.rules or rule.theme in clause.themes for clause in clauses)
    }
    names, of_themes = UNBOUND[name]
    assert {rule for rule in unbound if rules[rule].theme not in of_themes} == names


@pytest.mark.parametrize("name", STAFF)
def test_a_clause_without_rules_says_why(name: str, rules: RuleSet) -> None:
    """What no rule watches yet, and what no log can show, carries a note for the report."""
    policies, _ = load_policies([resource("rules", "policies")])
    table = coverage([policy for policy in policies if policy.id == name], rules)
    silent = [row for row in table.iter_rows(named=True) if row["status"] != "watched" and not row["note"]]
    assert silent == []
    assert set(table["status"]) == {"watched", "not observable", "duty"}


def ids(policies: Sequence[Policy], rules: RuleSet) -> Callable[[str, str], tuple[str, ...]]:
    """Return a function of a rule and a role to the ids of the clauses."""
    clauses = binding(policies, rules)
    return lambda rule, role: tuple(clause.id for clause in clauses(rule, role))


def test_pupils_are_not_bound_by_staff_policies(rules: RuleSet) -> None:
    """A pupil's gambling bears on the pupils' profile alone, a teacher's on the staff policies alone."""
    policies, _ = load_policies([resource("rules", "policies")])
    clauses = ids(policies, rules)
    assert clauses("gambling_site", "pupil") == ("PUPIL-GAMBLING",)
    assert clauses("gambling_site", "staff") == ("CL-PROFESSIONAL", "TLA-GAMBLING")


def test_an_unknown_role_may_be_any(rules: RuleSet) -> None:
    """Where the role is not known, the clauses of every role are shown."""
    policies, _ = load_policies([resource("rules", "policies")])
    found = ids(policies, rules)("gambling_site", "unknown")
    assert found == ("CL-PROFESSIONAL", "PUPIL-GAMBLING", "TLA-GAMBLING")


def test_a_need_for_help_is_a_breach_for_nobody_on_the_staff(rules: RuleSet) -> None:
    """A sign that somebody needs help, or is a victim, bears on no clause of a staff policy."""
    policies, _ = load_policies([resource("rules", "policies")])
    clauses = ids(policies, rules)
    roles = ("staff", "governor", "contractor")
    assert {clauses(rule, role) for rule in WELFARE for role in roles} == {()}
    assert all(clauses(rule, "pupil") for rule in WELFARE)
    assert clauses("self_harm_verdict", "pupil") == ("PUPIL-SELF-HARM", "PUPIL-SUICIDE")


def test_coverage_tells_each_clause_apart(rules: RuleSet) -> None:
    """Watched, not yet watched, not observable and duty are four different answers."""
    policies, _ = load_policies([resource("rules", "policies")])
    table = coverage(policies, rules)
    assert dict(table.schema) == COVERAGE_SCHEMA
    status = dict(zip(table["clause"], table["status"], strict=True))
    assert status["TLA-GAMBLING"] == "watched"
    without = coverage(policies, [rule for rule in rules if rule.theme != "mail"])
    assert dict(without.select("clause", "status").iter_rows())["TLA-MAIL-SYSTEMS"] == "not yet watched"
    assert status["TLA-CONTACT"] == "not observable"
    assert status["TLA-HALFTERMLY"] == "duty"
    assert "gambling_site" in table.filter(clause="TLA-GAMBLING")["rules"].item()


def test_coverage_without_rules_watches_nothing() -> None:
    """A theme alone does not make a clause watched; it needs a rule that loaded."""
    policies, _ = load_policies([resource("rules", "policies")])
    assert "watched" not in set(coverage(policies, ())["status"])
    assert coverage((), ()).is_empty()


def test_a_schools_own_policy_takes_the_place_of_ours(tmp_path: Path, rules: RuleSet) -> None:
    """The same id in a later folder wins; others are added."""
    policy_file(tmp_path, GOOD.replace("id: ours", "id: pupils"))
    policies, problems = load_policies([resource("rules", "policies"), tmp_path], rules)
    assert problems == ()
    assert {policy.id: policy.title for policy in policies}["pupils"] == "Our own"


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "fix"),
    [
        (
            "gambling_site",
            "gambling_sight",
            8,
            "there is no rule gambling_sight",
            "did you mean gambling_site?",
        ),
        ("[staff]", "[stuff]", 7, "there is no role stuff", "did you mean staff?"),
        ("[web]", "[webb]", 9, "there is no kind of log webb", "did you mean web?"),
        (
            "rules: [gambling_site]",
            "themes: [gamblin]",
            8,
            "there is no theme gamblin",
            "did you mean gambling?",
        ),
        (
            "rules: [gambling_site]",
            "rules: [zzz]",
            8,
            "there is no rule zzz",
            "correct the name, or remove it",
        ),
        ("[staff]", "[]", 7, "binds nobody", "name roles, or all"),
        (
            "rules: [gambling_site]",
            "observable: false\n    note: Why.",
            8,
            "is not observable, yet",
            "remove one",
        ),
        (
            "rules: [gambling_site]\n    seen_in: [web]",
            "observable: false",
            8,
            "does not say why",
            "add the line note: ...",
        ),
        (
            "    summary:",
            "    colour: red\n    summary:",
            6,
            "colour: extra inputs are not",
            "see rules/policies",
        ),
        ("    summary: Nobody gambles.\n", "", 4, "summary: field required", "see rules/policies"),
        ("title: Our own", "title: Our own\ntitle: Ours", 3, "the key title is there twice", "keep one"),
        ("[staff]", "[staff", 8, "is not YAML", "correct the YAML"),
    ],
)
def test_a_mistake_has_its_line_and_remedy(  # noqa: PLR0913, PLR0917 - one column of the table each
    tmp_path: Path, rules: RuleSet, old: str, new: str, line: int, message: str, fix: str
) -> None:
    """Each kind of mistake is one problem, at its line, with what to write instead."""
    path = policy_file(tmp_path, GOOD.replace(old, new))
    _, (problem,) = load_policies([tmp_path], rules)
    assert (problem.path, problem.line) == (path, line)
    assert message in problem.message
    assert problem.fix.startswith(fix)


def test_a_policy_with_an_unknown_rule_stays(tmp_path: Path, rules: RuleSet) -> None:
    """One wrong name does not cost the school its policy; without rules to compare, names are not checked."""
    policy_file(tmp_path, GOOD.replace("gambling_site", "gone"))
    policies, problems = load_policies([tmp_path], rules)
    assert [policy.id for policy in policies] == ["ours"]
    assert len(problems) == 1
    assert load_policies([tmp_path])[1] == ()


def test_the_same_id_twice_is_a_problem(tmp_path: Path) -> None:
    """Of two policies, or two clauses, with one id the second is named."""
    policy_file(tmp_path, GOOD, "a.yml")
    second = policy_file(tmp_path, GOOD, "b.yml")
    _, (problem,) = load_policies([tmp_path])
    assert (problem.path, problem.line) == (second, 1)
    policy_file(tmp_path, GOOD + GOOD[GOOD.index("  - id:") :], "b.yml").rename(tmp_path / "a.yml")
    _, (problem,) = load_policies([tmp_path])
    assert problem.line == 10
    assert "OUR-1: is there twice" in problem.message


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is a problem and never an empty answer."""
    policies, (problem,) = load_policies([tmp_path / "none"])
    assert policies == ()
    assert "no such folder" in problem.message
