"""Message traces: three reports told apart by their headers, directions, outcomes, dates, and what is no trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.mail.m365_message_trace import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
SUMMARY = "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,directionality\n"
TRACE = '"Received","SenderAddress","RecipientAddress","Subject","Status","FromIP","Size"\n'


def summary(rows: Rows, recipients: str, direction: str = "Originating") -> dict[str, Any]:
    """Parse one line of an enhanced summary."""
    line = f'2026-01-14T10:14:09.5000000Z,b.lee@elmpark.example,"{recipients}",Hello,20480,{direction}\n'
    return rows(FORMAT, SUMMARY + line)[1]


@pytest.mark.parametrize(
    "header", [SUMMARY, TRACE, TRACE.replace('"', ""), "#TYPE Trace\n" + TRACE, SUMMARY.upper()]
)
def test_the_header_is_recognised(header: str) -> None:
    """Any of the reports, with or without quotes and PowerShell's line before it."""
    assert FORMAT.score(header.encode()) == 1


@pytest.mark.parametrize("text", ["", "a,b,c\n", "sender_address,message_subject\n", "x\n" * 5 + SUMMARY])
def test_others_are_not(text: str) -> None:
    """A header without a time or a recipient, and one that comes late, are not enough."""
    assert FORMAT.score(text.encode()) == 0


def test_columns_are_found_by_name(rows: Rows) -> None:
    """The same columns in another order say the same."""
    one = rows(
        FORMAT,
        TRACE + '"14/01/2026 10:14:09","a@x.example","b@y.example","Hi, you","Delivered","192.0.2.1","7"\n',
    )[1]
    other = rows(
        FORMAT,
        "Status,Size,Subject,RecipientAddress,FromIP,SenderAddress,Received,Extra\n"
        'Delivered,7,"Hi, you",b@y.example,192.0.2.1,a@x.example,14/01/2026 10:14:09,z\n',
    )[1]
    assert {**one, "offset": 0} == {**other, "offset": 0}
    assert (one["email_subject"], one["source_bytes"], one["source_ip"]) == ("Hi, you", 7, "192.0.2.1")
    assert (one["user_name"], one["email_direction"]) == (None, None)


@pytest.mark.parametrize(
    ("direction", "way", "user"),
    [
        ("Originating", "outbound", "b.lee"),
        ("2", "outbound", "b.lee"),
        ("Incoming", "inbound", "dai"),
        ("0", None, None),
    ],
)
def test_whose_message_it_is(rows: Rows, direction: str, way: str | None, user: str | None) -> None:
    """What goes out is its sender's; what comes in is the recipient's."""
    row = summary(rows, "dai@elmpark.example##Receive, Deliver", direction)
    assert (row["email_direction"], row["user_name"]) == (way, user)


def test_several_recipients(rows: Rows) -> None:
    """All are told; a message that came in for several is no one person's."""
    row = summary(
        rows, "a@x.example##Receive, Deliver;b@x.example##Receive, Fail;a@x.example##Receive", "Incoming"
    )
    assert row["email_to_address"] == "a@x.example,b@x.example"
    assert row["event_action"] == "Deliver,Fail,Receive"
    assert (row["event_outcome"], row["user_name"]) == ("allowed", None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Delivered", "allowed"),
        ("Failed", "blocked"),
        ("Quarantined", "blocked"),
        ("FilteredAsSpam", "blocked"),
        ("Pending", "unknown"),
        ("Expanded", "unknown"),
        ("GettingStatus", "unknown"),
        ("SEND", "allowed"),
        ("FAIL", "blocked"),
        ("RECEIVE", "unknown"),
        ("", "unknown"),
    ],
)
def test_outcomes(rows: Rows, status: str, outcome: str) -> None:
    """What became of it, in the words of the trace and of the extended report."""
    row = rows(FORMAT, TRACE + f'"14/01/2026 10:14:09","a@x.example","b@y.example","Hi","{status}","",""\n')[
        1
    ]
    assert row["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-14T10:14:09.1234567Z", datetime(2026, 1, 14, 10, 14, 9, 123456, tzinfo=UTC)),
        ("2026-07-14T10:14:09", datetime(2026, 7, 14, 10, 14, 9, tzinfo=UTC)),
        ("03/07/2026 10:14:09", datetime(2026, 7, 3, 10, 14, 9, tzinfo=UTC)),
        ("7/3/2026 1:14:09 PM", datetime(2026, 7, 3, 13, 14, 9, tzinfo=UTC)),
        ("31/31/2026 10:14:09", None),
    ],
)
def test_times(rows: Rows, text: str, time: datetime | None) -> None:
    """Times are UTC in every form, in summer too; one that is none makes a reject."""
    row = rows(FORMAT, TRACE + f'"{text}","a@x.example","b@y.example","Hi","Delivered","",""\n')[1]
    assert row["timestamp"] == time
    assert (row["reject"] is None) == (time is not None)


def test_lines_gone_wrong(rows: Rows) -> None:
    """Lines before any header, cut ones and hostile headers are named; none raises."""
    found = rows(
        FORMAT,
        "a,b,c\n" + SUMMARY + "2026-01-14T10:14:09Z\n" + ",".join(["sender_address"] * 5000) + "\nx,y\n",
    )
    assert [row["reject"] for row in found] == [
        "no line before this one names the columns",
        None,
        "not the columns of a message trace",
        None,
        "no line before this one names the columns",
    ]
