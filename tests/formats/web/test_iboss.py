"""iboss's web log: a real line against an independent parse, verdicts, and lines gone wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.iboss import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
USUAL = {
    "logType": "WEB_LOG",
    "action": "Allowed",
    "filteringGroupName": "Default",
    "host": "www.example.org",
    "logTime": "2026-01-12",
    "time": "08:45:01",
    "url": "https://www.example.org/a?b=c",
}


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    (row,) = rows(FORMAT, json.dumps(USUAL | parts).encode())
    assert row["reject"] is None
    return row


def test_a_real_line_agrees_with_datadog(rows: Rows, shared: Path) -> None:
    """The real line says the same as Datadog's reading of it."""
    folder = shared / "samples" / "iboss"
    content = (folder / "datadog__iboss_tests-1.log").read_bytes()
    expected = json.loads((folder / "datadog__iboss_tests-1.expected.json").read_text())
    assert FORMAT.score(content) == 1
    (row,) = rows(FORMAT, content)
    assert row["reject"] is None
    # Datadog cuts the milliseconds of the transaction's start off.
    assert (
        timedelta() <= row["timestamp"] - datetime.fromisoformat(expected["timestamp"]) < timedelta(seconds=1)
    )
    assert row["event_action"] == expected["action"]
    assert row["user_name"] == expected["usr.name"]
    assert row["source_ip"] == expected["client.ip"]
    assert row["source_port"] == int(expected["client.port"])
    assert row["destination_ip"] == expected["destination.ip"]
    assert row["destination_port"] == int(expected["destination.port"])
    assert row["source_bytes"] == int(expected["bytes_read(upstreamByteUsage)"])
    assert row["destination_bytes"] == int(expected["bytes_written(downstreamByteUsage)"])
    assert row["http_request_method"] == expected["http.method"]
    assert row["http_response_status_code"] == int(expected["http.status_code"])
    assert row["url_full"] == expected["http.url"]
    assert (row["url_domain"], row["url_path"]) == (expected["host"], expected["path"])
    assert row["rule_category"].split(";") == expected["categoryName"]
    assert row["host_name"] == expected["computerName"]
    assert row["user_agent_original"] == expected["useragent"]
    assert row["http_request_referrer"] == expected["referrerUrl"]
    assert row["source_mac"] is None  # all zeros


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("Allowed", "allowed"), ("Blocked", "blocked"), ("Soft-blocked", "blocked"), ("Monitored", "unknown")],
)
def test_the_action_is_the_outcome(rows: Rows, action: str, outcome: str) -> None:
    """Iboss's word decides; one that is not known is unknown."""
    assert event(rows, action=action)["event_outcome"] == outcome


def test_time_and_tunnels(rows: Rows) -> None:
    """Without a transaction's start the written time counts; a tunnel shows the host alone."""
    row = event(rows, requestMethod="CONNECT", url="www.example.org:443")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["url_domain"], row["url_full"], row["destination_port"]) == ("www.example.org", None, 443)
    exact = event(rows, proxyTransactionStartTime="1768207501.25")
    assert exact["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, 250_000, tzinfo=UTC)


def test_other_logs_are_skipped_and_bad_lines_rejected(rows: Rows) -> None:
    """A DNS line is not read; a line that was cut, or is no line of iboss, is named bad."""
    text = '{"logType":"DNS_LOG","host":"x"}\n{"logType":"WEB_LOG","host":"x\n{"logType":"WEB_LOG"}\nplain\n'
    found = rows(FORMAT, text.encode())
    assert [row["skip"] for row in found] == [True, False, False, False]
    assert [row["reject"] for row in found] == [
        None,
        "no whole JSON object in the line",
        "not a line of iboss's web log",
        "no whole JSON object in the line",
    ]
