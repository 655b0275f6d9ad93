"""Meraki lines against Elastic's reading of real ones, against the vendor's page by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.meraki import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "meraki.log"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "url.domain": "url_domain",
    "url.original": "url_full",
    "observer.hostname": "observer_name",
}


@pytest.fixture(scope="module")
def own(parse: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the events of the project's own sample."""
    return parse(FORMAT, *OWN.read_text().splitlines())


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of the real security events is as Elastic reads it; a changed verdict on a file names nobody."""
    found = compare(FORMAT, sorted((shared / "samples" / "cisco-meraki").glob("*.log")), SAME, {})
    assert found.strange == []
    assert (found.events, found.skipped, found.rejects) == (5, 1, [])


def test_pages(own: list[dict[str, Any]]) -> None:
    """Of https only the host is seen; a request alone does not say whether it was let through."""
    secure, plain, blocked = own[0], own[1], own[6]
    assert secure["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, 270213, tzinfo=UTC)
    assert (secure["url_domain"], secure["url_full"], secure["event_outcome"]) == (
        "casino.example",
        None,
        "unknown",
    )
    assert (secure["source_ip"], secure["source_mac"]) == ("10.20.4.31", "00:00:5e:00:53:01")
    assert secure["user_agent_original"] == "Mozilla/5.0 src=10.6.6.6"
    assert (plain["url_full"], plain["http_request_method"]) == ("http://www.example.org/a?b=c", "GET")
    assert (blocked["rule_category"], blocked["event_outcome"]) == ("Gambling", "blocked")
    assert (blocked["source_mac"], blocked["destination_ip"]) == ("00:00:5e:00:53:01", "203.0.113.9")


def test_flows(own: list[dict[str, Any]]) -> None:
    """Allow and deny are read in all three forms; a flow that began was allowed."""
    assert [event["event_outcome"] for event in own[2:6]] == ["blocked", "allowed", "blocked", "allowed"]
    assert (own[2]["destination_port"], own[2]["network_transport"]) == (1194, "udp")
    assert (own[5]["source_ip"], own[5]["destination_ip"]) == ("2001:db8::31", "2001:db8:1::9")


def test_security_events_leases_and_log_ons(own: list[dict[str, Any]]) -> None:
    """Attacks, files, leases and log-ons are told; what concerns the device alone is passed over."""
    attack, virus, lease, vpn, wireless, itself, cut = own[7:]
    assert (attack["source_ip"], attack["event_outcome"]) == ("203.0.113.12", "blocked")
    assert attack["rule_category"].startswith("attack: BROWSER")
    assert (virus["rule_category"], virus["url_domain"]) == ("virus: EICAR test file", "files.example")
    assert (lease["log_class"], lease["source_ip"], lease["source_mac"]) == (
        "dhcp",
        "10.20.4.37",
        "00:00:5e:00:53:07",
    )
    assert (vpn["log_class"], vpn["user_name"], vpn["source_ip"]) == ("auth", "carys.d", "10.30.0.9")
    assert (wireless["user_name"], wireless["user_domain"]) == ("ben.o", "SCHOOL")
    assert (itself["skip"], cut["reject"]) == (True, "no time, device and role of a Meraki device")


@pytest.mark.parametrize(
    "line", ["", "\x00", "1768385649.1", "1 17683 MX84 urls src=10.0.0.1", "request: GET http://a/"]
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without Meraki's time, device and role is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
