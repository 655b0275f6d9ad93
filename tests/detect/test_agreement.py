"""The columnar evaluator gives every rule and every event the meaning that the reference gives it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.calendar import SchoolCalendar, parse_half_terms
from aup_monitor.core.format import Context
from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.schema import EVENT_SCHEMA, conform
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match
from aup_monitor.detect.reference import LONDON, Surroundings, matches, true_selections
from aup_monitor.detect.rule import AupBlock, LogSource, Rule
from aup_monitor.detect.tree import (
    AllOf,
    AnyOf,
    Compare,
    Exists,
    Keyword,
    Listed,
    Moment,
    Network,
    Node,
    Not,
    Null,
    Number,
    Pattern,
    SameAs,
    Selected,
    Test,
    Text,
    Truth,
    Wild,
)
from aup_monitor.formats import FORMATS
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aup_monitor.core.lookup import Lookup

ROOT = Path(__file__).parents[2]
TEXT_COLUMNS = ("url_path", "user_name", "destination_ip", "event_code")
OTHER_COLUMNS = (
    "http_response_status_code",
    "device_encrypted",
    "timestamp",
    "date",
    "log_level",
    "source_bytes",
)
LETTERS = "aAbB1.%_\\\n*? /:-éÉßẞİıΣσς"
PATTERNS = (r"a+b", r"(?i)A\.b", r"^a", r"b$", r"\d{2}", r"\bab\b", r"(?s)a.b", r"[^a]é", r"(?m)^b$", "")
NETWORKS = ("10.0.0.0/8", "10.1.2.3/32", "192.0.2.0/25", "0.0.0.0/0", "2001:db8::/32", "::/0", "fe80::/10")
ADDRESSES = (
    "10.1.2.3",
    "192.0.2.127",
    "192.0.2.128",
    "::ffff:10.1.2.3",
    "2001:DB8::1",
    "fe80::1%eth0",
    "10.1.2.3:443",
    "010.1.2.3",
    "",
)

words = st.text(LETTERS, max_size=6) | st.sampled_from(
    ("true", "FALSE", "404", "-1.50", "1e3", "tunnel.example", *ADDRESSES)
)
numbers = st.sampled_from((-1, 0, 1, 1.5, 3, 9, 12, 38, 200, 404, 2026, 2**40))
units = st.sampled_from(("minute", "hour", "day", "week", "month", "year"))
texts = st.builds(
    Text,
    st.lists(st.text(LETTERS, min_size=1, max_size=3) | st.sampled_from(Wild), max_size=4).map(tuple),
    st.booleans(),
)
patterns = st.sampled_from(PATTERNS).map(Pattern)
columns = st.sampled_from((*TEXT_COLUMNS, *OTHER_COLUMNS))
values = (
    texts
    | patterns
    | words.map(lambda word: Text((word,)))
    | numbers.map(Number)
    | st.booleans().map(Truth)
    | st.sampled_from(NETWORKS).map(lambda text: Network(ip_network(text)))
    | st.builds(Moment, units, numbers)
    | st.builds(Compare, st.sampled_from(("lt", "lte", "gt", "gte")), numbers, st.none() | units)
    | st.builds(SameAs, st.none() | columns, st.booleans(), st.booleans())
    | st.just(Null())
    | st.booleans().map(Exists)
    | st.sampled_from(("list.vpn", "approved.usb")).map(Listed)
)
tests = st.builds(lambda column, value: Test(str(column), column, value), st.none() | columns, values)
keywords = st.builds(Keyword, texts | patterns)
many_texts = st.builds(
    lambda column, found: AnyOf(tuple(Test(column, column, text) for text in found)),
    st.sampled_from(TEXT_COLUMNS),
    st.lists(texts, min_size=2, max_size=12),
)


def _grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=1, max_size=3).map(tuple)
    return children.map(Not) | several.map(AllOf) | several.map(AnyOf)


nodes = st.recursive(tests | keywords | many_texts, _grown, max_leaves=5)
conditions = st.recursive(st.sampled_from(("one", "two")).map(Selected), _grown, max_leaves=4)
cells = st.none() | words
events = st.fixed_dictionaries(
    {
        "log_class": st.sampled_from(("web", "dns")),
        "log_level": st.none() | st.integers(1, 5),
        **dict.fromkeys(TEXT_COLUMNS, cells),
        "http_response_status_code": st.none() | st.sampled_from((0, 200, 404, -1)),
        "source_bytes": st.none() | st.sampled_from((0, 2**40)),
        "device_encrypted": st.none() | st.booleans(),
        "timestamp": st.none()
        | st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants bare limits
        "date": st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    }
)


def _rule(selections: Mapping[str, Node], condition: Node, level: int) -> Rule:
    return Rule(
        name="made",
        id=None,
        title="Made",
        description="",
        level="low",
        author="",
        falsepositives=(),
        tags=(),
        pack="made",
        path=Path("made.yml"),
        line=1,
        logsource=LogSource("proxy"),
        log_classes=("web",),
        event_codes=(),
        aup=AupBlock(theme="made", min_log_level=level),
        fingerprint="",
        selections=selections,
        condition=condition,
    )


def _by_reference(
    rules: Iterable[Rule], frame: pl.DataFrame, around: Surroundings
) -> list[tuple[str, int, str]]:
    return sorted(
        (rule.name, event["source_offset"], ",".join(true_selections(rule, event, around)))
        for event in frame.to_dicts()
        for rule in rules
        if matches(rule, event, around)
    )


def _by_columns(
    rules: Sequence[Rule], frame: pl.DataFrame, lookups: Mapping[str, Lookup]
) -> list[tuple[str, int, str]]:
    found = match(frame, rules, lookups)
    return sorted(found.select("rule", "source_offset", "selections").iter_rows())


@settings(max_examples=150, deadline=None)
@given(
    one=nodes,
    two=nodes,
    condition=conditions,
    level=st.integers(1, 4),
    given_events=st.lists(events, min_size=1, max_size=12),
)
def test_random_rules_mean_the_same_to_both(  # noqa: PLR0913 - drawn parts and fixtures
    *,
    one: Node,
    two: Node,
    condition: Node,
    level: int,
    given_events: list[dict[str, object]],
    table: Callable[..., pl.DataFrame],
    lookups: Mapping[str, Lookup],
) -> None:
    """Random trees of every kind of value, over tables with nulls and odd text, hit the same events."""
    frame = table(*given_events)
    rule = _rule({"one": one, "two": two}, condition, level)

    assert _by_columns([rule], frame, lookups) == _by_reference([rule], frame, Surroundings(lookups))


EVENTS: list[dict[str, object]] = [
    {},
    {"destination_domain": "www.Bets.example"},
    {"destination_domain": "notbets.example"},
    {"destination_domain": "grants.casino.example"},
    {
        "destination_domain": "tunnel.example",
        "timestamp": datetime(2026, 9, 15, 21, 30, tzinfo=UTC),
        "log_class": "capture",
    },
    {
        "destination_domain": "tunnel.example",
        "timestamp": datetime(2026, 12, 15, 21, 30, tzinfo=UTC),
        "log_class": "capture",
    },
    {"search_query": "best VPN for school", "log_level": 2},
    {"search_query": "best VPN for school", "log_level": 1},
    {"search_query": "unblock games", "role": "staff", "user_group": "All Technicians"},
    {"log_class": "endpoint", "device_class": "diskdrive", "device_serial": "0951:1666"},
    {"log_class": "endpoint", "device_class": "DiskDrive", "device_encrypted": False},
    {"log_class": "endpoint", "device_class": "DiskDrive", "device_encrypted": True},
    {
        "log_class": "firewall",
        "destination_port": 51820,
        "network_transport": "UDP",
        "destination_ip": "203.0.113.9",
    },
    {
        "log_class": "firewall",
        "destination_port": 51820,
        "network_transport": "udp",
        "destination_ip": "10.2.3.4",
    },
    {
        "log_class": "firewall",
        "destination_port": 1194,
        "network_transport": "udp",
        "destination_ip": "2001:db8:5::9",
    },
    {
        "log_class": "firewall",
        "destination_port": 1194,
        "network_transport": "udp",
        "destination_ip": "2001:db8:6::9",
    },
    {"user_agent_original": "Mozilla/5.0 ARIA2/1.36"},
    {"user_agent_original": "curl/8", "url_domain": "intranet.example"},
    {"user_agent_original": "curl/8", "url_domain": "intranet.example", "http_request_referrer": ""},
    {"url_query": "ID=3&KEY=9"},
    {"url_query": "id=3&k=9"},
    {"http_request_method": "post", "http_response_status_code": 404},
    {"url_full": "http://h.example/a.EXE", "http_response_status_code": 206},
    {"url_full": "http://h.example/down_oad/x/y.zip"},
    {"url_full": "http://h.example/download\n/y.zip"},
    {"log_class": "endpoint", "event_code": "4688", "process_command_line": "NET  user bob"},
    {"log_class": "endpoint", "event_code": "5", "process_command_line": "net user bob"},
    {"log_class": "endpoint", "event_code": "1", "process_command_line": "x Invoke-Thing /ENC y"},
    {"log_class": "endpoint", "event_code": "1", "process_command_line": "x /enc aHR0cDovL2V4YW1wbGUub3Jn"},
    {
        "log_class": "endpoint",
        "event_code": "1",
        "process_executable": r"C:\Temp\RUN.exe",
        "user_name": "system",
    },
    {"log_class": "endpoint", "event_code": "1", "process_executable": r"c:\temp\run.exe"},
    {
        "log_class": "endpoint",
        "event_code": "1",
        "process_executable": "d:\\browserportable.exe",
        "user_name": "System",
    },
    {
        "log_class": "endpoint",
        "event_code": "1",
        "process_executable": "d:\\browserportable.exe",
        "user_name": "kim",
    },
    {"log_class": "endpoint", "event_code": "4688", "timestamp": datetime(2026, 7, 1, 4, 59, tzinfo=UTC)},
    {"log_class": "endpoint", "event_code": "4688", "timestamp": datetime(2026, 7, 1, 5, 1, tzinfo=UTC)},
    {"log_class": "endpoint", "event_code": "1", "host_name": "LAB-PC-07"},
    {"log_class": "endpoint", "event_code": "1", "user_name": "Beech", "user_domain": "BEECH"},
    {"log_class": "endpoint", "event_code": "1", "file_name": "MimiKatz.log"},
    {"log_class": "endpoint", "event_code": "1", "file_name": "x1337"},
    {"log_class": "dns", "dns_question_name": "pool.mining.example"},
    {"log_class": "dns", "dns_question_name": "pool.example", "dns_answers": ""},
]


def test_written_rules_mean_the_same_to_both(
    data: Path, table: Callable[..., pl.DataFrame], lookups: Mapping[str, Lookup]
) -> None:
    """Every construct that public rules use, over events that meet and miss each, hits the same events; each rule hits some."""
    rules = load_rules([data / "own"], [data / "foreign"])
    frame = table(*EVENTS)
    found = _by_columns(rules.rules, frame, lookups)

    assert rules.problems == ()
    assert found == _by_reference(rules, frame, Surroundings(lookups))
    assert {name for name, _, _ in found} == {rule.name for rule in rules}


class _Half:
    """A list that holds about half of all values, so that what follows from both answers is seen."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find(self, values: pl.Series) -> pl.DataFrame:
        held = [value for value in values if crc32(f"{self._name} {value.lower()}".encode()) % 2]
        return pl.DataFrame({"value": held, "entry": held, "sources": held}, schema=FOUND_SCHEMA)


def _rule_events() -> list[dict[str, object]]:
    """Return the single events that the shipped rules are held to; correlations have stories instead."""
    files = sorted((ROOT / "tests" / "rules").rglob("*.yml"))
    texts = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    told = (event for text in texts for kind in ("hit", "miss") for event in text[kind])
    return [event for event in told if isinstance(event, dict)]


def _sample_events() -> list[dict[str, object]]:
    """Return some events of every text format's sample log."""
    events: list[dict[str, object]] = []
    for file in sorted((ROOT / "sample_logs" / "formats").glob("*")):
        form = max(FORMATS, key=lambda form: form.score(file.read_bytes()[:4096]))
        for block in read_blocks(form, io.BytesIO(file.read_bytes()), Context()):
            good = block.frame.filter(pl.col("reject").is_null(), ~pl.col("skip"))
            events += conform(good.lazy()).collect().to_dicts()[:12]
    return events


@pytest.mark.parametrize("source", [_rule_events, _sample_events])
def test_shipped_rules_mean_the_same_to_both(source: Callable[[], list[dict[str, object]]]) -> None:
    """Every rule that ships, over every rule's test events and those of sample logs, hits the same events."""
    folder = ROOT / "rules" / "sigma"
    if not folder.is_dir():
        pytest.skip("no rules ship yet")
    rules = load_rules([folder])
    lists = {name: _Half(name) for rule in rules for name in rule.lists}
    calendar = SchoolCalendar(
        parse_half_terms({"2026-autumn-1": [date(2026, 9, 2), date(2026, 10, 23)]}), LONDON
    )
    frame = pl.LazyFrame(source(), schema=EVENT_SCHEMA)
    events = enrich(frame, load_facts(), calendar).collect()
    events = events.with_columns(source_offset=pl.int_range(pl.len(), dtype=pl.Int64))
    of_events = [rule for rule in rules if not rule.aup.falls]
    found = _by_columns(of_events, events, lists)

    assert found
    assert found == _by_reference(of_events, events, Surroundings(lists))
