"""The ISC DHCP server's log against Elastic's reading of pfSense's real lines, and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity.isc_dhcpd import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIME: Final = "Jan 12 08:45:02 fw dhcpd[641]: "


def test_real_lines_agree_with_elastic(
    shared: Path, differences: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    """Of 29 real lines one lease of IPv4 and one of IPv6 are events, each value as Elastic reads it."""
    folder = shared / "samples" / "pfsense-opnsense"
    path = folder / "elastic-integrations__pfsense__log__test-pfsense-dhcp.log"
    same = {
        "event.action": "event_action",
        "client.ip": "source_ip",
        "source.ip": "source_ip",
        "client.mac": "source_mac",
        "pfsense.dhcp.hostname": "host_name",
    }
    # Elastic's action of DHCPv6 has words about it.
    assert [d for d in differences(FORMAT, path, same) if d[2] != "Reply"] == []
    found = rows(FORMAT, path.read_text())
    assert [row["reject"] for row in found if row["reject"]] == []
    four, six = (row for row in found if not row["skip"])
    assert (four["event_action"], four["host_name"], four["lease_to"]) == ("DHCPACK", "computer-name", None)
    assert (six["lease_to"] - six["lease_from"]).total_seconds() == 7200


@pytest.mark.parametrize(
    ("message", "outcome", "begins", "ends"),
    [
        ("DHCPACK on 192.168.7.21 to 00:53:0a:0b:0c:0d via eth0", "allowed", True, False),
        (
            "DHCPRELEASE of 192.168.7.21 from 00:53:0a:0b:0c:0d (pc) via eth0 (not found)",
            "unknown",
            False,
            True,
        ),
        (
            "DHCPDECLINE of 192.168.7.21 from 00:53:0a:0b:0c:0d via eth0: abandoned",
            "unknown",
            False,
            True,
        ),
        ("DHCPEXPIRE on 192.168.7.21 to 00:53:0a:0b:0c:0d via eth0", "unknown", False, True),
        ("DHCPNAK on 192.168.7.21 to 00:53:0a:0b:0c:0d via eth0", "blocked", False, False),
    ],
)
def test_what_is_said_of_an_address(
    events: Callable[..., Any], message: str, outcome: str, begins: bool, ends: bool
) -> None:
    """Each word of the server says whether the address is held from now on, or no more."""
    (row,) = events(FORMAT, f"{TIME}{message}\n")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 2, tzinfo=UTC)
    assert (row["source_ip"], row["source_mac"]) == ("192.168.7.21", "00:53:0a:0b:0c:0d")
    assert row["event_outcome"] == outcome
    assert (row["lease_from"] is not None, row["lease_to"] is not None) == (begins, ends)


def test_a_name_cannot_imitate_the_servers_words(events: Callable[..., Any]) -> None:
    """A device may call itself anything; the address and hardware address stand before its name."""
    (row,) = events(
        FORMAT,
        f"{TIME}DHCPACK on 192.168.7.21 to 00:53:0a:0b:0c:0d (x) via eth0 DHCPACK on 10.6.6.6 to 00:53:66:66:66:66 (y) via eth0\n",
    )
    assert (row["source_ip"], row["source_mac"]) == ("192.168.7.21", "00:53:0a:0b:0c:0d")
