"""Common and combined logs: a thousand real lines, Squid's verdicts, web servers, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.combined import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
LINE = '{client} - {user} [12/Jan/2026:08:45:01 +0000] "{request}" {status} 512{rest}'


def event(rows: Rows, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "client": "192.168.7.21",
        "user": "-",
        "request": "GET http://www.example.org/ HTTP/1.1",
        "status": "200",
        "rest": "",
    }
    (row,) = rows(FORMAT, LINE.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("name", "events", "rejects"),
    [
        ("lnav__logfile_shop_access_log.0", 1000, 0),
        ("lnav__logfile_access_log.0", 3, 0),
        ("lnav__logfile_bad_access_log.0", 2, 1),  # its second line lacks ident and user
    ],
)
def test_real_lines_are_recognised_and_read(
    rows: Rows, shared: Path, name: str, events: int, rejects: int
) -> None:
    """Each whole line is an event with a client, a time, a path and a status."""
    content = (shared / "samples" / "misc-weblog-syslog" / name).read_bytes()
    found = rows(FORMAT, content)
    good = [row for row in found if row["reject"] is None]
    assert (len(good), len(found) - len(good)) == (events, rejects)
    assert FORMAT.score(content) > 0.4
    assert all(row["source_ip"] and row["timestamp"] and row["http_response_status_code"] for row in good)
    assert all(row["url_path"].startswith("/") and row["url_domain"] is None for row in good)


def test_a_real_line_by_hand(rows: Rows, shared: Path) -> None:
    """The first line of a real shop's log, with its odd zone, field by field."""
    path = shared / "samples" / "misc-weblog-syslog" / "lnav__logfile_shop_access_log.0"
    row = rows(FORMAT, path.read_bytes().split(b"\n")[1])[0]
    assert row["timestamp"] == datetime(2019, 1, 22, 0, 26, 16, tzinfo=UTC)
    assert row["source_ip"] == "31.56.96.51"
    assert row["url_path"] == "/image/60844/productModel/200x200"
    assert row["destination_bytes"] == 5667
    assert row["http_request_referrer"] == "https://www.zanbil.ir/m/filter/b113"
    assert row["user_agent_original"].endswith("Mobile Safari/537.36")
    assert row["event_outcome"] == "allowed"


@pytest.mark.parametrize("forms", ["", ' "-" "Mozilla/5.0"'])
@pytest.mark.parametrize(
    ("status", "result", "outcome"),
    [
        ("200", " TCP_MISS:HIER_DIRECT", "allowed"),
        ("404", " TCP_MISS:HIER_DIRECT", "allowed"),
        ("403", " TCP_DENIED:HIER_NONE", "blocked"),
        ("407", " TCP_DENIED:HIER_NONE", "unknown"),
        ("302", " TCP_REDIRECT:HIER_NONE", "unknown"),
        ("200", " TAG_NONE:HIER_NONE", "unknown"),
        ("200", "", "allowed"),
        ("304", "", "allowed"),
        ("403", "", "unknown"),
        ("407", "", "unknown"),
    ],
)
def test_the_result_or_the_status_decides_the_outcome(
    rows: Rows, forms: str, status: str, result: str, outcome: str
) -> None:
    """Squid's result tells, in both forms; without one it is a server's status."""
    row = event(rows, status=status, rest=forms + result)
    assert row["event_outcome"] == outcome
    assert row["observer_product"] == ("Squid" if result else None)
    assert row["user_agent_original"] == ("Mozilla/5.0" if forms else None)


@pytest.mark.parametrize(
    ("request_", "parts"),
    [
        ("GET http://www.example.org:8080/a?b=c HTTP/1.1", ("http", "www.example.org", 8080, "/a", "b=c")),
        ("CONNECT www.example.org:443 HTTP/1.1", (None, "www.example.org", 443, None, None)),
        ("GET /a b?c=d HTTP/1.1", (None, None, None, "/a b", "c=d")),
        (
            "GET /go?to=http://www.example.org/ HTTP/1.1",
            (None, None, None, "/go", "to=http://www.example.org/"),
        ),
        ("GET /", (None, None, None, "/", None)),
        (r"\x16\x03\x01", (None, None, None, None, None)),
        ("-", (None, None, None, None, None)),
    ],
)
def test_requests_are_taken_apart(rows: Rows, request_: str, parts: tuple[object, ...]) -> None:
    """Whole addresses, tunnels, paths, and what is no request."""
    row = event(rows, request=request_)
    columns = ("url_scheme", "url_domain", "destination_port", "url_path", "url_query")
    assert tuple(row[name] for name in columns) == parts
    assert (row["url_full"] is not None) == (parts[0] is not None)


def test_clients_and_accounts(rows: Rows) -> None:
    """A name is the host's, an account loses its domain, and a virtual host gives the address its host."""
    assert event(rows, client="pc-04")["host_name"] == "pc-04"
    row = event(
        rows, client="portal.example:443 2001:DB8::7", user="ELMPARK\\alice", request="GET / HTTP/2.0"
    )
    assert (row["source_ip"], row["url_domain"], row["destination_port"]) == (
        "2001:db8::7",
        "portal.example",
        443,
    )
    assert (row["user_name"], row["user_domain"]) == ("alice", "ELMPARK")


@pytest.mark.parametrize(
    "line",
    [
        '192.168.7.21 - - [12/Jan/2026:08:45:01 +0000] "GET / HTTP/1.1" 200',
        '192.168.7.21 - - [12/Jan/2026:08:45:01] "GET / HTTP/1.1" 200 5',
        '192.168.7.21 [12/Jan/2026:08:45:01 +0000] "GET / HTTP/1.1" 200 5',
        "\x00\x01",
    ],
)
def test_a_bad_line_is_a_reject_with_its_reason(rows: Rows, line: str) -> None:
    """A line that lacks a field, or has one of another shape, is named bad."""
    (row,) = rows(FORMAT, line.encode())
    assert row["reject"] == "not the fields of a common or combined log"


def test_an_impossible_time_is_a_reject(rows: Rows) -> None:
    """A time of the right shape that is none makes no event."""
    (row,) = rows(FORMAT, b'10.0.0.1 - - [32/Jan/2026:08:45:01 +0000] "GET / HTTP/1.1" 200 5')
    assert row["reject"] == "the time is not understood"
