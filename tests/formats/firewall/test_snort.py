"""Alerts of Snort and Suricata as text, real ones and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.snort import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BODY: Final = (
    "[**] [1:7:4] ET POLICY x [**] [Classification: y] [Priority: 1] {TCP} 10.0.0.1:5000 -> 192.0.2.1:443"
)


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


def test_real_lines(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """All nine real alerts are events; of those on an answer the client is the source."""
    lines = [
        line
        for path in sorted((shared / "samples" / "snort").glob("*.log"))
        for line in path.read_text().split("\n")
        if line.strip()
    ]
    rows = parse(FORMAT, *lines)
    assert {row["reject"] for row in rows} == {None}
    assert [row["event_code"] for row in rows] == [
        *("1:366", "1:408", "1:648", "1:20035"),
        *("1:2009187", "1:366", "1:408", "1:648", "1:20035"),
    ]
    assert (rows[2]["source_ip"], rows[2]["source_port"]) == ("10.6.6.103", 60884)
    assert (rows[3]["source_ip"], rows[3]["destination_port"]) == ("2001:df1:c200:c::35", 80)
    assert rows[0]["rule_category"] == "attack: PROTOCOL-ICMP PING Unix"
    assert [row["timestamp"].year for row in rows[4:]] == [2010, 2021, 2021, 2022, 2022]


@pytest.mark.parametrize(
    "day", ["01/14-", "01/14/2026-", "01/14/26-", "26/01/14-"], ids=["none", "four", "last", "first"]
)
def test_days(one: Callable[..., dict[str, Any]], day: str) -> None:
    """The day is the same, wherever its year stands."""
    event = one(f"{day}10:14:09.326123  {BODY}", zone="Europe/London")
    assert event["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, 326123, tzinfo=UTC)


def test_days_of_summer_are_local(one: Callable[..., dict[str, Any]]) -> None:
    """The sensor writes the school's own time."""
    event = one(f"07/14/2025-10:14:09.326123  {BODY}", zone="Europe/London")
    assert event["timestamp"] == datetime(2025, 7, 14, 9, 14, 9, 326123, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mark", "outcome"), [("", "unknown"), ("[Drop] ", "blocked"), ("[wDrop] ", "unknown")]
)
def test_outcomes(one: Callable[..., dict[str, Any]], mark: str, outcome: str) -> None:
    """Only a packet that was dropped was blocked; one that would have been was not."""
    assert one(f"01/14/2026-10:14:09.326123  {mark}{BODY}")["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no alert"),
        ("\x00[**]", "no alert"),
        (BODY, "no time"),
        ("13/34-10:14:09.1 " + BODY, "no time"),
        ("01/14-10:14:09.326123 [**] [1:7:4] x [**] {TCP} 10.0.0.1:5", "no alert"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
