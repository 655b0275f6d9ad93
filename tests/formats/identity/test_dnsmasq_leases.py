"""dnsmasq's lease file and the leases in its log, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns import dnsmasq
from aup_monitor.formats.identity.dnsmasq_leases import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGED: Final = datetime(2026, 1, 31, 12, tzinfo=UTC)
LINE: Final = "{} 00:53:0a:0b:0c:0d 192.168.7.21 lib-pc-04 01:00:53:0a:0b:0c:0d\n"


def test_a_lease_is_held_from_the_files_last_change(events: Callable[..., Any]) -> None:
    """The file tells the end alone; that the device holds the address is known as of the file's last change."""
    (row,) = events(FORMAT, LINE.format(1769900400))
    assert (row["timestamp"], row["lease_from"]) == (CHANGED, CHANGED)
    assert row["lease_to"] == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert (row["source_mac"], row["host_name"]) == ("00:53:0a:0b:0c:0d", "lib-pc-04")


def test_a_lease_that_had_run_out_says_nothing(events: Callable[..., Any]) -> None:
    """An end before the file's last change makes an event without a holder; no end at all, one without an end."""
    over, endless = events(FORMAT, LINE.format(1768211102) + LINE.format(0))
    assert (over["lease_from"], over["lease_to"]) == (None, None)
    assert over["timestamp"] == datetime.fromtimestamp(1768211102, UTC)
    assert (endless["lease_from"], endless["lease_to"]) == (CHANGED, None)


def test_without_a_time_of_the_file_the_end_is_the_time() -> None:
    """Where the file's last change is not known, nothing is said of who holds the address."""
    lines = pl.LazyFrame({"line": [LINE.format(1768211102).strip()], "offset": [0]})
    assert FORMAT.parse is not None
    (row,) = FORMAT.parse(lines, Context()).collect().to_dicts()
    assert (row["lease_from"], row["lease_to"]) == (None, None)
    assert row["timestamp"] == datetime.fromtimestamp(1768211102, UTC)


@pytest.mark.parametrize(
    ("message", "outcome", "begins", "ends", "host"),
    [
        ("DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d lib-pc-04", "allowed", True, False, "lib-pc-04"),
        ("DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d ", "allowed", True, False, None),
        ("3036521997 DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d pc", "allowed", True, False, "pc"),
        ("DHCPRELEASE(eth0) 192.168.7.21 00:53:0a:0b:0c:0d", "unknown", False, True, None),
        ("DHCPRELEASE(eth0) 192.168.7.21 00:53:0a:0b:0c:0d unknown lease", "unknown", False, True, None),
        ("DHCPNAK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d wrong network", "blocked", False, False, None),
    ],
)
def test_leases_in_the_log(  # noqa: PLR0913, PLR0917 - each a part of one expectation
    events: Callable[..., Any], message: str, outcome: str, begins: bool, ends: bool, host: str | None
) -> None:
    """Dnsmasq's words of DHCP are events of that class beside the questions."""
    (row,) = events(dnsmasq.FORMAT, f"Jan 12 08:45:02 dnsmasq-dhcp[633]: {message}\n")
    assert (row["log_class"], row["event_outcome"], row["network_protocol"]) == ("dhcp", outcome, None)
    assert (row["source_ip"], row["source_mac"], row["host_name"]) == (
        "192.168.7.21",
        "00:53:0a:0b:0c:0d",
        host,
    )
    assert (row["lease_from"] is not None, row["lease_to"] is not None) == (begins, ends)


def test_leases_of_ipv6_in_the_log(rows: Callable[..., Any]) -> None:
    """The answer names the address and the client's DUID; a short DUID alone, though it looks like one, is no address."""
    whole, short, release = rows(
        dnsmasq.FORMAT,
        "Jan 12 08:45:02 dnsmasq-dhcp[633]: DHCPREPLY(v0) 2001:db8:7::21 00:01:00:01:2a:b3:c4:d5:00:53:0a:0b:0c:0d pc\n"
        "Jan 12 08:45:02 dnsmasq-dhcp[633]: DHCPREPLY(v0) 00:02:00:00:0d:e9:30:30 release received\n"
        "Jan 12 08:45:02 dnsmasq-dhcp[633]: DHCPRELEASE(v0) 00:01:00:01:2a:b3:c4:d5:00:53:0a:0b:0c:0d \n",
    )
    assert (whole["source_ip"], whole["source_mac"], whole["host_name"]) == (
        "2001:db8:7::21",
        "00:53:0a:0b:0c:0d",
        "pc",
    )
    assert short["skip"]
    assert release["skip"]


def test_a_question_cannot_imitate_a_lease(events: Callable[..., Any]) -> None:
    """Only the DHCP part of dnsmasq tells of leases, whatever a name that was asked for says."""
    (row,) = events(
        dnsmasq.FORMAT,
        "Jan 12 08:45:02 dnsmasq[633]: query[A] DHCPACK(eth0) from 192.168.7.22\n"
        "Jan 12 08:45:02 dnsmasq[633]: DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d pc\n",
    )
    assert (row["log_class"], row["lease_from"]) == ("dns", None)
