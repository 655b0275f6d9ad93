"""Lease files of the ISC DHCP server: real ones of eight servers, and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity.isc_leases import FORMAT, LOOKBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXPECTED: Final = {
    "backup": [
        ("10.0.0.1", "2a:b2:2a:b2:2a:b2", None, "backup", True),
        ("10.0.0.2", None, None, "backup", False),
    ],
    "epoch": [
        ("10.0.0.1", "2a:b2:2a:b2:2a:b2", None, "backup", True),
        ("10.0.0.2", None, None, "backup", False),
    ],
    "pfsense": [
        ("10.0.10.72", "64:5a:04:6a:07:a2", "Satellite-C700", "active", True),
        ("10.0.0.36", "14:da:e9:04:c8:a3", "Gebruiker-PC", "active", True),
    ],
    "options": [("10.10.10.10", "24:65:11:d9:a6:b3", "KRONOS", "active", True)],
    "static": [("10.0.0.15", "2a:b2:2a:b2:2a:b2", None, "free", False)],
    "dhcpd6-4.2.4": [("2001:610:600:891d::60", "0a:00:27:00:00:00", None, "active", True)],
    "dhcpd6-4.3.3": [
        ("2001:10:10::106", "00:27:22:33:2b:34", None, "active", True),
        ("2001:10:30::1fe", "00:25:90:6b:a1:34", None, "active", True),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_files(shared: Path, events: Callable[..., Any], name: str) -> None:
    """Address, device, name, state, and whether somebody held it; prefixes and other blocks are no events."""
    text = (shared / "samples" / "isc-dhcp" / f"isc-leases__{name}.leases").read_text()
    assert [
        (r["source_ip"], r["source_mac"], r["host_name"], r["event_action"], r["lease_to"] is not None)
        for r in events(FORMAT, text)
    ] == EXPECTED[name]


def test_both_forms_of_real_times(shared: Path, events: Callable[..., Any]) -> None:
    """A file in epoch form and the same in plain form give the same times."""
    folder = shared / "samples" / "isc-dhcp"
    plain, epoch = (
        events(FORMAT, (folder / f"isc-leases__{name}.leases").read_text())[0] for name in ("backup", "epoch")
    )
    assert (plain["lease_from"], plain["lease_to"]) == (epoch["lease_from"], epoch["lease_to"])
    assert plain["lease_from"] == datetime(2017, 10, 5, 15, 22, 29, tzinfo=UTC)


def test_a_real_abandoned_address_is_nobodys(shared: Path, events: Callable[..., Any]) -> None:
    """Of six real leases five are over, with their times; the abandoned one says nothing of a holder."""
    rows = events(FORMAT, (shared / "samples" / "isc-dhcp" / "isc-leases__debian7.leases").read_text())
    assert [row["event_action"] for row in rows] == ["free"] * 5 + ["abandoned"]
    assert [row["lease_from"] is not None for row in rows] == [True] * 5 + [False]


def lease(*statements: str) -> str:
    """Return a lease with these statements beside the needful ones."""
    needful = ("starts 1 2026/01/12 08:45:02;", "binding state active;")
    return "lease 192.168.7.21 {\n  " + "\n  ".join((*needful, *statements)) + "\n}\n"


def test_a_long_lease_is_read_to_the_limit(rows: Callable[..., Any]) -> None:
    """A lease may have as many lines as are given again; a longer one makes no event, wherever it is read from."""
    for more, count in ((LOOKBACK - 3, 1), (LOOKBACK - 2, 0)):
        found = rows(FORMAT, lease(*["set x = 1;"] * more))
        assert sum(not row["skip"] for row in found) == count


def test_a_lease_that_was_cut_off_gives_nothing_to_the_next(events: Callable[..., Any]) -> None:
    """What a lease without its end says is not taken for the next one's."""
    cut_off = "lease 192.168.7.20 {\n  hardware ethernet 00:53:0a:0b:0c:99;\n"
    (row,) = events(FORMAT, cut_off + lease())
    assert (row["source_ip"], row["source_mac"]) == ("192.168.7.21", None)


def test_braces_and_keys_inside_quotes(events: Callable[..., Any]) -> None:
    """A name that imitates the file's own words stays a name."""
    name = r'x"; } lease 10.6.6.6 { hardware ethernet 00:53:66:66:66:66;'.replace('"', r"\"")
    (row,) = events(FORMAT, lease(f'client-hostname "{name}";', "hardware ethernet 00:53:0a:0b:0c:0d;"))
    assert (row["source_ip"], row["source_mac"]) == ("192.168.7.21", "00:53:0a:0b:0c:0d")
    assert row["host_name"].startswith('x"; }')
