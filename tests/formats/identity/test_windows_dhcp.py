"""The audit log of Windows' DHCP server against Elastic's reading of real lines, and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity.windows_dhcp import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAME: Final = {
    "@timestamp": "timestamp",
    "event.code": "event_code",
    "source.ip": "source_ip",
    "source.domain": "host_name",
    "host.hostname": "host_name",
    "message": "event_action",
}


@pytest.mark.parametrize("name", ["test-log", "test-logv6"])
def test_real_lines_agree_with_elastic(shared: Path, differences: Callable[..., Any], name: str) -> None:
    """Each value of each event is as Elastic reads it, in the zone that its test says; a name keeps its case here."""
    path = shared / "samples" / "windows-dhcp" / f"elastic-integrations__microsoft_dhcp__log__{name}.log"
    found = differences(FORMAT, path, SAME, zone="America/New_York")
    assert [d for d in found if str(d[1]).lower() != str(d[2]).lower()] == []


def test_real_lines_by_number(shared: Path, rows: Callable[..., Any]) -> None:
    """Of 32 real lines nine are leases, an end, or a packet dropped; the others say nothing of an address."""
    folder = shared / "samples" / "windows-dhcp"
    names = [f"elastic-integrations__microsoft_dhcp__log__test-{name}.log" for name in ("log", "logv6")]
    found = [row for name in names for row in rows(FORMAT, (folder / name).read_text())]
    assert len(found) == 32
    assert [row["reject"] for row in found if row["reject"]] == []
    codes = [row["event_code"] for row in found if not row["skip"]]
    assert codes == ["36", "10", "10", "17", "10", "11002", "11002", "11002", "11002"]
    kept = next(row for row in found if row["event_code"] == "17")
    assert (kept["lease_from"], kept["lease_to"]) == (None, kept["timestamp"])


def test_another_servers_real_lines(shared: Path, rows: Callable[..., Any]) -> None:
    """A renewal tells device and name; a failed update of DNS is skipped, and the title is no record."""
    text = (shared / "samples" / "windows-dhcp" / "cmtraceopen__dhcp__clean__DhcpSrvLog-Mon.log").read_text()
    title, renewal, update = rows(FORMAT, text)
    assert (renewal["source_ip"], renewal["source_mac"]) == ("192.0.2.10", "00:11:22:33:44:55")
    assert renewal["lease_from"] == datetime(2026, 7, 29, 9, 20, tzinfo=UTC)
    assert title["skip"]
    assert update["skip"]


def test_a_whole_file_is_recognised_by_its_preamble() -> None:
    """Prose of thirty lines stands above the first record, in the server's language."""
    text = "\t\tMicrosoft DHCP Service Activity Log\n\n" + "10\tA lease.\n" * 60
    assert FORMAT.score(text.encode()) == 1
    assert FORMAT.score(b"10\tA lease.\n" * 60) == 0


@pytest.mark.parametrize(
    ("duid", "mac"),
    [
        ("000100012AB3C4D500530A0B0C0D", "00:53:0a:0b:0c:0d"),
        ("0003000100530A0B0C0D", "00:53:0a:0b:0c:0d"),
        ("0004A34473BFC27FC55B25E86AF0E1761DAA", None),
        ("0003000600530A0B0C0D", None),
        ("", None),
    ],
)
def test_the_device_behind_a_duid(events: Callable[..., Any], duid: str, mac: str | None) -> None:
    """A DUID made of an Ethernet address names the device; one of another type does not."""
    line = f"11002,01/12/26,08:45:03,DHCPV6 Request,2001:db8:7::21,pc,,14,{duid},,,,,\n"
    (row,) = events(FORMAT, line)
    assert (row["source_mac"], row["source_ip"]) == (mac, "2001:db8:7::21")


def test_a_scope_is_nobodys_address(events: Callable[..., Any]) -> None:
    """A full scope names its subnet; a conflict's `BAD_ADDRESS` is no device."""
    full, conflict = events(
        FORMAT,
        "14,01/12/26,08:45:03,Scope Full,192.168.7.0,,00530A0B0C0E,,0,6,,,,,,,,,0\n"
        "13,01/12/26,08:45:03,In use,192.168.7.22,BAD_ADDRESS,,,0,6,,,,,,,,,0\n",
    )
    assert (full["source_ip"], full["event_outcome"]) == (None, "blocked")
    assert (conflict["host_name"], conflict["lease_from"], conflict["lease_to"]) == (None, None, None)
