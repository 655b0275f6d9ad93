"""Palo Alto Networks lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.paloalto import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "paloalto.log"
LOG_ONS: Final = OWN.with_name("paloalto-logons.log")
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "source.user.domain": "user_domain",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "network.application": "network_application",
    "event.duration": "event_duration",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "url.query": "url_query",
    "rule.name": "rule_name",
    "observer.hostname": "observer_name",
    "http.request.referrer": "http_request_referrer",
    "user_agent.original": "user_agent_original",
    "file.name": "file_name",
}
ENDS: Final = {"source_ip", "source_port", "destination_ip", "destination_port"}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "of a threat from the server, the client is the source all the same": (",server-to-client,", ENDS),
    "0.0.0.0 is no address": (r",0\.0\.0\.0,", {"source_ip", "destination_ip"}),
    "port 0 is no port": (",(TRAFFIC|THREAT|USERID),", {"source_port", "destination_port"}),
    "on https `host/` stands for a path that was not seen": (',THREAT,url,.*"[^"/]+/"', {"url_path"}),
    "insufficient-data, incomplete and not-applicable are no applications": (
        ",(insufficient-data|incomplete|not-applicable),",
        {"network_application"},
    ),
    "a portal's name is not the firewall's": (
        ",GLOBALPROTECT,",
        {"observer_name", "event_duration"},
    ),
    "`pre-logon` is a device that nobody has logged on to yet": (",pre-logon,", {"user_name"}),
    "Elastic takes the machine for the account where a backslash is written twice": (
        r"host\\\\user",
        {"user_name"},
    ),
}


@pytest.fixture(scope="module")
def own(parse: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the events of the project's own sample."""
    return parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of ten real files is as Elastic reads it, but where a reason is written."""
    logs = sorted((shared / "samples" / "paloalto").glob("elastic*.log"))
    # The zone that the project's tests were run with.
    found = compare(FORMAT, logs, SAME, EXPLAINED, "Etc/GMT+2")
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (505, 33, [])
    assert found.values > 5500


def test_real_categories_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """The category of pages and sessions is as Elastic reads it; `any` and the like say nothing."""
    logs = sorted((shared / "samples" / "paloalto").glob("elastic*.log"))
    says_nothing = {"`any` and the like": (",(any|unknown|not-resolved),", {"rule_category"})}
    found = compare(FORMAT, logs, {"panw.panos.url.category": "rule_category"}, says_nothing)
    assert [item for item in found.strange if not str(item[2]).startswith(("data: ", "file: "))] == []
    assert found.values > 300


def test_real_verdicts(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of real lines, alert and allow let through, the others stopped it; no word is left unknown."""
    lines = [
        line
        for path in sorted((shared / "samples" / "paloalto").glob("*.log"))
        for line in path.read_text().split("\n")
        if ",THREAT," in line or ",TRAFFIC," in line
    ]
    said = {(row["event_action"], row["event_outcome"]) for row in parse(FORMAT, *lines)}
    assert {("allow", "allowed"), ("alert", "allowed"), ("block-url", "blocked"), ("deny", "blocked")} <= said
    assert {outcome for _, outcome in said} == {"allowed", "blocked"}


def test_own_sample(own: list[dict[str, Any]]) -> None:
    """Pages, sessions, a threat from the server and log-ons are told as they happened."""
    page, tunnel, vpn, _, virus, login, portal, system, cut = own
    assert (page["url_full"], page["url_query"]) == ("https://casino.example/spin?a=1,2", "a=1,2")
    assert (page["user_name"], page["user_domain"], page["rule_category"]) == (
        "amina.k",
        "school",
        "gambling",
    )
    assert (page["user_agent_original"], page["http_request_method"]) == ('Mozilla/5.0 (X11, "Linux")', "GET")
    assert (tunnel["url_domain"], tunnel["url_full"], tunnel["event_outcome"]) == (
        "www.bing.com",
        None,
        "allowed",
    )
    assert (vpn["network_application"], vpn["event_duration"], vpn["rule_category"]) == (
        "open-vpn",
        586 * 10**9,
        None,
    )
    assert (virus["source_ip"], virus["user_name"], virus["destination_port"]) == (
        "10.20.4.34",
        "carys.d",
        80,
    )
    assert virus["rule_category"] == "virus: Eicar Test File"
    assert (login["log_class"], login["user_name"], login["source_ip"]) == ("auth", "dai.p", "10.20.4.35")
    assert (portal["source_ip"], portal["host_name"], portal["event_outcome"]) == (
        "10.30.0.9",
        "STAFF-LT-04",
        "allowed",
    )
    assert (system["skip"], cut["reject"] is not None) == (True, True)


@pytest.mark.parametrize(
    ("envelope", "hour"),
    [
        ("", 9),
        ("Jul 14 10:14:09 PA ", 9),
        ("<14>1 2026-07-14T10:14:10+02:00 PA - - - - ", 8),
        ("2026-07-14T03:00:00Z PA ", 9),
    ],
)
def test_the_envelope_tells_the_zone(
    parse: Callable[..., list[dict[str, Any]]], envelope: str, hour: int
) -> None:
    """An offset counts where envelope and event agree, else the site's zone."""
    line = envelope + "1,2026/07/14 10:14:09,1,TRAFFIC,end,1,2026/07/14 10:14:09,10.0.0.1,192.0.2.1"
    event = parse(FORMAT, line, zone="Europe/London")[0]
    assert event["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


def test_an_address_cannot_move_the_columns(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Commas and quotes in a page's address stay inside it, whatever a pupil types."""
    line = OWN.read_text().splitlines()[0]
    for typed in ("a.example/,,,", 'a.example/"",""x,y', "a.example/,school\\head,10.6.6.6,"):
        event = parse(FORMAT, line.replace("casino.example/spin?a=1,2", typed))[0]
        assert event["rule_category"] == "gambling"
        assert event["url_full"] == "https://" + typed.replace('""', '"')
        assert (event["user_name"], event["source_ip"]) == ("amina.k", "10.20.4.31")


@pytest.mark.parametrize(
    "line", ["", "a,b,c", "1,2026/01/14 10:14:09", ",,,,,,,", "\x1f,\x00", '1,2026/01/14 "']
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line of something else is a reject with its reason."""
    event = parse(FORMAT, line)[0]
    assert event["reject"] == "not the comma-separated form of PAN-OS"
    assert not event["skip"]


def test_who_holds_an_address(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A login gives the address for its timeout, a tunnel until its log-out; a failed log-on gives nothing."""
    login, logout, tunnel, failed, closed, *others = parse(FORMAT, *LOG_ONS.read_text().splitlines())
    assert (login["source_ip"], login["user_name"]) == ("10.20.4.35", "dai.p")
    assert login["lease_to"] - login["lease_from"] == timedelta(hours=3)
    assert (logout["lease_from"], logout["lease_to"]) == (None, logout["timestamp"])
    assert (tunnel["source_ip"], tunnel["host_name"], tunnel["user_name"]) == (
        "10.30.0.9",
        "STAFF-LT-04",
        "evan.r",
    )
    assert (tunnel["lease_from"], tunnel["lease_to"]) == (tunnel["timestamp"], None)
    assert (failed["user_name"], failed["event_outcome"], failed["lease_from"]) == (None, "blocked", None)
    assert (closed["lease_from"], closed["lease_to"]) == (None, closed["timestamp"])
    assert {event[key] for event in others for key in ("lease_from", "lease_to")} == {None}


def test_real_log_ons_hold_their_address(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of the 13 real USERID lines each login begins and each logout ends a hold; a timeout is at least 45 minutes."""
    path = shared / "samples" / "paloalto" / "elastic-beats__panw__panos__userid.log"
    lines = [line for line in path.read_text().split("\n") if line]
    for line, event in zip(lines, parse(FORMAT, *lines), strict=True):
        if ",login," in line:
            assert event["lease_from"] == event["timestamp"]
            assert event["lease_to"] - event["lease_from"] in {timedelta(hours=3), timedelta(minutes=45)}
        else:
            assert (event["lease_from"], event["lease_to"]) == (None, event["timestamp"])
    assert len(lines) == 13


def test_the_other_kinds(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """DECRYPTION gives the server's name, AUTHENTICATION its result, HIPMATCH the device."""
    tls, refused, granted, device, cut = parse(FORMAT, *LOG_ONS.read_text().splitlines())[5:]
    assert (tls["tls_server_name"], tls["user_name"], tls["source_ip"]) == (
        "www.casino.example",
        "amina.k",
        "10.20.4.31",
    )
    assert (tls["log_class"], tls["event_outcome"], tls["url_domain"]) == ("firewall", "allowed", None)
    assert (refused["event_outcome"], granted["event_outcome"]) == ("blocked", "allowed")
    assert (granted["log_class"], granted["user_name"], granted["rule_name"]) == (
        "auth",
        "ben.o",
        "Captive portal",
    )
    assert (device["host_name"], device["user_name"], device["source_ip"], device["rule_name"]) == (
        "STAFF-LT-04",
        "evan.r",
        "10.30.0.9",
        "Disk encrypted",
    )
    assert cut["reject"] is not None
