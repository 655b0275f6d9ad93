"""Microsoft 365's audit log: JSON and CSV alike, whose account it was, outcomes, and lines gone wrong."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.cloud.m365_audit import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

USUAL: dict[str, Any] = {
    "CreationTime": "2026-01-14T10:14:09",
    "Operation": "FileAccessed",
    "RecordType": 6,
    "UserKey": "i:0h.f|membership|1003",
    "UserType": 0,
    "Workload": "SharePoint",
    "UserId": "dai.p@elmpark.example",
}


def record(**parts: object) -> str:
    """Return the usual record with some of its parts changed."""
    return json.dumps(USUAL | parts)


def row_of_csv(*cells: str) -> str:
    """Return cells as a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


@pytest.fixture
def one(parse: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses a record with some of its parts changed."""

    def read(**parts: object) -> dict[str, Any]:
        (row,) = parse(FORMAT, record(**parts))
        assert row["reject"] is None
        return dict(row)

    return read


def test_json_and_every_layout_of_csv_say_the_same(parse: Callable[..., Any]) -> None:
    """The record in its cell is read as the record by itself, wherever the cell stands."""
    text = record(SourceFileName='Year 9, "draft" \\ final.docx', ClientIP="203.0.113.5")
    lines = [
        text,
        row_of_csv("2026-01-14T10:14:09", "dai.p@elmpark.example", "FileAccessed", text),
        row_of_csv(
            "1a-2b", "2026-01-14T10:14:09", "6", "FileAccessed", "dai.p@elmpark.example", text, "", ""
        ),
        row_of_csv("ps.example", text, "1", "True").replace("ps.example", '"ps.example"'),
    ]
    rows = [{**row, "offset": 0} for row in parse(FORMAT, *lines)]
    assert rows[0]["file_name"] == 'Year 9, "draft" \\ final.docx'
    assert rows[0]["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert all(row == rows[0] for row in rows)


@pytest.mark.parametrize(
    "header",
    [
        "CreationDate,UserIds,Operations,AuditData",
        '"CreationDate","UserIds","Operations","AuditData"',
        "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits",
        "#TYPE Selected.System.Management.Automation.PSObject",
    ],
)
def test_lines_that_name_columns_are_skipped(parse: Callable[..., Any], header: str) -> None:
    """A header is neither an event nor a fault."""
    (row,) = parse(FORMAT, header)
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize(
    ("client", "address", "port"),
    [
        ("203.0.113.5", "203.0.113.5", None),
        ("203.0.113.5:443", "203.0.113.5", 443),
        ("[2001:db8::1]:51200", "2001:db8::1", 51200),
        ("2001:DB8::0001", "2001:db8::1", None),
        ("::ffff:203.0.113.5", "203.0.113.5", None),
        ("<null>", None, None),
        ("", None, None),
    ],
)
def test_addresses(one: Callable[..., Any], client: str, address: str | None, port: int | None) -> None:
    """Every way in which Microsoft writes a client's address."""
    row = one(ClientIP=client)
    assert (row["source_ip"], row["source_port"]) == (address, port)


@pytest.mark.parametrize(
    ("parts", "account"),
    [
        ({}, ("dai.p", "elmpark.example")),
        ({"UserType": 2, "UserId": "head@elmpark.example"}, ("head", "elmpark.example")),
        ({"UserType": "Regular"}, ("dai.p", "elmpark.example")),
        ({"UserType": 4, "UserId": "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"}, (None, None)),
        ({"UserType": 5, "UserId": "app@sharepoint"}, (None, None)),
        ({"UserId": "Not Available"}, (None, None)),
        ({"UserId": "urn:spo:anon#0f1e2d3c"}, (None, None)),
        ({"UserId": "urn:spo:guest#friend@mail.example"}, ("friend", "mail.example")),
    ],
)
def test_accounts(one: Callable[..., Any], parts: dict[str, object], account: tuple[str | None, ...]) -> None:
    """A person is named; the service, and who came by an anonymous link, is nobody."""
    row = one(**parts)
    assert (row["user_name"], row["user_domain"]) == account


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ({}, "allowed"),
        ({"ResultStatus": "Succeeded"}, "allowed"),
        ({"ResultStatus": "PartiallySucceeded"}, "allowed"),
        ({"ResultStatus": "False"}, "blocked"),
        ({"Operation": "UserLoginFailed", "ResultStatus": "Success"}, "blocked"),
        ({"Operation": "UserLoggedIn", "LogonError": "BlockedByConditionalAccess"}, "blocked"),
        ({"Operation": "DLPRuleMatch"}, "unknown"),
        ({"Operation": "FileMalwareDetected"}, "unknown"),
    ],
)
def test_outcomes(one: Callable[..., Any], parts: dict[str, object], outcome: str) -> None:
    """What failed is blocked, whatever the status of writing about it; what was only found is unknown."""
    assert one(**parts)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("ForwardingSmtpAddress", "smtp:home@mail.example", "home@mail.example"),
        ("ForwardTo", "home@mail.example;other@mail.example", "home@mail.example,other@mail.example"),
        ("RedirectTo", "home@mail.example", "home@mail.example"),
        ("DeliverToMailboxAndForward", "True", None),
    ],
)
def test_where_mail_is_forwarded(one: Callable[..., Any], name: str, value: str, address: str | None) -> None:
    """A rule or a setting that forwards says where to."""
    parameters = [{"Name": "Identity", "Value": "b.lee"}, {"Name": name, "Value": value}]
    row = one(Workload="Exchange", Operation="Set-Mailbox", Parameters=parameters)
    assert row["email_to_address"] == address


@pytest.mark.parametrize(
    ("to", "direction"),
    [
        ("home@mail.example", "outbound"),
        ("office@elmpark.example", "internal"),
        ("Office@ElmPark.example;home@mail.example", "outbound"),
        ("Office", "internal"),
    ],
)
def test_whether_mail_leaves_the_school(one: Callable[..., Any], to: str, direction: str) -> None:
    """One address outside the account's own domain is enough; a name in the school's own book is within."""
    row = one(Operation="New-InboxRule", Parameters=[{"Name": "ForwardTo", "Value": to}])
    assert row["email_direction"] == direction


def test_an_account_without_a_mail_domain(one: Callable[..., Any]) -> None:
    """What is outside of it is not known."""
    way = [{"Name": "ForwardTo", "Value": "home@mail.example"}]
    row = one(Operation="Set-Mailbox", UserId="admin@elmpark.onmicrosoft.com", Parameters=way)
    assert (row["email_to_address"], row["email_direction"]) == ("home@mail.example", None)


def test_a_rule_that_outlook_made(one: Callable[..., Any]) -> None:
    """Its actions say whether it forwards; one that only moves messages does not."""
    forward = '[{"ActionType":"Forward","Recipients":["home@mail.example"],"ForwardFlags":"None"}]'
    move = '[{"ActionType":"Move","Folder":"from-home@mail.example"}]'
    rows = [
        one(
            Operation="UpdateInboxRules",
            OperationProperties=[
                {"Name": "RuleName", "Value": "x"},
                {"Name": "RuleActions", "Value": actions},
            ],
        )
        for actions in (forward, move)
    ]
    assert [row["email_to_address"] for row in rows] == ["home@mail.example", None]
    assert [row["email_direction"] for row in rows] == ["outbound", None]


def test_a_role_that_was_given(one: Callable[..., Any]) -> None:
    """Which role, and to whom."""
    row = one(
        Operation="Add member to role.",
        Workload="AzureActiveDirectory",
        ObjectId="a.khan@elmpark.example",
        ModifiedProperties=[
            {"Name": "Role.DisplayName", "NewValue": '"Global Administrator"', "OldValue": ""}
        ],
    )
    assert (row["user_group"], row["user_target_name"]) == ("Global Administrator", "a.khan@elmpark.example")


def test_whose_it_was(one: Callable[..., Any]) -> None:
    """Another's mailbox, a guest, the members of a team and an account are told; one's own mailbox is not."""
    assert one(MailboxOwnerUPN="office@elmpark.example")["user_target_name"] == "office@elmpark.example"
    assert one(MailboxOwnerUPN="Dai.P@elmpark.example")["user_target_name"] is None
    assert one(TargetUserOrGroupName="x@mail.example")["user_target_name"] == "x@mail.example"
    assert (
        one(Members=[{"UPN": "a@x.example"}, {"UPN": "b@x.example"}])["user_target_name"]
        == "a@x.example,b@x.example"
    )
    directory = {"Workload": "AzureActiveDirectory", "ObjectId": "a@x.example"}
    assert one(Operation="Reset user password.", **directory)["user_target_name"] == "a@x.example"
    assert one(Operation="UserLoggedIn", **directory)["user_target_name"] is None


def test_inner_keys_and_texts_forge_nothing(one: Callable[..., Any]) -> None:
    """A key of an inner object, and JSON inside a text, are not the record's own."""
    row = one(
        AppAccessContext={"UserId": "head@elmpark.example", "ClientIP": "198.51.100.9"},
        SourceFileName='","UserId":"head@elmpark.example',
        ClientIP="203.0.113.5",
    )
    assert (row["user_name"], row["source_ip"]) == ("dai.p", "203.0.113.5")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" + record() + "]", "a list of records"),
        (record()[:90], "no whole JSON object"),
        (row_of_csv("x", record())[:-9], "no whole JSON object"),
        ('{"CreationTime":"2026-01-14T10:14:09"}', "not a record"),
        ("plain", "no whole JSON object"),
    ],
)
def test_bad_lines(parse: Callable[..., Any], line: str, reason: str) -> None:
    """A line that cannot be read says why."""
    (row,) = parse(FORMAT, line)
    assert row["reject"].startswith(reason)
    assert not row["skip"]
