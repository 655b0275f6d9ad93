"""
Rules on lines as services and devices write them: from the bytes of a log to the names of the rules that hit.

A rule's own examples name columns. Here is shown that formats fill these columns, in the words that the rules ask for.
"""

from __future__ import annotations

import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
from aup_monitor.core.format import Context
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import match
from aup_monitor.formats.cloud import google_workspace, m365_audit
from aup_monitor.formats.endpoint import defender, windows_json
from aup_monitor.formats.mail import m365_message_trace
from aup_monitor.formats.office import asterisk_cdr, papercut
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

RULES: Final = [
    rule for rule in load_rules([resource("rules", "sigma")]) if not rule.lists and not rule.correlation
]
CALENDAR: Final = SchoolCalendar(
    (HalfTerm(date(2026, 9, 2), date(2026, 10, 23), "2026-autumn-1"),), ZoneInfo("Europe/London")
)
TRACE: Final = (
    "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,directionality"
)


def hits(fmt: Format, *lines: str) -> set[str]:
    """Return the names of the rules that hit some of the lines."""
    content = "\n".join(lines).encode()
    rows = pl.concat(
        block.frame for block in read_blocks(fmt, io.BytesIO(content), Context(zone="Europe/London"))
    )
    assert rows["reject"].drop_nulls().to_list() == []
    columns = [name for name in EVENT_SCHEMA if name in rows.columns]
    events = rows.filter(~pl.col("skip").fill_null(value=False)).select(
        *columns, pl.col("offset").alias("source_offset")
    )
    return set(match(enrich(events.lazy(), load_facts(), CALENDAR).collect(), RULES, {})["rule"])


def google(application: str, name: str, **details: str | bool) -> str:
    """Return an activity as Google's Reports API writes it."""
    kinds = {str: "value", bool: "boolValue"}
    told = [{"name": key, kinds[type(value)]: value} for key, value in details.items()]
    warns = name.startswith(("suspicious_", "account_disabled_"))
    activity = {
        "kind": "admin#reports#activity",
        "id": {"time": "2026-09-14T10:14:09.120Z", "applicationName": application},
        "actor": {"callerType": "USER", "email": "j.marsh@oakfield.example"},
        "events": [{"type": "account_warning" if warns else "x", "name": name, "parameters": told}],
    }
    return json.dumps(activity)


def microsoft(operation: str, **more: object) -> str:
    """Return a record of Microsoft 365's audit log."""
    usual: dict[str, Any] = {
        "CreationTime": "2026-09-14T10:14:09",
        "Operation": operation,
        "RecordType": 1,
        "UserKey": "1",
        "UserType": 0,
        "Workload": "Exchange",
        "UserId": "j.marsh@oakfield.example",
    }
    return json.dumps(usual | more)


def forwards(name: str, value: str) -> list[dict[str, str]]:
    """Return one parameter of a record of Microsoft 365."""
    return [{"Name": name, "Value": value}]


def windows(code: int, provider: str, section: str = "EventData", **fields: str) -> str:
    """Return an event as `evtx_dump` writes it."""
    system = {
        "Provider": {"#attributes": {"Name": provider}},
        "EventID": code,
        "Computer": "LIB-PC-07",
        "TimeCreated": {"#attributes": {"SystemTime": "2026-09-14T10:14:09.0Z"}},
    }
    data: dict[str, Any] = fields if section == "EventData" else {"X": fields}
    return json.dumps({"Event": {"System": system, section: data}})


SECURITY: Final = "Microsoft-Windows-Security-Auditing"
JANE: Final = {
    "SubjectUserName": "j.marsh",
    "SubjectDomainName": "OAKFIELD",
    "SubjectUserSid": "S-1-5-21-1",
}
SYSTEM: Final = {
    "SubjectUserName": "LIB-PC-07$",
    "SubjectDomainName": "OAKFIELD",
    "SubjectUserSid": "S-1-5-18",
}
NETSH: Final = {
    "NewProcessName": r"C:\Windows\System32\netsh.exe",
    "CommandLine": "netsh advfirewall set allprofiles state off",
}
ADMINS: Final = {"MemberName": "-", "TargetUserName": "Administrators"}
GUEST: Final = {
    "Workload": "OneDrive",
    "TargetUserOrGroupName": "friend_gmail.com#EXT#@oakfield.example",
    "TargetUserOrGroupType": "Guest",
}
OUTLOOK: Final = '[{"ActionType":"Forward","Recipients":["home@mail.example"]}]'
GLOBAL: Final = [{"Name": "Role.DisplayName", "NewValue": '"Global Administrator"'}]
DIRECTORY: Final = "AzureActiveDirectory"


@pytest.mark.parametrize(
    ("application", "name", "details", "rules"),
    [
        (
            "login",
            "email_forwarding_out_of_domain",
            {"email_forwarding_destination_address": "home@mail.example"},
            {"forwarding_rule"},
        ),
        ("login", "login_success", {"is_suspicious": True}, {"suspicious_sign_in", "logon_made"}),
        ("login", "login_success", {"is_suspicious": False}, {"logon_made"}),
        ("login", "logout", {}, set()),
        ("login", "suspicious_login", {}, {"suspicious_sign_in"}),
        ("login", "account_disabled_password_leak", {}, {"account_taken_over"}),
        ("admin", "CREATE_USER", {"USER_EMAIL": "new@oakfield.example"}, {"account_created"}),
        ("admin", "ASSIGN_ROLE", {"ROLE_NAME": "_SEED_ADMIN_ROLE"}, {"privileged_group_changed"}),
        ("admin", "ASSIGN_ROLE", {"ROLE_NAME": "Timetable readers"}, set()),
        ("drive", "change_document_visibility", {"visibility": "people_with_link"}, {"public_link"}),
        ("drive", "change_document_visibility", {"visibility": "public_in_the_domain"}, set()),
        ("drive", "change_user_access", {"target_user": "friend@gmail.com"}, {"shared_with_private_address"}),
        ("drive", "download", {"doc_title": "Marks.xlsx"}, {"file_taken"}),
    ],
)
def test_google_workspace(
    application: str, name: str, details: dict[str, str | bool], rules: set[str]
) -> None:
    """What befalls accounts, files and mail in Google Workspace."""
    assert hits(google_workspace.FORMAT, google(application, name, **details)) == rules


@pytest.mark.parametrize(
    ("operation", "more", "rules"),
    [
        ("New-InboxRule", {"Parameters": forwards("ForwardTo", "home@mail.example")}, {"forwarding_rule"}),
        ("New-InboxRule", {"Parameters": forwards("ForwardTo", "office@oakfield.example")}, set()),
        ("UpdateInboxRules", {"OperationProperties": forwards("RuleActions", OUTLOOK)}, {"forwarding_rule"}),
        ("AnonymousLinkCreated", {"Workload": "OneDrive", "SourceFileName": "a.xlsx"}, {"public_link"}),
        ("AddedToSecureLink", GUEST, {"shared_with_private_address"}),
        ("FileDownloaded", {"Workload": "SharePoint", "SourceFileName": "a.xlsx"}, {"file_taken"}),
        ("FileSyncDownloadedFull", {"Workload": "SharePoint", "SourceFileName": "a.xlsx"}, set()),
        ("DLPRuleMatch", {"PolicyDetails": [{"PolicyName": "Pupil records"}]}, {"data_loss_rule"}),
        ("Add user.", {"Workload": DIRECTORY, "UserId": "Sync_DC-01_1a@oakfield.example"}, set()),
        ("Add user.", {"Workload": DIRECTORY}, {"account_created"}),
        (
            "Add member to role.",
            {"Workload": DIRECTORY, "ModifiedProperties": GLOBAL},
            {"privileged_group_changed"},
        ),
        (
            "UserLoggedIn",
            {"ExtendedProperties": forwards("UserAgent", "BAV2ROPC")},
            {"legacy_sign_in", "logon_made"},
        ),
        ("UserLoginFailed", {"LogonError": "UserDisabled"}, {"closed_account_tried", "logon_failed"}),
    ],
)
def test_microsoft_365(operation: str, more: dict[str, object], rules: set[str]) -> None:
    """What befalls accounts, files and mail in Microsoft 365."""
    assert hits(m365_audit.FORMAT, microsoft(operation, **more)) == rules


@pytest.mark.parametrize(
    ("code", "fields", "rules"),
    [
        (4720, {"TargetUserName": "temp"} | JANE, {"account_created"}),
        (4720, {"TargetUserName": "defaultuser0"} | SYSTEM, set()),
        (4732, ADMINS | JANE, {"privileged_group_changed"}),
        (4732, ADMINS | SYSTEM, set()),
        (4728, {"MemberName": "CN=x", "TargetUserName": "Admin Office Staff"} | JANE, set()),
        (4740, {"TargetUserName": "j.marsh", "TargetDomainName": "LIB-PC-07"}, {"account_locked_out"}),
        (
            4625,
            {"TargetUserName": "t.leaver", "LogonType": "3", "SubStatus": "0xC0000072"},
            {"closed_account_tried", "logon_failed"},
        ),
        (4688, NETSH | JANE, {"protection_tampered"}),
        (4688, NETSH | SYSTEM, set()),
    ],
)
def test_windows_security(code: int, fields: dict[str, str], rules: set[str]) -> None:
    """What Windows says of accounts, groups and programs; what a computer does by itself is nobody's."""
    assert hits(windows_json.FORMAT, windows(code, SECURITY, **fields)) == rules


def test_other_logs_of_windows() -> None:
    """Virus protection that is off, a log that was emptied, a document that was printed."""
    off = windows(5001, "Microsoft-Windows-Windows Defender")
    emptied = windows(1102, "Microsoft-Windows-Eventlog", "UserData", **JANE)
    printed = windows(
        307, "Microsoft-Windows-PrintService", "UserData", Param3="j.marsh", Param5="Library", Param8="40"
    )
    assert hits(windows_json.FORMAT, off) == {"protection_switched_off"}
    assert hits(windows_json.FORMAT, emptied) == {"audit_log_cleared"}
    assert hits(windows_json.FORMAT, printed) == {"many_pages_printed"}


def test_defender() -> None:
    """Somebody tampers with Defender; Windows does so by itself."""
    line = (
        '{"time":"2026-09-14T10:16:00Z","category":"AdvancedHunting-DeviceEvents","operationName":"Publish",'
        '"properties":{"Timestamp":"2026-09-14T10:14:09Z","DeviceName":"lap-1","ActionType":"TamperingAttempt",'
        '"InitiatingProcessAccountDomain":"OAKFIELD","InitiatingProcessAccountName":"j.marsh"}}'
    )
    by_itself = line.replace("OAKFIELD", "nt authority").replace("j.marsh", "system")
    assert hits(defender.FORMAT, line) == {"protection_tampered"}
    assert hits(defender.FORMAT, by_itself) == set()


def test_mail() -> None:
    """Mail to a private address of the same name is told, to a parent it is not."""
    home = (
        '2026-09-14T10:14:09.0000000Z,j.marsh@oakfield.example,"j.marsh7@gmail.com##Receive, Send",Marks,20480,'
        "Originating"
    )
    parent = home.replace("j.marsh7", "parent")
    assert hits(m365_message_trace.FORMAT, TRACE, home) == {"mail_to_own_address", "message_sent"}
    assert hits(m365_message_trace.FORMAT, TRACE, parent) == {"message_sent"}


@pytest.mark.parametrize(
    ("number", "spoken", "rules"),
    [
        ("09061234567", 60, {"premium_rate_call"}),
        ("0033140000000", 60, {"call_abroad"}),
        ("01632960123", 3700, {"long_call"}),
        ("08001111", 3700, set()),
        ("116123", 3700, set()),
    ],
)
def test_telephones(number: str, spoken: int, rules: set[str]) -> None:
    """Dear, far and long calls; a helpline is none of them, however long the talk."""
    line = (
        f'"","201","{number}","from-internal","Office <201>","PJSIP/201-0001","PJSIP/trunk-0002","Dial",'
        f'"PJSIP/{number}@trunk","2026-09-14 10:14:09","2026-09-14 10:14:14","2026-09-14 12:16:20",{spoken + 5},{spoken},'
        '"ANSWERED","DOCUMENTATION","1.1",""'
    )
    assert hits(asterisk_cdr.FORMAT, line) == rules


def test_printing() -> None:
    """A person's pages are counted; those of the office that prints for all are not."""
    line = "2026-09-14 19:30:00,j.lee,120,2,Office printer,Reports,OFF-PC-01,A3,PS,,,DUPLEX,GRAYSCALE,4096kb"
    assert hits(papercut.FORMAT, line) == {"many_pages_printed", "printed_out_of_hours"}
    assert hits(papercut.FORMAT, line.replace("j.lee", "reprographics")) == set()
