"""Skyhigh Web Gateway: verdicts, headers, tunnels, fields that hold quotes, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.combined import FORMAT as COMBINED
from aup_monitor.formats.web.skyhigh import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
LINE = (
    '[12/Jan/2026:08:45:01 +0000] "{user}" 10.20.4.31 {status} "{request}" "Games, Forums" "Minimal Risk" '
    '"text/html" 812 "{agent}" "{virus}" "{reason}"'
)


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "user": "",
        "status": "200",
        "request": "GET http://www.example.org/a?b=c HTTP/1.1",
        "agent": "Mozilla/5.0 (X11)",
        "virus": "",
        "reason": "0",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("reason", "status", "outcome"),
    [
        ("0", "200", "allowed"),
        ("0", "403", "allowed"),  # the site's own answer
        ("10", "403", "blocked"),
        ("80", "200", "blocked"),
        ("81", "407", "unknown"),
        ("0", "401", "unknown"),
        ("", "200", "unknown"),
        ("-", "200", "unknown"),
    ],
)
def test_the_reason_for_a_block_is_the_outcome(rows: Rows, reason: str, status: str, outcome: str) -> None:
    """0 is no block; a request to log on is unknown."""
    row = event(rows, reason=reason, status=status)
    assert row["event_outcome"] == outcome
    assert row["event_code"] == (reason if reason.isdigit() else None)


def test_a_line_without_a_header_has_the_default_fields(rows: Rows) -> None:
    """Time, account, address, media type, bytes, browser and categories; of a virus its name."""
    row = event(rows, user=r"ELMPARK\alice")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["user_name"], row["user_domain"], row["source_ip"]) == ("alice", "ELMPARK", "10.20.4.31")
    assert (row["url_full"], row["url_path"]) == ("http://www.example.org/a?b=c", "/a")
    assert (row["http_request_method"], row["destination_bytes"]) == ("GET", 812)
    assert (row["rule_category"], row["user_agent_original"]) == ("Games, Forums", "Mozilla/5.0 (X11)")
    assert event(rows, virus="Test", reason="80")["rule_category"] == "virus: Test"


@pytest.mark.parametrize(
    "request_line",
    ["CONNECT www.example.org:443 HTTP/1.1", "CERTVERIFY https://www.example.org:443/ HTTP/1.1"],
)
def test_a_tunnel_shows_host_and_port(rows: Rows, request_line: str) -> None:
    """Neither a CONNECT nor the look at a certificate shows a page."""
    row = event(rows, request=request_line)
    assert (row["url_domain"], row["destination_port"]) == ("www.example.org", 443)
    assert (row["url_full"], row["url_scheme"], row["url_path"]) == (None, None, None)


def test_a_browser_cannot_pass_for_other_fields(rows: Rows) -> None:
    """A browser's name that looks like the end of the line does not hide the block."""
    row = event(rows, agent='x" "" "0', reason="10")
    assert (row["event_outcome"], row["user_agent_original"]) == ("blocked", 'x" "" "0')
    row = event(rows, request='GET http://casino.example/" "News" "-" "-" 1 "x HTTP/1.1', reason="10")
    assert row["event_outcome"] == "blocked"
    assert row["url_domain"] == "casino.example"


def test_a_header_names_the_fields(rows: Rows) -> None:
    """Fields in another order, and more of them; the next header holds for the lines after it."""
    text = """#time_stamp src_ip "req_line" status_code bytes_from_client "block_res" "rule_name" "application_name"
[12/Jan/2026:08:45:01 +0000] 10.20.4.31 "GET https://www.example.org/ HTTP/1.1" 200 77 "0" "Allow all" "Example"
[12/Jan/2026:08:45:01 +0000] 10.20.4.31 "GET https://www.example.org/ HTTP/1.1" 200 77 "0" "Allow all"
#time_stamp "req_line" "block_res"
[12/Jan/2026:08:45:02 +0000] "GET http://www.example.org/ HTTP/1.1" "10"
"""
    found = rows(FORMAT, text.encode())
    assert FORMAT.score(text.encode()) == 1
    assert [row["skip"] for row in found] == [True, False, False, True, False]
    assert [row["reject"] is None for row in found] == [True, True, False, True, True]
    assert (found[1]["source_bytes"], found[1]["rule_name"]) == (77, "Allow all")
    assert found[1]["network_application"] == "Example"
    assert (found[4]["event_outcome"], found[4]["user_name"]) == ("blocked", None)


@pytest.mark.parametrize(
    "header",
    ["#time_stamp", '#time_stamp "req_line', "#time_stamp " + "x " * 5000, '#time_stamp (?<x> [ "\\"'],
)
def test_a_header_gone_wrong_makes_rejects(rows: Rows, header: str) -> None:
    """Whatever a header says, its lines are rows."""
    found = rows(FORMAT, f"{header}\n[12/Jan/2026:08:45:01 +0000] x\n".encode())
    assert [row["skip"] for row in found] == [True, False]
    assert found[1]["reject"] is not None


def test_a_web_servers_log_is_not_claimed() -> None:
    """A combined log has its time elsewhere, and the gateway's line is no combined one."""
    combined = b'10.20.4.31 - - [12/Jan/2026:08:45:01 +0000] "GET / HTTP/1.1" 200 12 "-" "Mozilla/5.0"\n'
    ours = LINE.format(user="", status="200", request="GET / HTTP/1.1", agent="-", virus="", reason="0")
    assert FORMAT.score(combined) == 0
    assert (FORMAT.score(ours.encode()), COMBINED.score(ours.encode())) == (1, 0)
