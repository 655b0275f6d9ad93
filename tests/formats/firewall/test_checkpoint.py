"""Check Point lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.checkpoint import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "checkpoint.log"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "rule.name": "rule_name",
    "checkpoint.rule_action": "event_action",
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of five real files is as Elastic reads it; what is about nobody is passed over."""
    logs = sorted((shared / "samples" / "checkpoint").glob("*.log"))
    found = compare(FORMAT, logs, SAME, {})
    assert found.strange == []
    assert (found.events, found.skipped, found.rejects) == (95, 11, [])
    assert found.values > 550


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A page, a session, an attack, a log-on; an administrator, the system and a cut line are no events."""
    page, session, attack, log_on, admin, system, cut = parse(FORMAT, *OWN.read_text().splitlines())
    assert page["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert (page["user_name"], page["host_name"], page["rule_category"]) == (
        "amina.k",
        "lib-pc-07",
        "Gambling",
    )
    assert (page["url_full"], page["event_outcome"]) == ("https://casino.example/spin?a=1", "blocked")
    assert page["user_agent_original"] == 'x"; src_user_name:"head'
    assert (session["source_ip"], session["network_transport"]) == ("2001:db8::31", "udp")
    assert (session["event_duration"], session["destination_bytes"]) == (5 * 10**9, 200)
    assert (attack["rule_category"], attack["event_outcome"]) == (
        *("attack: Web Client Enforcement Violation",),
        "blocked",
    )
    assert (log_on["log_class"], log_on["user_name"], log_on["user_domain"]) == (
        "auth",
        "ben.o",
        "school.example",
    )
    assert log_on["event_outcome"] == "blocked"
    assert (admin["skip"], system["skip"]) == (True, True)
    assert cut["reject"] == "not the syslog form of Check Point's Log Exporter"


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("Accept", "allowed"),
        ("Detect", "allowed"),
        ("Drop", "blocked"),
        ("Prevent", "blocked"),
        ("Ask", "unknown"),
    ],
)
def test_outcomes(parse: Callable[..., list[dict[str, Any]]], action: str, outcome: str) -> None:
    """Detect let it pass; a page that asks does not say what the person did."""
    line = f'<134>1 2026-01-14T10:14:10Z gw CheckPoint 1 - [action:"{action}"; src:"10.0.0.1"]'
    assert parse(FORMAT, line)[0]["event_outcome"] == outcome


@pytest.mark.parametrize(
    "line", ["", "\x00", '[action:"Accept"]', '<134>1 yesterday gw CheckPoint 1 - [src:"10.0.0.1"]']
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line of something else, or without a time, is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
