"""Sophos Firewall lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.sophos import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD: Final = 'device="SFW" date=2026-01-14 time=10:14:09 timezone="GMT" log_id=050902616002 '
PAGE: Final = OLD + 'log_type="Content Filtering" log_component="HTTP" log_subtype="Denied" '
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.mac": "source_mac",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "source.user.group.name": "user_group",
    "user.name": "user_name",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "event.duration": "event_duration",
    "url.full": "url_full",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "url.query": "url_query",
    "url.scheme": "url_scheme",
    "http.response.status_code": "http_response_status_code",
    "http.request.method": "http_request_method",
    "http.request.referrer": "http_request_referrer",
    "user_agent.original": "user_agent_original",
    "file.name": "file_name",
    "file.hash.sha1": "file_hash",
    "sophos.xg.category": "rule_category",
    "sophos.xg.http_category": "rule_category",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "the old layout's `timezone` says which time it is; Elastic reads the collector's": (
        r' timezone="',
        {"timestamp"},
    ),
    "an account's realm is a column of its own": ('user_name="[^"@]+@', {"user_name"}),
    "on https a bare address stands for a path that was not seen": (
        ' url="https://[^/"]+/?"',
        {"url_full", "url_path"},
    ),
    "port 0 is no port": ("(src|dst)_port=0", {"source_port", "destination_port"}),
    "a hardware address of zeros is none": ("src_mac=00:00:00:00:00:00", {"source_mac"}),
    "a protocol may have a stray blank": ('protocol=" ICMP"', {"network_transport"}),
    "of an attack the signature's name says more than its family": (
        'log_type="IDP"',
        {"rule_category"},
    ),
    "a query is kept as it was sent; Elastic undoes its %-escapes": ('url="[^"]*%3A', {"url_query"}),
    "the gateways of a tunnel between sites are nobody's addresses": (
        'log_component="IPSec"',
        {"source_ip", "destination_ip"},
    ),
    "a sandbox names the site of the file, not the address that it was fetched from": (
        'log_type="Sandbox"',
        {"destination_ip"},
    ),
}


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of 21 real files is as Elastic reads it, but where a reason is written."""
    logs = [
        path
        for path in sorted((shared / "samples" / "sophos-xg").glob("*.log"))
        if path.with_name(f"{path.name}-expected.json").exists()
    ]
    found = compare(FORMAT, logs, SAME, EXPLAINED)
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, len(found.rejects)) == (189, 32, 1)
    assert "date=" not in found.rejects[0]
    assert found.values > 1700


def test_real_verdicts(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of real lines, what says allowed, denied, virus or drop is told so, and a warning is unknown."""
    lines = [
        line
        for path in sorted((shared / "samples" / "sophos-xg").glob("*.log"))
        for line in path.read_text().split("\n")
        if "log_subtype=" in line and 'log_type="WAF"' not in line
    ]
    said = {(row["event_action"], row["event_outcome"]) for row in parse(FORMAT, *lines) if not row["skip"]}
    assert {
        ("Allowed", "allowed"),
        ("Denied", "blocked"),
        ("Virus", "blocked"),
        ("Warned", "unknown"),
    } <= said
    assert {("Successful", "allowed"), ("Drop", "blocked"), ("Detect", "allowed")} <= said


@pytest.mark.parametrize(
    ("said", "hour"),
    [('timezone="BST"', 9), ('timezone="GMT"', 10), ('timezone="CEST"', 8), ('timezone="IST"', 9), ("", 9)],
)
def test_old_times_by_their_zone(one: Callable[..., dict[str, Any]], said: str, hour: int) -> None:
    """A European abbreviation counts; one that means two zones, and none, is the site's."""
    line = f'date=2026-07-14 time=10:14:09 {said} log_type="Firewall" log_component="Firewall Rule"'
    event = one(line, zone="Europe/London")
    assert event["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


def test_a_content_policy_names_its_dictionary(one: Callable[..., dict[str, Any]]) -> None:
    """The dictionary is the rule; words around the match, which a page may hold, are not read as keys."""
    event = one(
        OLD
        + 'log_type="Content Filtering" log_component="Web Content Policy" log_subtype="Alert" user="dai.p" '
        'src_ip=10.20.4.33 dictionary_name="Worry words" site_category=Information Technology website="n.example" '
        'context_prefix="x user_name=head.teacher src_ip=10.6.6.6"'
    )
    assert (event["rule_name"], event["rule_category"]) == ("Worry words", "Information Technology")
    assert (event["user_name"], event["source_ip"], event["url_domain"]) == (
        "dai.p",
        "10.20.4.33",
        "n.example",
    )


@pytest.mark.parametrize(
    "envelope",
    ["Jan 14 10:14:09 fw ", "<30>2026-01-14T10:14:09+00:00 fw ", "<30>1 2026-01-14T11:14:09+01:00 fw "],
)
def test_a_content_policys_time_is_the_envelopes(one: Callable[..., dict[str, Any]], envelope: str) -> None:
    """Such a line has no time of its own; what its action says is the outcome."""
    event = one(
        envelope + 'device_name="SF01V" log_id=058420116010 log_type="Content Filtering" '
        'log_component="Web Content Policy" log_subtype="Alert" user="dai.p" action="Deny" website="n.example"'
    )
    assert event["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert (event["event_outcome"], event["user_name"]) == ("blocked", "dai.p")


def test_who_an_endpoint_names_is_not_the_user(one: Callable[..., dict[str, Any]]) -> None:
    """`login_user`, and the processor's share of System Health, are nobody."""
    threat = one(
        OLD + 'log_type="ATP" log_subtype="Drop" sourceip=10.0.0.1 login_user="head" threatname=C2/X'
    )
    health = one(OLD + 'log_type="System Health" log_component="CPU" system=1% user=7.60%')
    assert (threat["user_name"], threat["rule_category"]) == (None, "threat: C2/X")
    assert (health["user_name"], health["skip"]) == (None, True)


@pytest.mark.parametrize(
    "bait",
    [
        'user_agent="x user_name=head src_ip=10.6.6.6"',
        'user_agent="x\\" user_name=\\"head\\" src_ip=10.6.6.6"',
        'url="http://a.example/?a= user_name=head src_ip=10.6.6.6"',
    ],
)
def test_keys_inside_quotes_are_not_keys(one: Callable[..., dict[str, Any]], bait: str) -> None:
    """No text that a pupil can bring into the log becomes somebody's name or address."""
    for line in (
        f'{PAGE}{bait} user_name="amina" src_ip=10.0.0.1',
        f'{PAGE}user_name="amina" src_ip=10.0.0.1 {bait}',
    ):
        event = one(line)
        assert (event["user_name"], event["source_ip"]) == ("amina", "10.0.0.1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no log_type"),
        ("\x00\x01", "no log_type"),
        (PAGE.replace("2026-01-14", "2026-02-30"), "no time"),
        ('timestamp="2026-01-14T25:00:00+0000" log_type="Firewall"', "no time"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]


EVENT: Final = 'device_name="SFW" timestamp="2026-01-14T10:14:09+0000" log_type="Event" '


@pytest.mark.parametrize(
    ("rest", "given", "back"),
    [
        ('log_component="DHCP Server" status="Renew" leased_ip="10.0.0.9" src_ip="10.0.0.1"', True, False),
        ('log_component="DHCP Server" status="Release" ipaddress="10.0.0.9"', False, True),
        ('log_component="DHCP Server" status="Expire" ipaddress="10.0.0.9"', False, True),
        (
            'log_id="062910617701" log_component="Firewall Authentication" status="Successful" src_ip=10.0.0.9',
            True,
            False,
        ),
        (
            'log_id="062910617703" log_component="Firewall Authentication" status="Successful" src_ip=10.0.0.9',
            False,
            True,
        ),
        (
            'log_id="062910617702" log_component="Firewall Authentication" status="Failed" src_ip=10.0.0.9',
            False,
            False,
        ),
        ('log_component="SSL VPN" status="Established" user_name="j" ipaddress=10.0.0.9', True, False),
        ('log_component="SSL VPN" status="Terminated" user_name="j" ipaddress=10.0.0.9', False, True),
    ],
)
def test_who_holds_an_address(
    one: Callable[..., dict[str, Any]],
    rest: str,
    *,
    given: bool,
    back: bool,
) -> None:
    """A renewal, a log-on and a tunnel give an address; release, end, log-off and close give it back."""
    event = one(EVENT + rest)
    assert event["source_ip"] == "10.0.0.9"
    assert (event["lease_from"] is not None, event["lease_to"] is not None) == (given, back)


def test_real_log_ons_hold_their_address(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of the real events two log-ons and a tunnel begin a hold, a log-off and a lease's end close one."""
    lines = [
        line
        for path in sorted((shared / "samples" / "sophos-xg").glob("*event.log"))
        for line in path.read_text().split("\n")
        if line
    ]
    rows = parse(FORMAT, *lines)
    begun = [row["user_name"] for row in rows if row["lease_from"] is not None]
    ended = [row["source_ip"] for row in rows if row["lease_to"] is not None]
    assert begun == ["elastic.user", "elastic.user"]
    assert ended == ["192.168.110.10", "10.84.234.38"]
