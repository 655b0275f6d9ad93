"""Zscaler's web and DNS logs: real lines against an independent parse, feeds of other names, people, verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.zscaler import DNS, WEB

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
USUAL = {
    "time": "Mon Jan 12 08:45:01 2026",
    "login": "alice@elmpark.example",
    "proto": "HTTPS",
    "eurl": "www.example.org/a?b=c",
    "action": "Allowed",
    "cip": "10.20.4.31",
    "reqmethod": "GET",
}


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line of the web log, with some of its parts changed."""
    line = json.dumps({"sourcetype": "zscalernss-web", "event": USUAL | parts})
    (row,) = rows(WEB, line.encode())
    assert row["reject"] is None
    return row


def test_real_lines_of_dns_agree_with_elastic(rows: Rows, shared: Path) -> None:
    """Each real line says the same as Elastic's reading of it."""
    path = shared / "samples" / "zscaler" / "elastic-integrations__zscaler_zia__dns__test-dns.log"
    items = json.loads(path.with_name(f"{path.name}-expected.json").read_text())["expected"]
    found = rows(DNS, path.read_bytes())
    assert len(found) == len(items) == 3
    assert DNS.score(path.read_bytes()) == 1
    assert WEB.score(path.read_bytes()) == 0
    for row, item in zip(found, items, strict=True):
        assert row["reject"] is None
        assert row["timestamp"] == datetime.fromisoformat(item["@timestamp"])
        assert row["event_duration"] == item["event"]["duration"]
        assert row["dns_question_name"] == item["dns"]["question"]["name"]
        # Zscaler writes "A record"; the type is A.
        assert f"{row['dns_question_type']} record" == item["dns"]["question"]["type"]
        assert row["dns_response_code"] == item["dns"]["response_code"]
        assert row["dns_answers"] == item["dns"]["answers"][0]["data"]
        assert row["destination_ip"] == item["destination"]["ip"]
        assert row["source_ip"] == item["source"]["ip"]
        assert row["host_name"] == "THINKPADSMITH"
        assert (row["user_name"], row["user_domain"]) == ("jdoe1", "safemarch.com")
        assert (row["rule_name"], row["rule_category"]) == ("RULE_1", "Professional Services")
        assert row["event_outcome"] == "allowed"


@pytest.mark.parametrize(
    "name", ["alerts__test-alerts", "audit__test-audit", "tunnel__test-tunnel-http-endpoint"]
)
def test_zscalers_other_logs_are_not_claimed(rows: Rows, shared: Path, name: str) -> None:
    """Alerts, audit and tunnels are other logs: not recognised, and rejected whole if forced."""
    content = (shared / "samples" / "zscaler" / f"elastic-integrations__zscaler_zia__{name}.log").read_bytes()
    for fmt in (WEB, DNS):
        assert fmt.score(content) == 0
        assert all(row["reject"] is not None for row in rows(fmt, content))


def test_feeds_with_other_names_say_the_same(rows: Rows) -> None:
    """The names of several vendors' templates, and another way to write the time, give one event."""
    names = {"time": "datetime", "login": "user", "proto": "protocol", "eurl": "url", "cip": "ClientIP"}
    names |= {"reqmethod": "requestmethod"}
    other = {names.get(name, name): value for name, value in USUAL.items()} | {
        "datetime": "2026-01-12 08:45:01"
    }
    (row,) = rows(WEB, json.dumps({"sourcetype": "zscalernss-web", "event": other}).encode())
    usual = event(rows)
    assert row == usual
    assert usual["url_full"] == "https://www.example.org/a?b=c"
    assert (usual["url_domain"], usual["url_path"], usual["url_query"]) == ("www.example.org", "/a", "b=c")


@pytest.mark.parametrize(
    ("action", "outcome"), [("Allowed", "allowed"), ("Blocked", "blocked"), ("Cautioned", "unknown")]
)
def test_the_action_is_the_outcome(rows: Rows, action: str, outcome: str) -> None:
    """Zscaler's word decides; a warning is neither."""
    assert event(rows, action=action)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("asked", "answered", "outcome"),
    [
        ("REQ_ALLOW", "RES_ALLOW", "allowed"),
        ("REQ_BLOCK", "None", "blocked"),
        ("REQ_ALLOW", "RES_BLOCK", "blocked"),
        ("None", "None", "unknown"),
    ],
)
def test_a_question_or_its_answer_may_be_blocked(rows: Rows, asked: str, answered: str, outcome: str) -> None:
    """Of DNS either of two actions can block."""
    parts = {"datetime": USUAL["time"], "dns_req": "x.example", "reqaction": asked, "resaction": answered}
    (row,) = rows(DNS, json.dumps({"sourcetype": "zscalernss-dns", "event": parts}).encode())
    assert row["event_outcome"] == outcome


def test_a_location_is_no_account(rows: Rows) -> None:
    """Where Zscaler does not know who it was, it writes the location's name."""
    assert event(rows, login="Elm Park")["user_name"] is None
    row = event(rows, login="bob%40elmpark.example")
    assert (row["user_name"], row["user_domain"]) == ("bob", "elmpark.example")


def test_a_tunnel_shows_the_host_alone(rows: Rows) -> None:
    """Nobody saw what was asked for inside a CONNECT."""
    row = event(rows, reqmethod="CONNECT", proto="HTTP_PROXY", eurl="www.example.org:443")
    assert (row["url_domain"], row["destination_port"]) == ("www.example.org", 443)
    assert (row["url_full"], row["url_path"], row["url_scheme"]) == (None, None, None)


def test_times_are_utc_unless_another_zone_is_named(rows: Rows) -> None:
    """The default of a feed is GMT; another zone is the school's."""
    summer = "Sun Jul 12 08:45:01 2026"
    assert event(rows, time=summer)["timestamp"] == datetime(2026, 7, 12, 8, 45, 1, tzinfo=UTC)
    assert event(rows, time=summer, tz="GMT")["timestamp"] == datetime(2026, 7, 12, 8, 45, 1, tzinfo=UTC)
    assert event(rows, time=summer, tz="BST")["timestamp"] == datetime(2026, 7, 12, 7, 45, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"sourcetype":"zscalernss-web","event":{"time":"Mon', "the JSON does not end"),
        ('{"sourcetype":"zscalernss-web","event":{}}', "not a line of Zscaler's web log"),
        ('{"sourcetype":"zscalernss-dns","event":{"url":"x"}}', "not a line of Zscaler's web log"),
        ('{"sourcetype":"zscalernss-web","event":{"url":"x","time":"soon"}}', "the time is not understood"),
    ],
)
def test_a_bad_line_is_a_reject_with_its_reason(rows: Rows, line: str, reason: str) -> None:
    """A line that was cut, of another log, or without a time, is named bad."""
    (row,) = rows(WEB, line.encode())
    assert row["reject"] == reason
