"""Windows events as JSON lines: columns against real examples, every shape, hostile lines."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.format import Context
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.endpoint.windows_events import KINDS, PATHS, SHAPES
from aup_monitor.formats.endpoint.windows_json import FORMAT, parse

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "sample_logs" / "formats" / "windows-json.json"
SPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"

EXAMPLES: dict[str, list[dict[str, str | None]]] = {
    "Security_Microsoft-Windows-Security-Auditing_6416.xml": [
        {
            "event_action": "device-connected",
            "host_name": "PC",
            "user_name": None,
            "device_serial": "1234567890ABCDEF",
            "device_name": "JetFlash Transcend 64GB USB Device",
            "device_class": "DiskDrive",
            "device_vendor_id": None,
        }
    ],
    "Microsoft-Windows-DriverFrameworks-UserMode-Operational_Microsoft-Windows-DriverFrameworks-UserMode_2100.xml": [
        {
            "event_action": "device-started",
            "device_name": "SANDISK CRUZER BLADE",
            "device_class": "WPD",
            "device_serial": "{Value}",
        }
    ],
    "Microsoft-Windows-Partition-Diagnostic_Microsoft-Windows-Partition_1006.xml": [
        {
            "event_action": "device-recognised",
            "device_name": "WDC WD6002FZWX-00GBGB0",
            "device_serial": "ABC123",
            "device_class": "DiskDrive",
        },
        {"event_action": "device-recognised", "device_name": "Msft Virtual Disk", "device_serial": None},
    ],
    "System_Microsoft-Windows-UserPnp_20001.xml": [
        {
            "event_action": "driver-installed",
            "host_name": "HOSTNAME.domain.com",
            "device_name": "Intel(R) Display Audio",
            "file_name": "intcdaud.inf",
            "package_version": "6.16.0.3208",
            "package_publisher": "Intel(R) Corporation",
        }
    ],
    "System_Microsoft-Windows-UserPnp_20003.xml": [
        {
            "event_action": "driver-installed",
            "device_vendor_id": "0b0e",
            "device_product_id": "245e",
            "device_serial": "6&549A665&0&0000",
            "package_name": "usbaudio",
            "process_executable": r"\SystemRoot\system32\drivers\usbaudio.sys",
            "file_name": "usbaudio.sys",
        }
    ],
    "Application_MsiInstaller_1033.xml": [
        {
            "event_action": "software-installed",
            "package_name": "Python 3.9.0 Utility Scripts (64-bit)",
            "package_version": "3.9.150.0",
            "package_publisher": "Python Software Foundation",
        }
    ],
    "Application_MsiInstaller_1034.xml": [
        {"event_action": "software-removed", "package_name": "AccessData FTK Imager"}
    ],
    "Application_MsiInstaller_11707.xml": [
        {"event_action": "software-installed", "package_name": "Strawberry Perl (64-bit)"}
    ],
    "Application_MsiInstaller_11724.xml": [
        {"event_action": "software-removed", "package_name": "AccessData FTK Imager"}
    ],
    "System_Service-Control-Manager_7045.xml": [
        {
            "event_action": "service-installed",
            "package_name": "vmxnet3 NDIS 6 Ethernet Adapter Driver",
            "process_executable": r"\SystemRoot\System32\drivers\vmxnet3.sys",
            "file_name": "vmxnet3.sys",
        }
    ],
}


def read(*lines: object, zone: str = "Europe/London") -> pl.DataFrame:
    """Return the parsed lines (objects as JSON), in order."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    frame = pl.DataFrame(
        {"line": texts, "offset": list(range(len(texts)))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    return parse(frame.lazy(), Context(zone=zone)).collect().sort("offset")


def as_dump(xml: str) -> list[dict[str, Any]]:
    """Return the events of an XML text in the shape of evtx_dump; values that were escaped twice are undone."""
    sound = re.sub(r"&(?!\w+;)", "&amp;", xml)
    events = ET.fromstring(f"<all>{sound}</all>")  # noqa: S314 - a sample from the repository's neighbour
    return [{"Event": _event(event)} for event in events]


def _event(event: ET.Element) -> dict[str, Any]:
    parts = {_name(part): part for part in event}
    system = {_name(part): _value(part) for part in parts["System"]}
    if "UserData" in parts:
        inner = parts["UserData"][0]
        return {"System": system, "UserData": {_name(inner): {_name(f): _text(f) for f in inner}}}
    fields = parts["EventData"]
    named = {f.get("Name"): _text(f) for f in fields if f.get("Name")}
    unnamed = [_text(f) or "" for f in fields if _name(f) == "Data" and not f.get("Name")]
    return {"System": system, "EventData": named or {"Data": {"#text": unnamed}}}


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element) -> object:
    if not element.attrib:
        return element.text
    return {"#attributes": dict(element.attrib)} | ({"#text": element.text} if element.text else {})


def _text(element: ET.Element) -> str | None:
    return None if element.text is None else html.unescape(element.text)


OF_SECURITY = {
    1,
    3,
    11,
    22,
    307,
    1102,
    1116,
    1117,
    4624,
    4625,
    4688,
    4720,
    4728,
    4732,
    4740,
    4756,
    5001,
    5010,
    5012,
}
"""Events of accounts, programs and printers, of which the real examples are looked at together."""


def test_events_of_every_kind_are_read_as_the_real_examples_say(shared: Path) -> None:
    """Each real example gives its own number, computer, time and fields; the table's other kinds have none."""
    folder = shared / "samples" / "windows-events" / "ez-maps-xml"
    for name, expected in EXAMPLES.items():
        events = as_dump((folder / name).read_text(encoding="utf-8-sig"))
        frame = read(*events, zone="UTC")
        assert frame["reject"].null_count() == len(frame) == len(expected), name
        for row, event, want in zip(frame.iter_rows(named=True), events, expected, strict=True):
            system = event["Event"]["System"]
            assert {key: row[key] for key in want} == want
            assert row["event_code"] in name
            assert row["host_name"] == system["Computer"]
            written = system["TimeCreated"]["#attributes"]["SystemTime"].rstrip("Z")[:26]
            assert row["timestamp"] == datetime.fromisoformat(written).replace(tzinfo=UTC)
    covered = {int(re.findall(r"\d+", name)[-1]) for name in EXAMPLES}
    assert {kind.code for kind in KINDS} - covered == {2003, 2102} | OF_SECURITY


def test_events_of_accounts_programs_and_printers_are_read_as_the_real_examples_say(shared: Path) -> None:
    """Real events of each other kind give who, what and where; those of the system's own log-ons are skipped."""
    found = real(shared).filter(
        ~pl.col("skip"), pl.col("event_code").is_in([str(code) for code in OF_SECURITY])
    )
    rows = set(found.select("event_code", "log_class", "event_action", "event_outcome").unique().rows())
    assert rows == {
        ("3", "endpoint", "connection-received", "unknown"),
        ("11", "endpoint", "file-created", "unknown"),
        ("22", "endpoint", "name-asked", "unknown"),
        ("307", "print", "printed", "allowed"),
        ("1102", "endpoint", "audit-log-cleared", "allowed"),
        ("1116", "endpoint", "threat-found", "unknown"),
        ("1117", "endpoint", "threat-dealt-with", "blocked"),
        ("4624", "auth", "logged-on", "allowed"),
        ("4625", "auth", "log-on-failed", "blocked"),
        ("4688", "endpoint", "program-started", "unknown"),
        ("4720", "auth", "account-created", "allowed"),
        ("4728", "auth", "group-member-added", "allowed"),
        ("4732", "auth", "group-member-added", "allowed"),
        ("4740", "auth", "account-locked-out", "blocked"),
        ("4756", "auth", "group-member-added", "allowed"),
        ("5001", "endpoint", "protection-switched-off", "unknown"),
    }
    told = found.select(
        "event_code", "user_name", "user_group", "user_target_name", "source_ip", "dns_question_name", "rule_name", "print_pages"
    )  # fmt: skip
    for row in (
        ("307", "baz", None, None, None, None, None, 2),
        ("22", None, None, None, None, "wpad", None, None),
        ("1116", "BadUser", None, None, None, None, "Trojan:Win32/Occamy.C", None),
        ("4624", "vagrant", None, None, "10.0.2.2", None, None, None),
        ("4728", "admin.fred", "The_Group", "Joe Bloggs", None, None, None, None),
        ("4740", "username", None, None, None, None, None, None),
    ):
        assert row in told.rows()


def test_why_a_log_on_failed_and_from_where() -> None:
    """The number of the reason is kept, and an address is written as leases write it."""
    found = read(*SAMPLE.read_text(encoding="utf-8").splitlines()).filter(pl.col("event_code") == "4625")
    assert found.select("rule_category", "source_ip").rows() == [("0xc0000072", "10.4.2.9")]


def real(shared: Path) -> pl.DataFrame:
    """Return all real events beside the examples: dumps of many kinds, and Winlogbeat's."""
    folder, lines = shared / "samples" / "windows-events", []
    for file in sorted((folder / "ez-maps-xml").glob("*.xml")):
        if file.name not in EXAMPLES:
            try:
                lines += as_dump(file.read_text(encoding="utf-8-sig"))
            except (ET.ParseError, KeyError, IndexError):
                continue  # some of these files are not well formed
    beats = sorted(folder.glob("elastic-beats__security__collection__*.golden.json"))
    return read(*lines, *(event for file in beats for event in json.loads(file.read_text())))


def test_other_events_of_the_examples_are_skipped(shared: Path) -> None:
    """Hundreds of other events, some with the same numbers, are counted as skipped: none is rejected or taken."""
    folder = shared / "samples" / "windows-events" / "ez-maps-xml"
    lines = []
    for file in sorted(folder.glob("*.xml")):
        if file.name not in EXAMPLES:
            try:
                lines += as_dump(file.read_text(encoding="utf-8-sig"))
            except (ET.ParseError, KeyError, IndexError):
                continue  # some of these files are not well formed
    frame = read(*lines)
    assert len(frame) > 300
    assert frame["reject"].null_count() == len(frame)
    assert frame.filter(~pl.col("event_code").is_in([str(code) for code in OF_SECURITY]))["skip"].all()


def test_winlogbeat_events_are_told_from_other_json(shared: Path) -> None:
    """Real Winlogbeat events are recognised and, being others than ours, skipped."""
    folder = shared / "samples" / "windows-events"
    files = sorted(folder.glob("elastic-beats__security__collection__*.golden.json"))
    events = [event for file in files for event in json.loads(file.read_text())]
    assert len(events) > 80
    assert FORMAT.score("\n".join(map(json.dumps, events)).encode()) == 1
    frame = read(*events)
    assert frame["reject"].null_count() == len(frame)
    assert frame.filter(~pl.col("event_code").is_in([str(code) for code in OF_SECURITY]))["skip"].all()


def test_the_sample_shows_every_kind_and_shape() -> None:
    """The project's own sample is recognised, rejects nothing and shows each action, number and shape."""
    text = SAMPLE.read_text()
    frame = read(*text.splitlines())
    events = frame.filter(~pl.col("skip"))
    assert FORMAT.score(text.encode()) == 1
    assert frame["reject"].null_count() == len(frame) == 50
    assert len(events) == 46
    assert set(events["event_code"]) == {str(kind.code) for kind in KINDS}
    assert set(events["event_action"]) == {
        *("device-connected", "device-started", "device-removed", "device-recognised", "driver-installed"),
        *("software-installed", "software-removed", "software-install-failed", "service-installed"),
        *(
            "logged-on",
            "log-on-failed",
            "account-locked-out",
            "account-created",
            "group-member-added",
            "audit-log-cleared",
        ),
        *(
            "program-started",
            "connection-made",
            "file-created",
            "name-asked",
            "threat-found",
            "threat-dealt-with",
        ),
        *("protection-switched-off", "scanning-switched-off", "printed"),
    }
    assert set(events["event_outcome"]) == {"allowed", "blocked", "unknown"}
    assert events["timestamp"].null_count() == 0
    assert all(re.search(shape.mark, text) for shape in SHAPES)
    assert {name: frame.schema[name] for name in frame.columns if name in EVENT_SCHEMA} == {
        name: dtype for name, dtype in EVENT_SCHEMA.items() if name in frame.columns
    }


@pytest.mark.parametrize(
    ("initiated", "action", "name"),
    [("true", "connection-made", "relay.example.net"), ("false", "connection-received", None)],
)
def test_a_connection_is_made_or_received(initiated: str, action: str, name: str | None) -> None:
    """Sysmon says which; the name of the other side counts as reached only where this computer began."""
    fields = {
        "Initiated": initiated,
        "DestinationHostname": "Relay.example.net",
        "DestinationIp": "203.0.113.9",
    }
    line = json.dumps(
        {"@timestamp": "2026-09-14T09:00:00Z", "winlog": {"event_id": "3", "provider_name": "Microsoft-Windows-Sysmon", "computer_name": "PC-1", "event_data": fields}}
    )  # fmt: skip
    (event,) = read(line).rows(named=True)
    assert (event["event_action"], event["url_domain"]) == (action, name)
    assert event["destination_ip"] == "203.0.113.9"


def test_one_stick_has_one_serial_number_in_all_its_events() -> None:
    """USB, USBSTOR, portable and disc ids of the sample's stick give the same serial number and the true vendor."""
    stick = read(*SAMPLE.read_text().splitlines()[:9]).filter(~pl.col("skip"))
    assert set(stick["device_serial"]) == {"A1B2C3D4E5F60718"}
    assert set(stick["device_vendor_id"].drop_nulls()) == {"1d6b"}
    assert stick["event_code"].n_unique() == 5


@pytest.mark.parametrize(
    ("instance", "vendor", "serial", "action"),
    [
        (r"USB\VID_0781&PID_5567\4C530001230509117253", "0781", "4C530001230509117253", "device-connected"),
        (r"USB\VID_0B0E&PID_245E&MI_00\6&549A665&0&0000", "0b0e", "6&549A665&0&0000", "device-connected"),
        (r"USBSTOR\Disk&Ven_A&Prod_B&Rev_1\0123456789&0", None, "0123456789", "device-connected"),
        (r"USBSTOR\Disk&Ven_A&Prod_B&Rev_1\7&2e9e1ec7&0", None, "7&2e9e1ec7&0", "device-connected"),
        (r"usb\vid_0781&pid_5567\abc", "0781", "abc", "device-connected"),
        (r"SCSI\Disk&Ven_A&Prod_B\5&2f1&0&000000", None, "5&2f1&0&000000", "device-recognised"),
        (r"PCI\VEN_8086&DEV_A282\3&11583659&0&B8", None, None, "device-recognised"),
        (r"SWD\PRINTENUM\{775AEFD0-E40F-4D7C-AC03-9315E84E50F5}", None, None, "device-recognised"),
        (r"SWD\WPDBUSENUM\{0b7e6a52-91b1-4f62}#0000000000100000", None, None, "device-connected"),
        (
            r"SWD\WPDBUSENUM\_??_USBSTOR#DISK&VEN_A&PROD_B&REV_1#777&0#{53f56307}",
            None,
            "777",
            "device-connected",
        ),
        ("nonsense", None, None, "device-recognised"),
        ("", None, None, "device-recognised"),
    ],
)
def test_instance_ids(instance: str, vendor: str | None, serial: str | None, action: str) -> None:
    """Vendor, serial number and whether it was plugged in come from the device's instance id."""
    row = read(dump(6416, "Microsoft-Windows-Security-Auditing", {"DeviceId": instance})).row(0, named=True)
    assert (row["device_vendor_id"], row["device_serial"], row["event_action"]) == (vendor, serial, action)


def dump(
    code: object, provider: object, data: object, time: object = "2026-01-12T09:00:00Z"
) -> dict[str, Any]:
    """Return an event in the shape of evtx_dump."""
    system = {
        "Provider": {"#attributes": {"Name": provider}},
        "EventID": code,
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "Computer": "PC-1",
    }
    return {"Event": {"System": system, "EventData": data}}


def nxlog(**fields: object) -> dict[str, object]:
    """Return a service's installation as NXLog writes it, with these fields changed."""
    usual = {"EventTime": "2026-01-12 09:00:00", "Hostname": "PC-1", "EventID": 7045}
    return usual | {"SourceName": "Service Control Manager", "ServiceName": "x"} | fields


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-07-01 09:00:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-01-12T09:00:00.1234567Z", datetime(2026, 1, 12, 9, 0, 0, 123456, UTC)),
        ("2026-01-12T09:00:00.5+02:00", datetime(2026, 1, 12, 7, 0, 0, 500000, UTC)),
        ("/Date(1768208400123)/", datetime(2026, 1, 12, 9, 0, 0, 123000, UTC)),
        (1768208400, datetime(2026, 1, 12, 9, tzinfo=UTC)),
        (1768208400123456, datetime(2026, 1, 12, 9, 0, 0, 123456, UTC)),
        ("2026-03-29 01:30:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times(written: object, utc: datetime | None) -> None:
    """Times with a zone, without one (the school's) and counts since 1970 become UTC; others are null."""
    assert read(nxlog(EventTime=written))["timestamp"].to_list() == [utc]


@pytest.mark.parametrize(
    ("account", "sid", "name"),
    [
        ("t.okafor", "S-1-5-21-1-2-3-1142", "t.okafor"),
        ("PC-1$", "S-1-5-18", None),
        ("Système", "S-1-5-18", None),
        ("-", None, None),
        (None, "S-1-5-21-1-2-3-1142", None),
    ],
)
def test_only_a_persons_account_is_a_user(account: str | None, sid: str | None, name: str | None) -> None:
    """The computer's own account, Windows' accounts and a bare SID name nobody; the domain goes with the name."""
    row = read(nxlog(AccountName=account, UserID=sid, Domain="OAKHILL")).row(0, named=True)
    assert row["user_name"] == name
    assert row["user_domain"] == ("OAKHILL" if name else None)


def test_a_number_of_another_provider_is_skipped() -> None:
    """Defender's 1006 and Setup's 2003 are not ours."""
    frame = read(
        dump(1006, "Microsoft-Windows-Windows Defender", {}), dump(2003, "Microsoft-Windows-Setup", {})
    )
    assert frame["skip"].to_list() == [True, True]


def test_numbers_are_read_however_they_are_written() -> None:
    """An event's number may be a number, a text or an object, with its attributes before or behind."""
    text = {"#attributes": {"Qualifiers": 16384}, "#text": 7045}
    codes = [7045, "7045", text, dict(reversed(text.items()))]
    frame = read(*(dump(code, "Service Control Manager", {"ServiceName": "x"}) for code in codes))
    assert frame["event_code"].to_list() == ["7045"] * 4
    assert frame["package_name"].to_list() == ["x"] * 4


HOSTILE: dict[str, str] = {
    "": "not a JSON object",
    "x": "not a JSON object",
    '{"Event":{"System":': "not a JSON object",
    '{"Event":{"System":{"EventID":7045}}} and more': "not a JSON object",
    '{"Event":' * 100_000: "not a JSON object",
    "[" * 1_000_000: "not a JSON object",
    '{"Event":' + '{"a":' * 500 + "1" + "}" * 501: "not a JSON object",
    "5": "JSON, but no Windows event",
    "null": "not a JSON object",
    '"winlog": {': "not a JSON object",
    "[]": "JSON, but no Windows event",
    '{"a":1}': "JSON, but no Windows event",
    '{"Event":{"System":{}}}': "JSON, but no Windows event",
}


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:20])
def test_lines_that_hold_no_event_are_rejected(line: str) -> None:
    """Broken, deep, cut and foreign JSON is a reject with its reason, beside an event that is read all the same."""
    frame = read(line, nxlog())
    assert frame["reject"].to_list() == [HOSTILE[line], None]
    assert frame["skip"].to_list() == [False, False]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({name for kind in KINDS for name in kind.parts.values()})


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(kind.code, kind.provider) for kind in KINDS]),
    st.dictionaries(st.sampled_from(FIELDS), VALUES),
    VALUES,
)
def test_wrong_types_never_raise(kind: tuple[int, str], data: dict[str, Any], time: object) -> None:
    """Whatever the fields of an event hold, in every shape, each line gives one row with the schema's types."""
    code, provider = kind
    winlog = {"event_id": code, "provider_name": provider, "event_data": data, "user_data": data}
    user_data = dump(code, provider, None, time)
    user_data["Event"]["UserData"] = {"X": data}
    frame = read(
        dump(code, provider, data, time),
        user_data,
        {"@timestamp": time, "winlog": winlog | {"user": data}},
        {"EventTime": time, "EventID": code, "SourceName": provider, **data},
        {
            "Id": code,
            "ProviderName": provider,
            "MachineName": time,
            "Properties": [data],
            "TimeCreated": time,
        },
    )
    assert frame["offset"].to_list() == [0, 1, 2, 3, 4]
    assert frame["reject"].null_count() == 5
    assert all(frame.schema[name] == EVENT_SCHEMA[name] for name in frame.columns if name in EVENT_SCHEMA)


def test_the_answer_does_not_depend_on_the_block() -> None:
    """Each line of the sample alone gives the row that it gives among the others."""
    lines = SAMPLE.read_text().splitlines()
    together = read(*lines).drop("offset")
    alone = pl.concat([read(line) for line in lines], how="diagonal").drop("offset")
    assert together.equals(alone.select(together.columns))


@pytest.mark.parametrize("other", ["squid.log", "dnsmasq.log", "filterlog.log"])
def test_other_formats_are_not_taken_for_this_one(other: str) -> None:
    """The samples of other formats do not look like Windows events."""
    assert FORMAT.score((SAMPLE.parent / other).read_bytes()) == 0
    assert FORMAT.score(b'{"event_type":"dns","src_ip":"192.0.2.1"}\n') == 0


def test_the_table_is_whole() -> None:
    """Every kind is in every shape once, and each shape gives time and computer of all."""
    assert len(PATHS) == len(KINDS) * len(SHAPES)
    assert not PATHS.select("shape", "provider", "code").is_duplicated().any()
    assert PATHS.select(pl.col("time", "host").null_count()).row(0) == (0, 0)
