"""Olfeo's proxy log: what an answer tells, accounts, tunnels, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.combined import FORMAT as COMBINED
from aup_monitor.formats.web.olfeo import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
LINE = '10.20.4.31 - {user} [12/07/2026 09:45:01] "{request} HTTP/1.1" {status} - - 1000 {category}'


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "user": "alice",
        "request": "GET http://www.example.org/a?b=c",
        "status": "200",
        "category": "News",
    }
    line = LINE.format(**usual | parts).encode()
    assert (FORMAT.score(line), COMBINED.score(line)) == (1, 0)
    (row,) = rows(FORMAT, line)
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("200", "allowed"),
        ("304", "allowed"),
        ("302", "unknown"),
        ("403", "unknown"),
        ("503", "unknown"),
        ("000", "unknown"),
    ],
)
def test_an_answer_is_the_only_verdict(rows: Rows, status: str, outcome: str) -> None:
    """The log does not say what was blocked, so that nothing is called so."""
    assert event(rows, status=status)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("user", "name", "domain"),
    [
        ("-", None, None),
        ("alice", "alice", None),
        (r"ELMPARK\alice", "alice", "ELMPARK"),
        ("a [b] c", "a [b] c", None),
    ],
)
def test_accounts(rows: Rows, user: str, name: str | None, domain: str | None) -> None:
    """An account may have blanks; a hyphen is none."""
    row = event(rows, user=user)
    assert (row["user_name"], row["user_domain"]) == (name, domain)


def test_what_else_a_line_says(rows: Rows) -> None:
    """Local time with the day first, address, category and its number."""
    row = event(rows)
    assert row["timestamp"] == datetime(2026, 7, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["url_full"], row["url_query"]) == ("http://www.example.org/a?b=c", "b=c")
    assert (row["rule_category"], row["event_code"]) == ("News", "1000")
    row = event(rows, request="CONNECT https://docs.example.edu:443/")
    assert (row["url_domain"], row["destination_port"]) == ("docs.example.edu", 443)
    assert (row["url_full"], row["url_path"]) == (None, None)


def test_lines_gone_wrong_are_rejects(rows: Rows) -> None:
    """A web server's line, and one that was cut off, are named bad."""
    lines = [
        '10.20.4.31 - - [12/Jan/2026:08:45:01 +0000] "GET / HTTP/1.1" 200 12',
        '10.20.4.31 - - [12/01/2026 08:45:01] "GET http://www.example.org/ HTTP/1.1" 200 - -',
        '10.20.4.31 - - [99/99/2026 08:45:01] "GET http://www.example.org/ HTTP/1.1" 200 - - 1 News',
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    wrong = "not the fields of Olfeo's proxy log"
    assert [row["reject"] for row in found] == [wrong, wrong, "the time is not understood"]
