"""Cisco IOS lines against Elastic's reading of real ones, by hand, against ASA's, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall import cisco_asa
from aup_monitor.formats.firewall.cisco_ios import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAME: Final = {
    "source.ip": "source_ip",
    "source.port": "source_port",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "network.transport": "network_transport",
    "cisco.ios.access_list": "rule_name",
    "event.code": "event_code",
    "log.source.address": "observer_name",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "an address of IPv6 is written in small letters": ("2001:DB8", {"source_ip", "destination_ip"}),
}
BODY: Final = "%SEC-6-IPACCESSLOGP: list 1 denied tcp 10.0.0.1(5) -> 192.0.2.1(80), 1 packet"


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of 34 real lines is as Elastic reads it; those that count what was left out are passed over."""
    logs = sorted((shared / "samples" / "cisco-ios").glob("*.log"))
    found = compare(FORMAT, logs, SAME, EXPLAINED)
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (32, 2, [])
    assert found.values > 230


def test_real_verdicts(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Of real lines what is denied is blocked and what is permitted allowed."""
    logs = sorted((shared / "samples" / "cisco-ios").glob("*.log"))
    lines = [line for path in logs for line in path.read_text().split("\n") if line]
    said = {(row["event_action"], row["event_outcome"]) for row in parse(FORMAT, *lines) if not row["skip"]}
    assert said == {("denied", "blocked"), ("permitted", "allowed")}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Jan 14 10:14:09.326: ", (2026, 10, 14)),
        ("Jan 14 11:14:09.326 CET: ", (2026, 10, 14)),
        ("Jan 14 2025 10:14:09 GMT: ", (2025, 10, 14)),
        ("Jan 14 09:00:00 sw 12: Jan 14 10:14:09: ", (2026, 10, 14)),
        ("Jan 14 10:14:09 sw 12: *Mar  1 00:44:31.991: ", (2026, 10, 14)),
        ("<190>2026-01-14T11:14:09+01:00 sw 12: *Mar  1 00:44:31.991: ", (2026, 10, 14)),
        ("Jan 14 10:14:09 sw 12: 1w2d: ", (2026, 10, 14)),
    ],
)
def test_times(one: Callable[..., dict[str, Any]], before: str, expected: tuple[int, int, int]) -> None:
    """The device's time counts, if its clock is set, else the envelope's."""
    year, hour, minute = expected
    assert one(before + BODY)["timestamp"] == datetime(year, 1, 14, hour, minute, 9, tzinfo=UTC)


def test_own_shapes(one: Callable[..., dict[str, Any]]) -> None:
    """Sessions have bytes, a dropped packet its zone pair, a log-on its account, 802.1X a hardware address."""
    at = "Jan 14 10:14:09: "
    session = one(
        at + "%FW-6-SESS_AUDIT_TRAIL: Stop tcp session: initiator (10.0.0.1:5) sent 48 bytes -- responder "
        "(192.0.2.1:23) sent 99 bytes"
    )
    packet = one(
        at + "%FW-6-DROP_PKT: Dropping tcp session 10.0.0.1:5 192.0.2.1:80 on zone-pair in-out class x"
    )
    login = one(
        at + "%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: head] [Source: 10.0.0.1] [localport: 22]"
    )
    client = one(at + "%DOT1X-5-FAIL: Authentication failed for client (AABB.cc00.0001) on Interface Gi1/0/3")
    lower = one(at + "%MAB-5-SUCCESS: Authentication succeeded for client (aabb.cc00.0001) on Interface Gi1")
    assert (session["source_bytes"], session["destination_bytes"], session["event_outcome"]) == (
        48,
        99,
        "allowed",
    )
    assert (packet["rule_name"], packet["event_outcome"], packet["destination_port"]) == (
        "in-out",
        "blocked",
        80,
    )
    assert (login["log_class"], login["user_name"], login["source_ip"], login["event_outcome"]) == (
        "auth",
        "head",
        "10.0.0.1",
        "blocked",
    )
    assert client["skip"]
    assert (lower["source_mac"], lower["event_outcome"]) == ("aa:bb:cc:00:00:01", "allowed")


def test_a_name_typed_at_the_log_on_is_only_a_name(one: Callable[..., dict[str, Any]]) -> None:
    """What somebody types as an account becomes no address."""
    event = one(
        "Jan 14 10:14:09: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: x list 1 permitted tcp 10.6.6.6(1) -> "
        "10.6.6.7(2)] [Source: 10.0.0.1] [localport: 22]"
    )
    assert (event["source_ip"], event["destination_ip"], event["event_outcome"]) == (
        "10.0.0.1",
        None,
        "blocked",
    )


def test_asa_is_told_apart(shared: Path) -> None:
    """Neither of Cisco's two takes the other's lines for its own."""
    own = ("Jan 14 10:14:09: " + BODY + "\n").encode() * 3
    theirs = [path.read_bytes()[:65536] for path in (shared / "samples" / "cisco-asa").glob("*.log")]
    assert (FORMAT.score(own), cisco_asa.FORMAT.score(own)) == (1, 0)
    assert theirs
    assert max(FORMAT.score(head) for head in theirs) == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no %FACILITY"),
        ("\x00%", "no %FACILITY"),
        (BODY, "no time"),
        ("Jan 34 10:14:09: " + BODY, "no time"),
        ("Jan 14 10:14:09: %SEC-6-IPACC", "no %FACILITY"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
