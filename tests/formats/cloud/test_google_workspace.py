"""Google Workspace's activities: real ones against an independent reading, by hand, and against malice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.cloud.google_workspace import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAME = {
    "source.ip": "source_ip",
    "source.user.name": "user_name",
    "source.user.domain": "user_domain",
    "event.action": "event_action",
    "event.provider": "network_application",
    "google_workspace.event.type": "event_code",
    "file.name": "file_name",
    "user.target.email": "user_target_name",
    "google_workspace.drive.visibility": "rule_category",
    "google_workspace.drive.visibility_change": "rule_name",
}


def activity(application: str, name: str, kind: str = "k", **details: str) -> str:
    """Return an activity with one event."""
    parameters = [{"name": key, "value": value} for key, value in details.items()]
    return json.dumps(
        {
            "kind": "admin#reports#activity",
            "id": {"time": "2026-01-14T10:14:09.120Z", "applicationName": application},
            "actor": {"email": "dai.p@elmpark.example"},
            "ipAddress": "203.0.113.5",
            "events": [{"type": kind, "name": name, "parameters": parameters}],
        }
    )


def test_real_activities_agree_with_elastic(
    shared: Path, parse: Callable[..., Any], expected: Callable[..., Any]
) -> None:
    """Each value of 403 real lines of 21 files is as Elastic reads it."""
    compared, lines = 0, 0
    for log in sorted((shared / "samples" / "google-workspace").glob("elastic*.log")):
        content = log.read_text().splitlines()
        for item, row in zip(expected(log), parse(FORMAT, *content), strict=True):
            assert row["reject"] is None
            assert row["timestamp"] == datetime.fromisoformat(item["@timestamp"])
            for theirs, ours in SAME.items():
                if theirs in item:
                    assert row[ours] == item[theirs], (theirs, row)
                    compared += 1
            lines += 1
    assert (lines, compared) == (403, 2590)


def test_real_outcomes(shared: Path, parse: Callable[..., Any], expected: Callable[..., Any]) -> None:
    """What Elastic calls a failure is blocked, a success allowed; save two challenges that were passed, as they say."""
    words = {"failure": "blocked", "success": "allowed"}
    said = set()
    for log in sorted((shared / "samples" / "google-workspace").glob("elastic*.log")):
        for item, row in zip(expected(log), parse(FORMAT, *log.read_text().splitlines()), strict=True):
            if "Challenge Passed." in item["event.original"]:
                assert (row["event_outcome"], item["event.outcome"]) == ("allowed", "failure")
            elif "event.outcome" in item:
                assert row["event_outcome"] == words[item["event.outcome"]]
                said.add(row["event_outcome"])
    assert said == {"allowed", "blocked"}


@pytest.mark.parametrize(
    ("application", "name", "details", "found"),
    [
        ("drive", "download", {}, ("cloud", "allowed")),
        ("login", "login_failure", {}, ("auth", "blocked")),
        ("gmail", "delivery", {}, ("mail", "allowed")),
        ("chrome", "UNSAFE_SITE_VISIT", {"URL": "http://x.example/"}, ("web", "unknown")),
        (
            "chrome",
            "UNSAFE_SITE_VISIT",
            {"URL": "http://x.example/", "EVENT_RESULT": "BYPASSED"},
            ("web", "allowed"),
        ),
        ("chrome", "MALWARE_TRANSFER", {"EVENT_RESULT": "EVENT_RESULT_BLOCKED"}, ("endpoint", "blocked")),
        ("chrome", "MALWARE_TRANSFER", {"EVENT_RESULT": "EVENT_RESULT_WARNED"}, ("endpoint", "unknown")),
        ("chrome", "CHROME_OS_LOGIN_FAILURE_EVENT", {}, ("auth", "blocked")),
        ("chrome", "CHROMEOS_AFFILIATED_LOGIN", {}, ("auth", "allowed")),
    ],
)
def test_class_and_outcome(
    parse: Callable[..., Any], application: str, name: str, details: dict[str, str], found: tuple[str, str]
) -> None:
    """The application and the event's name say which class it is of; a result, or its name, what came of it."""
    (row,) = parse(FORMAT, activity(application, name, **details))
    assert (row["log_class"], row["event_outcome"]) == found


def test_somebody_without_an_account_and_the_account_itself(parse: Callable[..., Any]) -> None:
    """A service is nobody; who changes his own password is not told twice; Chrome's own user stands in for none."""
    service = activity("drive", "delete").replace('"email": "dai.p@elmpark.example"', '"key": "SYSTEM"')
    own = activity("admin", "CHANGE_PASSWORD", USER_EMAIL="dai.p@elmpark.example")
    chrome = activity("chrome", "CHROME_OS_LOGIN_EVENT", DEVICE_USER="a.khan@elmpark.example").replace(
        '"email": "dai.p@elmpark.example"', '"key": "ChromeOS"'
    )
    rows = parse(FORMAT, service, own, chrome)
    assert [row["user_name"] for row in rows] == [None, "dai.p", "a.khan"]
    assert [row["user_target_name"] for row in rows] == [None, None, None]


def test_what_befalls_an_account(parse: Callable[..., Any]) -> None:
    """Forwarding says where to, a warning whom it concerns, a role that was given which and to whom."""
    forwards = activity(
        "login", "email_forwarding_out_of_domain", email_forwarding_destination_address="home@mail.example"
    )
    warning = activity("login", "suspicious_login", affected_email_address="head@elmpark.example").replace(
        '"email": "dai.p@elmpark.example"', '"email": ""'
    )
    role = activity("admin", "ASSIGN_ROLE", ROLE_NAME="_USER_ADMIN_ROLE", USER_EMAIL="b.lee@elmpark.example")
    rows = parse(FORMAT, forwards, warning, role)
    assert [row["email_to_address"] for row in rows] == ["home@mail.example", None, None]
    assert [row["email_direction"] for row in rows] == ["outbound", None, None]
    assert [row["user_name"] for row in rows] == ["dai.p", "head", "dai.p"]
    assert [row["user_group"] for row in rows] == [None, None, "_USER_ADMIN_ROLE"]


def test_a_log_on_that_looked_suspicious(parse: Callable[..., Any]) -> None:
    """Google lets such a log-on pass and says so beside it."""
    made = activity("login", "login_success").replace(
        '"parameters": []', '"parameters": [{"name": "is_suspicious", "boolValue": true}]'
    )
    plain = made.replace("true", "false")
    assert [row["rule_category"] for row in parse(FORMAT, made, plain)] == ["suspicious", None]


def test_a_title_cannot_forge_a_detail(parse: Callable[..., Any]) -> None:
    """What people write stands in a text, where it says nothing of who, what and where."""
    title = '","value":"x"},{"name":"visibility","value":"public"},{"type":"login","name":"login_failure"'
    (row,) = parse(FORMAT, activity("drive", "view", doc_title=title, visibility="private"))
    assert (row["file_name"], row["rule_category"], row["event_action"]) == (title, "private", "view")
    assert row["event_outcome"] == "allowed"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"kind":"admin#reports#activity","id":{', "not a whole JSON object"),
        ('{"kind":"admin#reports#activities","items":[{}]}', "a page of activities"),
        ('{"kind":"admin#reports#activity","events":[]}', "not an activity"),
        ("plain text", "not a whole JSON object"),
        ("[" * 100_000, "not a whole JSON object"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "not a whole JSON object"),
    ],
)
def test_bad_lines(parse: Callable[..., Any], line: str, reason: str) -> None:
    """A line that cannot be read says why, however deep it nests."""
    (row,) = parse(FORMAT, line)
    assert row["reject"].startswith(reason)


def test_times(parse: Callable[..., Any]) -> None:
    """Times are UTC, to the millisecond; another zone is heeded."""
    line = activity("drive", "view")
    rows = parse(FORMAT, line, line.replace("09.120Z", "09+01:00"))
    assert rows[0]["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, 120_000, tzinfo=UTC)
    assert rows[1]["timestamp"] == datetime(2026, 1, 14, 9, 14, 9, tzinfo=UTC)
