"""MikroTik lines against CrowdSec's reading of real ones, by hand, and against malice."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.mikrotik import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "mikrotik.log"


def asserted(path: Path) -> dict[str, dict[str, str]]:
    """Return what CrowdSec's `parser.assert` says of each line that it read."""
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    said = re.compile(r'^results\["s01-parse"\]\["(.+?)"\]\[(\d+)\]\.Evt\.Parsed\["(\w+)"\] == "(.*)"$')
    for line in path.read_text().splitlines():
        if found := said.match(line):
            facts[found[1] + found[2]][found[3]] = found[4]
    return {fact["message"]: fact for fact in facts.values()}


def test_real_lines_agree_with_crowdsec(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Ends, ports, transport, hardware address, size and prefix of real packets agree."""
    folder = shared / "samples" / "mikrotik"
    facts = asserted(folder / "crowdsec__mikrotik-logs__parser.assert")
    lines = (folder / "crowdsec__mikrotik-logs__mikrotik-logs.log").read_text().splitlines()
    compared = 0
    for line, event in zip(lines, parse(FORMAT, *lines), strict=True):
        said = facts.get(line, {})
        if "dst_ip" not in said:
            continue
        compared += 1
        assert event["source_ip"] == said["source_ip"].strip("[]")
        assert event["destination_ip"] == said["dst_ip"].strip("[]")
        assert (event["source_port"], event["destination_port"]) == (
            int(said["src_port"]),
            int(said["dst_port"]),
        )
        assert event["network_transport"] == said["proto"].lower()
        assert event["source_bytes"] == int(said["length"])
        assert (event["source_mac"] or "") == said.get("src_mac", "")
        assert (event["rule_name"] or "") == said.get("tag", "").strip()
    assert compared >= 5


def test_every_real_line_is_an_event(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """34 real lines are packets and failed log-ons, none passed over, none bad; a drop is told by its prefix."""
    lines = [
        line
        for path in sorted((shared / "samples" / "mikrotik").glob("*.log"))
        for line in path.read_text().splitlines()
    ]
    events = parse(FORMAT, *lines)
    assert len(events) == 34
    assert not [event for event in events if event["skip"] or event["reject"]]
    assert [event["user_name"] for event in events if event["log_class"] == "auth"] == ["admin"] * 9
    assert {event["event_outcome"] for event in events if event["rule_name"] == "drop-tcp"} == {"blocked"}


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Both forms of syslog, IPv6, log-ons, a lease; what is about nobody and what is cut."""
    dropped, accepted, six, failed, admin, lease, link, cut = parse(FORMAT, *OWN.read_text().splitlines())
    assert (dropped["rule_name"], dropped["event_outcome"], dropped["source_mac"]) == (
        *("drop-out", "blocked"),
        "00:00:5e:00:53:01",
    )
    assert (accepted["rule_name"], accepted["event_outcome"], accepted["source_port"]) == (
        "accept vpn",
        "allowed",
        500,
    )
    assert (six["source_ip"], six["network_transport"], six["event_outcome"]) == (
        *("2001:db8::7", "ipv6-icmp"),
        "unknown",
    )
    assert (failed["user_name"], failed["source_ip"], failed["event_outcome"]) == (
        "carys.d",
        "10.20.4.33",
        "blocked",
    )
    assert (admin["log_class"], admin["event_outcome"]) == ("auth", "allowed")
    assert (lease["source_ip"], lease["source_mac"], lease["host_name"]) == (
        *("10.20.4.37", "00:00:5e:00:53:07"),
        "LIB-PC-07",
    )
    assert (link["skip"], cut["reject"]) == (True, "no time before the topics that is understood")


@pytest.mark.parametrize(
    "line", ["", "\x00", "firewall,info x forward: in:a out:b, proto TCP, 1.1.1.1:1->2.2.2.2:2, len 1"]
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without a time is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
