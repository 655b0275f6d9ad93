"""Cisco Umbrella's cloud firewall log: real lines against an independent parse, identities, and lines gone wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.umbrella_firewall import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE: Final = (
    '"2026-01-12 08:45:01","[211039844]","{identity}","{kind}","OUTBOUND","{protocol}","84","10.20.4.31","50123",'
    '"192.0.2.7","443","lon1.edc","12","{verdict}","{names}","44","1","2","3","4","1108","755","39-42"'
)
USUAL: Final = {
    "identity": "Main Site",
    "kind": "CDFW Tunnel Device",
    "protocol": "6",
    "verdict": "ALLOW",
    "names": "",
}
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "destination.ip": "destination_ip",
    "rule.id": "rule_name",
    "event.type": "event_outcome",
    "network.transport": "network_transport",
    "source.user.name": "user_name",
    "source.bytes": "source_bytes",
}
EXPLAINED: Final = {
    "Elastic says denied where the schema says blocked": (",BLOCK$", {"event_outcome"}),
    "Elastic gives a list": (",ALLOW$", {"event_outcome"}),
    "a protocol is named, not numbered": (",1,84,", {"network_transport"}),
    "a tunnel is no person": ("CDFW Tunnel Device", {"user_name"}),
    "the size of one packet is not what was sent": (",84,", {"source_bytes"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """The real lines say the same as Elastic's reading, but where a reason is written."""
    folder = shared / "samples" / "cisco-umbrella"
    path = folder / "elastic-beats__cisco__umbrella__umbrella-cloudfirewalllogs.log"
    found = compare(FORMAT, [path], SAME, EXPLAINED)
    assert FORMAT.score(path.read_bytes()) == 1
    assert found.strange == []
    assert (found.events, found.skipped, found.rejects) == (2, 0, [])


def test_logs_of_lost_data_are_not_claimed(shared: Path, parse: Callable[..., Any]) -> None:
    """Umbrella's log of data loss prevention is another one: not recognised, and rejected if forced."""
    path = (
        shared
        / "samples"
        / "cisco-umbrella"
        / "elastic-integrations__cisco_umbrella__log__test-umbrella-dlplogs.log"
    )
    assert FORMAT.score(path.read_bytes()) == 0
    (row,) = parse(FORMAT, path.read_text().strip())
    assert row["reject"] == "not the fields of Umbrella's cloud firewall log"


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line, with some of its parts changed."""
    return lambda **parts: parse(FORMAT, LINE.format(**USUAL | parts))[0]


@pytest.mark.parametrize(
    ("verdict", "outcome"), [("ALLOW", "allowed"), ("BLOCK", "blocked"), ("MONITOR", "unknown")]
)
def test_the_verdict_is_the_outcome(one: Callable[..., dict[str, Any]], verdict: str, outcome: str) -> None:
    """Umbrella's word decides."""
    assert one(verdict=verdict)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("kind", "identity", "expected"),
    [
        ("CDFW Tunnel Device", "Main Site", (None, None, None)),
        ("AD Users", "Alice Example (alice@elmpark.example)", ("alice", "elmpark.example", None)),
        ("SAML Users", "alice", ("alice", None, None)),
        ("Roaming Computers", "ELM-LIB-04", (None, None, "ELM-LIB-04")),
    ],
)
def test_identities(
    one: Callable[..., dict[str, Any]], kind: str, identity: str, expected: tuple[str | None, ...]
) -> None:
    """A person and a computer are told by the type; a tunnel is nobody."""
    row = one(kind=kind, identity=identity)
    assert (row["user_name"], row["user_domain"], row["host_name"]) == expected


def test_what_else_a_line_says(one: Callable[..., dict[str, Any]]) -> None:
    """Time, ports, transport, bytes, and the site where the rule named one alone."""
    row = one(names="Casino.example.")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["source_port"], row["destination_port"], row["network_transport"]) == (50123, 443, "tcp")
    assert (row["source_bytes"], row["destination_bytes"]) == (1108, 755)
    assert row["url_domain"] == "casino.example"
    assert one(names="a.example,b.example")["url_domain"] is None


def test_headers_are_passed_over_and_bad_lines_rejected(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A header is no event; a line that was cut off, or of another log, is named bad."""
    found = parse(
        FORMAT,
        "timestamp,origin IDs,identities",
        LINE.format(**USUAL)[:120],
        '"2026-01-12 08:45:01","a","10.20.4.31","1","192.0.2.7","2","Malware"',
    )
    assert [row["skip"] for row in found] == [True, False, False]
    assert [row["reject"] is None for row in found] == [True, False, False]
