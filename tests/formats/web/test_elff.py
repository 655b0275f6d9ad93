"""W3C extended logs: real ones of IIS and ProxySG, their independent parses, and headers of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.formats.web.elff import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, Any]]]
PROXY = "date time c-ip cs-username x-exception-id sc-filter-result sc-status s-action cs-method cs-host cs-uri-path"
DENIED = "2026-01-12 08:45:01 192.168.7.21 alice {rule} {verdict} {status} {action} GET casino.example /"

ELASTIC = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.domain": "url_domain",
    "http.request.method": "http_request_method",
    "http.response.status_code": "http_response_status_code",
    "http.response.body.bytes": "destination_bytes",
    "http.request.body.bytes": "source_bytes",
    "http.request.referrer": "http_request_referrer",
    "event.duration": "event_duration",
    "url.path": "url_path",
    "url.query": "url_query",
    "user_agent.original": "user_agent_original",
}


def told(value: object) -> str:
    """Return a value so that two ways of writing a time compare equal."""
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)


@pytest.mark.parametrize(
    ("name", "events", "strange"),
    [
        # Three lines in its third section have the fields of another #Fields line; Elastic goes by their number.
        ("access__test.log", 3, 0),
        ("access__test-ipv6zone.log", 1, 0),
        ("error__test.log", 4, 0),
        ("error__ipv6_zone_id.log", 1, 0),
    ],
)
def test_real_lines_of_iis_agree_with_elastic(
    rows: Rows, shared: Path, name: str, events: int, strange: int
) -> None:
    """What Elastic read of a line under its #Fields line, we read, too."""
    path = shared / "samples" / "w3c-elff" / f"elastic-beats__iis__{name}"
    expected = {
        item["log.offset"]: item
        for item in json.loads(path.with_name(f"{path.name}-expected.json").read_text())
    }
    found = [row for row in rows(FORMAT, path.read_bytes()) if not row["skip"] and row["reject"] is None]
    assert len(found) == events
    differences = []
    for row in found:
        item = expected[row["offset"]]
        for theirs, ours in ELASTIC.items():
            value = item.get(theirs)
            if theirs == "@timestamp":
                value = datetime.fromisoformat(str(value))
            if value is not None and told(value) != told(row[ours]):
                differences.append((ours, value, row[ours]))
    assert len(differences) == strange, differences


@pytest.mark.parametrize(
    ("name", "events", "rejects"),
    [
        ("lnav__logfile_w3c.0", 1, 0),
        ("lnav__logfile_w3c.1", 1, 0),
        ("lnav__logfile_w3c.2", 0, 14),  # no date in its lines
        ("lnav__logfile_w3c.3", 3, 0),
        ("lnav__logfile_w3c.4", 2, 0),
        ("lnav__logfile_w3c.5", 0, 1),  # fifteen fields under a header of six
        ("lnav__logfile_w3c.6", 1, 0),
        ("lnav__logfile_w3c_big.0", 210, 0),
        ("plaso__iis__iis10.log", 1, 0),
        ("plaso__iis__iis10_cookies.log", 3, 0),
        ("plaso__iis__iis10_edge_cases.log", 15, 0),
        ("plaso__iis__iis6.log", 12, 0),
        ("plaso__iis__iis7_owa.log", 3, 0),
        ("plaso__iis__iis7_sqli.log", 2, 0),
        ("plaso__iis__iis_without_date.log", 0, 11),
        ("elastic-beats__iis__access__test-iis-7.5.log", 4, 0),
    ],
)
def test_other_real_logs_are_recognised_and_read(
    rows: Rows, shared: Path, name: str, events: int, rejects: int
) -> None:
    """Every line under a #Fields line with a date is an event; headers and comments are skipped."""
    content = (shared / "samples" / "w3c-elff" / name).read_bytes()
    found = [row for row in rows(FORMAT, content) if not row["skip"]]
    good = [row for row in found if row["reject"] is None]
    assert (len(good), len(found) - len(good)) == (events, rejects)
    assert FORMAT.score(content) == 1


def test_490_real_lines_of_proxysg_agree_with_another_parse(rows: Rows, shared: Path) -> None:
    """ProxySG's lines over syslog have no header; what Azure Sentinel's parser read of them, we read, too."""
    path = shared / "samples" / "bluecoat" / "azure-sentinel2020__Syslog__SymantecProxySG.json"
    items = json.loads(path.read_text())
    content = "\n".join(item["SyslogMessage"] for item in items).encode()
    assert FORMAT.score(content) > 0.9
    found = rows(FORMAT, content)
    assert len(found) == len(items) == 490
    cut = [row for row in found if row["reject"] is not None]
    # In these the shipper made a blank of the semicolon in `text/html;charset=utf-8`, which moves every field after it.
    assert len(cut) == sum(item["cs_host"] == "http" for item in items) == 9
    same: dict[str, Callable[[dict[str, Any]], str]] = {
        "time_taken": lambda row: str(row["event_duration"] // 1_000_000),
        "exception_id": lambda row: row["rule_name"] or "-",
        "sc_status": lambda row: str(row["http_response_status_code"] or 0),
        "s_action": lambda row: row["event_action"] or "-",
        "cs_method": lambda row: row["http_request_method"] or "unknown",
        "cs_host": lambda row: row["url_domain"] or "-",
        "cs_uri_port": lambda row: str(row["destination_port"] or 0),
        "sent_bytes": lambda row: str(row["destination_bytes"]),
        "received_bytes": lambda row: str(row["source_bytes"]),
    }
    for row, item in zip(found, items, strict=True):
        if row["reject"] is not None:
            continue
        assert row["timestamp"] == datetime.fromisoformat(item["logTime"])
        assert {name: read(row) for name, read in same.items()} == {name: item[name] for name in same}
        assert row["rule_category"] == item["cs_categories"].strip('[]"')


@pytest.mark.parametrize(
    ("verdict", "action", "status", "outcome"),
    [
        ("DENIED", "TCP_DENIED", 403, "blocked"),
        ("-", "TCP_DENIED", 403, "blocked"),
        ("DENIED", "TCP_POLICY_REDIRECT", 302, "blocked"),
        ("DENIED", "TCP_DENIED", 407, "unknown"),
        ("DENIED", "TCP_ERR_MISS", 503, "unknown"),
        ("OBSERVED", "TCP_AUTH_REDIRECT", 401, "unknown"),
        ("OBSERVED", "TCP_NC_MISS", 200, "allowed"),
        ("OBSERVED", "TCP_NC_MISS", 404, "allowed"),
        ("PROXIED", "-", 0, "allowed"),
    ],
)
def test_the_proxys_words_decide_the_outcome(
    rows: Rows, verdict: str, action: str, status: int, outcome: str
) -> None:
    """A denial blocks, save where the site did not answer or the user was asked to log on."""
    line = DENIED.format(rule="x", verdict=verdict, action=action, status=status)
    row = rows(FORMAT, f"#Fields: {PROXY}\n{line}\n".encode())[1]
    assert row["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("names", "line", "parts"),
    [
        ("cs-uri", "http://www.example.org:8080/a?b=c", ("http", "www.example.org", 8080, "/a", "b=c")),
        ("cs-host cs-uri", "www.example.org /a?b=c", (None, "www.example.org", None, "/a", "b=c")),
        (
            "cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query",
            "https www.example.org 8443 /a ?b=c",
            ("https", "www.example.org", 8443, "/a", "b=c"),
        ),
        (
            "cs-uri-stem cs-uri-query",
            "http://www.example.org/a b=c",
            ("http", "www.example.org", 80, "/a", "b=c"),
        ),
        ("cs-uri-stem s-port cs-host", "/a 443 Portal.Example", ("https", "portal.example", 443, "/a", None)),
    ],
)
def test_addresses_come_whole_or_in_parts(
    rows: Rows, names: str, line: str, parts: tuple[object, ...]
) -> None:
    """Each way in which logs write an address gives the same columns."""
    text = f"#Fields: date time c-ip cs-method {names}\n2026-01-12 08:45:01 192.168.7.21 GET {line}\n"
    row = rows(FORMAT, text.encode())[1]
    columns = ("url_scheme", "url_domain", "destination_port", "url_path", "url_query")
    assert tuple(row[name] for name in columns) == parts
    assert (row["url_full"] is None) == (parts[0] is None)


def test_each_header_holds_for_the_lines_after_it(rows: Rows) -> None:
    """Columns may change in the middle of a file; a line that does not fit is a reject."""
    text = (
        "2026-01-12 08:45:00 192.168.7.20 GET\n"
        "#Fields: date time c-ip cs-method\n2026-01-12 08:45:01 192.168.7.21 GET\n"
        "#Fields: time date cs-method c-ip\n08:45:02 2026-01-12 POST 192.168.7.22\n08:45:03 2026-01-12 POST\n"
    )
    found = [row for row in rows(FORMAT, text.encode()) if not row["skip"]]
    assert [row["reject"] for row in found] == [
        "no #Fields line before this line",
        None,
        None,
        "more or fewer fields than the #Fields line names",
    ]
    assert [row["source_ip"] for row in found[1:3]] == ["192.168.7.21", "192.168.7.22"]
    assert [row["http_request_method"] for row in found[1:3]] == ["GET", "POST"]


def test_local_times_are_the_schools(rows: Rows) -> None:
    """`date-local` and `time-local` are read in the school's zone, `date` and `time` as UTC."""
    text = "#Fields: date-local time-local c-ip cs-method\n2026-07-02 08:45:01.5 192.168.7.21 GET\n"
    assert rows(FORMAT, text.encode())[1]["timestamp"] == datetime(2026, 7, 2, 7, 45, 1, 500_000, tzinfo=UTC)


def test_fields_in_quotes_and_with_tabs_keep_their_blanks(rows: Rows) -> None:
    """Quotes, doubled quotes and tabs each keep a field together."""
    quoted = '#Fields: date time c-agent cs-method\n2026-01-12 08:45:01 "a ""b"" c" GET\n'
    tabbed = "#Fields:\tdate\ttime\tc-agent\tcs-method\n2026-01-12\t08:45:01\ta b c\tGET\n"
    assert rows(FORMAT, quoted.encode())[1]["user_agent_original"] == 'a "b" c'
    assert rows(FORMAT, tabbed.encode())[1]["user_agent_original"] == "a b c"


def test_other_logs_with_a_fields_line_are_not_claimed() -> None:
    """The firewall's and Zeek's logs have such a line, too, but no columns of the web."""
    assert FORMAT.score(b"#Fields: date time action protocol src-ip dst-ip src-port dst-port size\n") == 0
    assert FORMAT.score(b"#fields\tts\tuid\tid.orig_h\thost\turi\n") == 0
