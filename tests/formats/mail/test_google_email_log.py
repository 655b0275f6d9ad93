"""Gmail's log search: columns by name, directions, outcomes, times, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.mail.google_email_log import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
HEADER = "Message ID,Start date,Sender,Subject,Direction,Recipient address,Event status,Event date\n"


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line with some of its parts changed."""
    usual = {
        "start": "2026/07/14 10:14:09 UTC",
        "direction": "Sent",
        "recipient": "b@y.example",
        "status": "DELIVERED",
    }
    p = usual | {"date": ""} | parts
    line = (
        f'<1@x>,{p["start"]},a@x.example,Hi,{p["direction"]},"{p["recipient"]}",{p["status"]},{p["date"]}\n'
    )
    return rows(FORMAT, HEADER + line)[1]


def test_the_header_is_recognised() -> None:
    """The export is known by the names of its columns alone."""
    assert FORMAT.score(HEADER.encode()) == 1
    assert FORMAT.score(b"Message ID,Start date,Subject\n") == FORMAT.score(b"x") == 0


@pytest.mark.parametrize(
    ("direction", "way", "user"),
    [("Sent", "outbound", "a"), ("Received", "inbound", "b"), ("Mixed", "internal", "a"), ("", None, None)],
)
def test_whose_message_it_is(rows: Rows, direction: str, way: str | None, user: str | None) -> None:
    """The school's own person is the sender, or of what came in the recipient."""
    row = event(rows, direction=direction)
    assert (row["email_direction"], row["user_name"]) == (way, user)


def test_several_recipients(rows: Rows) -> None:
    """Recipients are told each once; what came in for several is no one person's."""
    row = event(rows, direction="Received", recipient="b@y.example, c@y.example,b@y.example")
    assert (row["email_to_address"], row["user_name"]) == ("b@y.example,c@y.example", None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("DELIVERED", "allowed"),
        ("ACCEPTED", "allowed"),
        ("BOUNCED", "blocked"),
        ("Rejected", "blocked"),
        ("QUARANTINED", "blocked"),
        ("UNDELIVERED", "blocked"),
        ("IN_TRANSIT", "unknown"),
        ("", "unknown"),
    ],
)
def test_outcomes(rows: Rows, status: str, outcome: str) -> None:
    """The status of the event is the outcome."""
    assert event(rows, status=status)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("start", "date", "hour"),
    [
        ("2026/07/14 10:14:09 UTC", "", 10),
        ("2026/07/14 10:14:09 UTC", "2026/07/14 11:14:09 UTC", 11),
        ("2026-07-14T10:14:09+02:00", "", 8),
        ("2026-07-14T10:14:09.000Z", "", 10),
        ("2026/07/14 10:14:09", "", 9),
    ],
)
def test_times(rows: Rows, start: str, date: str, hour: int) -> None:
    """The event's own time counts before the message's; one without an offset is the school's."""
    assert event(rows, start=start, date=date)["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


def test_lines_gone_wrong(rows: Rows) -> None:
    """A line before any header, and a cut one, are named."""
    found = rows(FORMAT, "x,y\n" + HEADER + "<1@x>,2026/07\n")
    assert [row["reject"] for row in found] == [
        "no line before this one names the columns",
        None,
        "not the columns of the e-mail log search",
    ]
