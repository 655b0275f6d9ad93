"""Sophos UTM lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
    "of a CONNECT nobody saw the path": ('method="CONNECT"', {"url_full", "url_path"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of four real files is as Elastic reads it; DNS and DHCP lines are passed over."""
    logs = sorted((shared / "samples" / "sophos-utm").glob("*.log"))
    found = compare(FORMAT, logs, SAME, EXPLAINED)
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (11, 11, [])
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
