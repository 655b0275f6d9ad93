"""Windows events as Winlogbeat writes them, https://www.elastic.co/guide/en/beats/winlogbeat/current/index.html."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from elm_park.book import WINDOWS
from elm_park.chance import dice

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.book import Book
    from elm_park.people import Person

CLASSES: Final = {
    "USB": "36fc9e60-c465-11cf-8056-444553540000",
    "DiskDrive": "4d36e967-e325-11ce-bfc1-08002be10318",
    "WPD": "eec5ad98-8080-425f-922a-dabf3de3f69a",
    "HIDClass": "745a17a0-74d3-11d0-b6fe-00a0c90f57da",
    "Media": "4d36e96c-e325-11ce-bfc1-08002be10318",
    "Camera": "ca3e7ab9-b4c3-4ae6-8251-579ef933890f",
    "Net": "4d36e972-e325-11ce-bfc1-08002be10318",
}


@dataclass(frozen=True)
class Device:
    """Something that is plugged in."""

    vendor: str
    """Four hex digits, as `product`."""
    product: str
    serial: str
    name: str
    kind: str = "USB"
    """Name of its class."""
    maker: str = ""
    """Of a memory stick: its maker and model, as USBSTOR writes them."""


@dataclass(frozen=True)
class Computer:
    """A Windows computer, and who is logged on to it (nobody: None)."""

    book: Book
    name: str
    person: Person | None

    def event(self, moment: datetime, code: str, provider: str, data: dict[str, str]) -> None:
        """Write an event down."""
        utc = moment.astimezone(UTC)
        channel = (
            "Security"
            if "Security" in provider
            else "Application"
            if provider == "MsiInstaller"
            else "System"
        )
        winlog: dict[str, object] = {
            "channel": channel,
            "computer_name": self.name,
            "event_id": code,
            "provider_name": provider,
            "record_id": dice("record", moment, code, self.name).randrange(10**4, 10**6),
            "event_data": data,
        }
        if provider == "MsiInstaller" and self.person:
            winlog["user"] = {"domain": "ELMPARK", "name": self.person.user, "type": "User"}
        stamp = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
        whole = {
            "@timestamp": stamp,
            "winlog": winlog,
            "event": {"code": code, "kind": "event", "provider": provider},
        }
        self.book.add(WINDOWS, moment, json.dumps(whole, separators=(",", ":"), ensure_ascii=False))

    def plug(self, moment: datetime, device: Device) -> None:
        """Plug a device in: event 6416 for its USB side and, of a memory stick, for its disk."""
        usb = f"USB\\VID_{device.vendor}&PID_{device.product}"
        self._recognised(moment, f"{usb}\\{device.serial}", device.name, device.kind)
        if device.maker:
            disk = f"USBSTOR\\Disk&{device.maker}&Rev_1.00\\{device.serial}&0"
            name = f"{device.name} USB Device"
            self._recognised(moment.replace(microsecond=900_000), disk, name, "DiskDrive")

    def _recognised(self, moment: datetime, instance: str, name: str, kind: str) -> None:
        own = f"{self.name.partition('.')[0]}$"
        data = {
            "SubjectUserSid": "S-1-5-21-1004336348-1177238915-682003330-1142" if self.person else "S-1-5-18",
            "SubjectUserName": self.person.user if self.person else own,
            "SubjectDomainName": "ELMPARK",
            "SubjectLogonId": "0x5f1c2" if self.person else "0x3e7",
            "DeviceId": instance,
            "DeviceDescription": name,
            "ClassId": f"{{{CLASSES[kind]}}}",
            "ClassName": kind,
            "VendorIds": "\n\t\t" + instance.rpartition("\\")[0],
            "LocationInformation": "Port_#0003.Hub_#0001",
        }
        self.event(moment, "6416", "Microsoft-Windows-Security-Auditing", data)

    def install(self, moment: datetime, product: str, version: str, maker: str) -> None:
        """Install a program with the Windows Installer."""
        data = {"param1": product, "param2": version, "param3": "2057", "param4": "0", "param5": maker}
        self.event(moment, "1033", "MsiInstaller", data)

    def service(self, moment: datetime, name: str, path: str) -> None:
        """Add a background service."""
        data = {
            "ServiceName": name,
            "ImagePath": path,
            "ServiceType": "user mode service",
            "StartType": "auto start",
        }
        self.event(moment, "7045", "Service Control Manager", data)

    def logged_on(self, moment: datetime) -> None:
        """Log on: an event that is passed over."""
        data = {"TargetUserName": self.person.user if self.person else "-", "LogonType": "2"}
        self.event(moment, "4624", "Microsoft-Windows-Security-Auditing", data)
