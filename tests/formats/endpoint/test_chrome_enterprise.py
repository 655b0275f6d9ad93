"""Chrome's reports: real ones, what kind each is, outcomes, devices, and lines gone wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.endpoint.chrome_enterprise import FORMAT

if TYPE_CHECKING:
    from pathlib import Path


def parse(*lines: str) -> list[dict[str, Any]]:
    """Return one dict a line."""
    frame = pl.DataFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    assert FORMAT.parse is not None
    return FORMAT.parse(frame.lazy(), Context()).collect().sort("offset").to_dicts()


def event(name: str, **parts: object) -> dict[str, Any]:
    """Return the event of one report."""
    usual = {
        "event": name,
        "time": "1768385649.5",
        "device_name": "CB-0417",
        "device_user": "a.khan@elmpark.example",
        "client_type": "CHROME_OS_DEVICE",
    }
    (row,) = parse(json.dumps(usual | parts))
    assert row["reject"] is None
    return row


def test_real_reports(shared: Path) -> None:
    """All 18 real lines are events with time, device and person, of the class that fits."""
    log = next((shared / "samples" / "google-workspace").glob("logscale__Google__Chrome*"))
    lines = [line for line in log.read_text().split("\n") if line]
    assert FORMAT.score(log.read_bytes()) == 1
    rows = parse(*lines)
    assert len(rows) == 18
    assert all(row["reject"] is None and row["timestamp"] and row["user_name"] for row in rows)
    for row, line in zip(rows, lines, strict=True):
        said = json.loads(line)
        assert abs(row["timestamp"].timestamp() - float(said["time"])) < 0.001
        assert (row["event_action"], row["host_name"]) == (said["event"], said["device_name"])
        assert row["url_full"] == said.get("url")
        assert row["package_name"] == said.get("extension_name")
        assert row["file_name"] == said.get("content_name")
        assert (row["log_class"] == "web") == ("url" in said)
        assert (row["device_vendor_id"] == "8087") == ("PERIPHERAL" in said["event"])
    assert [row["event_action"] for row in rows if row["log_class"] == "auth"] == [
        "CHROME_OS_LOGIN_EVENT",
        "CHROME_OS_LOGIN_FAILURE_EVENT",
        "CHROME_OS_LOGOUT_EVENT",
    ]


@pytest.mark.parametrize(
    ("name", "result", "outcome"),
    [
        ("badNavigationEvent", "EVENT_RESULT_BLOCKED", "blocked"),
        ("badNavigationEvent", "EVENT_RESULT_ALLOWED", "allowed"),
        ("badNavigationEvent", "EVENT_RESULT_BYPASSED", "allowed"),
        ("badNavigationEvent", "EVENT_RESULT_WARNED", "unknown"),
        ("dataAccessControlEvent", "REPORTED", "unknown"),
        ("CHROME_OS_LOGIN_EVENT", None, "allowed"),
        ("CHROME_OS_LOGIN_FAILURE_EVENT", None, "blocked"),
        ("CHROME_OS_LOGOUT_EVENT", None, "unknown"),
        ("browserCrashEvent", None, "unknown"),
    ],
)
def test_outcomes(name: str, result: str | None, outcome: str) -> None:
    """The result decides; without one, a log-on's name does."""
    assert event(name, result=result)["event_outcome"] == outcome


def test_a_device_that_was_plugged_in() -> None:
    """Numbers are four hex digits; words of a product cannot stand for them."""
    row = event(
        "CHROMEOS_PERIPHERAL_ADDED",
        event_detail="vendor: X, product: Disk, 2, vendorId: 0x951, productId: 0xA2a",
    )
    assert (row["device_vendor_id"], row["device_product_id"], row["device_name"]) == (
        "0951",
        "0a2a",
        "Disk, 2",
    )
    row = event("CHROMEOS_PERIPHERAL_ADDED", event_detail="vendor: X, product: vendorId: 0x1")
    assert (row["device_vendor_id"], row["device_class"]) == (None, None)


def test_who_and_where_data_went() -> None:
    """Who is logged on to Chrome counts before who is to the computer; the goal of data is told."""
    row = event("x", profile_user="b.lee@elmpark.example", device_user="ELMPARK\\b", destination="USB")
    assert (row["user_name"], row["rule_category"]) == ("b.lee", "USB")
    assert event("x", device_user="ELMPARK\\b")["user_domain"] == "ELMPARK"
    assert event("x")["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"event":"x","time":"1","client_type":"CHROME_', "not a whole JSON object"),
        ('{"event":"x","time":"1"}', "not an event"),
        ("plain", "not a whole JSON object"),
        ('{"a":' * 5000, "not a whole JSON object"),
    ],
)
def test_bad_lines(line: str, reason: str) -> None:
    """A line that cannot be read says why."""
    assert parse(line)[0]["reject"].startswith(reason)
    assert parse('{"event":"x","time":"9e99","client_type":"CHROME_X"}')[0]["timestamp"] is None
