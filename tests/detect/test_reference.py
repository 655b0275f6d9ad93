"""The meaning of a rule, trap by trap, each as its own line of a selection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.detect.match import match
from aup_monitor.detect.reference import Surroundings, holds, matches, true_selections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.rule import RuleSet

NIGHT = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 0.30 on 1 July in London
TRAPS = [
    ("user.name: KIM", {"user_name": "kim"}, True),
    ("user.name: kim", {"user_name": "kimberly"}, False),
    ("user.name|cased: KIM", {"user_name": "kim"}, False),
    ("user.name: 'strasse'", {"user_name": "straße"}, False),
    ("user.name: É", {"user_name": "é"}, True),
    ("user.name: ''", {"user_name": ""}, True),
    ("user.name: ''", {"user_name": None}, False),
    ("user.name: null", {"user_name": ""}, False),
    ("user.name: null", {}, True),
    ("user.name: '*'", {"user_name": ""}, True),
    ("user.name: '*'", {}, False),
    ("user.name|exists: true", {"user_name": ""}, True),
    ("user.name|exists: false", {}, True),
    ("user.name|neq: kim", {}, True),
    ("NoSuchField: null", {}, True),
    ("NoSuchField|exists: true", {}, False),
    ("NoSuchField: x", {}, False),
    ("url.path: 'a?c*'", {"url_path": "a\ncd\ne"}, True),
    ("url.path: 'a?c'", {"url_path": "ac"}, False),
    (r"url.path: 'a\?c'", {"url_path": "abc"}, False),
    (r"url.path: 'a\?c'", {"url_path": "a?c"}, True),
    (r"url.path|contains: '\\*'", {"url_path": "a\\b"}, True),
    (r"url.path|endswith: 'a\b'", {"url_path": "a\\b"}, True),
    ("url.path|contains: '%_'", {"url_path": "x%_y"}, True),
    ("url.path|re: 'A'", {"url_path": "a"}, False),
    ("url.path|re|i: 'A'", {"url_path": "bab"}, True),
    ("url.path|re: '^b$'", {"url_path": "a\nb"}, False),
    ("url.path|re|m: '^b$'", {"url_path": "a\nb"}, True),
    ("http.response.status_code: '404'", {"http_response_status_code": 404}, True),
    ("http.response.status_code|startswith: 4", {"http_response_status_code": 404}, None),
    ("http.response.status_code|startswith: '4'", {"http_response_status_code": 404}, True),
    ("http.response.status_code|gte: 400", {"http_response_status_code": 404}, True),
    ("http.response.status_code|lt: 400", {}, False),
    ("EventID: 4688", {"event_code": "4688"}, True),
    ("EventID|gt: 4000", {"event_code": "4688"}, True),
    ("EventID|gt: 4000", {"event_code": "x"}, False),
    ("device.encrypted: true", {"device_encrypted": True}, True),
    ("device.encrypted: false", {"device_encrypted": None}, False),
    ("device.encrypted: 'TRUE'", {"device_encrypted": True}, True),
    ("source.ip|cidr: 10.0.0.0/8", {"source_ip": "10.9.9.9"}, True),
    ("source.ip|cidr: 10.0.0.0/8", {"source_ip": "::ffff:10.9.9.9"}, True),
    ("source.ip|cidr: 10.0.0.0/8", {"source_ip": "10.9.9.9:443"}, False),
    ("source.ip|cidr: 2001:db8::/32", {"source_ip": "2001:0DB8:0::1"}, True),
    ("source.ip|cidr: '::/0'", {"source_ip": "10.9.9.9"}, False),
    ("user.name|fieldref: host.name", {"user_name": "PC", "host_name": "pc"}, True),
    ("user.name|fieldref: host.name", {}, False),
    ("user.name|fieldref|startswith: host.name", {"user_name": "pc-7", "host_name": "pc"}, True),
    ("user.name|fieldref|contains: host.name", {"user_name": "my-pc-7", "host_name": "pc"}, True),
    ("timestamp|hour: 0", {"timestamp": NIGHT}, True),
    ("timestamp|day: 1", {"timestamp": NIGHT}, True),
    ("timestamp|month|gte: 7", {"timestamp": NIGHT}, True),
    ("timestamp|week: 27", {"timestamp": NIGHT}, True),
    ("user.name|hour: 0", {"user_name": "0"}, False),
    ("destination.domain|expand: '%list.gambling%'", {"destination_domain": "M.BETS.example"}, True),
    ("destination.domain|expand: '%list.gambling%'", {"destination_domain": "mybets.example"}, False),
    ("url.path|contains|all: [a, b]", {"url_path": "b-a"}, True),
    ("source.port|lte: 80", {"source_port": 80}, True),
    ("source.port|gt: 80", {"source_port": 80}, False),
    ("user.name|fieldref|endswith: host.name", {"user_name": "my-pc", "host_name": "PC"}, True),
    ("user.name|fieldref|endswith: host.name", {"user_name": "pc-7", "host_name": "PC"}, False),
    ("user.name|fieldref: NoSuchField", {"user_name": "kim"}, False),
    ("source.ip|cidr: 192.0.2.0/25", {"source_ip": "192.0.2.0"}, True),
    ("source.ip|cidr: 192.0.2.0/25", {"source_ip": "192.0.2.127"}, True),
    ("source.ip|cidr: 192.0.2.0/25", {"source_ip": "192.0.2.128"}, False),
    ("source.ip|cidr: '::ffff:0:0/96'", {"source_ip": "::ffff:10.9.9.9"}, False),
    ("timestamp|hour|lt: 1", {"timestamp": NIGHT}, True),
    ("timestamp: '2026'", {"timestamp": NIGHT}, False),
    ("url.path|contains|all: [a, b]", {"url_path": "aa"}, False),
]


@pytest.mark.parametrize(
    ("line", "event", "expected"), TRAPS, ids=[f"{line} {event}"[:60] for line, event, _ in TRAPS]
)
def test_each_trap(  # noqa: PLR0913 - three parts of a case and three fixtures
    *,
    line: str,
    event: dict[str, object],
    expected: bool | None,
    write_rules: Callable[..., RuleSet],
    lookups: Mapping[str, Lookup],
    table: Callable[..., pl.DataFrame],
) -> None:
    """One line of a selection means to both evaluators what the docstring says; None: it does not load."""
    field, _, value = line.partition(": ")
    text = f"title: T\nlogsource: {{category: proxy}}\ndetection:\n  one:\n    '{field}': {value}\n  condition: one\n"
    rules = write_rules(own=False, made=text)
    found = [holds(rule, event, Surroundings(lookups)) for rule in rules]

    matched = [not match(table(event), [rule], lookups).is_empty() for rule in rules]

    assert found == matched == ([] if expected is None else [expected])


def test_selections_and_routing(
    write_rules: Callable[..., RuleSet], table: Callable[..., pl.DataFrame]
) -> None:
    """A selection may hold where the condition does not; an event of another kind is not looked at."""
    text = (
        "title: T\nlogsource: {category: proxy}\ndetection:\n  one: {user.name: kim}\n  two: [kim, x]\n"
        "  condition: one and not two\n"
    )
    rule = write_rules(own=False, made=text)["made"]
    kim, both, other = table({"user_name": "kim"}, {"log_class": "dns"}, {"url_path": "/kim/"}).to_dicts()
    around = Surroundings({})

    assert true_selections(rule, kim, around) == ("one", "two")
    assert true_selections(rule, other, around) == ("two",)
    assert not matches(rule, both, around)
