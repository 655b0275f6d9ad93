"""Captive portals: a university's real lines, and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity.captive_portal import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIME: Final = "Jan 12 08:45:02 fw "


def test_the_real_log_on(shared: Path, events: Callable[..., Any]) -> None:
    """The line that the sample's own test asserts: who, where, and when."""
    expected = (shared / "samples" / "captive-portal" / "EXPECTED.md").read_text()
    assert "User ymtnez, IP 10.2.9.8" in expected
    line = "Jun 27 21:05:41 proxy logportalauth[11593]: Zone: proxy - USER LOGIN: ymtnez, , 10.2.9.8\n"
    (row,) = events(FORMAT, line, reference=datetime(2017, 7, 8, tzinfo=UTC))
    assert (row["event_action"], row["user_name"], row["source_ip"]) == ("USER LOGIN", "ymtnez", "10.2.9.8")
    assert row["lease_from"] == datetime(2017, 6, 27, 21, 5, 41, tzinfo=UTC)


def test_a_day_with_a_nought(events: Callable[..., Any]) -> None:
    """Some write the first days of a month with a nought."""
    (row,) = events(FORMAT, "Jan 06 08:45:02 fw logportalauth[1]: LOGOUT: amina.k, , 192.168.7.21\n")
    assert row["lease_to"] == datetime(2026, 1, 6, 8, 45, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "outcome", "begins", "ends"),
    [
        ("ACCEPT", "allowed", True, False),
        ("LOGIN", "allowed", True, False),
        ("MACHINE LOGIN", "allowed", True, False),
        ("Voucher login good for 480 min.", "allowed", True, False),
        ("CONCURRENT LOGIN - REUSING OLD SESSION", "allowed", True, False),
        ("CONCURRENT LOGIN - TERMINATING OLD SESSION", "unknown", False, True),
        ("DISCONNECT", "unknown", False, True),
        ("IDLE TIMEOUT", "unknown", False, True),
        ("SESSION TIMEOUT", "unknown", False, True),
        ("TIMEOUT", "unknown", False, True),
        ("FAILURE", "blocked", False, False),
        ("ERROR", "blocked", False, False),
        ("Blocked MAC address", "blocked", False, False),
    ],
)
def test_pfsenses_words(
    events: Callable[..., Any], words: str, outcome: str, begins: bool, ends: bool
) -> None:
    """Each word says whether the person holds the address from now on, or no more."""
    line = f"{TIME}logportalauth[641]: Zone: guests - {words}: amina.k, 00:53:0a:0b:0c:0d, 192.168.7.21\n"
    (row,) = events(FORMAT, line)
    assert (row["event_action"], row["event_outcome"], row["rule_name"]) == (words, outcome, "guests")
    assert (row["user_name"], row["source_ip"], row["source_mac"]) == (
        "amina.k",
        "192.168.7.21",
        "00:53:0a:0b:0c:0d",
    )
    assert (row["lease_from"] is not None, row["lease_to"] is not None) == (begins, ends)


@pytest.mark.parametrize(
    ("message", "user", "begins", "ends"),
    [
        ("captiveportal[642]: AUTH dai.p (192.168.7.21) zone 0", "dai.p", True, False),
        ("captiveportal[642]: AUTH anonymous@192.168.7.21 (192.168.7.21) zone 0", None, True, False),
        ("captiveportal[642]: DENY dai.p (192.168.7.21) zone 0", "dai.p", False, False),
        ("captiveportal[642]: LOGOUT dai.p (192.168.7.21) zone 0", "dai.p", False, True),
        (
            "coova-chilli[643]: chilli.c: 4251: Successful UAM login from username=dai.p IP=192.168.7.21",
            "dai.p",
            True,
            False,
        ),
        (
            "coova-chilli[643]: chilli.c: 4240: UAM login from username=dai.p IP=192.168.7.21 was aborted!",
            "dai.p",
            False,
            False,
        ),
    ],
)
def test_opnsense_and_coovachilli(
    events: Callable[..., Any], message: str, user: str | None, begins: bool, ends: bool
) -> None:
    """Other portals' lines give the same."""
    (row,) = events(FORMAT, f"{TIME}{message}\n")
    assert (row["user_name"], row["source_ip"]) == (user, "192.168.7.21")
    assert (row["lease_from"] is not None, row["lease_to"] is not None) == (begins, ends)


def test_a_name_that_imitates_a_line(events: Callable[..., Any]) -> None:
    """What somebody types as a name stands before the portal's own address, which is the last."""
    name = "x, 00:53:66:66:66:66, 10.6.6.6"
    line = f"{TIME}logportalauth[641]: Zone: guests - FAILURE: {name}, 00:53:0a:0b:0c:0d, 192.168.7.21\n"
    (row,) = events(FORMAT, line)
    assert (row["user_name"], row["source_ip"], row["lease_from"]) == (name, "192.168.7.21", None)
