"""squidGuard's log: real lines, an independent parse, verdicts, and lines gone wrong."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.squidguard import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
LINE = "2026-01-12 08:45:01 [7] Request({rule}) {url} {client} {user} {method} {action}"


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "rule": "pupils/gambling/-",
        "url": "http://casino.example/a?b=c",
        "client": "192.168.7.21/-",
        "user": "alice",
        "method": "GET",
        "action": "REDIRECT",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


def test_an_independent_parse_agrees(rows: Rows, shared: Path) -> None:
    """Wallix's example says the same as we do."""
    tree = ET.parse(shared / "samples" / "squidguard" / "pylogsparser__squidguard.xml")  # noqa: S314 - a file that we chose
    (example,) = tree.iter("example")
    expected = {tag.get("name"): str(tag.text) for tag in example.iter("expectedTag")}
    (row,) = rows(FORMAT, str(example.findtext("text")).encode())
    assert row["reject"] is None
    assert row["url_full"] == expected["url"]
    assert row["source_ip"] == expected["source_ip"]
    assert (row["user_name"] or "-") == expected["user"]
    assert row["http_request_method"] == expected["method"]
    assert row["event_action"] == expected["action"]
    assert f"{row['user_group'] or 'default'}/{row['rule_category']}" == expected["category"]
    assert (row["rule_name"] or "-") == expected["rewrite"]


def test_real_lines_of_tunnels(rows: Rows, shared: Path) -> None:
    """Five lines of a real container's log are recognised among Squid's and read."""
    lines = (shared / "samples" / "squid" / "usiem__docker__logs.log").read_bytes().split(b"\n")
    own = [line for line in lines if b"Request(" in line]
    found = rows(FORMAT, b"\n".join(own))
    assert len(found) == 5
    assert FORMAT.score(b"\n".join(own)) == 1
    for row in found:
        assert row["reject"] is None
        assert (row["source_ip"], row["host_name"]) == ("172.17.0.1", None)
        assert (row["url_full"], row["destination_port"]) == (None, 443)
        assert (row["rule_category"], row["event_outcome"]) == ("additional", "blocked")


@pytest.mark.parametrize(
    ("rule", "action", "outcome"),
    [
        ("pupils/gambling/-", "REDIRECT", "blocked"),
        ("pupils/search/safesearch", "REDIRECT", "unknown"),
        ("pupils/all/safesearch", "REWRITE", "unknown"),
        ("staff/none/-", "PASS", "allowed"),
        ("staff/none/-", "OTHER", "unknown"),
    ],
)
def test_the_action_decides_the_outcome(rows: Rows, rule: str, action: str, outcome: str) -> None:
    """A redirect blocks, unless a rewrite rule made it."""
    assert event(rows, rule=rule, action=action)["event_outcome"] == outcome


def test_who_and_where(rows: Rows) -> None:
    """Accounts lose their domain, a client by name is a device, addresses are taken apart, blanks and all."""
    row = event(
        rows, user="ELMPARK%5cbob", client="192.168.7.22/pc-lib-04", url="http://www.example.org/a b?c"
    )
    assert (row["user_name"], row["user_domain"], row["host_name"]) == ("bob", "ELMPARK", "pc-lib-04")
    assert (row["url_domain"], row["url_path"], row["url_query"]) == ("www.example.org", "/a b", "c")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert event(rows, rule="default/local/black/-")["rule_category"] == "local/black"


def test_its_own_life_is_skipped_and_bad_lines_rejected(rows: Rows) -> None:
    """A start is no request; a line that was cut, or is another program's, is named bad."""
    text = "2026-01-12 08:45:01 [7] squidGuard 1.6.0 started\n2026-01-12 08:45:01 [7] Request(a/b/-) http\nplain\n"
    found = rows(FORMAT, text.encode())
    assert [row["skip"] for row in found] == [True, False, False]
    assert [row["reject"] for row in found] == [None, *["not a squidGuard request"] * 2]
