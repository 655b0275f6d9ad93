"""
The Windows events that are read, and where each way of writing them as JSON keeps their fields: data, no logic.

A new event is one `Kind`; a new collector is one `Shape`. `PATHS` is the two multiplied out: a row for each shape and
kind, with the JSON path of every part that `windows_columns` makes event columns of.

Sources: each provider's own manifest as Event Viewer shows it;
https://learn.microsoft.com/windows/security/threat-protection/auditing/event-6416 (6416);
https://learn.microsoft.com/windows/win32/msi/event-logging (Windows Installer);
https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html (Winlogbeat);
https://learn.microsoft.com/windows/security/threat-protection/auditing/event-4624 (and 4625, 4688, 4720, 4728, 4732, 4740,
4756, 1102); https://learn.microsoft.com/sysinternals/downloads/sysmon;
https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus;
https://docs.nxlog.co/refman/current/im/msvistalog.html (NXLog);
https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.eventlogrecord (Get-WinEvent).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Kind:
    """One event of one provider."""

    code: int
    provider: str
    action: str
    """What it says; `windows_columns` refines it by the event's own fields."""
    section: str
    """Where its fields are: `named` (EventData), `user_data` (UserData) or `unnamed` (EventData without names)."""
    fields: str
    """Its fields in the order of its template, where that is one; unnamed fields have names of ours."""
    parts: Mapping[str, str]
    """The fields that are read: part of `PARTS` -> field."""
    log_class: str = "endpoint"


@dataclass(frozen=True)
class Shape:
    """One way of writing an event as a JSON object; every text is a JSON path, those of sections a template."""

    name: str
    mark: str
    """Regular expression that finds a line of this shape."""
    code: str
    provider: str
    parts: Mapping[str, str] = field(default_factory=dict)
    """Parts that all events have."""
    message: str | None = None
    """The event in words."""
    named: str | None = None
    user_data: str | None = None
    unnamed: str | None = None

    def path(self, kind: Kind, name: str) -> str | None:
        """Return where this shape keeps a field of that kind, None where it does not say."""
        template: str | None = getattr(self, kind.section)
        order = kind.fields.split()
        index = order.index(name) if name in order else None
        if template is None or (index is None and "{field}" not in template):
            return None
        if " " in name:
            template = template.replace(".{field}", "['{field}']")
        return template.format(field=name, index=index, number=(index or 0) + 1)


_EVERY: Final = ("time", "host", "user", "domain", "sid", "message")
"""Parts that a shape keeps for all events alike."""
_REQUEST: Final = "LifetimeId InstanceId RequestMajorCode RequestMinorCode"
_INSTALLER: Final = "Product Version Language Status Manufacturer"
_PRODUCT: Final = {
    "product": "Product",
    "version": "Version",
    "status": "Status",
    "publisher": "Manufacturer",
}

_SECURITY: Final = "Microsoft-Windows-Security-Auditing"
_SYSMON: Final = "Microsoft-Windows-Sysmon"
_SUBJECT: Final = "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId"
_LOGGED_ON: Final = (
    f"{_SUBJECT} TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName "
    "AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName "
    "IpAddress IpPort"
)
_LOG_ON_FAILED: Final = (
    f"{_SUBJECT} TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType LogonProcessName "
    "AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort"
)
_LOCKED_OUT: Final = f"TargetUserName TargetDomainName TargetSid {_SUBJECT}"
_CREATED: Final = f"TargetUserName TargetDomainName TargetSid {_SUBJECT}"
_MEMBER: Final = f"MemberName MemberSid TargetUserName TargetDomainName TargetSid {_SUBJECT}"
_TARGET: Final = {"user": "TargetUserName", "domain": "TargetDomainName", "sid": "TargetUserSid"}
_DONE_BY: Final = {"user": "SubjectUserName", "domain": "SubjectDomainName", "sid": "SubjectUserSid"}

KINDS: Final = (
    Kind(
        6416,
        "Microsoft-Windows-Security-Auditing",
        "device-connected",
        "named",
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId "
        "DeviceId DeviceDescription ClassId ClassName VendorIds CompatibleIds LocationInformation",
        {
            "user": "SubjectUserName",
            "domain": "SubjectDomainName",
            "sid": "SubjectUserSid",
            "instance": "DeviceId",
            "hardware": "VendorIds",
            "name": "DeviceDescription",
            "class": "ClassName",
            "class_id": "ClassId",
        },
    ),
    Kind(
        2003,
        "Microsoft-Windows-DriverFrameworks-UserMode",
        "device-connected",
        "user_data",
        "LifetimeId InstanceId",
        {"instance": "InstanceId"},
    ),
    *(
        Kind(
            code,
            "Microsoft-Windows-DriverFrameworks-UserMode",
            "device-request",
            "user_data",
            _REQUEST,
            {"instance": "InstanceId", "major": "RequestMajorCode", "minor": "RequestMinorCode"},
        )
        for code in (2100, 2102)
    ),
    Kind(
        1006,
        "Microsoft-Windows-Partition",
        "device-connected",
        "named",
        "",  # the order differs between versions of the event
        {
            "instance": "ParentId",
            "maker": "Manufacturer",
            "name": "Model",
            "serial": "SerialNumber",
            "bus": "BusType",
            "capacity": "Capacity",
        },
    ),
    Kind(
        20001,
        "Microsoft-Windows-UserPnp",
        "driver-installed",
        "user_data",
        "DriverName DriverVersion DriverProvider DeviceInstanceID SetupClass "
        "RebootOption UpgradeDevice IsDriverOEM InstallStatus DriverDescription",
        {
            "instance": "DeviceInstanceID",
            "name": "DriverDescription",
            "class_id": "SetupClass",
            "driver": "DriverName",
            "version": "DriverVersion",
            "publisher": "DriverProvider",
            "status": "InstallStatus",
        },
    ),
    Kind(
        20003,
        "Microsoft-Windows-UserPnp",
        "driver-installed",
        "user_data",
        "ServiceName DriverFileName DeviceInstanceID PrimaryService UpdateService AddServiceStatus",
        {
            "instance": "DeviceInstanceID",
            "driver": "DriverFileName",
            "product": "ServiceName",
            "status": "AddServiceStatus",
        },
    ),
    Kind(1033, "MsiInstaller", "software-installed", "unnamed", _INSTALLER, _PRODUCT),
    Kind(1034, "MsiInstaller", "software-removed", "unnamed", _INSTALLER, _PRODUCT),
    Kind(11707, "MsiInstaller", "software-installed", "unnamed", "Sentence", {"sentence": "Sentence"}),
    Kind(11724, "MsiInstaller", "software-removed", "unnamed", "Sentence", {"sentence": "Sentence"}),
    Kind(
        7045,
        "Service Control Manager",
        "service-installed",
        "named",
        "ServiceName ImagePath ServiceType StartType AccountName",
        {"product": "ServiceName", "image": "ImagePath"},
    ),
    *(
        Kind(code, _SECURITY, action, "named", fields, parts, "auth")
        for code, action, fields, parts in (
            (4624, "logged-on", _LOGGED_ON, _TARGET | {"logon_type": "LogonType", "address": "IpAddress"}),
            (
                4625,
                "log-on-failed",
                _LOG_ON_FAILED,
                _TARGET | {"logon_type": "LogonType", "address": "IpAddress", "reason": "SubStatus"},
            ),
            (4740, "account-locked-out", _LOCKED_OUT, _TARGET),
            (4720, "account-created", _CREATED, _DONE_BY | {"target": "TargetUserName"}),
            (
                4728,
                "group-member-added",
                _MEMBER,
                _DONE_BY | {"target": "MemberName", "group": "TargetUserName"},
            ),
            (
                4732,
                "group-member-added",
                _MEMBER,
                _DONE_BY | {"target": "MemberName", "group": "TargetUserName"},
            ),
            (
                4756,
                "group-member-added",
                _MEMBER,
                _DONE_BY | {"target": "MemberName", "group": "TargetUserName"},
            ),
        )
    ),
    Kind(
        1102,
        "Microsoft-Windows-Eventlog",
        "audit-log-cleared",
        "user_data",
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
        _DONE_BY,
    ),
    Kind(
        4688,
        _SECURITY,
        "program-started",
        "named",
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine",
        _DONE_BY | {"image": "NewProcessName", "command": "CommandLine"},
    ),
    Kind(
        1,
        _SYSMON,
        "program-started",
        "named",
        "",
        {"image": "Image", "command": "CommandLine", "user": "User"},
    ),
    Kind(
        3,
        _SYSMON,
        "connection-made",
        "named",
        "",
        {
            "image": "Image",
            "user": "User",
            "address": "SourceIp",
            "to": "DestinationIp",
            "to_name": "DestinationHostname",
            "port": "DestinationPort",
            "initiated": "Initiated",
        },
    ),
    Kind(
        11, _SYSMON, "file-created", "named", "", {"image": "Image", "user": "User", "path": "TargetFilename"}
    ),
    Kind(22, _SYSMON, "name-asked", "named", "", {"image": "Image", "user": "User", "query": "QueryName"}),
    *(
        Kind(
            code,
            "Microsoft-Windows-Windows Defender",
            action,
            "named",
            "",
            {"threat": "Threat Name", "path": "Path", "user": "Detection User"} if code < 5000 else {},
        )
        for code, action in (
            (1116, "threat-found"),
            (1117, "threat-dealt-with"),
            (5001, "protection-switched-off"),
            (5010, "scanning-switched-off"),
            (5012, "scanning-switched-off"),
        )
    ),
    Kind(
        307,
        "Microsoft-Windows-PrintService",
        "printed",
        "user_data",
        "Param1 Param2 Param3 Param4 Param5 Param6 Param7 Param8",
        {"user": "Param3", "name": "Param5", "pages": "Param8"},
        "print",
    ),
)

SHAPES: Final = (
    Shape(
        "dump",
        r'"Event"\s*:\s*\{.*"System"\s*:\s*\{',
        code="$.Event.System.EventID",
        provider="$.Event.System.Provider['#attributes'].Name",
        parts={
            "time": "$.Event.System.TimeCreated['#attributes'].SystemTime",
            "host": "$.Event.System.Computer",
        },
        named="$.Event.EventData.{field}",
        user_data="$.Event.UserData.*.{field}",
        unnamed="$.Event.EventData.Data['#text'][{index}]",
    ),
    Shape(
        "winlogbeat",
        r'"winlog"\s*:\s*\{',
        code="$.winlog.event_id",
        provider="$.winlog.provider_name",
        parts={
            "time": "$['@timestamp']",
            "host": "$.winlog.computer_name",
            "user": "$.winlog.user.name",
            "domain": "$.winlog.user.domain",
            "sid": "$.winlog.user.identifier",
        },
        message="$.message",
        named="$.winlog.event_data.{field}",
        user_data="$.winlog.user_data.{field}",
        unnamed="$.winlog.event_data.param{number}",
    ),
    Shape(
        "nxlog",
        r'"SourceName"\s*:.*"EventID"\s*:|"EventID"\s*:.*"SourceName"\s*:',
        code="$.EventID",
        provider="$.SourceName",
        parts={
            "time": "$.EventTime",
            "host": "$.Hostname",
            "user": "$.AccountName",
            "domain": "$.Domain",
            "sid": "$.UserID",
        },
        message="$.Message",
        named="$.{field}",
        user_data="$.{field}",
    ),
    Shape(
        "powershell",
        r'"ProviderName"\s*:.*"MachineName"\s*:|"MachineName"\s*:.*"ProviderName"\s*:',
        code="$.Id",
        provider="$.ProviderName",
        parts={"time": "$.TimeCreated", "host": "$.MachineName"},
        message="$.Message",
        named="$.Properties[{index}].Value",
        user_data="$.Properties[{index}].Value",
        unnamed="$.Properties[{index}].Value",
    ),
)


PARTS: Final = sorted({*_EVERY, *(part for kind in KINDS for part in kind.parts)})
"""What is read of events, before it becomes columns."""


def _row(shape: Shape, kind: Kind) -> dict[str, str | None]:
    words = {"message": shape.message if kind.section == "unnamed" else None}
    own = {part: shape.path(kind, name) for part, name in kind.parts.items()}
    key = {"shape": shape.name, "provider": kind.provider, "code": str(kind.code), "action": kind.action}
    return {**key, **shape.parts, **own, **words}


PATHS: Final = pl.DataFrame(
    [_row(shape, kind) for shape in SHAPES for kind in KINDS],
    schema=dict.fromkeys(("shape", "provider", "code", "action", *PARTS), pl.String()),
)
"""Key columns `shape`, `provider`, `code`; the `action`; and the JSON path of each part, null where there is none."""
