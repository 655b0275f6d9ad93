"""
Every rule that ships, against events that it must and must not match: `tests/rules/<pack>/<name>.yml`.

Adding a rule is adding two files: the rule, and its events under `hit:` and `miss:`, each a flat map of columns of
`core.schema.EVENT_COLUMNS`. Both evaluators must agree with both lists.

Of a correlation rule, each hit and each miss is a list of events. Such an event may say `at` how many seconds after the
first it happened, and that it happened so many times (`repeat`), so many seconds apart (`every`): `{n}` in a text is then
which time it was, from 1, and `{hex}` forty digits of no meaning.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import yaml

from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES, OUTCOMES, conform
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match
from aup_monitor.detect.reference import Surroundings, matches
from aup_monitor.detect.reference_correlation import correlated
from aup_monitor.detect.themes import themes
from aup_monitor.lists import load_lists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.rule import Rule

HERE: Final = Path(__file__).parent
FILES: Final = sorted(resource("rules", "sigma").rglob("*.yml"))
NAMES: Final = [path.stem for path in FILES]
RULES: Final = load_rules([resource("rules", "sigma")])
PLAIN: Final = [rule for rule in RULES if not rule.correlation]
CORRELATIONS: Final = [rule for rule in RULES if rule.correlation]
START: Final = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
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


def cases(rule: Rule, kind: str) -> list[dict[str, Any]]:
    """Return the rule's events of that kind, as a format would leave them."""
    path = HERE / rule.pack / f"{rule.name}.yml"
    given: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
    return given


def stories(rule: Rule, kind: str) -> list[list[dict[str, Any]]]:
    """Return the correlation rule's stories of that kind, each a list of events in full."""
    given: list[list[dict[str, Any]]] = cases(rule, kind)  # type: ignore[assignment]  # the file holds lists here
    return [[event for written in story for event in told(written)] for story in given]


def told(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an event as often as it says, each time at its own moment."""
    event = {key: value for key, value in written.items() if key not in {"at", "repeat", "every"}}
    for n in range(written.get("repeat", 1)):
        moment = START + timedelta(seconds=written.get("at", 0) + n * written.get("every", 0))
        words = {"{n}": str(n + 1), "{hex}": hashlib.sha1(str(n).encode(), usedforsecurity=False).hexdigest()}
        yield {"timestamp": moment, **{key: filled(key, value, words) for key, value in event.items()}}


def filled(key: str, value: object, words: dict[str, str]) -> object:
    """Return a value with the words in place; a number where the column holds numbers."""
    if not isinstance(value, str):
        return value
    for word, text in words.items():
        value = value.replace(word, text)
    return int(value) if EVENT_SCHEMA[key].is_integer() else value


def enriched(events: list[dict[str, Any]]) -> pl.DataFrame:
    """Return events as analysis gives them to the rules."""
    given = [{key: value for key, value in event.items() if key != "role"} for event in events]
    frame = conform(pl.LazyFrame(given, schema_overrides=_dtypes(given), strict=True))
    roles = pl.Series("role", [event.get("role") for event in events], pl.String)
    return enrich(frame, FACTS, CALENDAR).collect().with_columns(roles)


def _dtypes(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: EVENT_SCHEMA[name] for event in events for name in event}


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
        events = (
            [event for story in stories(rule, kind) for event in story]
            if rule.correlation
            else cases(rule, kind)
        )
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
        frame = enriched(story).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("source_offset"))
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
    events = cases(rule, kind)
    frame = enriched(events).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("source_offset"))
    plain = [matches(rule, event, Surroundings(lookups)) for event in frame.iter_rows(named=True)]
    each = replace(rule, aup=rule.aup.model_copy(update={"falls": None}))  # of such a rule, what it counts
    columnar = set(match(frame, [each], lookups)["source_offset"])
    expected = [kind == "hit"] * len(events)
    assert dict(zip(map(str, events), plain, strict=True)) == dict(
        zip(map(str, events), expected, strict=True)
    )
    assert [position in columnar for position in range(len(events))] == expected
