"""A folder of others' Sigma rules, named in `aup.toml`, from logs to incidents, the report and the reasons."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aup_monitor.jobs.report import half_term
from aup_monitor.jobs.why import why

if TYPE_CHECKING:
    from school import School

COLLECTION = Path(__file__).parents[1] / "detect" / "data" / "collection"
NOW = datetime(2026, 9, 12, 9, tzinfo=UTC)
SQUID = (
    "{at:.3f} 85 10.1.2.3 TCP_MISS/200 15320 GET http://free.tk/a/Setup.exe bfox HIER_DIRECT/203.0.113.7 text/html\n"
    "{at:.3f} 85 10.1.2.3 TCP_MISS/200 15320 GET http://inside.tk/a/Setup.exe bfox HIER_DIRECT/10.0.0.7 text/html\n"
)
PC = "LIB-PC-07.elm.example"
SYSMON, FRAMEWORK = "Microsoft-Windows-Sysmon", "Microsoft-Windows-DriverFrameworks-UserMode"
SECURITY = "Microsoft-Windows-Security-Auditing"
DISK = "DISK&VEN_ACORN&PROD_STICK&REV_1.00"
WHO = {"Image": r"C:\t.exe", "User": r"ELM\bfox"}
WINDOWS: tuple[tuple[int, str, int, dict[str, str]], ...] = (
    (0, FRAMEWORK, 2003, {"InstanceId": rf"SWD\WPDBUSENUM\_??_USBSTOR#{DISK}#A1B2C3D4E5F60718&0#"}),
    (120, SYSMON, 1, WHO | {"Image": r"C:\powershell.exe", "CommandLine": "powershell /w hidden -nop x"}),
    (180, SYSMON, 3, WHO | {"Initiated": "true", "DestinationHostname": "a.tunnel.example"}),
    (190, SYSMON, 3, WHO | {"Initiated": "false", "DestinationHostname": "b.tunnel.example"}),
    (200, SYSMON, 22, WHO | {"QueryName": "eu.remote.example"}),
    (
        260,
        SECURITY,
        6416,
        {
            "SubjectUserName": "bfox",
            "ClassName": "DiskDrive",
            "DeviceDescription": "Acorn Stick",
            "DeviceId": rf"USBSTOR\{DISK}\A1B2C3D4E5F60718&0",
        },
    ),
)


def windows(seconds: int, provider: str, code: int, fields: dict[str, str]) -> str:
    """Return an event as Winlogbeat writes it."""
    section = "user_data" if provider == FRAMEWORK else "event_data"
    winlog = {"event_id": str(code), "provider_name": provider, "computer_name": PC, section: fields}
    time = f"2026-09-09T10:{seconds // 60:02}:{seconds % 60:02}.000Z"
    return json.dumps({"@timestamp": time, "winlog": winlog, "event": {"code": str(code)}}) + "\n"


@pytest.fixture
def watched(empty_school: School) -> School:
    """Return the school with others' rules, and a morning's logs read and judged."""
    shutil.copytree(COLLECTION, empty_school.folder / "others")
    empty_school.settings(("expected", 'rules = ["others"]\nexpected'))
    empty_school.log("access.log", SQUID.format(at=datetime(2026, 9, 9, 10, tzinfo=UTC).timestamp()))
    empty_school.log("windows.json", *(windows(*event) for event in WINDOWS))
    empty_school.read()
    empty_school.analyse()
    return empty_school


def test_others_rules_make_incidents_with_their_authors(watched: School) -> None:
    """Proxy, Sysmon, storage, correlation: each incident names its author, in the register, the report and the reasons."""
    incidents = {one.incident.rule: one for one in watched.incidents()}
    authors = {name: one.incident.rule_author for name, one in incidents.items()}

    assert {
        "proxy_tool_download": "Ada Example (Example House), Bo Example",
        "proc_creation_hidden": "Eve Example",
        "net_connection_tunnel": "Di Example",
        "dns_query_relay": "Di Example",
        "driver_framework_stick": "Flo Example",
        "security_device": "Flo Example",
        "stick_then_shell": "Hal Example",
    }.items() <= authors.items()
    assert "many_shells-2" not in authors
    download, tunnel = incidents["proxy_tool_download"].incident, incidents["net_connection_tunnel"].incident
    assert (download.subject, download.events, download.theme) == ("bfox", 1, "security")
    assert (tunnel.subject, tunnel.events) == ("bfox", 1)

    report = half_term(watched.workspace, None, actor="nm", now=NOW)
    assert '"rule_author":"Ada Example (Example House), Bo Example"' in report.model_dump_json()

    found = why(watched.workspace, incidents["stick_then_shell"].reference, "nm", NOW)
    assert found["author"] == "Hal Example"
    told = [met for event in found["events"] for met in event["met"]]  # type: ignore[attr-defined]  # a list of events
    assert any("driver_framework_stick, selection: EventID is" in met for met in told)
    assert any("proc_creation_hidden, selection_img: Image ends with" in met for met in told)
