"""Windows Defender Firewall's log: real lines column by column, by hand, and malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.windows_firewall import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "windows-firewall.log"


def test_real_lines_give_their_columns(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Each value of a real file stands under the name that its own `#Fields` line gives it."""
    lines = (
        (shared / "samples" / "windows-firewall-log" / "plaso__windows_firewall.log").read_text().splitlines()
    )
    names = next(line for line in lines if line.startswith("#Fields")).split()[1:]
    compared = 0
    for line, event in zip(lines, parse(FORMAT, *lines), strict=True):
        if event["skip"] or event["reject"]:
            assert line.startswith("#") or "INFO-EVENTS-LOST" in line or not line.strip()
            continue
        said = dict(zip(names, line.split(), strict=False))
        compared += 1
        assert f"{event['timestamp']:%Y-%m-%d %H:%M:%S}" == f"{said['date']} {said['time']}"
        assert event["event_action"] == said["action"]
        assert event["network_transport"] == said["protocol"].lower()
        assert event["source_ip"] == (said["src-ip"] if said["src-ip"] != "0.0.0.0" else None)  # noqa: S104 - compared with
        assert event["destination_ip"] == said["dst-ip"]
        if said["protocol"] in {"TCP", "UDP"}:
            assert (event["source_port"], event["destination_port"]) == (
                int(said["src-port"]),
                int(said["dst-port"]),
            )
        assert event["source_bytes"] == (None if said["size"] == "-" else int(said["size"]))
    assert compared == 14


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """Outcomes, summer time, IPv6, ports of ICMP, comments, lost packets, a cut line."""
    rows = parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")
    assert all(row["skip"] and row["reject"] is None for row in rows[:5])
    dropped, allowed, ping, broadcast, closed, lost, cut = rows[5:]
    assert [row["event_outcome"] for row in (dropped, allowed, closed)] == ["blocked", "allowed", "unknown"]
    assert allowed["timestamp"] == datetime(2026, 7, 14, 9, 14, 12, tzinfo=UTC)
    assert (ping["destination_ip"], ping["destination_port"]) == ("2001:db8::31", None)
    assert (broadcast["source_ip"], broadcast["destination_port"]) == (None, 67)
    assert lost["skip"]
    assert cut["reject"] == "fewer columns than the firewall writes"


@pytest.mark.parametrize(
    "line", ["\x00", "a b c", "2026-02-30 10:00:00 DROP TCP 1.1.1.1 2.2.2.2 1 2 3", "DROP TCP"]
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without a date and a time is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"] == "no date and time at its beginning"
    assert not event["skip"]
