"""Suricata's EVE lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.suricata import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "suricata.json"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.address": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "source.bytes": "source_bytes",
    "destination.address": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "network.protocol": "network_protocol",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "url.query": "url_query",
    "http.request.method": "http_request_method",
    "http.request.referrer": "http_request_referrer",
    "http.response.status_code": "http_response_status_code",
    "user_agent.original": "user_agent_original",
    "dns.question.name": "dns_question_name",
    "dns.question.type": "dns_question_type",
    "dns.response_code": "dns_response_code",
    "tls.client.server_name": "tls_server_name",
    "rule.id": "rule_name",
}
ENDS: Final = {"source_ip", "source_port", "destination_ip", "destination_port"}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "of an answer the client is the source all the same": ('"src_port":53,.*"type":"answer"', ENDS),
    "an IPv6 address is written in its short form": (
        '"src_ip":"[0-9a-f]+:',
        {"source_ip", "destination_ip"},
    ),
}


@pytest.fixture(scope="module")
def own(parse: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the events of the project's own sample."""
    return parse(FORMAT, *OWN.read_text().splitlines())


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of five real files is as Elastic reads it, but where a reason is written."""
    found = compare(
        FORMAT, sorted((shared / "samples" / "suricata-eve").glob("elastic*.log")), SAME, EXPLAINED
    )
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (57, 3, [])
    assert found.values > 500


def test_names_and_pages(own: list[dict[str, Any]]) -> None:
    """Server name, page and question are read; text that a browser sends is not read as keys."""
    tls, http, asked, answered = own[:4]
    assert (tls["tls_server_name"], tls["tls_client_ja4"][:10]) == ("casino.example", "t13d1516h2")
    assert http["timestamp"] == datetime(2026, 7, 14, 9, 14, 12, tzinfo=UTC)
    assert (http["source_ip"], http["url_path"], http["event_outcome"]) == ("10.20.4.32", "/a", "allowed")
    assert http["url_full"] == 'http://www.example.org/a?b=é"src_ip":"10.6.6.6"'
    assert http["http_request_referrer"] == "http://www.example.org/"
    assert (asked["dns_question_name"], asked["event_outcome"]) == ("www.example.org", "unknown")
    assert (answered["source_ip"], answered["destination_port"]) == ("10.20.4.33", 53)
    assert answered["dns_answers"] == "cdn.example.org,203.0.113.10"


def test_alerts_flows_and_leases(own: list[dict[str, Any]]) -> None:
    """An alert on what came back is the client's; statistics are passed over; a cut line is bad."""
    alert, flow, lease, stats, cut = own[4:]
    assert (alert["source_ip"], alert["destination_port"]) == ("10.20.4.34", 80)
    assert (alert["rule_category"], alert["event_outcome"]) == (
        "attack: ET POLICY PE EXE or DLL download",
        "blocked",
    )
    assert alert["url_full"] == "http://files.example/setup.exe"
    assert (flow["source_ip"], flow["source_bytes"], flow["event_duration"]) == (
        "2001:db8::31",
        496,
        24 * 10**9,
    )
    assert (flow["network_protocol"], flow["event_outcome"]) == (None, "allowed")
    assert (lease["log_class"], lease["source_ip"], lease["host_name"]) == ("dhcp", "10.20.4.37", "LIB-PC-07")
    assert (stats["skip"], cut["reject"]) == (True, "the JSON does not end")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no event_type"),
        ("[]", "no event_type"),
        ('{"a": {"event_type": 5}}', "no event_type"),
        ('{"event_type":"tls"}', "no timestamp"),
        ('{"event_type":"tls","timestamp":"2026-02-30T10:00:00.0+0000"}', "no timestamp"),
        ('{"event_type":"tls","timestamp":"2026-01-14T10:14:09.0+0000"', "the JSON does not end"),
        ("{" * 10_000, "no event_type"),
    ],
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str, reason: str) -> None:
    """A line of something else, without a time, or cut short is a reject with its reason."""
    event = parse(FORMAT, line)[0]
    assert event["reject"].startswith(reason)
    assert not event["skip"]
