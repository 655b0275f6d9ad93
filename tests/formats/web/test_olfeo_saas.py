"""Olfeo SaaS: pages and questions, verdicts, and lines gone wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.olfeo_saas import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
PAGE: dict[str, Any] = {
    "display_name": "Zoë Example",
    "category_label": "News",
    "url": "https://www.example.org/a?b=c",
    "action": "allow",
    "domain": "www.example.org",
    "src_ip": "203.0.113.5",
    "timestamp": 1768207501852,
    "http_method": "GET",
    "type": "proxy",
    "groups_name": ["Year 9", "Pupils"],
}
QUESTION: dict[str, Any] = PAGE | {"type": "dns", "url": "", "http_method": "", "src_ip": ""}


def event(rows: Rows, usual: dict[str, Any], **parts: object) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    line = json.dumps(usual | parts).encode()
    assert FORMAT.score(line) == 1
    (row,) = rows(FORMAT, line)
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("allow", "allowed"), ("block", "blocked"), ("Block", "blocked"), ("warn", "unknown")],
)
def test_the_action_is_the_outcome(rows: Rows, action: str, outcome: str) -> None:
    """Olfeo's word decides; one that is not known is unknown."""
    assert event(rows, PAGE, action=action)["event_outcome"] == outcome


def test_a_page(rows: Rows) -> None:
    """Time to the millisecond, person, groups, address; a tunnel shows the host alone."""
    row = event(rows, PAGE, user_status_code="200", user_response_time_ms="84")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, 852_000, tzinfo=UTC)
    assert (row["user_name"], row["user_group"]) == ("Zoë Example", "Year 9,Pupils")
    assert (row["log_class"], row["url_full"]) == ("web", "https://www.example.org/a?b=c")
    assert (row["event_duration"], row["http_response_status_code"]) == (84_000_000, 200)
    row = event(rows, PAGE, http_method="CONNECT", url="https://www.example.org:443")
    assert (row["url_domain"], row["url_full"], row["destination_port"]) == ("www.example.org", None, 443)


@pytest.mark.parametrize(
    ("answer", "kind", "answers"),
    [
        ("www.example.org.\t60\tIN\tA\t192.0.2.9", "A", "192.0.2.9"),
        (
            "www.example.org.\t60\tIN\tCNAME\tb.example.\nb.example.\t60\tIN\tAAAA\t2001:db8::9",
            "AAAA",
            "b.example,2001:db8::9",
        ),
        ("", None, None),
        (None, None, None),
        ("nonsense IN", None, None),
    ],
)
def test_a_question(rows: Rows, answer: str | None, kind: str | None, answers: str | None) -> None:
    """A question is of DNS and no visit; its type is the last answer's."""
    row = event(rows, QUESTION, dns_answer=answer)
    assert (row["log_class"], row["dns_question_name"]) == ("dns", "www.example.org")
    assert (row["url_domain"], row["source_ip"]) == (None, None)
    assert (row["dns_question_type"], row["dns_answers"]) == (kind, answers)


def test_lines_gone_wrong_are_rejects(rows: Rows) -> None:
    """A line that was cut, that is no event, or has no time that can be, is named bad."""
    lines = [
        json.dumps(PAGE)[:-1],
        json.dumps(PAGE | {"action": None}),
        json.dumps(PAGE | {"timestamp": 10**17}),
        "plain",
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    assert [row["reject"] for row in found] == [
        "no whole JSON object in the line",
        "not an event of Olfeo",
        "the time is not understood",
        "no whole JSON object in the line",
    ]
