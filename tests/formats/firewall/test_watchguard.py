"""WatchGuard lines: real events, traffic by the vendor's catalogue, and malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.watchguard import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "watchguard.log"


@pytest.fixture(scope="module")
def own(parse: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the events of the project's own sample."""
    return parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")


def test_real_lines_are_recognised_and_timed_as_elastic_does(
    shared: Path, compare: Callable[..., Any]
) -> None:
    """Of 234 real events and alarms each has its time; what is about nobody is passed over, none is bad."""
    logs = sorted((shared / "samples" / "watchguard").glob("*.log"))
    found = compare(
        FORMAT, logs, {"@timestamp": "timestamp", "user.name": "user_name", "source.ip": "source_ip"}, {}
    )
    assert found.strange == []
    assert (found.events + found.skipped, found.rejects) == (234, [])
    assert min(FORMAT.score(path.read_bytes()) for path in logs) > 0.95


def test_pages(own: list[dict[str, Any]]) -> None:
    """A blocked page, and of https the host alone."""
    page, secure = own[:2]
    assert page["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert (page["url_full"], page["rule_category"]) == ("http://casino.example/spin?a=1", "Gambling")
    assert (page["user_name"], page["user_domain"], page["rule_name"]) == (
        "amina.k",
        "School",
        "HTTP-proxy-00",
    )
    assert (page["source_ip"], page["source_port"], page["event_outcome"]) == ("10.20.4.31", 54321, "blocked")
    assert (secure["url_domain"], secure["url_full"], secure["tls_server_name"]) == (
        "www.bing.com",
        None,
        "www.bing.com",
    )
    assert (secure["network_application"], secure["destination_bytes"]) == ("Bing", 3200)


def test_packets_questions_and_log_ons(own: list[dict[str, Any]]) -> None:
    """Packets with and without ports, a DNS question, a failed log-on; the rest is passed over or bad."""
    packet, question, ping, log_on, licence, cut = own[2:]
    assert (packet["source_ip"], packet["destination_port"], packet["network_transport"]) == (
        "10.20.4.33",
        1194,
        "udp",
    )
    assert packet["rule_name"] == "Unhandled Internal Packet-00"
    assert (question["log_class"], question["dns_question_name"]) == ("dns", "www.casino.example")
    assert (ping["destination_ip"], ping["destination_port"], ping["event_outcome"]) == (
        "203.0.113.12",
        None,
        "allowed",
    )
    assert (log_on["log_class"], log_on["user_name"], log_on["source_ip"]) == (
        "auth",
        "carys.d",
        "10.20.4.36",
    )
    assert log_on["event_outcome"] == "blocked"
    assert (licence["skip"], cut["reject"]) == (True, "no time in brackets as a Firebox writes")


def test_keys_inside_quotes_are_not_keys(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """An address that a pupil types does not become somebody's name."""
    line = OWN.read_text().splitlines()[0]
    event = parse(
        FORMAT, line.replace("/spin?a=1", "/?a= src_user=head op=X Allow a b tcp 10.6.6.6 10.6.6.7")
    )[0]
    assert (event["user_name"], event["source_ip"], event["event_outcome"]) == (
        "amina.k",
        "10.20.4.31",
        "blocked",
    )


@pytest.mark.parametrize(
    "line", ["", "\x00", "(2026-02-30T10:14:09) firewall: Deny a b", "Deny 1-Trusted 0-External"]
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without the Firebox's time is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
