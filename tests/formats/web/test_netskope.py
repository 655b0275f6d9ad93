"""Netskope's events: verdicts, addresses without a scheme, classes, people, and lines gone wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.netskope import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
USUAL: dict[str, Any] = {
    "timestamp": 1768207501,
    "type": "nspolicy",
    "access_method": "Client",
    "ccl": "low",
    "action": "allow",
    "activity": "Browse",
    "user": "alice@elmpark.example",
    "userip": "10.20.4.31",
    "srcip": "203.0.113.5",
    "url": "www.example.org/a?b=c",
    "protocol": "HTTPS/2",
}


def event(rows: Rows, **parts: object) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    line = json.dumps(USUAL | parts).encode()
    assert FORMAT.score(line) == 1
    (row,) = rows(FORMAT, line)
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("kind", "action", "outcome"),
    [
        ("nspolicy", "block", "blocked"),
        ("nspolicy", "Block", "blocked"),
        ("nspolicy", "allow", "allowed"),
        ("nspolicy", "alert", "allowed"),
        ("nspolicy", "bypass", "allowed"),
        ("nspolicy", "useralert", "unknown"),
        ("nspolicy", "quarantine", "unknown"),
        ("nspolicy", "", "unknown"),
        ("connection", "", "allowed"),
        ("page", None, "allowed"),
        ("network", "block", "blocked"),
    ],
)
def test_the_action_is_the_outcome(rows: Rows, kind: str, action: str | None, outcome: str) -> None:
    """A word that is not known is unknown; a connection that nobody acted on came about."""
    row = event(rows, type=kind, action=action)
    assert row["event_outcome"] == outcome
    assert row["event_action"] == (action or "Browse")


@pytest.mark.parametrize(
    ("parts", "full", "path", "port"),
    [
        ({}, "https://www.example.org/a?b=c", "/a", 443),
        ({"protocol": "HTTP/1.1"}, "http://www.example.org/a?b=c", "/a", 80),
        ({"protocol": "", "dstport": 443}, "https://www.example.org/a?b=c", "/a", 443),
        ({"protocol": "", "dstport": 8443}, None, "/a", 8443),
        ({"url": "http://www.example.org:8080/"}, "http://www.example.org:8080/", "/", 8080),
        ({"url": "WWW.example.org."}, None, None, 443),
        ({"bypass_traffic": "yes"}, None, None, 443),
    ],
)
def test_addresses_get_a_scheme(
    rows: Rows, parts: dict[str, object], full: str | None, path: str | None, port: int
) -> None:
    """The protocol tells it, else the port; what was not decrypted shows the host alone."""
    row = event(rows, **parts)
    assert row["url_domain"] == "www.example.org"
    assert (row["url_full"], row["url_path"], row["destination_port"]) == (full, path, port)


def test_who_it_was(rows: Rows) -> None:
    """The address at the school goes before the outer one; an address in place of an account is none."""
    row = event(rows, hostname="ELM-LIB-04", organization_unit="Pupils/Year 9")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["user_name"], row["user_domain"]) == ("alice", "elmpark.example")
    assert (row["source_ip"], row["host_name"]) == ("10.20.4.31", "ELM-LIB-04")
    assert row["user_group"] == "Pupils/Year 9"
    row = event(rows, userip="", user="203.0.113.5")
    assert (row["source_ip"], row["user_name"]) == ("203.0.113.5", None)


def test_files_and_bytes(rows: Rows) -> None:
    """A file's name and hash; zeros that stand for nothing are nothing."""
    row = event(rows, object="a.docx", object_type="File", md5="00ff", numbytes=0, client_bytes=0)
    assert (row["file_name"], row["file_hash"], row["source_bytes"]) == ("a.docx", "00ff", None)
    row = event(rows, object="chat", object_type="Message", numbytes=5, client_bytes=2, server_bytes=3)
    assert (row["file_name"], row["source_bytes"], row["destination_bytes"]) == (None, 2, 3)
    row = event(rows, conn_duration=3, app="Example", policy="P", category="Games", alert_type="DLP")
    assert (row["event_duration"], row["network_application"]) == (3_000_000_000, "Example")
    assert (row["rule_name"], row["rule_category"], row["event_code"]) == ("P", "Games", "DLP")


def test_classes(rows: Rows) -> None:
    """Networks are the firewall's; what the API found in a cloud service was nobody's visit."""
    assert event(rows)["log_class"] == "web"
    assert (
        event(rows, type="network", ip_protocol="TCP", url="", dstip="192.0.2.7")["log_class"] == "firewall"
    )
    assert event(rows, access_method="API Connector")["log_class"] == "cloud"


def test_the_services_own_events_are_skipped_and_bad_lines_rejected(rows: Rows) -> None:
    """An administrator's act is no pupil's; a line that was cut, or is no event, is named bad."""
    lines = [
        json.dumps(USUAL | {"type": "admin_audit_logs", "audit_log_event": "Login Successful"}),
        json.dumps(USUAL)[:-1],
        json.dumps(USUAL | {"timestamp": None}),
        json.dumps(USUAL | {"timestamp": 9e99}),
        "[]",
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    assert [row["skip"] for row in found] == [True, False, False, False, False]
    assert [row["reject"] for row in found] == [
        None,
        "no whole JSON object in the line",
        "not an event of Netskope",
        "the time is not understood",
        "no whole JSON object in the line",
    ]
