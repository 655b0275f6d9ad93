"""Cloudflare Gateway's HTTP, DNS and network logs: real lines, each verdict, each way of writing time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.cloudflare_gateway import DNS, HTTP, NETWORK

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
PAGE: dict[str, Any] = {
    "Action": "allow",
    "Datetime": "2026-01-12T08:45:01Z",
    "Email": "alice@elmpark.example",
    "HTTPHost": "www.example.org",
    "SourceIP": "203.0.113.5",
    "SourceInternalIP": "10.20.4.31",
    "URL": "https://www.example.org/a?b=c",
}


def page(rows: Rows, **parts: object) -> dict[str, Any]:
    """Parse one line of the HTTP log, with some of its parts changed."""
    (row,) = rows(HTTP, json.dumps(PAGE | parts).encode())
    assert row["reject"] is None
    return row


def test_real_lines_of_dns_agree_with_elastic(rows: Rows, shared: Path) -> None:
    """Each real line says the same as Elastic's reading of it."""
    name = "elastic-integrations__cloudflare_logpush__gateway_dns__test-pipeline-gateway-dns.log"
    path = shared / "samples" / "cloudflare-gateway" / name
    items = json.loads(path.with_name(f"{name}-expected.json").read_text())["expected"]
    found = rows(DNS, path.read_bytes())
    assert len(found) == len(items) == 3
    assert DNS.score(path.read_bytes()) == 1
    for row, item in zip(found, items, strict=True):
        assert row["reject"] is None
        assert row["timestamp"] == datetime.fromisoformat(item["@timestamp"])
        assert row["dns_question_name"] == item["dns"]["question"]["name"]
        assert row["dns_question_type"] == item["dns"]["question"]["type"]
        assert row["dns_answers"] == ",".join(item["dns"]["resolved_ip"])
        # Elastic keeps the number; 0 is NOERROR.
        assert (row["dns_response_code"], item["dns"]["response_code"]) == ("NOERROR", "0")
        assert row["destination_ip"] == item["destination"]["ip"]
        assert row["destination_port"] == item["destination"]["port"]
        assert row["source_ip"] == item["source"]["ip"]
        assert row["host_name"] == item["host"]["name"]
        assert (row["user_name"], row["user_domain"]) == ("user", "test.com")
        assert row["rule_category"] == "Photography,Weather"
        assert row["event_outcome"] == "allowed"


def test_cloudflares_other_logs_are_not_claimed(rows: Rows, shared: Path) -> None:
    """Web sites' requests, Access, sessions and the rest: none is recognised as Gateway's."""
    folder = shared / "samples" / "cloudflare-gateway"
    others = [path for path in folder.glob("*.log") if "gateway_dns" not in path.name]
    assert len(others) >= 7
    for path in others:
        for fmt in (HTTP, DNS, NETWORK):
            assert fmt.score(path.read_bytes()) < 0.3, path.name
            assert all(row["reject"] is not None for row in rows(fmt, path.read_bytes())), path.name


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("allow", "allowed"),
        ("block", "blocked"),
        ("isolate", "allowed"),
        ("off", "allowed"),
        ("quarantine", "unknown"),
        ("one", "unknown"),
    ],
)
def test_the_action_is_the_outcome(rows: Rows, action: str, outcome: str) -> None:
    """Gateway's word decides; one that is not known is unknown."""
    assert page(rows, Action=action)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [
        ("allowedByQueryName", "allowed"),
        ("overrideForSafeSearch", "allowed"),
        ("blockedRule", "blocked"),
        ("blockedAlwaysCategory", "blocked"),
        ("other", "unknown"),
    ],
)
def test_the_resolvers_decision_is_the_outcome(rows: Rows, decision: str, outcome: str) -> None:
    """Of DNS the decision's first word tells."""
    line = {"Datetime": "2026-01-12T08:45:01Z", "QueryName": "x.example", "ResolverDecision": decision}
    (row,) = rows(DNS, json.dumps(line).encode())
    assert row["event_outcome"] == outcome


@pytest.mark.parametrize(
    "written", ["2026-01-12T08:45:01Z", "1768207501", 1768207501, 1768207501000000000, "1768207501000000000"]
)
def test_time_is_written_in_three_ways(rows: Rows, written: object) -> None:
    """RFC 3339, seconds and nanoseconds are one time."""
    assert page(rows, Datetime=written)["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)


def test_pages_people_and_clients(rows: Rows) -> None:
    """The address is taken apart, the client is the one inside, and nobody's name is none."""
    row = page(rows)
    assert (row["url_domain"], row["url_path"], row["url_query"]) == ("www.example.org", "/a", "b=c")
    assert row["source_ip"] == "10.20.4.31"
    assert (row["user_name"], row["user_domain"]) == ("alice", "elmpark.example")
    empty = page(rows, Email="", SourceInternalIP="", URL="")
    assert (empty["user_name"], empty["source_ip"]) == (None, "203.0.113.5")
    assert (empty["url_domain"], empty["url_full"]) == ("www.example.org", None)


def test_network_connections(rows: Rows) -> None:
    """A connection has its server's name or address."""
    line = {"Action": "block", "Datetime": "2026-01-12T08:45:01Z", "SNI": "vpn.example", "Transport": "TCP"}
    (row,) = rows(NETWORK, json.dumps(line).encode())
    assert (row["tls_server_name"], row["network_transport"]) == ("vpn.example", "tcp")
    assert (row["log_class"], row["event_outcome"]) == ("firewall", "blocked")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"Action":"allow","HTTPHost":"www.exam', "not a whole JSON object"),
        ('{"Action":"allow","Datetime":"1768207501"}', "not a line of Cloudflare Gateway's http log"),
        ('{"HTTPHost":"x.example","Datetime":"1768207501"}', "not a line of Cloudflare Gateway's http log"),
        ('{"Action":"allow","HTTPHost":"x.example","Datetime":"soon"}', "the time is not understood"),
        ("plain", "not a whole JSON object"),
    ],
)
def test_a_bad_line_is_a_reject_with_its_reason(rows: Rows, line: str, reason: str) -> None:
    """A line that was cut, of another log, or without a time, is named bad."""
    (row,) = rows(HTTP, line.encode())
    assert row["reject"] == reason
