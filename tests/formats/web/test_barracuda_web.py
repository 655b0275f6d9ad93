"""Barracuda's web filter: what the proxy did and what the policy did, accounts, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.barracuda_web import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
LINE = (
    "Jan 12 08:45:01 filter1 http_scan[3365]: 1768207501 1 10.20.4.31 192.0.2.7 text/html 10.20.4.31 {url} 812 "
    "BYF {done} 2 1 0 {did} 3 {by} 1 games {spyware} 0 www.example.org {category} {user}  {referrer}"
)


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "url": "http://www.example.org/a?b=c",
        "done": "ALLOWED CLEAN ",
        "did": "0",
        "by": "(-)",
        "spyware": "0 -",
        "category": "games,forums",
        "user": "[alice]",
        "referrer": "http://search.example/ search.example search-engines 0",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("done", "did", "action", "outcome"),
    [
        ("ALLOWED CLEAN ", "0", "ALLOWED", "allowed"),
        ("ALLOWED CLEAN ", "1", "DENIED", "blocked"),
        ("ALLOWED CLEAN ", "2", "REDIRECTED", "unknown"),
        ("ALLOWED CLEAN ", "3", "REWRITTEN", "allowed"),
        ("ALLOWED CLEAN ", "5", "MONITORED", "allowed"),
        ("ALLOWED CLEAN ", "6", "ALLOWED", "allowed"),
        ("BLOCKED VIRUS stream=>Test FOUND", "0", "BLOCKED", "blocked"),
        ("BLOCKED SPYWARE Spy.Test", "5", "BLOCKED", "blocked"),
        ("DETECTED SPYWARE Spy.Test", "0", "DETECTED", "unknown"),
    ],
)
def test_the_policy_decides_what_the_scanner_let_pass(
    rows: Rows, done: str, did: str, action: str, outcome: str
) -> None:
    """A page that the policy denied is written ALLOWED, since the virus scanner found nothing in it."""
    row = event(rows, done=done, did=did)
    assert (row["event_action"], row["event_outcome"]) == (action, outcome)
    assert row["destination_ip"] == (None if did == "1" else "192.0.2.7")


def test_what_else_a_line_says(rows: Rows) -> None:
    """Time, client, address, size, categories, referrer; a threat's name goes before the categories."""
    row = event(rows)
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["observer_name"], row["source_ip"]) == ("filter1", "10.20.4.31")
    assert (row["url_full"], row["url_query"]) == ("http://www.example.org/a?b=c", "b=c")
    assert (row["http_response_mime_type"], row["destination_bytes"]) == ("text/html", 812)
    assert (row["rule_category"], row["http_request_referrer"]) == ("games,forums", "http://search.example/")
    assert event(rows, spyware="1 Spy.Test")["rule_category"] == "spyware: Spy.Test"
    assert event(rows, done="BLOCKED VIRUS stream=>Te st FOUND")["rule_category"] == "virus: Te st"
    assert event(rows, referrer="- - - 0")["http_request_referrer"] is None


@pytest.mark.parametrize(
    ("user", "name", "domain"),
    [
        ("[alice]", "alice", None),
        ("[alice example]", "alice example", None),
        (r"[ELMPARK\alice]", "alice", "ELMPARK"),
        ("[ANON]", None, None),
        ("ANON", None, None),
        ("[]", None, None),
    ],
)
def test_accounts(rows: Rows, user: str, name: str | None, domain: str | None) -> None:
    """In brackets or bare; ANON is nobody."""
    row = event(rows, user=user, by="(Year 9 pupils)")
    assert (row["user_name"], row["user_domain"]) == (name, domain)


def test_https_that_was_not_looked_into(rows: Rows) -> None:
    """A bare address on https stands for a path that nobody saw."""
    row = event(rows, url="https://www.example.org/")
    assert (row["url_domain"], row["url_full"], row["url_path"]) == ("www.example.org", None, None)
    assert event(rows, url="https://www.example.org/a")["url_path"] == "/a"


def test_other_lines_are_passed_over_and_bad_ones_rejected(rows: Rows) -> None:
    """The log of the filter's own pages is no web traffic; a line that was cut off is named bad."""
    lines = [
        "Jan 12 08:45:08 filter1 web: [10.20.0.2] global[] CHANGE syslog_web (10.20.0.5)",
        "Jan 12 08:45:08 filter1 http_scan[1]: starting",
        LINE.format(
            url="http://x.example/",
            done="ALLOWED CLEAN ",
            did=1,
            by="-",
            spyware="0",
            category="",
            user="",
            referrer="",
        ),
        "BYF ALLOWED CLEAN 2",
        "plain",
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    assert [row["skip"] for row in found] == [True, True, False, False, False]
    assert [row["reject"] is None for row in found] == [True, True, False, False, False]
