"""Cisco ASA and FTD lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.cisco_asa import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "cisco-asa.log"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "user.name": "user_name",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "event.code": "event_code",
    "url.domain": "url_domain",
    "dns.question.name": "dns_question_name",
    "dns.question.type": "dns_question_type",
    "file.name": "file_name",
    "cisco.asa.rule_name": "rule_name",
    "cisco.asa.list_id": "rule_name",
    "user_agent.original": "user_agent_original",
    "http.response.status_code": "http_response_status_code",
}
ENDS: Final = {"source_ip", "source_port", "destination_ip", "destination_port"}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "of a connection built outbound the second end is the client": ("Built outbound", ENDS),
    "of one torn down the end with the higher port is the client": ("Teardown", ENDS),
    "of a ping built inbound the foreign end began": ("Built inbound ICMP", ENDS),
    "a name is no address": ("faddr eth0_fw", ENDS),
    "a session that ended was between the person and the firewall, whose address is not written": (
        "-113019:",
        {"destination_ip", "source_bytes", "destination_bytes"},
    ),
    "the address that a VPN gives tells more than the one that it was asked from": (
        "-722051:",
        {"source_ip"},
    ),
    "an abbreviation of another continent's zone is not read": (" EDT:", {"timestamp"}),
    "the botnet filter's list is no rule of the school's": ("Dynamic Filter", {"rule_name"}),
    "nobody": ("User: (No Authentication Required|Unknown)", {"user_name"}),
    "the client is the user": (r"LOCAL\\dave", {"user_name"}),
    "a host is named once, without its port": ("DstPort: 8000|NGIPS", {"url_domain"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of 22 real files is as Elastic reads it, but where a reason is written."""
    logs = sorted((shared / "samples").glob("cisco-[af][st][ad]/elastic*.log"))
    # The zone that the project's tests were run with.
    found = compare(FORMAT, logs, SAME, EXPLAINED, "Etc/GMT+2")
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, len(found.rejects)) == (210, 267, 37)
    # The management's own log of clicks, and lines without a number, are no messages of the firewall.
    assert all("%ASA-" not in line and "%FTD-" not in line for line in found.rejects if "siem" in line)
    assert found.values > 1500


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Connections, refusals, pages, VPN, log-ons, FTD's events; what is about nobody and what is cut."""
    rows = parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")
    built, down, denied, permitted, ping, page, vpn, log_on, ftd, dns, admin, cut = rows
    assert (built["source_ip"], built["destination_port"], built["user_name"]) == (
        "10.20.4.31",
        443,
        "amina.k",
    )
    assert (built["user_domain"], built["event_outcome"]) == ("SCHOOL", "allowed")
    assert (down["source_ip"], down["user_name"], down["event_duration"]) == (
        "10.20.4.32",
        "ben.o",
        3723 * 10**9,
    )
    assert (denied["rule_name"], denied["event_outcome"]) == ("pupils_out", "blocked")
    assert permitted["timestamp"] == datetime(2026, 7, 14, 9, 14, 16, tzinfo=UTC)
    assert (permitted["destination_port"], permitted["event_outcome"]) == (22, "allowed")
    assert (ping["source_ip"], ping["network_transport"]) == ("198.51.100.7", "icmp")
    assert (page["url_full"], page["log_class"]) == ("http://www.example.org/a?b=c", "web")
    assert (vpn["user_name"], vpn["source_ip"], vpn["log_class"]) == ("carys.d", "10.30.0.9", "auth")
    assert (log_on["user_name"], log_on["event_outcome"]) == (None, "blocked")
    assert (ftd["user_name"], ftd["url_domain"], ftd["url_full"]) == ("dai.p", "casino.example", None)
    assert (ftd["rule_category"], ftd["rule_name"], ftd["event_outcome"]) == ("Gambling", "Pupils", "blocked")
    assert (dns["user_name"], dns["dns_question_name"], dns["dns_question_type"]) == (
        None,
        "www.example.org",
        "AAAA",
    )
    assert (admin["skip"], cut["reject"]) == (True, "no %ASA- or %FTD- with a number")


def test_log_ons_to_the_firewall_itself(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Who and from where is found behind words that look like a name or an address."""
    head = "Jan 14 2026 10:14:09: %ASA-6-"
    failed, console, ended = parse(
        FORMAT,
        head + "611102: User authentication failed: IP address: 10.20.4.31, Uname: head.office",
        head + '605005: Login permitted from 10.20.4.31/6651 to inside:10.20.0.1/ssh for user "it.support"',
        head
        + "113019: Group = Staff VPN, Username = carys.d, IP = 203.0.113.9, Session disconnected. Session Type: SSL, "
        "Duration: 1d 2h:01m:03s, Bytes xmt: 700, Bytes rcv: 90, Reason: User Requested",
    )
    assert (failed["user_name"], failed["source_ip"], failed["event_outcome"]) == (
        "head.office",
        "10.20.4.31",
        "blocked",
    )
    assert (console["source_port"], console["destination_ip"], console["user_name"]) == (
        6651,
        "10.20.0.1",
        "it.support",
    )
    assert (ended["user_group"], ended["event_duration"]) == ("Staff VPN", 93_663 * 10**9)
    assert (ended["source_bytes"], ended["destination_bytes"]) == (90, 700)


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("<166>Jan 14 2026 10:14:09 fw-school : ", "fw-school"),
        ("2026-01-14T10:14:09Z fw-school ", "fw-school"),
        ("Jan 14 2026 10:14:09 CEST fw-school: ", "fw-school"),
        ("Jan 14 2026 10:14:09 CEST: ", None),
        ("Jan 14 2026 10:14:09: ", None),
    ],
)
def test_who_wrote_it(parse: Callable[..., list[dict[str, Any]]], before: str, name: str | None) -> None:
    """The firewall's name stands before the message, and a zone's is not taken for it."""
    text = "%ASA-6-611101: User authentication succeeded: IP address: 10.20.4.31, Uname: it.support"
    assert parse(FORMAT, before + text)[0]["observer_name"] == name


@pytest.mark.parametrize(
    "line", ["", "\x00", "%ASA-6-302013: Built", "Feb 30 2026 10:00:00: %ASA-6-302013: Built"]
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without a number or a time is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
