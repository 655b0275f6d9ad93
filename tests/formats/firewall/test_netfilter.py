"""Linux kernel firewall lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.netfilter import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "netfilter.log"
PACKET: Final = (
    "IN=eth1 OUT= SRC=10.20.4.31 DST=203.0.113.9 LEN=60 TTL=63 PROTO=TCP SPT=61930 DPT=1194 WINDOW=1"
)
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "network.transport": "network_transport",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "the year follows from the file's last change": (r"^(<\d+>)?[A-Z][a-z]{2} ", {"timestamp"}),
    "an IPv6 address is written in its short form": ("SRC=[0-9a-f]*:", {"source_ip", "destination_ip"}),
    "a packet that the machine itself sends has no sender beside it": ("IN= OUT=", {"source_mac"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of seven real files is as Elastic reads it, but where a reason is written."""
    logs = sorted((shared / "samples" / "iptables-unifi").glob("elastic*.log"))
    found = compare(FORMAT, logs, SAME, EXPLAINED)
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.rejects) == (61, [])


def test_real_verdicts_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """What Elastic reads as denied or allowed from UniFi's rule letters is blocked or allowed here."""
    logs = sorted((shared / "samples" / "iptables-unifi").glob("elastic*.log"))
    found = compare(FORMAT, logs, {"event.type": "event_outcome"}, {})
    said = {(str(theirs), ours) for _, theirs, ours, _ in found.strange}
    assert ("['allowed', 'connection']", "allowed") in said
    assert ("['connection', 'denied']", "blocked") in said
    assert not said & {("['allowed', 'connection']", "blocked"), ("['connection', 'denied']", "allowed")}


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """ufw, UniFi, nftables, EdgeOS, a packet of the machine itself, Proxmox, another program, no envelope."""
    ufw, unifi, nft, edge, own, proxmox, lease, bare = parse(FORMAT, *OWN.read_text().splitlines())
    assert (ufw["rule_name"], ufw["event_outcome"], ufw["source_mac"]) == (
        "UFW BLOCK",
        "blocked",
        "00:00:5e:00:53:01",
    )
    assert (unifi["rule_name"], unifi["event_outcome"]) == ("[LAN_OUT]Deny nothing", "allowed")
    assert (nft["source_ip"], nft["network_transport"], nft["rule_name"]) == (
        "2001:db8::31",
        "ipv6-icmp",
        "nft drop",
    )
    assert (edge["destination_ip"], edge["destination_port"], edge["event_outcome"]) == (
        "10.20.0.1",
        None,
        "blocked",
    )
    assert (own["event_outcome"], own["source_mac"], own["rule_name"]) == ("unknown", None, None)
    assert proxmox["timestamp"] == datetime(2026, 1, 14, 9, 14, 30, tzinfo=UTC)
    assert (proxmox["event_outcome"], proxmox["observer_name"]) == ("blocked", None)
    assert (lease["skip"], bare["reject"]) == (True, "no time before the packet that is understood")


@pytest.mark.parametrize(
    ("prefix", "outcome"),
    [
        ("[UFW ALLOW] ", "allowed"),
        ("[UFW AUDIT] ", "unknown"),
        ("DROP_INPUT: ", "blocked"),
        ("FINAL_REJECT: ", "blocked"),
        ("[WAN_IN-3001-A]", "allowed"),
        ("[WAN_IN-R-3001]", "blocked"),
        ("[FW-D-3] ", "blocked"),
        ("", "unknown"),
    ],
)
def test_the_prefix_tells_the_outcome(
    parse: Callable[..., list[dict[str, Any]]], prefix: str, outcome: str
) -> None:
    """The kernel writes no verdict; the prefix of the rule does, or nothing does."""
    event = parse(FORMAT, f"Jan 14 10:14:09 gw kernel: [1.2] {prefix}{PACKET}")[0]
    assert (event["event_outcome"], event["source_ip"]) == (outcome, "10.20.4.31")
    assert event["source_port"] == 61930


def test_hostile_lines(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Addresses that are none, empty and broken lines are neither crashes nor addresses."""
    broken = "Jan 14 10:14:09 gw kernel: IN=e OUT= SRC=999.1.1.1 DST=:::: LEN=1 PROTO=TCP SPT=99999 DPT=0"
    wrong, empty, nul = parse(FORMAT, broken, "", "\x00" * 50)
    assert wrong["reject"] == "the packet's addresses are not understood"
    assert wrong["source_port"] is None
    assert empty["reject"]
    assert nul["reject"]
