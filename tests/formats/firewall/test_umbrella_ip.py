"""Cisco Umbrella's IP log: real lines against an independent parse, identities, and lines gone wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.umbrella_ip import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE: Final = '"2026-01-12 08:45:01","{identity}","10.20.4.31","50123","192.0.2.7","443","Malware, Botnet"'
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "cisco.umbrella.categories": "rule_category",
    "cisco.umbrella.identity": "host_name",
}
EXPLAINED: Final = {"port 0 is no port": ('"0"', {"source_port", "destination_port"})}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each real line says the same as Elastic's reading, but where a reason is written."""
    folder = shared / "samples" / "cisco-umbrella"
    paths = sorted(folder.glob("*iplogs.log"))
    found = compare(FORMAT, paths, SAME, EXPLAINED)
    assert [FORMAT.score(path.read_bytes()) for path in paths] == [1, 1]
    assert found.strange == []
    assert (found.events, found.skipped, found.rejects) == (4, 0, [])


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("ELM-LIB-04", (None, None, "ELM-LIB-04")),
        ("Alice Example (alice@elmpark.example)", ("alice", "elmpark.example", None)),
        ("", (None, None, None)),
    ],
)
def test_identities(
    parse: Callable[..., list[dict[str, Any]]], identity: str, expected: tuple[str | None, ...]
) -> None:
    """An identity with an address is a person, any other the computer."""
    (row,) = parse(FORMAT, LINE.format(identity=identity))
    assert (row["user_name"], row["user_domain"], row["host_name"]) == expected
    assert (row["event_outcome"], row["rule_category"]) == ("unknown", "Malware, Botnet")


def test_headers_are_passed_over_and_bad_lines_rejected(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A header is no event; a line with more or fewer fields is named bad."""
    line = LINE.format(identity="a")
    found = parse(FORMAT, '"Timestamp","Identity"', line[:60], line + ',"more"', "plain")
    assert [row["skip"] for row in found] == [True, False, False, False]
    assert [row["reject"] is None for row in found] == [True, False, False, False]
