"""E2guardian's and DansGuardian's access logs: public lines, an independent parse, each format, each verdict."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.formats.web.e2guardian import FORMAT
from aup_monitor.formats.web.squid import FORMAT as SQUID

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., list[dict[str, object]]]
FIRST = "2026.01.12 08:45:02 {who} {from_} {where} {what} {how} 38 0 {category} 2 {code} text/html pc-04 Year 9 x - - -"


def event(rows: Rows, **parts: str) -> dict[str, object]:
    """Parse one line of format 1, with some of its parts changed."""
    usual = {
        "who": "alice",
        "from_": "192.168.7.21",
        "where": "http://www.example.org/a?b=c",
        "what": "-",
        "how": "GET",
        "category": "-",
        "code": "200",
    }
    (row,) = rows(FORMAT, FIRST.format(**usual | parts).encode())
    assert row["reject"] is None
    return row


@pytest.mark.parametrize(
    ("name", "lines", "rejects"),
    [
        ("find_string__dansguardian-format1.log", 4, 1),  # its last line was cut off where it was published
        ("find_string__dansguardian-format2csv-dansguardian_denied_action-spec.log", 1, 0),
        ("issues__e2guardian-130-format2csv-syslog.log", 2, 0),
        ("issues__e2guardian-302-format4-tabs-shown-as-spaces.log", 4, 0),
        ("issues__e2guardian-393-format1-v5-noMITM.log", 5, 0),
        ("issues__e2guardian-441-format1.log", 2, 0),
    ],
)
def test_public_lines_are_recognised_and_read(
    rows: Rows, shared: Path, name: str, lines: int, rejects: int
) -> None:
    """Each line that somebody published is an event, save one that was cut."""
    content = (shared / "samples" / "e2guardian-dansguardian" / name).read_bytes()
    found = rows(FORMAT, content)
    assert (len(found), sum(row["reject"] is not None for row in found)) == (lines, rejects)
    assert FORMAT.score(content) == 1
    events = [row for row in found if row["reject"] is None]
    assert all(row["url_domain"] and row["timestamp"] for row in events)


def test_an_independent_parse_agrees(rows: Rows, shared: Path) -> None:
    """Wallix's examples, in all ways of parting the fields, say the same as we do."""
    folder = shared / "samples" / "e2guardian-dansguardian"
    tree = ET.parse(folder / "pylogsparser__dansguardian.xml")  # noqa: S314 - a file that we chose
    examples = list(tree.iter("example"))
    assert len(examples) == 2
    for example in examples:
        line = str(example.findtext("text"))
        expected = {tag.get("name"): tag.text for tag in example.iter("expectedTag")}
        (row,) = rows(FORMAT, line.encode())
        assert row["source_ip"] == expected["source_ip"]
        # Wallix gives the address as the user; an account that is the client's address names nobody.
        assert (row["user_name"], expected["user"]) == (None, row["source_ip"])
        assert row["url_full"] == expected["url"]
        assert row["event_action"] == expected["action"]
        assert row["rule_name"] == expected["reason"]
        assert row["http_request_method"] == expected["method"]
        assert row["destination_bytes"] == int(str(expected["len"]))
        assert row["rule_category"] == expected.get("category")
        assert row["http_response_status_code"] == int(str(expected["status"]))
        assert (row["http_response_mime_type"] or "-") == expected["mime_type"]


def test_format_3_is_left_to_squid(shared: Path) -> None:
    """Format 3 is Squid's native log, which the format of that name reads."""
    name = "issues__e2guardian-302-format3-squid-noclientip.log"
    content = (shared / "samples" / "e2guardian-dansguardian" / name).read_bytes()
    assert FORMAT.score(content) == 0
    assert SQUID.score(content) == 1


FIELDS = {
    "1": "2026.01.12 08:45:02 alice 192.168.7.21 http://casino.example/a *DENIED* Blocked site: casino.example "
    "GET 7 0 Gambling 2 403 text/html pc-04 Year 9 Mozilla/5.0 (X11) - - - -",
    "2": '"2026.01.12 08:45:02","alice","192.168.7.21","http://casino.example/a",'
    '"*DENIED* Blocked site: casino.example","GET","7","0","Gambling","2","403","text/html","pc-04","Year 9",'
    '"Mozilla/5.0 (X11)","-","-","-","-"',
    "4": "2026.01.12 08:45:02\talice\t192.168.7.21\thttp://casino.example/a\t"
    "*DENIED* Blocked site: casino.example\tGET\t7\t0\tGambling\t2\t403\ttext/html\tpc-04\tYear 9\t"
    "Mozilla/5.0 (X11)\t-\t-\t-\t-",
    "6": "1768207502.000\t\talice\t192.168.7.21\tpc-04\thttp://casino.example/a\tGET\t403\t7\ttext/html\t"
    "Mozilla/5.0 (X11)\t-\t12\t-\t500\t*DENIED* Blocked site: casino.example\t0\tGambling\tYear 9\t2",
    "7": "1768207502.000\tfilter1\talice\t192.168.7.21\tpc-04\thttp://casino.example/a\tGET\t403\t7\ttext/html\t"
    "Mozilla/5.0 (X11)\t\t12\t\t500\t*DENIED* Blocked site: casino.example\t0\tGambling\tYear 9\t2\t\t8080:PH:-:-",
}


@pytest.mark.parametrize("number", FIELDS)
def test_every_format_says_the_same(rows: Rows, number: str) -> None:
    """One denial, written in each format, gives the same event, as far as the format goes."""
    (row,) = rows(FORMAT, FIELDS[number].encode())
    protex = number in ("6", "7")
    expected = {
        "reject": None,
        "timestamp": datetime(2026, 1, 12, 8, 45, 2, tzinfo=UTC),
        "user_name": "alice",
        "source_ip": "192.168.7.21",
        "host_name": "pc-04",
        "url_full": "http://casino.example/a",
        "event_action": "DENIED",
        "event_outcome": "blocked",
        "rule_name": "Blocked site: casino.example",
        "rule_category": "Gambling",
        "http_request_method": "GET",
        "http_response_status_code": 403,
        "http_response_mime_type": "text/html",
        "destination_bytes": 7,
        "user_group": None if number == "1" else "Year 9",
        "user_agent_original": None if number == "1" else "Mozilla/5.0 (X11)",
        "event_code": "500" if protex else None,
        "event_duration": 12_000_000 if protex else None,
    }
    assert {name: row[name] for name in expected} == expected
    assert FORMAT.score(FIELDS[number].encode()) == 1


@pytest.mark.parametrize("extra", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_the_clients_name_may_be_left_out(rows: Rows, *, named: bool, extra: bool) -> None:
    """`logclienthostandip` adds a field in the middle; the number of fields tells."""
    client = ["pc-04"] if named else []
    after = ["otters", "8080:PM:-:-"] if extra else []
    head = ["1768207502.104", "", "alice", "192.168.7.21", *client, "https://www.example.org/", "GET", "200"]
    tail = ["7", "-", "-", "-", "12", "-", "0", "-", "0", "-", "Year 9", "2", *after]
    (row,) = rows(FORMAT, "\t".join([*head, *tail]).encode())
    assert row["reject"] is None
    assert row["url_domain"] == "www.example.org"
    assert row["user_group"] == "Year 9"
    assert row["host_name"] == ("pc-04" if named else None)
    assert row["search_query"] == ("otters" if extra else None)


@pytest.mark.parametrize(
    ("what", "code", "outcome"),
    [
        ("*DENIED* Blocked site: x", "403", "blocked"),
        ("*DENIED* Blocked site: x", "302", "blocked"),
        ("*SCANNED* *DENIED* Weighted phrase limit", "200", "blocked"),
        ("*INFECTED* *DENIED* Virus", "403", "blocked"),
        ("*Accès interdit* Blocked site: x", "403", "blocked"),
        ("*NETERROR* The site requested does not exist", "403", "unknown"),
        ("*Adgang* x", "403", "unknown"),
        ("-", "407", "unknown"),
        ("-", "403", "allowed"),  # the site's own word, not the filter's
        ("*SCANNED* -", "200", "allowed"),
        ("*TRUSTED* Site match: x", "200", "allowed"),
        ("-", "404", "allowed"),
    ],
)
def test_the_words_decide_the_outcome(rows: Rows, what: str, code: str, outcome: str) -> None:
    """A denial blocks; a site that does not answer, a request to log on and an unknown word do not tell."""
    assert event(rows, what=what, code=code)["event_outcome"] == outcome


def test_an_account_that_is_an_address_names_nobody(rows: Rows) -> None:
    """With IP authentication e2guardian writes the address as the account."""
    assert event(rows, who="192.168.7.21")["user_name"] is None
    assert event(rows, who="ELMPARK\\bob")["user_domain"] == "ELMPARK"
    assert event(rows, from_="172.X.X.X")["source_ip"] is None
    assert event(rows, who="alice example")["user_name"] == "alice example"


def test_a_tunnel_shows_the_host_alone(rows: Rows) -> None:
    """Nobody saw what was asked for inside a CONNECT."""
    row = event(rows, how="CONNECT", where="https://www.example.org:443")
    assert (row["url_domain"], row["destination_port"]) == ("www.example.org", 443)
    assert row["url_full"] is None
    assert row["url_path"] is None


@pytest.mark.parametrize(
    ("when", "utc"),
    [
        ("2026.1.2 7:08:09", datetime(2026, 1, 2, 7, 8, 9, tzinfo=UTC)),
        ("26.07.02 07:08:09", datetime(2026, 7, 2, 6, 8, 9, tzinfo=UTC)),
        ("2026.07.02 07:08:09 1782972489.250", datetime(2026, 7, 2, 6, 8, 9, 250_000, tzinfo=UTC)),
        ("2026.13.02 07:08:09", None),
    ],
)
def test_times_are_local_unless_seconds_are_given(rows: Rows, when: str, utc: datetime | None) -> None:
    """Unpadded and two-digit dates are read, in the school's zone; seconds since 1970 outweigh them."""
    (row,) = rows(FORMAT, FIELDS["1"].replace("2026.01.12 08:45:02", when).encode())
    assert row["timestamp"] == utc
    assert (row["reject"] is None) == (utc is not None)


@pytest.mark.parametrize(
    "line",
    [
        "2026.01.12 08:45:02 alice",
        '"2026.01.12 08:45:02","alice","192.168.7.21"',
        "1768207502.104\t\talice",
        FIELDS["6"] + "\t\t\t\t",
        FIELDS["4"].replace("403", "4030"),
        "\x00\x01\x02",
    ],
)
def test_a_bad_line_is_a_reject_with_its_reason(rows: Rows, line: str) -> None:
    """A line that lacks a field, or has one of another shape, is named bad."""
    (row,) = rows(FORMAT, line.encode())
    assert row["reject"] == "not the fields of an e2guardian log in format 1, 2 or 4 to 8"
