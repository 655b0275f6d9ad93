"""Jamf Protect's streams: real lines against an independent reading, made-up accounts, and lines gone wrong."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.endpoint.jamf_protect import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SAME = {
    "event.action": "event_action",
    "dns.question.name": "dns_question_name",
    "dns.answers.type": "dns_question_type",
    "dns.response_code": "dns_response_code",
    "destination.domain": "url_domain",
    "destination.ip": "destination_ip",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "host.hostname": "host_name",
    "file.name": "package_name",
    "file.hash.sha256": "file_hash",
    "rule.description": "rule_category",
}


def parse(*lines: str) -> list[dict[str, Any]]:
    """Return one dict a line."""
    frame = pl.DataFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    assert FORMAT.parse is not None
    return FORMAT.parse(frame.lazy(), Context()).collect().sort("offset").to_dicts()


def flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of an expected document with their dotted names."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def traffic(**parts: object) -> str:
    """Return a line of the traffic stream with parts of its event changed."""
    event = {
        "metadata": {"vendor": "Jamf", "product": "Network Traffic Stream"},
        "timestamp": "2026-01-14T10:14:09.120Z",
        "device": {"deviceId": "0417"},
        "hostName": "www.example.org",
        "blocked": False,
    }
    return json.dumps({"event": event | parts})


def test_real_lines_agree_with_elastic(shared: Path) -> None:
    """Each value of 14 real lines is as Elastic reads it."""
    folder = shared / "samples" / "jamf"
    lines, values = 0, 0
    for log in sorted(folder.glob("*jamf_protect__web_*sample-logs.log")):
        content = [line for line in log.read_text().split("\n") if line.strip()]
        assert FORMAT.score(log.read_bytes()) == 1
        expected = json.loads(log.with_name(log.name + "-expected.json").read_text())["expected"]
        for document, row in zip(expected, parse(*content), strict=True):
            item = dict(flat(document))
            assert row["reject"] is None
            assert row["timestamp"] == datetime.fromisoformat(item["event.start"])
            for theirs, ours in SAME.items():
                # the first real line's destination is the word "host" at the address "ip", which is neither
                if theirs in item and item[theirs] != "host":
                    assert row[ours] == item[theirs], (theirs, row)
                    values += 1
            lines += 1
    assert (lines, values) == (14, 57)


def test_real_lines_of_other_streams_are_skipped(shared: Path) -> None:
    """Alerts and telemetry of the Mac itself are no rejects."""
    for log in (shared / "samples" / "jamf").glob("*jamf_protect__[at]*__*sample-logs.log"):
        if "legacy" not in log.name:
            rows = parse(*[line for line in log.read_text().split("\n") if line.strip()])
            assert all(row["skip"] and row["reject"] is None for row in rows)


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"email": "a.khan@elmpark.example", "name": "Amina Khan"}, "a.khan"),
        ({"email": "", "name": "Amina Khan"}, "Amina Khan"),
        (
            {
                "email": "x@11111111-2222-4333-8444-555555555555.wnd",
                "name": "11111111-2222-4333-8444-555555555555",
            },
            None,
        ),
        ({}, None),
    ],
)
def test_accounts_that_were_made_up(user: dict[str, str], name: str | None) -> None:
    """What stands in for a person that the school keeps from Jamf is nobody."""
    (row,) = parse(traffic(user=user))
    assert row["user_name"] == name


def test_outcomes() -> None:
    """Traffic says whether it was blocked; a threat that was only detected is unknown."""
    threat = traffic(
        metadata={"vendor": "Jamf", "product": "Threat Events Stream"},
        eventType={"id": 1, "name": "X", "description": "x"},
        blocked=None,
        action="Detected",
    )
    rows = parse(traffic(), traffic(blocked=True), threat, threat.replace("Detected", "Blocked"))
    assert [row["event_outcome"] for row in rows] == ["allowed", "blocked", "unknown", "blocked"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (traffic()[:80], "not a whole JSON object"),
        (traffic(hostName=None), "traffic that names no host"),
        (traffic(metadata={"product": "Threat Events Stream"}), "a threat that does not say"),
        ('{"event":{}}', "not of a stream"),
        ("plain", "not a whole JSON object"),
    ],
)
def test_bad_lines(line: str, reason: str) -> None:
    """A line that cannot be read says why."""
    assert parse(line)[0]["reject"].startswith(reason)
