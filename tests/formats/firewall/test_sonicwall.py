"""SonicWall lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.sonicwall import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "sonicwall.log"
HEAD: Final = 'id=firewall sn=0017C5000000 time="2026-01-14 10:14:09 UTC" fw=192.0.2.1 pri=6 '
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "source.bytes": "source_bytes",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "network.protocol": "network_protocol",
    "user.name": "user_name",
    "event.duration": "event_duration",
    "event.code": "event_code",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "url.query": "url_query",
    "rule.name": "rule_name",
    "sonicwall.firewall.Category": "rule_category",
    "sonicwall.firewall.appName": "network_application",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "the protocol inside https is called tls": ("proto=tcp/https", {"network_protocol"}),
    "the query is a column of its own": (r" arg=\S*\?", {"url_path"}),
    "of https `/` stands for a path that was not seen": ("proto=tcp/https .* arg=/ ", {"url_path"}),
    "a user whom single sign-on did not know is nobody": (r'usr="Unknown \(', {"user_name"}),
    "port 0 is no port": (r"(src|dst)=[\d.]+:0[: ]", {"source_port", "destination_port"}),
}


@pytest.fixture(scope="module")
def own(parse: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the events of the project's own sample."""
    return parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")


@pytest.mark.parametrize(
    ("logs", "zone", "expected"),
    [
        ("elastic-integrations*.log", "Etc/GMT-2", (214, set())),
        ("elastic-beats*.log", "Etc/GMT+2", (21, set(EXPLAINED))),
    ],
)
def test_real_lines_agree_with_elastic(
    shared: Path, compare: Callable[..., Any], logs: str, zone: str, expected: tuple[int, set[str]]
) -> None:
    """Each value of four real files is as Elastic reads it, in the zone that its tests were run with."""
    found = compare(FORMAT, sorted((shared / "samples" / "sonicwall").glob(logs)), SAME, EXPLAINED, zone)
    assert found.strange == []
    assert found.rejects == []
    assert (found.events, found.unused) == expected


def test_own_sample(own: list[dict[str, Any]]) -> None:
    """A page, a hit by nobody, a session, IPv6, an attack, a failed log-on, and what is passed over."""
    page, hit, session, six, attack, log_on, clock, bait, cut = own
    assert (page["url_full"], page["event_outcome"]) == ("https://casino.example/spin?a=1", "blocked")
    assert (page["user_name"], page["user_domain"], page["rule_name"]) == ("amina.k", "SCHOOL", "Pupils")
    assert (page["network_application"], page["rule_category"]) == ("General HTTPS", "Gambling")
    assert hit["timestamp"] == datetime(2026, 7, 14, 9, 14, 12, tzinfo=UTC)
    assert (hit["user_name"], hit["url_domain"], hit["url_full"]) == (None, "www.bing.com", None)
    assert (session["event_duration"], session["host_name"]) == (2_133_000_000, "LIB-PC-07")
    assert (six["source_ip"], six["source_port"], six["event_outcome"]) == ("2001:db8::31", 6881, "blocked")
    assert (attack["rule_category"], attack["event_outcome"]) == ("attack: P2P BitTorrent", "blocked")
    assert (log_on["log_class"], log_on["event_outcome"]) == ("auth", "blocked")
    assert (clock["skip"], bait["user_name"], cut["reject"] is not None) == (True, "dai.p", True)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ('msg="Connection Opened" fw_action="NA"', "allowed"),
        ('msg="Connection Opened" fw_action="drop"', "blocked"),
        ('msg="Web site access denied"', "blocked"),
        ('msg="IPS Detection Alert: x"', "unknown"),
        ('msg="Possible port scan detected"', "unknown"),
        ('msg="Received notify"', "unknown"),
        ("", "unknown"),
    ],
)
def test_outcomes(parse: Callable[..., list[dict[str, Any]]], words: str, outcome: str) -> None:
    """The firewall's action outweighs its words; a mere notice is unknown."""
    assert parse(FORMAT, f"{HEAD}{words} src=10.0.0.1:1:X0")[0]["event_outcome"] == outcome


def test_keys_inside_quotes_are_not_keys(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Neither a message, a note nor a category becomes somebody's name or address."""
    for bait in ('msg="x usr=head src=10.6.6.6:1:X0"', 'note="x\\" usr=\\"head\\" src=10.6.6.6"'):
        for line in (
            f"{HEAD}{bait} usr=amina src=10.0.0.1:1:X0",
            f"{HEAD}usr=amina src=10.0.0.1:1:X0 {bait}",
        ):
            event = parse(FORMAT, line)[0]
            assert (event["user_name"], event["source_ip"]) == ("amina", "10.0.0.1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no sn="),
        ("\x00", "no sn="),
        (HEAD.replace("01-14", "02-30"), "no time="),
        ("sn=1 fw=2", "no time="),
    ],
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = parse(FORMAT, line)[0]
    assert event["reject"].startswith(reason)
    assert not event["skip"]
