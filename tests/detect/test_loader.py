"""Rules load strictly: every problem has its file and line, and the other rules load all the same."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.incident import Intent
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.tree import AllOf, Listed, Not, Selected, Test

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aup_monitor.detect.rule import RuleSet

    Write = Callable[..., RuleSet]

GOOD = """title: A title
name: good
description: What it looks for.
logsource:
  category: network_name
detection:
  seen:
    url.domain: example.com
  condition: seen
level: low
aup:
  theme: gambling
"""


def test_a_rule_carries_all_that_it_says(data: Path) -> None:
    """Attributes, log source, aup block, lists, selections and condition are all there."""
    rule = load_rules([data / "own"])["gambling-site"]

    assert rule.title == "Gambling site reached"
    assert rule.id == "6f0c9a52-3f4e-4a35-9b1d-0a7c9f5e1d01"
    assert (rule.level, rule.theme, rule.pack, rule.author) == (
        "medium",
        "gambling",
        "own",
        "The aup-monitor authors",
    )
    assert (rule.min_log_level, rule.mask, rule.aup.intent, rule.aup.needs) == (3, False, None, ())
    assert rule.log_classes == ("web", "dns", "firewall", "capture")
    assert rule.lists == ("approved.sites", "list.gambling")
    assert rule.columns == ("destination_domain",)
    assert rule.selections["listed"] == Test(
        "destination.domain", "destination_domain", Listed("list.gambling")
    )
    assert (rule.line, len(rule.fingerprint)) == (1, 32)
    assert load_rules([data / "own"])["usb-storage"].aup.intent is Intent.DELIBERATE
    assert load_rules([data / "own"])["usb-storage"].aup.needs == ("device events",)


def test_rules_of_others_load_with_their_own_names(data: Path) -> None:
    """Without a name the file's stands in; without an aup block supporting content is looked at, too."""
    rules = load_rules([], [data / "foreign"])
    rule = rules["proxy_many_constructs"]

    assert rules.problems == ()
    assert (rule.theme, rule.min_log_level, rule.author) == ("security", 1, "An example author")
    assert rules["win_many_constructs"].event_codes == ("1", "4688")
    assert "nothing" not in rules
    with pytest.raises(NotFoundError, match="there is no rule nothing"):
        rules["nothing"]


def changed(old: str, new: str) -> str:
    """Return the good rule with one part changed."""
    assert old in GOOD
    return GOOD.replace(old, new)


TOGETHER = """title: Many of them
name: together
description: What it looks for.
level: medium
aup: {theme: gambling}
correlation:
  type: event_count
  rules: [good]
  group-by: [subject]
  timespan: 10m
  condition: {gte: 3}
"""


def together(old: str, new: str) -> str:
    """Return the good correlation, under the good rule's file name, with one part changed."""
    assert old in TOGETHER
    return TOGETHER.replace("name: together", "name: good").replace(old, new)


SELECTION = "    url.domain: example.com"
FAULTS: dict[str, tuple[str, int, str]] = {
    "broken yaml": (changed("level: low", "level: [low"), 11, "is not YAML"),
    "duplicate key": (changed("level: low", "level: low\nlevel: high"), 11, "the key level is there twice"),
    "duplicate selection": (
        changed("  condition", "  seen: {url.path: /}\n  condition"),
        9,
        "the key seen is there twice",
    ),
    "key that is no text": (
        changed("  seen:\n", "  on: {url.path: /}\n  seen:\n"),
        7,
        "the key on is not text to YAML",
    ),
    "tab": (changed("  category", "\tcategory"), 5, "is not YAML"),
    "not a mapping": ("- a\n- b\n", 1, "is not a rule"),
    "unknown key": (changed("level: low", "levle: low"), 10, "levle: extra inputs"),
    "missing level": (changed("level: low\n", ""), 1, "level: field required"),
    "missing title": (changed("title: A title\n", ""), 1, "title: field required"),
    "missing name": (changed("name: good\n", ""), 1, "name: field required"),
    "missing description": (
        changed("description: What it looks for.\n", ""),
        1,
        "description: field required",
    ),
    "missing aup": (changed("aup:\n  theme: gambling\n", ""), 1, "aup: field required"),
    "wrong level": (changed("level: low", "level: grave"), 10, "level: input should be"),
    "wrong type": (changed("title: A title", "title: [a]"), 1, "title: input should be a valid string"),
    "wrong id": (changed("level: low", "level: low\nid: 7"), 11, "id: "),
    "wrong tag": (changed("level: low", "level: low\ntags: [aup]"), 11, "tags.0: string should match"),
    "unknown aup key": (
        changed("theme: gambling", "theme: gambling\n  colour: red"),
        13,
        "aup.colour: extra inputs",
    ),
    "wrong theme": (changed("theme: gambling", "theme: Gambling Sites"), 12, "aup.theme: "),
    "wrong intent": (changed("theme: gambling", "theme: gambling\n  intent: wicked"), 13, "aup.intent: "),
    "wrong log level": (
        changed("theme: gambling", "theme: gambling\n  min_log_level: 9"),
        13,
        "aup.min_log_level: ",
    ),
    "empty log source": (
        changed("  category: network_name", "  definition: none"),
        4,
        "the log source is empty",
    ),
    "unknown log source": (
        changed("category: network_name", "category: moon"),
        4,
        "there is no log source moon",
    ),
    "unknown log source key": (
        changed("category: network_name", "kategory: dns"),
        5,
        "logsource.kategory: extra",
    ),
    "name is not the file's": (changed("name: good", "name: better"), 2, "the name better is not the file's"),
    "unknown field": (changed(SELECTION, "    url.domian: x"), 8, "there is no field url.domian"),
    "unknown modifier": (changed(SELECTION, "    url.path|within: x"), 8, "Unknown modifier"),
    "no condition": (changed("  condition: seen\n", ""), 6, "there must be a condition"),
    "broken condition": (changed("condition: seen", "condition: seen and"), 9, "Expected"),
    "condition of the unknown": (
        changed("condition: seen", "condition: sean"),
        9,
        "a selection 'sean' that is not there",
    ),
    "condition of none": (
        changed("condition: seen", "condition: 1 of filter*"),
        9,
        "no selection fits 1 of filter*",
    ),
    "condition with a pipe": (
        changed("condition: seen", "condition: seen | count() > 5"),
        9,
        "an old form that Sigma has given up",
    ),
    "condition that is a number": (changed("condition: seen", "condition: 5"), 9, "must be text"),
    "unused selection": (
        changed("  condition", "  other: {url.path: /}\n  condition"),
        9,
        "the selection other is never used",
    ),
    "empty selection": (changed("  seen:\n" + SELECTION, "  seen: {}"), 7, "the selection is empty"),
    "nested value": (changed(SELECTION, "    url.path: {a: b}"), 8, "neither text, number, true nor null"),
    "unquoted date": (
        changed(SELECTION, "    url.path: 2026-01-01"),
        8,
        "neither text, number, true nor null",
    ),
    "date that is none": (
        changed(SELECTION, "    url.path: 2026-13-41"),
        1,
        "a date or number that does not exist",
    ),
    "boolean": (changed(SELECTION, "    url.path: no"), 8, "YAML reads yes, no, on, off"),
    "wildcard in a query": (changed(SELECTION, "    url.query|contains: 'a?b'"), 8, r"write 'a\?b'"),
    "wildcard in a path": (
        changed(SELECTION, "    c-uri: 'http://*/x'"),
        8,
        "? and * in an address are wildcards",
    ),
    "end of a domain": (
        changed(SELECTION, "    url.domain|endswith: x.com"),
        8,
        "also hits other people's domains",
    ),
    "end of a domain with a dot": (changed(SELECTION, "    cs-host|endswith: .x.com"), 8, "misses its own"),
    "wildcard in a domain": (changed(SELECTION, "    url.domain: '*.x.com'"), 8, "url.domain|expand"),
    "list without expand": (
        changed(SELECTION, "    url.domain: '%list.vpn%'"),
        8,
        "without expand is plain text",
    ),
    "expand without a list": (changed(SELECTION, "    url.domain|expand: vpn"), 8, "expand needs a list"),
    "list with a wildcard": (
        changed(SELECTION, "    url.path|contains|expand: '%list.vpn%'"),
        8,
        "a list must stand alone",
    ),
    "list in a pattern": (
        changed(SELECTION, "    url.path|re|expand: 'a%list.vpn%'"),
        8,
        "inside a regular expression",
    ),
    "regular expression": (changed(SELECTION, "    url.path|re: '(a'"), 8, "invalid"),
    "look-ahead": (changed(SELECTION, "    url.path|re: 'a(?=b)'"), 8, "invalid"),
    "pattern that is a number": (
        changed(SELECTION, "    url.path|re: 5"),
        8,
        "a regular expression must be text",
    ),
    "network": (changed(SELECTION, "    source.ip|cidr: 10.0.0.1/8"), 8, "Invalid CIDR"),
    "contains a number": (changed(SELECTION, "    url.path|contains: 80"), 8, "incompatible to value type"),
    "vast number": (changed(SELECTION, "    source.bytes: 99999999999999999999"), 8, "is too large"),
    "keyword true": (changed("  seen:\n" + SELECTION, "  seen: [true]"), 7, "put quotes round the value"),
    "correlation without its rules": (together("  rules: [good]\n", ""), 6, "rules: field required"),
    "unknown kind of correlation": (together("event_count", "event_sum"), 7, "type: input should be"),
    "span that is none": (together("10m", "ten minutes"), 10, "timespan: string should match"),
    "count without a condition": (
        together("  condition: {gte: 3}\n", ""),
        6,
        "event_count needs a condition",
    ),
    "comparison that is none": (together("{gte: 3}", "{atleast: 3}"), 11, "the condition may hold gt"),
    "values without a field": (together("event_count", "value_count"), 11, "value_count needs one field"),
    "words for a count": (together("{gte: 3}", "good and other"), 11, "takes no condition in words"),
    "group that is no field": (together("[subject]", "[nobody]"), 9, "there is no field nobody"),
    "group that names nobody": (together("[subject]", "[url.domain]"), 6, "does not say whom it concerns"),
    "correlation of nothing": (together("[good]", "[absent]"), 1, "correlates the rule absent"),
    "filter without rules": (
        "title: T\nlogsource: {category: proxy}\nfilter:\n  a: {url.path: /}\n  condition: not a\n",
        3,
        "rules: field required",
    ),
    "filter that fits nothing": (
        "title: T\nlogsource: {category: proxy}\nfilter:\n  rules: any\n  a: {url.path: /}\n  condition: not a\n",
        3,
        "the filter fits no rule",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_file_and_line(fault: str, write_rules: Write, tmp_path: Path) -> None:
    """A faulty rule is left out with a message that names file, line and remedy."""
    text, line, words = FAULTS[fault]
    rules = write_rules(good=text)
    said = [str(problem) for problem in rules.problems]

    assert rules.rules == ()
    assert any(
        one.startswith(f"{tmp_path / 'good.yml'}:{line}: ") and words in one and "\n  Next: " in one
        for one in said
    ), said


def test_the_other_rules_load(write_rules: Write) -> None:
    """One bad rule costs only itself."""
    rules = write_rules(good=GOOD, bad=FAULTS["broken yaml"][0])

    assert [rule.name for rule in rules] == ["good"]
    assert len(rules.problems) == 1


def test_several_faults_are_told_at_once(write_rules: Write) -> None:
    """A writer sees every fault of a rule, in the order of its lines."""
    text = changed(SELECTION, "    url.domian: x\n    url.path: no").replace(
        "condition: seen", "condition: sean"
    )
    rules = write_rules(good=text)

    assert [problem.line for problem in rules.problems] == [8, 9, 10]


@pytest.mark.parametrize("key", ["name", "id"])
def test_a_name_and_an_id_are_taken_once(key: str, write_rules: Write, tmp_path: Path) -> None:
    """Of two rules with one name or id the second is left out, and the first named."""
    same = "\nid: 6f0c9a52-3f4e-4a35-9b1d-0a7c9f5e1d09\n"
    first = GOOD.rstrip() + same
    second = first if key == "name" else first.replace("name: good", "name: other")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ("good.yml" if key == "name" else "other.yml")).write_text(second, encoding="utf-8")
    rules = write_rules(good=first)

    assert len(rules) == 1
    assert f"the {key} " in rules.problems[0].message
    assert str(tmp_path / "good.yml") in rules.problems[0].message


def test_what_rules_of_others_may_do(write_rules: Write) -> None:
    """Unused selections, unknown fields and attributes, wildcards in addresses: Sigma allows them."""
    text = changed("aup:\n  theme: gambling\n", "custom: x\n").replace(
        SELECTION, "    NoField: no\n    c-uri|contains: '?q='"
    )
    rules = write_rules(own=False, good=text.replace("  condition", "  other: {x: y}\n  condition"))

    assert rules.problems == ()
    assert rules["good"].selections["seen"].nodes[0].column is None  # type: ignore[union-attr] - a mapping of two


def test_documents_of_one_file(write_rules: Write) -> None:
    """A file may hold several rules; each has its own line and fingerprint, and empty documents are passed over."""
    second = changed("name: good\n", "").replace("aup:\n  theme: gambling\n", "")
    rules = write_rules(own=False, good=f"{GOOD}---\n---\n{second}")

    assert rules.problems == ()
    assert [(rule.name, rule.line) for rule in rules] == [("good", 1), ("good-2", 15)]
    assert len({rule.fingerprint for rule in rules}) == 2


def test_a_correlation_names_rules_by_name_or_id(write_rules: Write) -> None:
    """An id stands for the name, in the rules and in the aliases; the span and the limits are read."""
    given = GOOD.rstrip() + "\nid: 6f0c9a52-3f4e-4a35-9b1d-0a7c9f5e1d09\n"
    by_id = TOGETHER.replace("[good]", "[6F0C9A52-3F4E-4A35-9B1D-0A7C9F5E1D09]")
    rules = write_rules(good=given, together=by_id)
    correlation = rules["together"].correlation

    assert rules.problems == ()
    assert correlation is not None
    assert (correlation.rules, correlation.group_by) == (("good",), ("subject",))
    assert (correlation.timespan, correlation.limits) == (timedelta(minutes=10), (("gte", 3.0),))
    assert rules.silent == {"good"}
    assert [rule.name for rule in rules.correlations] == ["together"]


def test_correlations_in_a_circle_are_never_evaluated(write_rules: Write) -> None:
    """Two that read each other are named as problems, and the rest stays."""
    one = TOGETHER.replace("together", "one").replace("[good]", "[two]")
    two = TOGETHER.replace("together", "two").replace("[good]", "[one]").replace("Many", "More")
    rules = write_rules(good=GOOD, one=one, two=two)

    assert [rule.name for rule in rules] == ["good"]
    assert all("in a circle" in problem.message for problem in rules.problems)


def test_a_correlation_of_others_never_silences_ours(tmp_path: Path) -> None:
    """Without `generate` it keeps its own rules quiet only."""
    for folder, name, text in (("ours", "good", GOOD), ("theirs", "together", TOGETHER)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.yml").write_text(text, encoding="utf-8")
    rules = load_rules([tmp_path / "ours"], [tmp_path / "theirs"])

    assert rules.problems == ()
    assert len(rules) == 2
    assert rules.silent == set()


def test_a_filter_narrows_the_rules_that_it_names(write_rules: Write) -> None:
    """The rule keeps its selections, gains the filter's, and is another rule to the fingerprint."""
    own_filter = (
        "title: Not the IT room\nlogsource: {category: network_name}\nfilter:\n  rules: [good]\n"
        "  room: {host.name|startswith: it-}\n  condition: not room\n"
    )
    plain, narrowed = write_rules(good=GOOD)["good"], write_rules(good=GOOD, quiet=own_filter)["good"]

    assert list(narrowed.selections) == ["seen", "Not the IT room: room"]
    assert narrowed.condition == AllOf((Selected("seen"), Not(Selected("Not the IT room: room"))))
    assert narrowed.fingerprint != plain.fingerprint


def test_several_conditions_are_alternatives(write_rules: Write) -> None:
    """A list of conditions holds where any does, and `them` leaves out names with an underscore in front."""
    text = changed("condition: seen", "condition: [all of them, seen]").replace(
        "  condition", "  two: {url.path: /}\n  _three: {url.path: x}\n  condition"
    )
    rule = write_rules(own=False, good=text)["good"]

    assert rule.condition.nodes[0].nodes == (Selected("seen"), Selected("two"))  # type: ignore[union-attr] - AnyOf of AllOf


def test_a_top_level_domain_may_end_a_name(write_rules: Write) -> None:
    """`.onion` has no owner but itself, so its end is sure."""
    assert write_rules(good=changed(SELECTION, "    url.domain|endswith: .onion")).problems == ()


def test_a_rule_without_its_list_is_left_out(data: Path) -> None:
    """A list that is not there is named, and only the rules that ask it are left out."""
    rules = load_rules([data / "own"]).with_lists(
        ["list.gambling", "terms.bypass", "approved.usb", "list.vpn"]
    )

    assert "gambling-site" not in rules
    assert len(rules) == 3
    assert "%approved.sites%" in str(rules.problems[0])
    assert str(rules.problems[0]).startswith(f"{data / 'own' / 'gambling-site.yml'}:1: ")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is a problem, and so is a file that is no text."""
    (tmp_path / "bad.yml").write_bytes(b"title: x\nname: \xff\n")
    rules = load_rules([tmp_path / "none", tmp_path])

    assert [(problem.path.name, problem.line) for problem in rules.problems] == [("bad.yml", 2), ("none", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 3000,
        "a: " * 200,
        "{a: " * 400,
        "a: &x [*x]\ntitle: t",
        "\x00",
        "a: !!python/object:os.system x",
        "%YAML 9.9\n---\na: 1",
        GOOD.replace("condition: seen", "condition: " + "not " * 2000 + "seen"),
        "a: &n0 [x]\n" + "".join(f"a{n}: &n{n} [{','.join([f'*n{n - 1}'] * 9)}]\n" for n in range(1, 20)),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_files_are_problems(text: str, write_rules: Write) -> None:
    """Nesting, recursion, alias bombs and control characters are told, and end nothing."""
    rules = write_rules(good=text)

    assert rules.rules == ()
    assert rules.problems


lines = st.sampled_from(
    [
        *GOOD.splitlines(),
        SELECTION,
        "  - x",
        "   ",
        "---",
        "detection: 5",
        "    |all: [a]",
        "  x: &a",
        "  y: *a",
        "<<: x",
    ]
)
rubbish = st.lists(lines | st.text(max_size=12), max_size=14).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=rubbish, own=st.booleans())
def test_no_file_ends_the_load(text: str, own: bool, tmp_path: Path) -> None:
    """Whatever a file holds, loading gives a rule or a problem with a line, never an error."""
    (tmp_path / "good.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
    rules = load_rules([tmp_path]) if own else load_rules([], [tmp_path])

    assert all(re.match(r".+good\.yml:\d+: .+\n  Next: .+", str(problem)) for problem in rules.problems)
