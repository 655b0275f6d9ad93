"""Squid's native access log: real logs, their independent parse, and the corners of the format."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.web.squid import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

LINE = "1768207501.104     85 {client} {result} 15320 {method} {url} {user} {peer} text/html"


def read(content: bytes) -> pl.DataFrame:
    """Parse a whole file."""
    return pl.concat([block.frame for block in read_blocks(FORMAT, io.BytesIO(content), Context())])


def event(**parts: str) -> dict[str, object]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "client": "192.168.7.21",
        "result": "TCP_MISS/200",
        "method": "GET",
        "url": "http://www.example.org/",
        "user": "-",
        "peer": "HIER_DIRECT/192.0.2.7",
    }
    row = read(LINE.format(**usual | parts).encode()).row(0, named=True)
    assert row["reject"] is None
    return row


def test_a_hundred_real_lines_agree_with_an_independent_parse(shared: Path) -> None:
    """Elastic's expected fields and ours say the same, line by line."""
    folder = shared / "samples" / "squid"
    rows = read((folder / "elastic-beats-2022__squid__log__access1.log").read_bytes()).to_dicts()
    expected = json.loads((folder / "elastic-beats-2022__squid__log__access1.log-expected.json").read_text())
    assert len(rows) == len(expected) == 100
    for row, other in zip(rows, expected, strict=True):
        assert row["reject"] is None
        assert row["offset"] == other["log.offset"]
        # Elastic cuts the milliseconds off.
        assert row["timestamp"].replace(microsecond=0) == datetime.fromisoformat(other["@timestamp"])
        assert row["event_action"] == other["event.action"]
        assert row["http_request_method"] == other["event.code"]
        assert row["http_response_status_code"] == int(other["rsa.misc.result_code"])
        assert row["event_duration"] == other["rsa.time.duration_time"] * 1_000_000
        assert row["source_ip"] == other["source.ip"]
        # Elastic calls them source.bytes; Squid's page says of %<st: sent to the client.
        assert row["destination_bytes"] == other["source.bytes"]
        assert (row["user_name"] or "-") == other["user.name"]
        assert (row["http_response_mime_type"] or "-") == other["rsa.misc.content_type"]
        assert row["destination_ip"] == other.get("destination.ip")
        assert row["url_domain"] == other["url.domain"]
        connect = other["event.code"] == "CONNECT"
        assert row["url_full"] == (None if connect else other["url.original"])
        assert row["url_scheme"] == other.get("url.scheme")
        assert row["url_path"] == other.get("url.path")
        assert row["url_query"] == (other.get("url.query") or None)
        assert row["destination_port"] == (443 if connect else other.get("url.port", 80))


@pytest.mark.parametrize(
    ("name", "lines", "rejects"),
    [
        ("github-RichMix__squid_access.log", 113, 0),
        ("github-kujiraitakahiro__squid_access.log", 122, 0),
        ("issues__squid-sslbump-salrashid123-squid_proxy-issue10.log", 9, 0),
        ("logscale__Squid-proxy.log", 5, 0),
        ("oms-agent__squid_log_parser_plugintest.log", 5, 0),
        ("usiem__docker__logs.log", 14, 5),  # its first five lines are squidGuard's, two are blank
    ],
)
def test_other_real_logs_parse_whole(shared: Path, name: str, lines: int, rejects: int) -> None:
    """Each line of the other native samples is an event, and lines of another program are rejects."""
    content = (shared / "samples" / "squid" / name).read_bytes()
    rows = read(content)
    assert rows.height == lines
    assert rows["reject"].count() == rejects
    assert FORMAT.score(content) > 0.5


@pytest.mark.parametrize(
    "name",
    ["elastic-integrations-2026__test-access-extensive.log", "issues__squid-combinedlike-testssl-pr739.log"],
)
def test_other_log_formats_of_squid_are_not_claimed(shared: Path, name: str) -> None:
    """An extended and a combined-like log are other formats: not recognised, and rejected whole if forced."""
    content = (shared / "samples" / "squid" / name).read_bytes()
    assert FORMAT.score(content) == 0
    rows = read(content)
    assert rows["reject"].count() == rows.height


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("TCP_MISS/200", "allowed"),
        ("TCP_TUNNEL/200", "allowed"),
        ("TCP_MISS/503", "allowed"),
        ("TCP_DENIED/403", "blocked"),
        ("TCP_DENIED/302", "blocked"),
        ("TCP_DENIED_ABORTED/403", "blocked"),
        ("TCP_DENIED/407", "unknown"),
        ("TCP_REDIRECT/302", "unknown"),
        ("TAG_NONE/200", "unknown"),
        ("NONE_NONE/000", "unknown"),
    ],
)
def test_the_result_decides_the_outcome(result: str, outcome: str) -> None:
    """A denial is blocked, but being asked to log on is not; what opens an inspected connection is unknown."""
    assert event(result=result)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("user", "name", "domain"),
    [
        ("-", None, None),
        ("alice", "alice", None),
        ("SCHOOL\\alice", "alice", "SCHOOL"),
        ("SCHOOL%5calice", "alice", "SCHOOL"),
        ("alice@school.example", "alice", "school.example"),
        ("alice%40school.example", "alice", "school.example"),
        ("SCHOOL%5Calice@home", "alice@home", "SCHOOL"),
        ("zo%C3%AB%20p", "zoë p", None),
        ("100%", "100%", None),
    ],
)
def test_accounts_lose_domain_and_escapes(user: str, name: str | None, domain: str | None) -> None:
    """Both ways of writing a domain are taken apart, %-escapes are undone first."""
    row = event(user=user)
    assert (row["user_name"], row["user_domain"]) == (name, domain)


@pytest.mark.parametrize(
    ("method", "url", "parts"),
    [
        ("CONNECT", "www.example.org:443", (None, "www.example.org", 443, None, None)),
        ("CONNECT", "[2001:db8::7]:8443", (None, "2001:db8::7", 8443, None, None)),
        ("CONNECT", "192.0.2.7:443", (None, "192.0.2.7", 443, None, None)),
        ("GET", "http://www.example.org", ("http", "www.example.org", 80, None, None)),
        ("GET", "HTTPS://WWW.Example.org./A?b=c?d", ("https", "www.example.org", 443, "/A", "b=c?d")),
        ("GET", "http://www.example.org:8080/a/b?", ("http", "www.example.org", 8080, "/a/b", None)),
        ("GET", "http://www.example.org?u=/x/y", ("http", "www.example.org", 80, None, "u=/x/y")),
        ("GET", "http://a:b@www.example.org:81/x", ("http", "www.example.org", 81, "/x", None)),
        ("GET", "http://[2001:db8::7]/x", ("http", "2001:db8::7", 80, "/x", None)),
        (
            "GET",
            "http://www.example.org/go/http://other.example/",
            ("http", "www.example.org", 80, "/go/http://other.example/", None),
        ),
        ("GET", "cache_object://localhost/5min", ("cache_object", "localhost", None, "/5min", None)),
        ("NONE", "error:invalid-request", (None, None, None, None, None)),
    ],
)
def test_addresses_are_taken_apart(method: str, url: str, parts: tuple[object, ...]) -> None:
    """Scheme, host, port, path and query come out of every kind of address that Squid writes."""
    row = event(method=method, url=url)
    names = ("url_scheme", "url_domain", "destination_port", "url_path", "url_query")
    assert tuple(row[name] for name in names) == parts
    assert row["url_full"] == (None if method == "CONNECT" or url.startswith("error:") else url)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("HIER_DIRECT/192.0.2.7", "192.0.2.7"),
        ("HIER_DIRECT/2001:db8::7", "2001:db8::7"),
        ("TIMEOUT_HIER_DIRECT/192.0.2.7", "192.0.2.7"),
        ("ORIGINAL_DST/192.0.2.7", "192.0.2.7"),
        ("PINNED/192.0.2.7", "192.0.2.7"),
        ("HIER_DIRECT/www.example.org", None),
        ("FIRSTUP_PARENT/192.168.1.2", None),
        ("HIER_NONE/-", None),
    ],
)
def test_the_server_is_the_peer_only_when_reached_directly(peer: str, address: str | None) -> None:
    """A parent proxy is not the server, and a name is no address."""
    assert event(peer=peer)["destination_ip"] == address


def test_a_client_by_name_is_a_host() -> None:
    """With `log_fqdn` Squid writes a name where the address would be."""
    row = event(client="library-pc-04")
    assert (row["source_ip"], row["host_name"]) == (None, "library-pc-04")
    assert event(client="2001:db8::7")["source_ip"] == "2001:db8::7"


def test_the_time_keeps_its_milliseconds() -> None:
    """Seconds since 1970 with three decimals become UTC exactly."""
    assert event()["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, 104_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "1768207501.104     85 192.168.7.21 TCP_MISS/200 15320 GET http://www.example.org/ - HIER_DIRECT/192.0.2.7",
        "1768207501.104     xx 192.168.7.21 TCP_MISS/200 15320 GET http://www.example.org/ - HIER_DIRECT/192.0.2.7 -",
        "9999999999.104     85 192.168.7.21 TCP_MISS/200 15320 GET http://www.example.org/ - HIER_DIRECT/192.0.2.7 -",
        "inf            nan 192.168.7.21 TCP_MISS/200 15320 GET http://www.example.org/ - HIER_DIRECT/192.0.2.7 -",
        "1768207501.104     85 192.168.7.21 TCP_MISS 15320 GET http://www.example.org/ - HIER_DIRECT/192.0.2.7 -",
        "1768207501.104     85 192.168.7.21 TCP_MISS/200 15320 GET http://www.example.org/a b - HIER_DIRECT/192.0.2.7 -",
        "\x00\x01\x02",
    ],
)
def test_a_bad_line_is_a_reject_with_its_reason(line: str) -> None:
    """A line that lacks a field, or has one of another shape, is named bad."""
    assert read(line.encode())["reject"].to_list() == ["not the ten fields of Squid's native log"]


def test_fields_after_the_media_type_are_passed_over() -> None:
    """`log_mime_hdrs` and additions at the end do not spoil the native fields."""
    added = LINE.format(
        client="192.168.7.21",
        result="TCP_MISS/200",
        method="GET",
        url="http://www.example.org/",
        user="-",
        peer="HIER_NONE/-",
    )
    row = read(f'{added} [User-Agent: x] "y z"'.encode()).row(0, named=True)
    assert (row["reject"], row["http_response_mime_type"]) == (None, "text/html")


def test_an_account_may_hold_blanks() -> None:
    """Squid leaves the blanks of an account; what follows is found again behind it."""
    row = event(user="zo%c3%ab van hest")
    assert (row["user_name"], row["destination_ip"], row["http_response_mime_type"]) == (
        "zoë van hest",
        "192.0.2.7",
        "text/html",
    )


def test_a_peer_without_an_address_is_no_fault() -> None:
    """E2guardian's third form has nothing behind the peer's word."""
    assert event(peer="DEFAULT_PARENT/")["destination_ip"] is None
