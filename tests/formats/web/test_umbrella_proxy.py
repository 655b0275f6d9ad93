"""Cisco Umbrella's proxy log: real lines against an independent parse, people, devices, and lines gone wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from aup_monitor.formats.web.umbrella_proxy import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
LINE = (
    '"2026-01-12 08:45:01","{identity}","{inside}","203.0.113.5","192.0.2.7","text/html","{verdict}",'
    '"https://www.example.org/","","","200","1","2","","","Games","","","","","","{kind}","","{identities}","",""'
)
SAME = {
    ("@timestamp",): "timestamp",
    ("source", "ip"): "source_ip",
    ("destination", "ip"): "destination_ip",
    ("http", "request", "method"): "http_request_method",
    ("http", "request", "bytes"): "source_bytes",
    ("http", "request", "referrer"): "http_request_referrer",
    ("http", "response", "bytes"): "destination_bytes",
    ("http", "response", "status_code"): "http_response_status_code",
    ("http", "response", "mime_type"): "http_response_mime_type",
    ("http", "request", "mime_type"): "http_response_mime_type",
    ("url", "original"): "url_full",
    ("url", "domain"): "url_domain",
    ("url", "path"): "url_path",
    ("url", "query"): "url_query",
    ("user_agent", "original"): "user_agent_original",
    ("cisco", "umbrella", "categories"): "rule_category",
}


def found_at(item: dict[str, Any], path: tuple[str, ...]) -> object:
    """Return what stands at a path of keys, or None; Beats joins the keys with dots."""
    if ".".join(path) in item:
        return item[".".join(path)]
    for key in path:
        item = item.get(key) or {}
    return item or None


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("elastic-beats__cisco__umbrella__umbrella-proxylogs.log", 3),
        ("elastic-integrations__cisco_umbrella__log__test-umbrella-proxylogs.log", 14),
    ],
)
def test_real_lines_agree_with_elastic(rows: Rows, shared: Path, name: str, events: int) -> None:
    """Each real line says the same as Elastic's reading of it."""
    path = shared / "samples" / "cisco-umbrella" / name
    expected = json.loads(path.with_name(f"{name}-expected.json").read_text())
    items = expected["expected"] if isinstance(expected, dict) else expected
    found = rows(FORMAT, path.read_bytes())
    assert len(found) == len(items) == events
    assert FORMAT.score(path.read_bytes()) == 1
    for row, item in zip(found, items, strict=True):
        assert row["reject"] is None
        for theirs, ours in SAME.items():
            value = found_at(item, theirs)
            if theirs == ("@timestamp",):
                value = datetime.fromisoformat(str(value))
            if value is None or value == " ":  # a browser of one blank is none
                continue
            # Elastic undoes %-escapes in paths and queries, which are kept here as they were asked for.
            ours_told = unquote(row[ours]) if ours in ("url_path", "url_query") else row[ours]
            assert str(ours_told) == str(value), theirs


@pytest.mark.parametrize("name", ["dnslogs", "iplogs", "cloudfirewalllogs"])
def test_umbrellas_other_logs_are_not_claimed(rows: Rows, shared: Path, name: str) -> None:
    """Its DNS, IP and firewall logs are other formats: not recognised, and rejected whole if forced."""
    path = shared / "samples" / "cisco-umbrella" / f"elastic-beats__cisco__umbrella__umbrella-{name}.log"
    assert FORMAT.score(path.read_bytes()) == 0
    assert all(
        row["reject"] is not None or row["url_domain"] is None for row in rows(FORMAT, path.read_bytes())
    )


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "identity": "x",
        "inside": "10.0.0.1",
        "verdict": "ALLOWED",
        "kind": "Networks",
        "identities": "",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("identity", "kind", "identities", "who"),
    [
        ("Elm Park", "Networks", "", (None, None, None)),
        ("ELM-LIB-04", "Roaming Computers", "", (None, None, "ELM-LIB-04")),
        ("Alice (alice@elm.example)", "AD Users", "", ("alice", "elm.example", None)),
        ("alice@elm.example", "G Suite Users", "", ("alice", "elm.example", None)),
        ("Alice Example", "AD Users", "", ("Alice Example", None, None)),
        ("Elm Park", "Networks", "Elm Park,Bob (bob@elm.example)", ("bob", "elm.example", None)),
        ("Elm Park", "Networks", "Elm Park,Bob Example", (None, None, None)),
        ("LIB-04", "Roaming Computers", "LIB-04,Bob (bob@elm.example)", ("bob", "elm.example", "LIB-04")),
    ],
)
def test_only_a_person_is_a_user(
    rows: Rows, identity: str, kind: str, identities: str, who: tuple[str | None, ...]
) -> None:
    """A network or a computer is no user, and a bare name in the list of identities is not guessed at."""
    row = event(rows, identity=identity, kind=kind, identities=identities)
    assert (row["user_name"], row["user_domain"], row["host_name"]) == who


@pytest.mark.parametrize(
    ("word", "outcome"), [("ALLOWED", "allowed"), ("BLOCKED", "blocked"), ("X", "unknown")]
)
def test_the_verdict_is_the_outcome(rows: Rows, word: str, outcome: str) -> None:
    """Umbrella's own word decides; another is unknown."""
    assert event(rows, verdict=word)["event_outcome"] == outcome


def test_the_client_is_inside_if_known(rows: Rows) -> None:
    """Without an address inside the school its outer one stands in."""
    assert event(rows)["source_ip"] == "10.0.0.1"
    assert event(rows, inside="")["source_ip"] == "203.0.113.5"
    assert event(rows)["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)


def test_headers_are_skipped_and_bad_lines_rejected(rows: Rows) -> None:
    """A line with the columns' names is no event; a line that lacks fields is named bad."""
    found = rows(FORMAT, b'"Timestamp","Policy Identity Label"\n"2026-01-12 08:45:01","x"\nplain\n')
    assert [row["skip"] for row in found] == [True, False, False]
    assert [row["reject"] for row in found] == [None, *["not the fields of Umbrella's proxy log"] * 2]
