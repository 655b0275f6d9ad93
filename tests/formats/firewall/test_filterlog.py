"""pfSense's and OPNsense's filter log: real logs and two independent parses of them."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.firewall.filterlog import FORMAT
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

NEW_YORK = Context(zone="America/New_York", reference=datetime(2023, 7, 31, tzinfo=UTC))
PACKET = "7,,,1000000102,em0,match,{action},in,4,0x0,,64,1,0,DF,{number},{transport},60,192.168.7.21,192.0.2.7,{rest}"
REPEATED = "Jul  3 19:10:30 fw1 last message repeated 2 times"


def read(content: bytes, context: Context = NEW_YORK) -> pl.DataFrame:
    """Parse a whole file."""
    return pl.concat([block.frame for block in read_blocks(FORMAT, io.BytesIO(content), context)])


def event(message: str) -> dict[str, object]:
    """Parse one packet's values."""
    return read(f"Jul  3 19:10:30 fw1 filterlog[1]: {message}".encode()).row(0, named=True)


def test_real_lines_agree_with_elastics_parse(shared: Path) -> None:
    """Time, addresses, ports, transport, action and rule agree, line by line."""
    name = "elastic-integrations__pfsense__log__test-pfsense-bsd.log"
    folder = shared / "samples" / "pfsense-opnsense"
    rows = read((folder / name).read_bytes()).to_dicts()
    expected = json.loads((folder / f"{name}-expected.json").read_text())["expected"]
    assert len(rows) == len(expected) == 19
    for row, other in zip(rows, expected, strict=True):
        assert (row["reject"], row["skip"]) == (None, False)
        assert row["timestamp"] == datetime.fromisoformat(other["@timestamp"])
        assert (row["source_ip"], row["source_port"]) == (other["source"]["ip"], other["source"].get("port"))
        assert row["destination_ip"] == other["destination"]["ip"]
        assert row["destination_port"] == other["destination"].get("port")
        assert row["network_transport"] == other["network"]["transport"]
        assert row["event_action"] == other["event"]["action"]
        assert (row["event_outcome"] == "blocked") == ("denied" in other["event"]["type"])
        assert row["rule_name"] == other["rule"]["id"]


def asserted(path: Path) -> dict[str, dict[str, str]]:
    """Return what a CrowdSec `parser.assert` says of each message that it read as a packet."""
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    pattern = re.compile(
        r'^results\["(.+?)"\]\["(.+?)"\]\[(\d+)\]\.Evt\.(Parsed|Enriched)\["(\w+)"\] == "(.*)"$'
    )
    for line in path.read_text().splitlines():
        if found := pattern.match(line):
            facts["/".join(found.group(1, 2, 3))][found[5]] = found[6]
    return {fact["message"]: fact for fact in facts.values() if "dst_ip" in fact}


def test_real_lines_agree_with_crowdsecs_parse(shared: Path) -> None:
    """Addresses, ports, transport, action and rule agree for lines of both firewalls."""
    folder = shared / "samples" / "pfsense-opnsense"
    content = (folder / "crowdsec__pf-logs__pf-logs.log").read_bytes()
    facts = asserted(folder / "crowdsec__pf-logs__parser.assert")
    rows = dict(zip(content.decode().splitlines(), read(content).to_dicts(), strict=True))
    compared = 0
    for line, row in rows.items():
        for message, other in facts.items():
            if message and line.endswith(message):
                compared += 1
                assert (row["source_ip"], row["destination_ip"]) == (other["src_ip"], other["dst_ip"])
                assert (row["source_port"], row["destination_port"]) == (
                    int(other["src_port"]),
                    int(other["dst_port"]),
                )
                assert row["network_transport"] == (other.get("ip4_proto") or other["ip6_proto"]).lower()
                assert (row["event_action"], row["rule_name"]) == (other["action"], other["tracker"])
    assert compared == 9


@pytest.mark.parametrize(
    "name",
    [
        "crowdsec__opnsense-gui-auth__opnsense-gui-auth.log",
        "crowdsec__opnsense-sshd__opnsense-sshd.log",
        "crowdsec__pfsense-rfc5424-nginx__pfsense-rfc5424-nginx.log",
        "elastic-integrations__pfsense__log__test-pfsense-dhcp.log",
        "elastic-integrations__pfsense__log__test-pfsense-phpfpm.log",
        "elastic-integrations__pfsense__log__test-pfsense-squid.log",
        "elastic-integrations__pfsense__log__test-pfsense-unbound.log",
    ],
)
def test_other_programs_lines_are_skipped(shared: Path, name: str) -> None:
    """Real lines of the same firewalls' other programs are neither events nor rejects, nor claimed."""
    content = (shared / "samples" / "pfsense-opnsense" / name).read_bytes()
    assert read(content)["skip"].all()
    assert read(content)["reject"].count() == 0
    assert FORMAT.score(content) == 0


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("pass", "allowed"), ("block", "blocked"), ("reject", "blocked"), ("rdr", "unknown")],
)
def test_the_action_decides_the_outcome(action: str, outcome: str) -> None:
    """Pass is allowed, block and reject are blocked, a translation is neither."""
    row = event(PACKET.format(action=action, number=17, transport="udp", rest="53124,53,40"))
    assert (row["event_action"], row["event_outcome"]) == (action, outcome)
    assert (row["source_port"], row["destination_port"]) == (53124, 53)


def test_only_tcp_and_udp_have_ports() -> None:
    """What follows the addresses of an ICMP packet is not taken for ports."""
    row = event(PACKET.format(action="pass", number=1, transport="icmp", rest="request,37728,164"))
    assert (row["source_port"], row["destination_port"], row["network_transport"]) == (None, None, "icmp")


@pytest.mark.parametrize(
    "message", ["", "7,,,1", "7,,,1000,em0,match,block,in,5,0x0,,64", "not,a,packet", "1" * 300]
)
def test_a_packet_that_is_cut_off_is_a_reject(message: str) -> None:
    """A line of filterlog itself without both addresses is bad, not skipped."""
    row = event(message)
    assert row["reject"] == "the packet's addresses are not where filterlog writes them"
    assert not row["skip"]


def test_what_is_no_syslog_is_a_reject_and_what_syslog_says_of_itself_is_skipped() -> None:
    """Neither a bare packet nor a time without a reference year passes in silence."""
    bare = PACKET.format(action="pass", number=17, transport="udp", rest="53124,53,40")
    rows = read("\n".join([bare, "Jul 32 19:10:30 fw1 filterlog: " + bare, REPEATED]).encode())
    assert rows["skip"].to_list() == [False, False, True]
    assert rows["reject"].is_null().to_list() == [False, False, True]
    assert read(REPEATED.encode(), Context())["reject"].count() == 1
