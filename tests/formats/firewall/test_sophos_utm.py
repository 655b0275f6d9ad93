"""Sophos UTM lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.sophos_utm import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "sophos-utm.log"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "network.transport": "network_transport",
    "user.name": "user_name",
    "group.name": "user_group",
    "url.original": "url_full",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "http.request.method": "http_request_method",
    "http.request.referrer": "http_request_referrer",
    "http.response.status_code": "http_response_status_code",
    "user_agent.original": "user_agent_original",
    "event.id": "event_code",
    "host.name": "observer_name",
    "network.application": "network_application",
    "sophos.utm.categoryname": "rule_category",
    "sophos.utm.profile": "rule_name",
    "sophos.utm.ad_domain": "user_domain",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "that DHCP runs over UDP is known, not logged": (" dhcpd: ", {"network_transport"}),
    "of a CONNECT nobody saw the path": ('method="CONNECT"', {"url_full", "url_path"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of four real files is as Elastic reads it; DNS lines and DHCP ones about no address are passed over."""
    logs = sorted((shared / "samples" / "sophos-utm").glob("*.log"))
    found = compare(FORMAT, logs, SAME, EXPLAINED)
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (12, 10, [])
    assert found.values > 120


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Pages, a warning and going on, a packet, a failed log-on; text in quotes is not read as keys."""
    events = parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")
    page, tunnel, warned, went_on, itself, packet, log_on, lease, cut = events
    assert (page["url_full"], page["rule_category"]) == ("https://casino.example/spin?a=1", "Gambling")
    assert (page["user_name"], page["user_domain"], page["event_duration"]) == (
        "amina.k",
        "SCHOOL",
        32_181_000,
    )
    assert (tunnel["url_domain"], tunnel["url_full"], tunnel["user_domain"]) == ("www.bing.com", None, None)
    assert tunnel["timestamp"] == datetime(2026, 7, 14, 9, 14, 12, tzinfo=UTC)
    assert (warned["user_name"], warned["source_ip"]) == ("ben.o", "10.20.4.33")
    assert [event["event_outcome"] for event in (page, tunnel, warned, went_on, packet, log_on)] == [
        *("blocked", "allowed", "unknown", "allowed", "blocked", "blocked")
    ]
    assert (packet["network_transport"], packet["rule_name"]) == ("udp", "60001")
    assert (log_on["log_class"], log_on["user_name"]) == ("auth", "carys.d")
    assert (itself["skip"], lease["skip"]) == (True, True)
    assert cut["reject"] == "does not begin with a time of a Sophos UTM"


def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A line of something else, or without a time, is a reject."""
    bad = parse(
        FORMAT,
        "",
        "\x00",
        'id="0001" sub="http" srcip="10.0.0.1"',
        '2026:02:30-10:14:09 utm httpproxy[1]: id="1"',
    )
    assert all(event["reject"] and not event["skip"] for event in bad)


LEASE: Final = "2026:01:14-10:14:35 utm dhcpd: "


@pytest.mark.parametrize(
    ("rest", "outcome", "given", "back"),
    [
        ("DHCPACK on 10.0.0.9 to AA:bb:cc:00:00:01 (CB-7) via eth1", "allowed", True, False),
        ("DHCPRELEASE of 10.0.0.9 from aa:bb:cc:00:00:01 (CB-7) via eth1 (found)", "unknown", False, True),
        ("DHCPNAK on 10.0.0.9 to aa:bb:cc:00:00:01 (CB-7) via eth1", "blocked", False, False),
    ],
)
def test_leases(
    parse: Callable[..., list[dict[str, Any]]], rest: str, outcome: str, *, given: bool, back: bool
) -> None:
    """What the DHCP server gave, refused and took back, with the device's name and hardware address."""
    event = parse(FORMAT, LEASE + rest)[0]
    assert (event["log_class"], event["source_ip"], event["host_name"]) == ("dhcp", "10.0.0.9", "CB-7")
    assert (event["source_mac"], event["event_outcome"]) == ("aa:bb:cc:00:00:01", outcome)
    assert (event["lease_from"] is not None, event["lease_to"] is not None) == (given, back)


def test_real_leases(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of the real DHCP lines one gives an address; the others are about none."""
    path = shared / "samples" / "sophos-utm" / "elastic-integrations__sophos__utm__test-sophos-utm-dhcp.log"
    rows = parse(FORMAT, *(line for line in path.read_text().split("\n") if line))
    held = [row for row in rows if not row["skip"]]
    assert [(row["source_ip"], row["source_mac"], row["host_name"]) for row in held] == [
        ("89.160.20.129", "04:7b:cb:a1:d2:93", "CLIENTHOST")
    ]


def test_a_page_cannot_give_an_address(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """What looks like a lease inside a page's address is none."""
    event = parse(
        FORMAT,
        '2026:01:14-10:14:09 utm httpproxy[6267]: id="0001" sub="http" action="pass" srcip="10.0.0.1" '
        'url="http://a.example/ utm dhcpd: DHCPACK on 10.6.6.6 to aa:bb:cc:00:00:01 (x) via eth1"',
    )[0]
    assert (event["log_class"], event["source_ip"], event["lease_from"]) == ("web", "10.0.0.1", None)
