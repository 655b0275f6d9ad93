"""Juniper SRX lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.juniper_srx import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "source.domain": "host_name",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "event.duration": "event_duration",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "file.name": "file_name",
    "rule.name": "rule_name",
    "observer.name": "observer_name",
    "juniper.srx.tag": "event_code",
    "juniper.srx.sample_sha256": "file_hash",
    "juniper.srx.policy_name": "rule_name",
    "juniper.srx.profile": "rule_name",
    "juniper.srx.nested_application": "network_application",
}
ENDS: Final = {"source_ip", "source_port", "destination_ip", "destination_port"}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "of a file on its way Junos names the server first; the client is the source": (" AV_", ENDS),
    "an account's realm is a column of its own": ('username="[^"]+@', {"user_name"}),
    "`unknown-user` is nobody": ('username="unknown-user"', {"user_name"}),
    "of ICMP number and type stand where the ports are": (
        'protocol-id="1"',
        {"source_port", "destination_port"},
    ),
    "`obj=/` on https stands for a path that was not seen": (
        'destination-port="443" .*obj="/"',
        {"url_path"},
    ),
    "a rulebase holds rules; the policy is what the school named": ("rulebase-name", {"rule_name"}),
    "an attack's byte counts are of the packet and always 0 here": (
        "inbound-bytes",
        {"source_bytes", "destination_bytes"},
    ),
    "of a virus Junos writes its name as the address, too": (' url="EICAR', {"url_domain"}),
    "an address of IPv6 is written in its short form": (
        'address="[0-9a-f]*:',
        {"source_ip", "destination_ip"},
    ),
}
PAGE: Final = (
    "<12>1 2026-03-05T10:14:09.123+01:00 srx RT_UTM - WEBFILTER_URL_{} [junos@2636.1.1.1.2.129 "
    'source-address="10.0.0.1" source-port="5" destination-address="192.0.2.1" destination-port="{}" '
    'category="Enhanced_Games" profile="pupils" url="{}" obj="{}" username="amina.k" roles="Pupils"]'
)
SAID: Final = "Mar  5 10:14:09 srx RT_FLOW: "


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of 6 real files is as Elastic reads it, but where a reason is written."""
    logs = sorted((shared / "samples" / "juniper-srx").glob("*.log"))
    found = compare(FORMAT, logs, SAME, EXPLAINED, "Etc/GMT+2")
    assert found.strange == []
    assert found.unused == set()
    assert found.rejects == []
    assert (found.events, found.skipped) == (61, 2)
    assert found.values > 500


def test_real_verdicts(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """What real lines say: denied, blocked, dropped and viruses are blocked; an alarm and a state are unknown."""
    logs = sorted((shared / "samples" / "juniper-srx").glob("*.log"))
    lines = [line for path in logs for line in path.read_text().split("\n") if line]
    said = {(row["event_code"], row["event_outcome"]) for row in parse(FORMAT, *lines) if not row["skip"]}
    assert ("RT_FLOW_SESSION_DENY", "blocked") in said
    assert ("RT_FLOW_SESSION_DENY", "allowed") not in said
    assert ("APPTRACK_SESSION_VOL_UPDATE", "allowed") in said
    assert ("AV_VIRUS_DETECTED_MT", "blocked") in said
    assert ("AV_FILE_NOT_SCANNED_DROPPED_MT", "blocked") in said
    assert ("RT_SCREEN_TCP_SRC_IP", "unknown") in said
    assert ("AAMW_ACTION_LOG", "allowed") in said
    assert ("SECINTEL_ACTION_LOG", "blocked") in said


@pytest.mark.parametrize(
    ("port", "url", "obj", "full", "path"),
    [
        ("443", "Games.example", "/", None, None),
        ("443", "games.example", "/play", "https://games.example/play", "/play"),
        ("80", "games.example", "/", "http://games.example/", "/"),
        ("80", "games.example", "/a?b=c", "http://games.example/a?b=c", "/a"),
        ("80", "203.0.113.9", "", "http://203.0.113.9/", "/"),
    ],
)
def test_pages(  # noqa: PLR0913, PLR0917 - what the line has and what must come of it
    one: Callable[..., dict[str, Any]], port: str, url: str, obj: str, full: str | None, path: str | None
) -> None:
    """Site and path make the address; a path not seen is not claimed."""
    event = one(PAGE.format("BLOCKED", port, url, obj))
    assert (event["log_class"], event["url_domain"]) == ("web", url.lower())
    assert (event["url_full"], event["url_path"]) == (full, path)
    assert event["timestamp"] == datetime(2026, 3, 5, 9, 14, 9, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.0.1/5->192.0.2.1/443 0x0 junos-https "
                "198.51.100.1/9->192.0.2.1/443 0x0 source rule 1 N/A N/A 6 7 trust untrust 12 10(550) 9(709) 3 SSL "
                "NETFLIX-STREAMING amina.k(Pupils, Year 9) ge-0/0/1.0 No N/A"
            ),
            ("tcp", "7", 550, 709, 3_000_000_000, "NETFLIX-STREAMING", "amina.k", "Pupils, Year 9"),
        ),
        (
            (
                "RT_FLOW_SESSION_CREATE: session created 10.0.0.1/5->192.0.2.1/443 None 198.51.100.1/9->192.0.2.1/443 "
                "out None 6 pupils trust untrust 60756 N/A(N/A) st0.0"
            ),
            ("tcp", "pupils", None, None, None, None, None, None),
        ),
        (
            (
                "%USER-6-RT_FLOW_SESSION_DENY: session denied 10.0.0.1/5->192.0.2.1/443 0x0 None 17(0) cleanup "
                "trust junos-host UNKNOWN UNKNOWN amina.k(N/A) .local..0 No Denied by policy 7087"
            ),
            ("udp", "cleanup", None, None, None, None, "amina.k", None),
        ),
        (
            (
                "RT_FLOW_SESSION_CLOSE: session closed TCP RST: 10.0.0.1/5->192.0.2.1/443 None "
                "198.51.100.1/9->192.0.2.1/443 1 2 6 lab trust untrust 80888035 46(4109) 42(4812) 13"
            ),
            ("tcp", "lab", 4109, 4812, 13_000_000_000, None, None, None),
        ),
    ],
)
def test_sessions_in_plain_text(
    one: Callable[..., dict[str, Any]], text: str, expected: tuple[object, ...]
) -> None:
    """Values without names are told by their shape, whatever rules of translation stand between."""
    event = one(SAID + text)
    assert (event["source_ip"], event["source_port"]) == ("10.0.0.1", 5)
    assert (event["destination_ip"], event["destination_port"]) == ("192.0.2.1", 443)
    columns = (
        "network_transport rule_name source_bytes destination_bytes event_duration network_application "
        "user_name user_group"
    )
    assert tuple(event[name] for name in columns.split()) == expected
    assert event["event_outcome"] == ("blocked" if "DENY" in text else "allowed")


@pytest.mark.parametrize(
    "line",
    [
        PAGE.format("BLOCKED", "80", "a.example", '/x?\\" username=\\"head\\" source-address=\\"10.6.6.6'),
        PAGE.format("BLOCKED", "80", "a.example", "/x username=head source-address=10.6.6.6"),
        (
            'Mar  5 10:14:09 srx RT_UTM: WEBFILTER_URL_BLOCKED: WebFilter: ACTION="URL Blocked" 10.0.0.1(5)->192.0.2.1(80) '
            'CATEGORY="c" REASON="r" PROFILE="p" URL=a.example OBJ=/x?username="head"USERNAME=head USERNAME=amina.k ROLES=P'
        ),
    ],
)
def test_keys_inside_values_are_not_keys(one: Callable[..., dict[str, Any]], line: str) -> None:
    """No text of a page's address becomes somebody's name or address."""
    event = one(line)
    assert (event["user_name"], event["source_ip"]) == ("amina.k", "10.0.0.1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not a syslog line"),
        ("\x00\x01", "not a syslog line"),
        ("<14>1 2026-13-45T10:14:09Z srx RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636", "the envelope's time"),
        ("<14>1 2026-03-05T10:14:09Z srx RT_FLOW - RT_FLOW_SESS", "the line ends"),
        ("<14>1 2026-03-05T10:14:09Z srx RT_FLOW - ", "the line ends"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, without a time or cut short, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]


def test_other_programs_are_passed_over(one: Callable[..., dict[str, Any]]) -> None:
    """What the router says of itself is nobody's act."""
    assert one("<14>Mar  5 09:00:07 srx mgd[2201]: UI_CMDLINE_READ_LINE: User 'a', command 'show'")["skip"]
    assert one("<14>1 2026-03-05T10:14:09Z srx sshd - - - Accepted password for a from 10.0.0.1")["skip"]
