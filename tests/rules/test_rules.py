"""
Every rule that ships, against events that it must and must not match: `tests/rules/<pack>/<name>.yml`.

Adding a rule is adding two files: the rule, and its events in the form of `detect.examples`. Both evaluators must agree with
both lists.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES, OUTCOMES
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.examples import as_frame, path_of, read_examples
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match
from aup_monitor.detect.reference import Surroundings, matches
from aup_monitor.detect.reference_correlation import correlated
from aup_monitor.detect.themes import themes
from aup_monitor.lists import load_lists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.examples import Event, Story
    from aup_monitor.detect.rule import Rule

HERE: Final = Path(__file__).parent
FILES: Final = sorted(resource("rules", "sigma").rglob("*.yml"))
NAMES: Final = [path.stem for path in FILES]
RULES: Final = load_rules([resource("rules", "sigma")])
PLAIN: Final = [rule for rule in RULES if not rule.correlation]
CORRELATIONS: Final = [rule for rule in RULES if rule.correlation]
FACTS: Final = load_facts()
CALENDAR: Final = SchoolCalendar(
    (HalfTerm(date(2026, 9, 2), date(2026, 10, 23), "2026-autumn-1"),), ZoneInfo("Europe/London")
)
NETWORKS: Final = """
lists:
  - {id: networks, title: VPN, categories: [vpn-range], licence: own, file: networks.txt, format: cidr}
"""
SOFTWARE: Final = "GeoGebra*\n"
DEVICES: Final = "0951:1666:60A44C4252\n0000:0000:60A44C4253\n"
"""What the school of these tests has approved."""


@pytest.fixture(scope="module")
def lookups(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Lookup]:
    """Return the lists that ship, and what a school has approved."""
    school = tmp_path_factory.mktemp("school")
    approved = school / "lists" / "approved"
    approved.mkdir(parents=True)
    # A list that is only ever downloaded, so that its rule can be tried.
    (school / "lists" / "networks.txt").write_text("198.51.100.0/24\n", encoding="utf-8")
    (school / "lists" / "catalogue.yml").write_text(NETWORKS, encoding="utf-8")
    (approved / "software.txt").write_text(SOFTWARE, encoding="utf-8")
    (approved / "devices.txt").write_text(DEVICES, encoding="utf-8")
    return load_lists([resource("rules"), school], None).lookups()


def read_by(rule: Rule) -> list[Rule]:
    """Return the plain rules whose matches the rule reads, itself or through another correlation."""
    if rule.correlation is None:
        return [rule]
    found = {plain.name: plain for name in rule.correlation.rules for plain in read_by(RULES[name])}
    return list(found.values())


def log_classes(rule: Rule) -> set[str]:
    """Return the kinds of log that the rule reads, itself or through others."""
    return {kind for plain in read_by(rule) for kind in plain.log_classes}


def stories(rule: Rule, kind: str) -> list[Story]:
    """Return what the rule must hit, or miss: stories of one event each but for correlations."""
    examples, problems = read_examples(path_of(rule, HERE))
    assert examples is not None, problems
    return [story for must_hit, story in examples.stories() if must_hit == (kind == "hit")]


def enriched(events: Sequence[Event]) -> pl.DataFrame:
    """Return events as analysis gives them to the rules."""
    return enrich(as_frame(events), FACTS, CALENDAR).collect()


def test_every_rule_loads() -> None:
    """The strict loader has nothing to say of our own rules."""
    assert RULES.problems == ()
    assert [rule.name for rule in RULES] == sorted(NAMES)


def test_every_rule_has_its_events_and_every_file_of_events_its_rule() -> None:
    """The two trees hold the same packs and names."""
    root = resource("rules", "sigma")
    assert sorted(path.relative_to(HERE) for path in HERE.rglob("*.yml")) == [
        path.relative_to(root) for path in FILES
    ]


def test_ids_and_titles_are_unique() -> None:
    """No two rules share an id, which registers refer to, or a title, which people do."""
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.title for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_rule_speaks_to_its_readers(rule: Rule) -> None:
    """Theme known and tagged, what may deceive is said, and no jargon in the title."""
    assert rule.theme in themes()
    assert f"aup.{rule.theme}" in rule.tags
    assert f"kcsie.{themes()[rule.theme].kcsie}" in rule.tags
    assert rule.falsepositives
    assert len(rule.title) <= 72
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_its_events_are_events(rule: Rule) -> None:
    """Each test event is of a kind of log that the rule reads, and names columns that formats fill."""
    for kind in ("hit", "miss"):
        events = [event for story in stories(rule, kind) for event in story]
        assert events
        for event in events:
            assert set(event) <= {*EVENT_SCHEMA, "role"}
            assert event["log_class"] in LOG_CLASSES
            assert event.get("event_outcome", "unknown") in OUTCOMES
            assert event["log_class"] in log_classes(rule), "a miss by its kind of log alone shows nothing"


@pytest.mark.parametrize("kind", ["hit", "miss"])
@pytest.mark.parametrize("rule", CORRELATIONS, ids=[rule.name for rule in CORRELATIONS])
def test_a_correlation_meets_its_stories(rule: Rule, kind: str, lookups: Mapping[str, Lookup]) -> None:
    """Every story of hits hits and every one of misses misses, and the reference finds the same events."""
    assert rule.correlation
    for story in stories(rule, kind):
        frame = enriched(story)
        found = correlate(match(frame, read_by(rule), lookups), RULES)
        of_rule = found.filter(pl.col("rule") == rule.name)
        others = found.filter(pl.col("rule").is_in(rule.correlation.rules)).rows(named=True)

        assert (of_rule.height > 0) == (kind == "hit"), story
        assert set(of_rule["source_offset"]) == {
            others[n]["source_offset"] for n in correlated(rule.correlation, others)
        }


@pytest.mark.parametrize("kind", ["hit", "miss"])
@pytest.mark.parametrize("rule", PLAIN, ids=[rule.name for rule in PLAIN])
def test_both_evaluators_agree_with_its_events(rule: Rule, kind: str, lookups: Mapping[str, Lookup]) -> None:
    """Every hit hits and every miss misses, in the plain evaluator and in the columnar one."""
    events = [event for story in stories(rule, kind) for event in story]
    frame = enriched(events)
    plain = [matches(rule, event, Surroundings(lookups)) for event in frame.iter_rows(named=True)]
    each = replace(rule, aup=rule.aup.model_copy(update={"falls": None}))  # of such a rule, what it counts
    columnar = set(match(frame, [each], lookups)["source_offset"])
    expected = [kind == "hit"] * len(events)
    assert dict(zip(map(str, events), plain, strict=True)) == dict(
        zip(map(str, events), expected, strict=True)
    )
    assert [position in columnar for position in range(len(events))] == expected
