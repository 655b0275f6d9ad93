"""Cisco Secure Web Appliance: decisions, tunnels, accounts, Squid beside it, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.cisco_wsa import FORMAT
from aup_monitor.formats.web.squid import FORMAT as SQUID

Rows = Callable[..., list[dict[str, Any]]]
LINE = (
    "1768207501.104 85 10.20.4.31 {result} 812 {method} {url} {user} {peer} text/html "
    '{tag}-Year_9-Pupils-NONE-NONE-NONE-DefaultGroup-NONE <{category},-2.1,-,"-",-> - {more}'
)


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "result": "TCP_MISS/200",
        "method": "GET",
        "url": "http://www.example.org/a?b=c",
        "user": "-",
        "peer": "DIRECT/www.example.org",
        "tag": "DEFAULT_CASE_12",
        "category": '"IW_edu"',
        "more": "-",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("tag", "result", "outcome"),
    [
        ("BLOCK_WEBCAT_12", "TCP_DENIED/403", "blocked"),
        ("BLOCK_AMW_RESP", "TCP_MISS/200", "blocked"),
        ("BLOCK_CONTINUE_WEBCAT_12", "TCP_DENIED/403", "blocked"),
        ("DROP_WBRS_7", "NONE/403", "blocked"),
        ("ALLOW_CUSTOMCAT_11", "TCP_MISS/200", "allowed"),
        ("MONITOR_CONTINUE_WEBCAT_11", "TCP_MISS/200", "allowed"),
        ("PASSTHRU_WBRS_7", "TCP_MISS_SSL/200", "allowed"),
        ("DEFAULT_CASE_12", "TCP_MEM_HIT/304", "allowed"),
        ("DEFAULT_CASE_12", "NONE/503", "unknown"),
        ("DEFAULT_CASE_12", "TCP_DENIED/407", "unknown"),
        ("DECRYPT_WEBCAT_7", "TCP_MISS_SSL/200", "unknown"),
        ("REDIRECT_CUSTOMCAT_11", "TCP_MISS/302", "unknown"),
        ("OTHER", "TCP_DENIED/407", "unknown"),
        ("OTHER", "TCP_DENIED/403", "blocked"),
    ],
)
def test_the_decision_is_the_outcome(rows: Rows, tag: str, result: str, outcome: str) -> None:
    """The tag decides, without its number; a failure and a request to log on are unknown."""
    row = event(rows, tag=tag, result=result)
    assert row["event_outcome"] == outcome
    assert row["event_action"] == tag.rstrip("0123456789").rstrip("_")
    assert row["rule_name"] == "Year_9"


@pytest.mark.parametrize(
    ("user", "name", "domain"),
    [
        ("-", None, None),
        ("alice", "alice", None),
        ("alice@Pupils", "alice", "Pupils"),
        (r'"ELMPARK\alice@Pupils"', "alice", "ELMPARK"),
        (r'"ELMPARK\alice example@Pupils"', "alice example", "ELMPARK"),
        ('"(unauthenticated)10.20.4.31"', None, None),
    ],
)
def test_accounts(rows: Rows, user: str, name: str | None, domain: str | None) -> None:
    """A domain goes before the appliance's realm; a guest has no account."""
    row = event(rows, user=user)
    assert (row["user_name"], row["user_domain"]) == (name, domain)


@pytest.mark.parametrize(
    ("method", "url", "peer", "expected"),
    [
        (
            "GET",
            "http://www.example.org/a?b=c",
            "DIRECT/www.example.org",
            ("www.example.org", "/a", 80, None),
        ),
        ("CONNECT", "tunnel://WWW.example.org.:443/", "NONE/-", ("www.example.org", None, 443, None)),
        (
            "TCP_CONNECT",
            "203.0.113.84:443",
            "DIRECT/App.example.net",
            ("app.example.net", None, 443, "203.0.113.84"),
        ),
        ("TCP_CONNECT", "203.0.113.84:443", "NONE/-", ("203.0.113.84", None, 443, "203.0.113.84")),
        ("GET", "www.example.org", "DIRECT/192.0.2.7", ("www.example.org", None, None, "192.0.2.7")),
        ("GET", "error:invalid-request", "NONE/-", (None, None, None, None)),
    ],
)
def test_addresses(rows: Rows, method: str, url: str, peer: str, expected: tuple[object, ...]) -> None:
    """A tunnel shows host and port only; a number becomes the name that was connected to."""
    row = event(rows, method=method, url=url, peer=peer)
    found = (row["url_domain"], row["url_path"], row["destination_port"], row["destination_ip"])
    assert found == expected
    assert (row["url_full"] is None) == ("://" not in url or method == "CONNECT")


def test_what_else_a_line_says(rows: Rows) -> None:
    """Time to the millisecond, duration, bytes, category and application."""
    verdicts = '"IW_stre",1.0,-,"a, b",-,"-","-","-","YouTube","Media","-","-",0.73,0,-'
    row = event(rows, category=verdicts)
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, 104_000, tzinfo=UTC)
    assert (row["event_duration"], row["destination_bytes"]) == (85_000_000, 812)
    assert (row["rule_category"], row["network_application"]) == ("IW_stre", "YouTube")
    assert event(rows, category="nc")["rule_category"] == "nc"
    assert event(rows, category='"err"')["rule_category"] is None


def test_squid_and_the_appliance_are_told_apart() -> None:
    """A line of the one is never one of the other, with and without a syslog header."""
    ours = LINE.format(
        result="TCP_MISS/200",
        method="GET",
        url="http://www.example.org/",
        user="-",
        peer="DIRECT/192.0.2.7",
        tag="DEFAULT_CASE_12",
        category="nc",
        more="",
    )
    squid = "1768207501.104     85 10.20.4.31 TCP_MISS/200 812 GET http://www.example.org/ - DIRECT/192.0.2.7 text/html"
    for head in ("", "<38>Jan 12 08:45:01 proxy accesslogs: Info: "):
        assert (FORMAT.score((head + ours).encode()), SQUID.score((head + ours).encode())) == (1, 0)
        for more in ("", " [User-Agent: a]", ' "Mozilla <a>"', " TLS/1.3 <a>"):
            line = (head + squid + more).encode()
            assert (FORMAT.score(line), SQUID.score(line)) == (0, 1)


def test_lines_gone_wrong_are_rejects_and_a_preamble_is_passed_over(rows: Rows) -> None:
    """What is not of the log is named bad; the appliance's own words about the file are no lines of it."""
    lines = [
        "Mon Jan 12 08:44:00 2026 Info: Begin Logfile",
        "Mon Jan 12 08:44:00 2026 Info: Version: 15.0.0 SN: none",
        "Mon Jan 12 08:44:01 2026 Info: Firewall allowed TCP data from 10.20.4.31:80 to 192.0.2.7:80.",
        "1768207501.104 85 10.20.4.31 TCP_MISS/200 812 GET http://www.example.org/ - DIRECT/x text/html",
        "\x00<>",
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    assert [row["skip"] for row in found] == [True, True, False, False, False]
    assert [row["reject"] is None for row in found] == [True, True, False, False, False]
