"""Events judged by rules: which match, and with what evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from aup_monitor.core.schema import MATCH_SCHEMA
from aup_monitor.detect import match as module
from aup_monitor.detect.match import match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.rule import RuleSet

    Table = Callable[..., pl.DataFrame]
    Write = Callable[..., RuleSet]

RULE = """title: T
name: made
description: D
logsource: {{category: {source}}}
detection:
{detection}
level: low
aup: {{theme: made}}
"""


def rule(detection: str, source: str = "network_name") -> str:
    """Return a rule of that detection."""
    return RULE.format(detection=detection, source=source)


LISTED = rule("  listed: {destination.domain|expand: '%list.gambling%'}\n  condition: listed")


def test_a_match_is_the_event_with_its_evidence(
    write_rules: Write, table: Table, lookups: Mapping[str, Lookup]
) -> None:
    """Every column of the event, the rule, its true selections, the list, its entry and sources."""
    events = table(
        {"destination_domain": "m.Bets.example", "user_name": "kim"}, {"destination_domain": "a.example"}, {}
    )
    found = match(events, write_rules(made=LISTED), lookups)

    assert found.schema == pl.Schema(MATCH_SCHEMA)
    assert found.select(
        "rule", "user_name", "selections", "list_name", "list_entry", "list_sources"
    ).rows() == [("made", "kim", "listed", "list.gambling", "bets.example", "one,two")]
    assert_frame_equal(found.select(events.columns), events.head(1), check_column_order=False)


def test_routing_by_kind_code_and_level(write_rules: Write, table: Table) -> None:
    """Only events of the rule's log classes and codes, from its log level on; an event that nobody graded is level 3."""
    text = rule("  seen: {host.name: pc}\n  condition: seen", "process_creation")
    places = [
        ("endpoint", "1", 3),
        ("endpoint", "4688", None),
        ("endpoint", "1", 2),
        ("endpoint", "5", 3),
        ("web", "1", 3),
    ]
    events = table(
        *(
            {"host_name": "PC", "log_class": kind, "event_code": code, "log_level": level}
            for kind, code, level in places
        )
    )

    assert match(events, write_rules(made=text), {}).get_column("source_offset").to_list() == [0, 1]


def test_the_list_that_speaks_for_the_match(
    write_rules: Write, table: Table, lookups: Mapping[str, Lookup]
) -> None:
    """A list behind `not`, or in a selection that is false, is no evidence."""
    detection = """  blocked: {destination.domain|expand: '%list.gambling%', event.outcome: blocked}
  tunnel: {url.domain|expand: '%list.vpn%'}
  approved: {destination.domain|expand: '%approved.sites%'}
  condition: (blocked or tunnel) and not approved"""
    events = table(
        {"destination_domain": "bets.example", "url_domain": "tunnel.example"},
        {"destination_domain": "bets.example", "event_outcome": "blocked"},
        {"destination_domain": "grants.casino.example", "url_domain": "tunnel.example"},
    )
    found = match(events, write_rules(made=rule(detection)), lookups)

    assert found.select("source_offset", "selections", "list_name").rows() == [
        (0, "tunnel", "list.vpn"),
        (1, "blocked", "list.gambling"),
    ]


def test_a_rule_without_a_list_has_none(write_rules: Write, table: Table) -> None:
    """The selections are all the evidence that there is."""
    detection = "  a: {url.path|contains: x}\n  b: {url.path|contains: y}\n  condition: a or b"
    found = match(table({"url_path": "/y/x"}, {"url_path": "/y"}), write_rules(made=rule(detection)), {})

    assert found.select("selections", "list_name", "list_entry").rows() == [
        ("a,b", None, None),
        ("b", None, None),
    ]


def test_no_rules_and_no_events(write_rules: Write, table: Table, lookups: Mapping[str, Lookup]) -> None:
    """Nothing gives an empty table of the right columns."""
    for found in (match(table({}), [], {}), match(table(), write_rules(made=LISTED), lookups)):
        assert (found.height, found.schema) == (0, pl.Schema(MATCH_SCHEMA))


def test_a_rule_for_logs_that_we_have_not(write_rules: Write, table: Table) -> None:
    """A public rule on an unknown log source loads and matches nothing."""
    text = rule("  seen: {site: beech}\n  condition: seen").replace("category: network_name", "product: moon")
    rules = write_rules(own=False, made=text)

    assert rules["made"].log_classes == ()
    assert match(table({}), rules, {}).is_empty()


def test_columns_that_events_lack_are_null(write_rules: Write) -> None:
    """A table of three columns can be judged."""
    text = rule(
        "  seen: {url.path|contains: x}\n  by: {user.name|exists: true}\n  condition: seen and not by"
    )
    found = match(pl.LazyFrame({"log_class": ["web"], "url_path": ["/x"]}), write_rules(made=text), {})

    assert found.get_column("rule").to_list() == ["made"]


@pytest.mark.parametrize("lazy", [False, True])
def test_slices_change_nothing(
    lazy: bool,
    table: Table,
    lookups: Mapping[str, Lookup],
    write_rules: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Small slices give the matches that one gives, sorted by time, and a list is asked each value once."""
    hosts = ["bets.example", "a.example", "m.casino.example"]
    moment = datetime(2026, 9, 15, 9, tzinfo=UTC).replace
    events = table(
        *({"destination_domain": hosts[n % 3], "timestamp": moment(minute=59 - n % 60)} for n in range(200))
    )
    asked: list[str] = []

    class Counted:
        def find(self, values: pl.Series) -> pl.DataFrame:
            asked.extend(values)
            return lookups["list.gambling"].find(values)

    rules = write_rules(made=LISTED)
    whole = match(events, rules, lookups)
    monkeypatch.setattr(module, "SLICE", 7)
    sliced = match(events.lazy() if lazy else events, rules, {"list.gambling": Counted()})

    assert_frame_equal(whole, sliced)
    assert whole.height == 133
    assert whole.get_column("timestamp").is_sorted()
    assert sorted(asked) == sorted(hosts)


def test_many_texts_of_one_field(write_rules: Write, table: Table) -> None:
    """Four, two thousand and two thousand ends of texts go the ways of their number, and mean the same."""
    for count, modifier in ((4, "contains"), (2000, "contains"), (2000, "endswith"), (2000, "startswith")):
        values = [f"w{n}.(z" for n in range(count)]
        detection = f"  seen: {{user.name|{modifier}: {values}}}\n  condition: seen"
        events = table(
            {"user_name": f"W{count - 1}.(Z"},
            {"user_name": f"W{count}.(Z"},
            {"user_name": f"w{count - 1}x(z"},
        )
        found = match(events, write_rules(made=rule(detection)), {})

        assert found.get_column("source_offset").to_list() == [0]
