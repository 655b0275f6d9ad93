"""A filter that blocks far less than it did is told of, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.resources import resource
from aup_monitor.detect.falls import COUNT_SCHEMA, counted, fallen
from aup_monitor.detect.incidents import incidents
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aup_monitor.detect.rule import Rule

FIRST = date(2026, 9, 14)


@pytest.fixture(scope="module")
def rule() -> Rule:
    """Return the rule that watches the filter."""
    return load_rules([resource("rules", "sigma")])["blocked_traffic_fell"]


def counts(shares: Sequence[float], events: int = 10_000, kind: str = "web") -> pl.DataFrame:
    """Return one day after the other with these shares of blocked requests."""
    rows = [
        ("beech", FIRST + timedelta(days=n), kind, events, round(events * share), moment(n))
        for n, share in enumerate(shares)
    ]
    return pl.DataFrame(rows, schema=COUNT_SCHEMA, orient="row")


def moment(day: int) -> datetime:
    """Return the afternoon of that day."""
    return datetime(2026, 9, 14, 15, tzinfo=UTC) + timedelta(days=day)


def days(table: pl.DataFrame) -> list[date]:
    """Return all days of the counts."""
    return table["date"].unique().sort().to_list()


@pytest.mark.parametrize(
    ("shares", "events", "fell"),
    [
        ([0.05, 0.06, 0.05, 0.01], 10_000, [3]),
        ([0.05, 0.06, 0.05, 0.02], 10_000, []),  # above a quarter of what is usual
        ([0.05, 0.06, 0.0], 10_000, []),  # two days tell nothing
        ([0.001, 0.001, 0.001, 0.0], 10_000, []),  # ten were to be expected: chance may leave them out
        ([0.05, 0.06, 0.05, 0.0], 900, []),  # hardly any traffic at all
        ([0.0, 0.0, 0.0, 0.05, 0.0], 10_000, []),  # one day of many blocks is not what is usual
    ],
)
def test_a_fall_is_one_against_the_usual(
    shares: list[float], events: int, fell: list[int], rule: Rule
) -> None:
    """The median of the days before, enough traffic and enough to be expected: then a fall is one."""
    table = counts(shares, events)

    assert fallen(table, rule, days(table))["date"].to_list() == [FIRST + timedelta(days=n) for n in fell]


def test_only_the_days_asked_for_are_judged(rule: Rule) -> None:
    """Days before serve to tell what is usual; kinds of log stay apart."""
    table = pl.concat([counts([0.05, 0.05, 0.05, 0.0, 0.0]), counts([0.05] * 5, kind="dns")])

    assert fallen(table, rule, [FIRST + timedelta(days=4)])["date"].to_list() == [FIRST + timedelta(days=4)]


def test_events_are_counted_by_day_and_kind(rule: Rule, table: Callable[..., pl.DataFrame]) -> None:
    """Blocked ones of each day and kind of log, case aside; other kinds of log are not looked at."""
    events = table(
        {"event_outcome": "blocked"},
        {"event_outcome": "Blocked"},
        {"event_outcome": "allowed"},
        {"log_class": "dns", "event_outcome": "blocked"},
        {"log_class": "endpoint", "event_outcome": "blocked"},
    )
    found = counted(events.lazy(), rule)

    assert found.select("log_class", "events", "hits").rows() == [("dns", 1, 1), ("web", 3, 2)]


def test_it_concerns_the_site_and_no_event(rule: Rule, table: Callable[..., pl.DataFrame]) -> None:
    """The incident names the site and the figures; a single blocked request makes no match."""
    falling = counts([0.05, 0.05, 0.05, 0.0])
    rules = load_rules([resource("rules", "sigma")])
    found = incidents(fallen(falling, rule, days(falling)), rules, lambda _rule, _role: ())

    assert [(one.subject, one.subject_kind, one.role, one.severity) for one in found] == [
        ("beech", "site", "unknown", 4)
    ]
    assert found[0].details == ("0 of 10,000 (0.00%); on the days before, 5.00%",)
    assert match(table({"event_outcome": "blocked"}), [rule], {}).is_empty()
