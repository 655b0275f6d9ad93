"""Formats that a school describes: each kind, each reading of a value, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aup_monitor.core.format import Format

Described = Callable[..., Format]
Rows = Callable[..., list[dict[str, Any]]]

WEB: dict[str, Any] = {
    "kind": "csv",
    "time": {"column": "Time", "format": "%d/%m/%Y %H:%M:%S", "zone": "Europe/London"},
    "columns": {
        "user_name": "Username|Login",
        "source_ip": "Source IP",
        "url_full": "URL",
        "rule_category": "Categories",
    },
    "outcome": {"column": "Action", "allowed": ["Allowed"], "blocked": ["Blocked", "Denied"]},
}
HEADER = "Time,Username,Source IP,URL,Categories,Action\n"
TIME = {"format": "iso"}


def test_a_line_of_cells_field_by_field(described: Described, rows: Rows) -> None:
    """A local summer time, an account with its domain, an address in parts, a cell with commas, the outcome."""
    line = '06/07/2026 09:00:00,ELMPARK\\alice,10.20.4.31,https://www.Example.org:8443/a?b=c,"News, ""local""",DENIED\n'
    _, row = rows(described(**WEB, vendor="Ours", product="Filter"), HEADER + line)
    assert row["timestamp"] == datetime(2026, 7, 6, 8, tzinfo=UTC)
    assert (row["user_name"], row["user_domain"], row["source_ip"]) == ("alice", "ELMPARK", "10.20.4.31")
    assert row["url_full"] == "https://www.Example.org:8443/a?b=c"
    assert (row["url_scheme"], row["url_domain"], row["destination_port"]) == (
        "https",
        "www.example.org",
        8443,
    )
    assert (row["url_path"], row["url_query"], row["rule_category"]) == ("/a", "b=c", 'News, "local"')
    assert (row["event_outcome"], row["event_action"]) == ("blocked", "DENIED")
    assert (row["observer_vendor"], row["observer_product"], row["log_class"]) == ("Ours", "Filter", "web")


def test_a_header_may_come_again_with_other_columns(described: Described, rows: Rows) -> None:
    """Each line is read by the newest header before it; one that knows no such column leaves it empty."""
    fmt = described(**WEB)
    content = (
        f"{HEADER}12/01/2026 08:45:01,alice,10.0.0.1,http://a.example/,,Allowed\n"
        "Action,URL,LOGIN,Time,Level 3\nBlocked,http://b.example/,bob,12/01/2026 08:45:02,x\n"
    )
    found = rows(fmt, content)
    assert [row["skip"] for row in found] == [True, False, True, False]
    assert [row["user_name"] for row in found if not row["skip"]] == ["alice", "bob"]
    assert [row["url_domain"] for row in found if not row["skip"]] == ["a.example", "b.example"]
    assert [row["source_ip"] for row in found if not row["skip"]] == ["10.0.0.1", None]
    assert fmt.score(content.encode()) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            '12/01/2026 08:45:01,alice,10.0.0.1,http://a.example/,"two\n',
            "a quoted cell runs on over the end of the line",
        ),
        ("12/01/2026 08:45:01,alice\n", "fewer cells than there are columns"),
        (
            "2026-01-12,alice,10.0.0.1,http://a.example/,,Allowed\n",
            "the time in Time is not written as %d/%m/%Y %H:%M:%S",
        ),
        (",alice,10.0.0.1,http://a.example/,,Allowed\n", "no time in Time"),
    ],
)
def test_a_bad_line_of_cells_says_why(described: Described, rows: Rows, line: str, reason: str) -> None:
    """What is wrong with the line, in words."""
    assert rows(described(**WEB), HEADER + line)[1]["reject"] == reason


def test_quotes_that_open_no_cell_do_no_harm(described: Described, rows: Rows) -> None:
    """A quote in the middle of a cell is a character."""
    _, row = rows(
        described(**WEB), f'{HEADER}12/01/2026 08:45:01,alice,10.0.0.1,http://a.example/,5" disks,Allowed\n'
    )
    assert (row["reject"], row["rule_category"]) == (None, '5" disks')


def test_without_a_header_nothing_is_guessed(described: Described, rows: Rows) -> None:
    """Lines before the first header are rejects; with names in the settings there need be none."""
    line = "12/01/2026 08:45:01;alice;'a;b'\n"
    assert rows(described(**WEB), line)[0]["reject"] == "no line before this one names the columns"
    fmt = described(
        kind="csv",
        header=False,
        names=["when", "who", "what"],
        delimiter=";",
        quote="'",
        time={"column": "when", "format": "%d/%m/%Y %H:%M:%S"},
        columns={"user_name": "who", "rule_name": "what"},
    )
    (row,) = rows(fmt, line)
    assert (row["user_name"], row["rule_name"], row["event_outcome"]) == ("alice", "a;b", "unknown")
    assert fmt.score(line.encode()) == 0


def test_a_tab_and_two_columns_of_time(described: Described, rows: Rows) -> None:
    """The day and the time of day may stand in two columns."""
    fmt = described(
        kind="csv",
        delimiter="\t",
        time={"column": ["Date", "Clock"], "format": "%d/%m/%Y %H:%M"},
        columns={"user_name": "Who"},
    )
    _, row = rows(fmt, "Date\tWho\tClock\n12/01/2026\talice\t08:45\n")
    assert (row["timestamp"], row["user_name"]) == (datetime(2026, 1, 12, 8, 45, tzinfo=UTC), "alice")


@pytest.mark.parametrize(
    ("written", "text", "zone", "moment"),
    [
        ("iso", "2026-07-06T09:00:00Z", None, datetime(2026, 7, 6, 9, tzinfo=UTC)),
        ("iso", "2026-07-06 09:00:00.5+01:00", None, datetime(2026, 7, 6, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("iso", "2026-07-06T09:00:00+0100", None, datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("iso", "2026-07-06 09:00", None, datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("iso", "2026-07-06 09:00:00", "UTC", datetime(2026, 7, 6, 9, tzinfo=UTC)),
        ("epoch", "1768207501.25", None, datetime(2026, 1, 12, 8, 45, 1, 250_000, tzinfo=UTC)),
        ("epoch_ms", "1768207501123", None, datetime(2026, 1, 12, 8, 45, 1, 123_000, tzinfo=UTC)),
        ("epoch_us", "1768207501123456", None, datetime(2026, 1, 12, 8, 45, 1, 123_456, tzinfo=UTC)),
        ("syslog", "Jan 12 08:45:01", None, datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)),
        ("syslog", "Dec 12 08:45:01", None, datetime(2025, 12, 12, 8, 45, 1, tzinfo=UTC)),
        ("%d/%b/%Y:%H:%M:%S %z", "12/Jan/2026:08:45:01 -0500", None, datetime(2026, 1, 12, 13, 45, 1, tzinfo=UTC)),
        ("%d/%m/%Y %I:%M %p", "12/01/2026 02:45 PM", None, datetime(2026, 1, 12, 14, 45, tzinfo=UTC)),
        (["epoch", "iso"], "2026-01-12 08:45:01", None, datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)),
        ("epoch", "99999999999", None, None),
        ("epoch", "-1", None, None),
        ("iso", "12/01/2026", None, None),
    ],
)  # fmt: skip
def test_times(  # noqa: PLR0913, PLR0917 - one parameter a column of the table
    described: Described, rows: Rows, written: object, text: str, zone: str | None, moment: datetime | None
) -> None:
    """Each way to write a time, with the zone said or not."""
    fmt = described(
        kind="csv",
        header=False,
        names=["t", "u"],
        columns={"user_name": "u"},
        time={"column": "t", "format": written, "zone": zone},
    )
    (row,) = rows(fmt, f"{text},alice\n")
    assert row["timestamp"] == moment
    assert (row["reject"] is None) == (moment is not None)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("source_ip", "2001:DB8::0007", "2001:db8::7"),
        ("source_ip", "a name", None),
        ("source_port", "70000", None),
        ("destination_port", "443", 443),
        ("source_mac", "00-16-3E-AA-BB-CC", "00:16:3e:aa:bb:cc"),
        ("host_name", "LIB-PC-04", "LIB-PC-04"),
        ("host_name", "10.0.0.1", None),
        ("user_name", "Unknown", None),
        ("user_name", "alice%20k@elm.example", "alice k"),
        ("url_domain", "WWW.Example.org.", "www.example.org"),
        ("url_path", "/a?b=c", "/a"),
        ("tls_server_name", "Example.ORG", "example.org"),
        ("dns_question_name", "Example.ORG.", "example.org"),
        ("dns_question_type", "65", "HTTPS"),
        ("network_transport", "17", "udp"),
        ("http_response_status_code", "403", 403),
        ("http_response_status_code", "0", None),
        ("source_bytes", "-5", None),
        ("destination_bytes", "20480", 20480),
        ("event_duration", "1.5", 1_500_000),
        ("event_duration", "long", None),
        ("device_vendor_id", "0x0951", "0951"),
        ("device_encrypted", "Yes", True),
        ("device_encrypted", "maybe", None),
        ("rule_name", "N/A", None),
        ("event_code", " 17 ", "17"),
    ],
)
def test_values_are_read_as_what_they_are(
    described: Described, rows: Rows, column: str, text: str, value: object
) -> None:
    """An address is canonical, a number is one, and what is none is null."""
    fmt = described(kind="csv", header=False, names=["time", "x"], columns={column: "x"}, time=TIME)
    (row,) = rows(fmt, f"2026-01-12 08:45:01,{text}\n")
    assert (row["reject"], row[column]) == (None, value)


@pytest.mark.parametrize(
    ("method", "address", "found"),
    [
        ("GET", "http://www.example.org/a?b", ("http://www.example.org/a?b", "www.example.org", 80, "/a", "b")),
        ("GET", "www.example.org/a", ("www.example.org/a", "www.example.org", None, "/a", None)),
        ("CONNECT", "www.example.org:443", (None, "www.example.org", 443, None, None)),
        ("CONNECT", "https://www.example.org/", (None, "www.example.org", 443, None, None)),
        ("GET", "www.example.org", (None, "www.example.org", None, None, None)),
        ("GET", "/only/a/path?q", (None, None, None, "/only/a/path", "q")),
        ("GET", "http://www.example.org:99999/", ("http://www.example.org:99999/", "www.example.org", None, "/", None)),
        ("GET", "no address at all", (None, None, None, None, None)),
    ],
)  # fmt: skip
def test_addresses_are_taken_apart(
    described: Described, rows: Rows, method: str, address: str, found: tuple[object, ...]
) -> None:
    """With and without a scheme; of a tunnel and of a host alone no more than the host was seen."""
    columns = {"http_request_method": "m", "url_full": "u"}
    fmt = described(kind="csv", header=False, names=["time", "m", "u"], columns=columns, time=TIME)
    (row,) = rows(fmt, f"2026-01-12 08:45:01,{method},{address}\n")
    parts = ("url_full", "url_domain", "destination_port", "url_path", "url_query")
    assert tuple(row[name] for name in parts) == found


def test_pairs(described: Described, rows: Rows) -> None:
    """Pairs parted by blanks or by another mark; a key in a quoted value is none."""
    columns = {"user_name": "user", "rule_name": "rule name"}
    spaced = described(
        kind="keyvalue", time={"column": "when"}, columns={"user_name": "user", "rule_name": "msg"}
    )
    (row,) = rows(spaced, 'when="2026-01-12 08:45:01" msg="blocked user=bob" user=alice\n')
    assert (row["user_name"], row["rule_name"]) == ("alice", "blocked user=bob")
    parted = described(kind="keyvalue", delimiter="|", time={"column": "when"}, columns=columns)
    row, bad = rows(parted, "when=2026-01-12 08:45:01| user = alice|rule name=No games\nnothing\n")
    assert (row["user_name"], row["rule_name"]) == ("alice", "No games")
    assert bad["reject"] == "no time in when"
    assert parted.score(b"when=2026-01-12|user=alice|rule name=x\n") == 1
    assert parted.score(b"nothing of this\n") == 0


def test_objects(described: Described, rows: Rows) -> None:
    """Inner values by their path, numbers as they are, and a line that was cut off."""
    fmt = described(
        kind="json",
        time={"column": "at", "format": "epoch_ms"},
        columns={"user_name": "user.name", "url_full": "url|address", "source_port": "port"},
    )
    content = (
        '{"at":1768207501123,"user":{"name":"alice"},"address":"http://a.example/","port":50000}\n{"at":17682'
    )
    row, cut = rows(fmt, content)
    assert (row["user_name"], row["url_domain"], row["source_port"]) == ("alice", "a.example", 50000)
    assert cut["reject"] == "the line is not one whole JSON object"
    assert fmt.score(content.encode()) > 0.6


def test_patterns(described: Described, rows: Rows) -> None:
    """Groups fill columns by their names or by the settings; only and skip pass lines over."""
    fmt = described(
        kind="regex",
        pattern=r"^(?<time>\S+) (?<source_ip>\S+) (?<who>\S+) line$",
        time=TIME,
        columns={"user_name": "who"},
        only="line$",
        skip="^#",
    )
    found = rows(fmt, "2026-01-12T08:45:01Z 10.0.0.1 alice line\n# a line\nother\n10.0.0.1 line\n")
    assert [row["skip"] for row in found] == [False, True, True, False]
    assert (found[0]["user_name"], found[0]["source_ip"]) == ("alice", "10.0.0.1")
    assert found[3]["reject"] == "the pattern does not fit the line"


HOSTILE: list[dict[str, Any]] = [
    WEB,
    {"kind": "keyvalue", "time": {"column": "t"}, "columns": {"user_name": "a", "url_full": "u"}},
    {"kind": "json", "time": {"column": "t"}, "columns": {"user_name": "a.b", "url_full": "u"}},
    {"kind": "regex", "pattern": r"(?<time>\d+) (?<url_full>.*)", "time": {"format": "epoch"}},
    {"kind": "squid", "logformat": '%ts.%03tu %6tr %>a %Ss/%03>Hs %rm %ru "%{User-Agent}>h"'},
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_a_file_holds_raises(
    described: Described, rows: Rows, number: int, data: st.DataObject
) -> None:
    """Any text, after a header or not, gives a row a line."""
    text = data.draw(st.text(st.sampled_from('Time,"\\{}:=u/a1 \x00é[]%\t?#@'), max_size=60))
    content = (HEADER if number == 0 else "") + "".join(f"{line}\n" for line in text.splitlines() or ["x"])
    assert len(rows(described(**HOSTILE[number]), content)) == content.count("\n")


def test_a_page_is_made_of_the_description(described: Described) -> None:
    """It says what fills what, and how time and outcome are written."""
    doc = described(**WEB).doc
    assert "- user_name: Username or Login" in doc
    assert "- timestamp: Time, written as %d/%m/%Y %H:%M:%S, zone Europe/London" in doc
    assert "allowed for Allowed; blocked for Blocked, Denied; else unknown" in doc
