"""NxFilter's export: the manual's line by hand, both verdicts, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.nxfilter import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
LINE = "NXFILTER|2026-07-12 08:45:01|{block}|{domain}|{user}|192.168.7.21|Pupils|games|-|{kind}|Year 9"


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {"block": "Y", "domain": "casino.example", "user": "alice", "kind": "1"}
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


def test_the_manuals_line(rows: Rows, shared: Path) -> None:
    """The line of the manual, field by field as it explains them."""
    content = (shared / "samples" / "nxfilter" / "docs__suportetikrn-nxfbr_tutorial-syslog.log").read_bytes()
    assert FORMAT.score(content) == 1
    row = rows(FORMAT, content)[0]
    expected = {
        "reject": None,
        "timestamp": datetime(2013, 1, 28, 10, 53, 23, tzinfo=UTC),
        "event_outcome": "blocked",
        "dns_question_name": "www.bbc.co.uk",
        "dns_question_type": "SRV",
        "user_name": "pwuser",
        "source_ip": "192.168.0.101",
        "rule_name": "admin",
        "rule_category": "news",
        "event_action": "Blocked by admin",
        "user_group": None,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(("block", "outcome"), [("Y", "blocked"), ("N", "allowed"), ("n", "allowed")])
def test_the_block_field_is_the_outcome(rows: Rows, block: str, outcome: str) -> None:
    """Y and N decide."""
    assert event(rows, block=block)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("kind", "name"), [("1", "A"), ("28", "AAAA"), ("65", "HTTPS"), ("9999", "TYPE9999")]
)
def test_types_have_names(rows: Rows, kind: str, name: str) -> None:
    """A type is its name, or as RFC 3597 writes a number."""
    assert event(rows, kind=kind)["dns_question_type"] == name


def test_who_and_when(rows: Rows) -> None:
    """Times are local, accounts lose their domain, an address is no account."""
    row = event(rows, user="ELMPARK\\bob", domain="WWW.Example.org.")
    assert (row["user_name"], row["user_domain"]) == ("bob", "ELMPARK")
    assert row["dns_question_name"] == "www.example.org"
    assert row["timestamp"] == datetime(2026, 7, 12, 7, 45, 1, tzinfo=UTC)
    assert event(rows, user="192.168.7.21")["user_name"] is None


@pytest.mark.parametrize("line", ["plain", "NXFILTER|2026-01-12 08:45:01|Y|x", LINE.replace("{block}", "Z")])
def test_a_bad_line_is_a_reject_with_its_reason(rows: Rows, line: str) -> None:
    """A line that lacks fields, or has no verdict, is named bad."""
    (row,) = rows(FORMAT, line.encode())
    assert row["reject"] == "not the fields of NxFilter's export"
