"""Correlations over whole columns mean what the plain reference says, and name whom they concern."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.schema import MATCH_SCHEMA, conform
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.correlation import COMPARISONS, OF_VALUES, Correlation, Kind
from aup_monitor.detect.reference_correlation import correlated
from aup_monitor.detect.rule import AupBlock, LogSource, Rule, RuleSet
from aup_monitor.detect.tree import AllOf, AnyOf, Not, Selected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START = datetime(2026, 9, 15, 9, tzinfo=UTC)
RULES = ("one", "two", "three")
GROUPS = ("subject", "host_name", "whose")


def rule(name: str, correlation: Correlation | None = None) -> Rule:
    """Return a rule of that name."""
    return Rule(
        name=name,
        id=None,
        title=name,
        description="",
        level="low",
        author="",
        falsepositives=(),
        tags=(),
        pack="test",
        path=Path("test.yml"),
        line=1,
        logsource=LogSource(),
        log_classes=(),
        event_codes=(),
        aup=AupBlock(theme="bypass"),
        fingerprint="",
        selections={},
        condition=AnyOf(()),
        correlation=correlation,
    )


def rules(*correlations: Correlation) -> RuleSet:
    """Return a set of the plain rules and these correlations, named `together 0`, ..."""
    found = [rule(f"together {n}", correlation) for n, correlation in enumerate(correlations)]
    return RuleSet((*map(rule, RULES), *found))


def frame(hits: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Return hits as matches."""
    given = pl.LazyFrame(hits, schema_overrides={name: MATCH_SCHEMA[name] for name in HIT})
    return conform(given, MATCH_SCHEMA).collect()


HIT = {
    "rule": "one",
    "timestamp": START,
    "date": date(2026, 9, 15),
    "site": "beech",
    "subject": "a.okafor",
    "subject_kind": "user",
    "host_name": None,
    "user_name": None,
    "source_bytes": None,
    "source_file": "access.log",
    "source_offset": 0,
}


def hit(seconds: int, rule: str = "one", **more: object) -> dict[str, object]:
    """Return a hit so many seconds into the day."""
    return {
        **HIT,
        "timestamp": START + timedelta(seconds=seconds),
        "rule": rule,
        "source_offset": seconds,
        **more,
    }


HITS = st.lists(
    st.fixed_dictionaries(
        {
            "seconds": st.integers(0, 30),
            "rule": st.sampled_from((*RULES, "other")),
            "subject": st.sampled_from(["a.okafor", "A.Okafor", "b.ng"]),
            "host_name": st.sampled_from(["lab-1", "LAB-1", "lab-2", None]),
            "user_name": st.sampled_from(["x", "y", None]),
            "source_bytes": st.sampled_from([1, 5, None]),
        }
    ),
    max_size=14,
)
NODES = st.recursive(
    st.sampled_from([Selected(name) for name in RULES]),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda nodes: AllOf(tuple(nodes)), st.lists(inner, max_size=3)),
        st.builds(lambda nodes: AnyOf(tuple(nodes)), st.lists(inner, max_size=3)),
    ),
    max_leaves=4,
)


@st.composite
def correlations(draw: st.DrawFn) -> Correlation:
    """Draw a correlation of any kind."""
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    field = draw(st.sampled_from(["user_name", "host_name"])) if kind == "value_count" else "source_bytes"
    limits = st.tuples(st.sampled_from(COMPARISONS), st.integers(0, 4).map(float))
    return Correlation(
        kind=kind,
        rules=tuple(draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=3, unique=True))),
        group_by=tuple(draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True))),
        timespan=timedelta(seconds=draw(st.integers(1, 12))),
        limits=() if kind == "temporal_ordered" else tuple(draw(st.lists(limits, min_size=1, max_size=2))),
        field=field if kind in OF_VALUES else None,
        condition=draw(st.none() | NODES) if kind == "temporal" else None,
        aliases={"whose": {"one": "user_name", "two": "host_name", "three": "user_name"}},
    )


@settings(max_examples=400, deadline=None)
@given(correlations(), HITS)
def test_both_evaluators_agree(correlation: Correlation, drawn: list[dict[str, object]]) -> None:
    """Whatever the kind, the groups and the order of the matches, the same events come out."""
    hits = [
        hit(int(str(one.pop("seconds"))), **one, source_offset=n)  # type: ignore[arg-type]  # drawn as such
        for n, one in enumerate(drawn)
    ]
    found = correlate(frame(hits), rules(correlation)).filter(pl.col("rule") == "together 0")

    assert sorted(found["source_offset"]) == sorted(correlated(correlation, hits))


def spans(found: pl.DataFrame, name: str = "together 0") -> list[int]:
    """Return the seconds of the events that the correlation hit."""
    return found.filter(pl.col("rule") == name)["source_offset"].to_list()


def test_so_many_within_the_span_and_no_others() -> None:
    """Three within ten seconds; the one long before stays out, and so do those of somebody else."""
    three = Correlation("event_count", ("one",), ("subject",), timedelta(seconds=10), (("gte", 3.0),))
    hits = [hit(0), hit(20), hit(25), hit(26, subject="b.ng"), hit(30)]

    assert spans(correlate(frame(hits), rules(three))) == [20, 25, 30]


def test_an_order_is_an_order() -> None:
    """The second rule after the first counts, before it or at the same moment it does not."""
    ordered = Correlation("temporal_ordered", ("one", "two"), ("subject",), timedelta(seconds=10))

    assert spans(correlate(frame([hit(1, "one"), hit(5, "two")]), rules(ordered))) == [1, 5]
    assert spans(correlate(frame([hit(1, "two"), hit(5, "one")]), rules(ordered))) == []
    assert spans(correlate(frame([hit(1, "one"), hit(1, "two")]), rules(ordered))) == []


def test_a_window_ends_with_the_day() -> None:
    """Two matches a second apart on either side of midnight, or of two sites, are not together."""
    two = Correlation("event_count", ("one",), ("subject",), timedelta(hours=1), (("gte", 2.0),))
    apart = [hit(0), hit(1, date=date(2026, 9, 16)), hit(2, site="oak")]

    assert spans(correlate(frame(apart), rules(two))) == []


def test_a_device_with_many_accounts_is_the_subject() -> None:
    """What concerns a device is said of the device, not of one of its accounts."""
    many = Correlation(
        "value_count", ("one",), ("host_name",), timedelta(minutes=5), (("gte", 2.0),), field="user_name"
    )
    hits = [hit(0, host_name="LAB-1", user_name="x"), hit(1, host_name="lab-1", user_name="y")]
    found = correlate(frame(hits), rules(many)).filter(pl.col("rule") == "together 0")

    assert found.select("subject", "subject_kind").unique().rows() == [("lab-1", "device")]
    assert found["selections"].to_list() == ["one", "one"]


def test_a_correlation_may_read_another() -> None:
    """The outer one sees the inner one's matches, whatever their names' order."""
    inner = Correlation("event_count", ("one",), ("subject",), timedelta(seconds=10), (("gte", 2.0),))
    outer = Correlation("temporal", ("together 1", "two"), ("subject",), timedelta(seconds=10))
    found = correlate(frame([hit(0), hit(1), hit(2, "two")]), rules(outer, inner))

    assert spans(found, "together 0") == [0, 1, 2]


@pytest.mark.parametrize(("generate", "silent"), [(False, {"one"}), (True, set())])
def test_rules_that_only_a_correlation_reads_are_silent(*, generate: bool, silent: set[str]) -> None:
    """Without `generate`, a correlation's rules make no incidents of their own."""
    two = Correlation(
        "event_count", ("one",), ("subject",), timedelta(seconds=9), (("gte", 2.0),), generate=generate
    )

    assert rules(two).silent == silent
