"""Kea's log, forensic log and lease files: Kea's own test files, and by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity import kea, kea_leases, kea_legal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWN: Final = "2026-07-13 09:45:02.145 INFO  [kea-dhcp4.leases/641.140181179290112] "
WHO: Final = "[hwtype=1 00:53:0a:0b:0c:0d], cid=[01:00:53:0a:0b:0c:0d], tid=0x1a317365: "
HEADER: Final = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"
)


@pytest.mark.parametrize("version", [4, 6])
def test_keas_own_lease_files(shared: Path, events: Callable[..., Any], version: int) -> None:
    """State, time (the end less the length) and escaped names of the files that Kea's own tests expect."""
    name = f"kea__src__bin__admin__tests__data__lease{version}_dump_test.reference.csv"
    found = events(kea_leases.FORMAT, (shared / "samples" / "kea-dhcp" / name).read_text())
    states = ["active", "declined", "expired-reclaimed", "expired-reclaimed"]
    assert [row["event_action"] for row in found] == states[: len(found)]
    assert [row["host_name"] for row in found[:3]] == ["one.example.com", None, "three,example,com"]
    first = found[0]
    assert first["lease_to"] == datetime.fromtimestamp(1642000000, UTC)
    assert (
        first["lease_from"]
        == first["timestamp"]
        == first["lease_to"] - timedelta(seconds={4: 40, 6: 30}[version])
    )
    assert (found[1]["lease_from"], found[1]["lease_to"]) == (None, None)


def test_a_lease_of_length_nought_tells_no_end(events: Callable[..., Any]) -> None:
    """When Kea forgets a lease it writes a length of 0 and an old time: not when the address came back."""
    line = "192.168.7.21,00:53:0a:0b:0c:0d,,{},{},1,0,0,pc,0,\n"
    gone, endless = events(
        kea_leases.FORMAT, HEADER + line.format(0, 1768207502) + line.format(4294967295, 6063174797)
    )
    assert (gone["lease_from"], gone["lease_to"]) == (None, None)
    assert (endless["lease_from"], endless["lease_to"]) == (datetime(2026, 1, 12, 8, 45, 2, tzinfo=UTC), None)


def test_a_file_without_its_header_is_not_guessed(rows: Callable[..., Any]) -> None:
    """Lines before the first header, and a header that names anything, give rejects and no error."""
    line = "192.168.7.21,00:53:0a:0b:0c:0d,,3600,1768211102,1,0,0,pc,0,\n"
    for head in ("", "address,address,expire,state,expire\n", "address," + ",".join("x" * 500) + "\n"):
        found = rows(kea_leases.FORMAT, head + line)
        assert found[-1]["reject"]


@pytest.mark.parametrize(
    ("message", "address", "seconds"),
    [
        (
            f"DHCP4_LEASE_ALLOC {WHO}lease 192.168.7.21 has been allocated for 3600 seconds",
            "192.168.7.21",
            3600,
        ),
        (f"DHCP4_LEASE_REUSE {WHO}lease 192.168.7.21 has been reused for 60 seconds", "192.168.7.21", 60),
        (
            (
                "DHCP6_LEASE_ALLOC duid=[00:03:00:01:00:53:0a:0b:0c:0d], tid=0x8dc2: lease for address 2001:DB8::21 and "
                "iaid=7 has been allocated for 7200 seconds"
            ),
            "2001:db8::21",
            7200,
        ),
    ],
)
def test_leases_in_keas_log(events: Callable[..., Any], message: str, address: str, seconds: int) -> None:
    """A lease says for how long; times of Kea's own file are local."""
    (row,) = events(
        kea.FORMAT, OWN.replace("dhcp4", f"dhcp{message[4]}") + message + "\n", zone="Europe/London"
    )
    assert row["timestamp"] == datetime(2026, 7, 13, 8, 45, 2, 145000, tzinfo=UTC)
    assert (row["source_ip"], row["source_mac"]) == (address, "00:53:0a:0b:0c:0d")
    assert row["lease_to"] - row["lease_from"] == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "message",
    [
        f"DHCP4_RELEASE {WHO}address 192.168.7.21 was released properly.",
        f"ALLOC_ENGINE_V4_LEASE_RECLAIM {WHO[:-2]}: reclaiming expired lease for address 192.168.7.21",
        (
            f"DHCP4_DECLINE_LEASE Received DHCPDECLINE for addr 192.168.7.21 from client {WHO[:-2]}. The lease will be "
            "unavailable for 86400 seconds."
        ),
    ],
)
def test_addresses_that_come_back(events: Callable[..., Any], message: str) -> None:
    """Released, reclaimed and declined mean that nobody holds the address any more."""
    (row,) = events(kea.FORMAT, f"{OWN}{message}\n")
    assert (row["source_ip"], row["lease_from"], row["lease_to"]) == ("192.168.7.21", None, row["timestamp"])


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("1 hrs 52 min 15 secs", 6735),
        ("1 days 0 hrs 0 mins 0 secs", 86400),
        ("6735 seconds", 6735),
        ("infinite duration", None),
    ],
)
def test_lengths_of_the_forensic_log(events: Callable[..., Any], words: str, seconds: int | None) -> None:
    """Days, hours, minutes and seconds, or seconds alone; for ever has no end."""
    line = f"2026-07-13 09:15:02 BST Address: 192.168.7.21 has been assigned for {words} to a device with hardware address: hwtype=1 00:53:0a:0b:0c:0d\n"
    (row,) = events(kea_legal.FORMAT, line)
    assert row["timestamp"] == datetime(2026, 7, 13, 8, 15, 2, tzinfo=UTC)
    length = None if row["lease_to"] is None else (row["lease_to"] - row["lease_from"]).total_seconds()
    assert length == seconds
