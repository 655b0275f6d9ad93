"""Defender's tables: classes, people, outcomes, storage, and lines gone wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.endpoint.defender import FORMAT


def parse(*lines: str) -> list[dict[str, Any]]:
    """Return one dict a line."""
    frame = pl.DataFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    assert FORMAT.parse is not None
    return FORMAT.parse(frame.lazy(), Context()).collect().sort("offset").to_dicts()


def line(table: str, **properties: object) -> str:
    """Return an event as it is streamed."""
    usual = {"Timestamp": "2026-01-14T10:14:09.1234567Z", "DeviceName": "lap-0417"}
    return json.dumps(
        {
            "time": "2026-01-14T10:20:00Z",
            "operationName": "Publish",
            "category": f"AdvancedHunting-{table}",
            "properties": usual | properties,
        }
    )


def event(table: str, **properties: object) -> dict[str, Any]:
    """Return one event."""
    (row,) = parse(line(table, **properties))
    assert row["reject"] is None
    assert not row["skip"]
    return row


@pytest.mark.parametrize(
    ("table", "properties", "log_class"),
    [
        ("DeviceLogonEvents", {"ActionType": "LogonSuccess"}, "auth"),
        ("EmailEvents", {"DeliveryAction": "Delivered"}, "mail"),
        ("CloudAppEvents", {"ActionType": "FileDownloaded"}, "cloud"),
        ("UrlClickEvents", {"ActionType": "ClickAllowed", "Url": "https://x.example/"}, "web"),
        ("DeviceNetworkEvents", {"ActionType": "ConnectionSuccess", "RemoteUrl": "x.example"}, "web"),
        ("DeviceNetworkEvents", {"ActionType": "X", "AdditionalFields": '{"query":"x.example"}'}, "dns"),
        (
            "DeviceNetworkEvents",
            {"ActionType": "X", "AdditionalFields": '{"server_name":"x.example"}'},
            "web",
        ),
        ("DeviceNetworkEvents", {"ActionType": "ConnectionFailed", "RemoteIP": "192.0.2.1"}, "endpoint"),
        (
            "DeviceFileEvents",
            {"ActionType": "FileCreated", "FileOriginUrl": "https://x.example/a"},
            "endpoint",
        ),
    ],
)
def test_classes(table: str, properties: dict[str, object], log_class: str) -> None:
    """The table, and what was seen of a connection, say of which class it is."""
    assert event(table, **properties)["log_class"] == log_class


@pytest.mark.parametrize(
    ("properties", "account"),
    [
        ({"AccountUpn": "a@x.example", "AccountName": "a", "AccountDomain": "x"}, ("a", "x.example")),
        ({"AccountName": "a", "AccountDomain": "elmpark"}, ("a", "elmpark")),
        (
            {"InitiatingProcessAccountName": "a", "InitiatingProcessAccountDomain": "lap-0417"},
            ("a", "lap-0417"),
        ),
        ({"AccountName": "a"}, ("a", None)),
        ({"AccountName": "system", "AccountDomain": "nt authority"}, (None, None)),
        ({"AccountName": "LOCAL SERVICE"}, (None, None)),
        ({"AccountName": "LAP-0417$", "AccountDomain": "elmpark"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_people(properties: dict[str, object], account: tuple[str | None, str | None]) -> None:
    """A principal name counts before domain and name; Windows itself is nobody."""
    row = event("DeviceEvents", ActionType="X", **properties)
    assert (row["user_name"], row["user_domain"]) == account


@pytest.mark.parametrize(
    ("action", "more", "outcome"),
    [
        ("ConnectionSuccess", None, "allowed"),
        ("InboundConnectionAccepted", None, "allowed"),
        ("ClickAllowed", None, "allowed"),
        ("LogonFailed", None, "blocked"),
        ("ExploitGuardNetworkProtectionBlocked", None, "blocked"),
        ("RemovableStoragePolicyTriggered", '{"RemovableStoragePolicyVerdict":"Deny"}', "blocked"),
        ("RemovableStoragePolicyTriggered", '{"RemovableStoragePolicyVerdict":"Allow"}', "allowed"),
        ("UsbDriveMounted", None, "unknown"),
    ],
)
def test_outcomes(action: str, more: str | None, outcome: str) -> None:
    """The action, or a policy's verdict, says what came of it."""
    assert event("DeviceEvents", ActionType=action, AdditionalFields=more)["event_outcome"] == outcome


def test_storage_and_programs() -> None:
    """A stick is named by what the event holds inside its text; of a new program its own path counts."""
    more = json.dumps(
        {"MediaVendorId": "0951", "MediaProductId": "16AE", "MediaSerialNumber": "07", "MediaName": 'D "x"'}
    )
    row = event("DeviceEvents", ActionType="RemovableStoragePolicyTriggered", AdditionalFields=more)
    assert (row["device_vendor_id"], row["device_product_id"]) == ("0951", "16ae")
    assert (row["device_serial"], row["device_name"]) == ("07", 'D "x"')
    paths = {"FolderPath": "c:\\tor.exe", "InitiatingProcessFolderPath": "c:\\explorer.exe"}
    assert (
        event("DeviceProcessEvents", ActionType="ProcessCreated", **paths)["process_executable"]
        == "c:\\tor.exe"
    )
    assert (
        event("DeviceFileEvents", ActionType="FileCreated", **paths)["process_executable"]
        == "c:\\explorer.exe"
    )


def test_a_log_on_comes_from_afar() -> None:
    """Of a log-on the other end is who came; of a connection it is where it went."""
    logon = event(
        "DeviceLogonEvents", ActionType="LogonFailed", RemoteIP="192.0.2.1", RemotePort=0, Protocol="NTLM"
    )
    assert (logon["source_ip"], logon["destination_ip"], logon["network_transport"]) == (
        "192.0.2.1",
        None,
        None,
    )
    out = event(
        "DeviceNetworkEvents", ActionType="X", RemoteIP="192.0.2.1", LocalIP="192.168.7.2", Protocol="Tcp"
    )
    assert (out["source_ip"], out["destination_ip"], out["network_transport"]) == (
        "192.168.7.2",
        "192.0.2.1",
        "tcp",
    )


def test_times_and_rows_by_themselves() -> None:
    """The event's own time counts; a row of advanced hunting without a table is read, too."""
    alone = '{"Timestamp":"2026-01-14T10:14:09.1234567Z","DeviceName":"lap","ActionType":"ScreenshotTaken","ReportId":1}'
    assert FORMAT.score(alone.encode()) == 1
    rows = parse(alone, line("DeviceEvents", ActionType="ScreenshotTaken"))
    assert {row["timestamp"] for row in rows} == {datetime(2026, 1, 14, 10, 14, 9, 123456, tzinfo=UTC)}
    assert [row["event_action"] for row in rows] == ["ScreenshotTaken"] * 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"records":[{"time":"x"}]}', "a list of events"),
        (line("DeviceEvents")[:99], "not a whole JSON object"),
        ('{"Timestamp":"2026-01-14T10:14:09Z"}', "not an event"),
        (line("DeviceEvents", Timestamp=None), "not an event"),
        ("plain", "not a whole JSON object"),
    ],
)
def test_bad_lines(text: str, reason: str) -> None:
    """A line that cannot be read says why."""
    assert parse(text)[0]["reject"].startswith(reason)


def test_tables_that_are_not_read() -> None:
    """The registry and inventories are passed over, not refused."""
    (row,) = parse(line("DeviceRegistryEvents", ActionType="RegistryValueSet"))
    assert (row["skip"], row["reject"]) == (True, None)
