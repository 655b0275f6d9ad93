"""Technitium's log file and CSV: both forms, what was blocked, and lines cut off."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.technitium import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,ResponseRtt,RCODE,Domain,Type,Class,Answer"
)
ROW = '7,2026-07-12T10:03:17.1234567Z,192.168.7.21,Udp,Recursive,20.5,NoError,www.example.org,A,IN,"192.0.2.7, 192.0.2.8"'
LINE = (
    "[2026-07-12 10:03:17 UTC] [192.168.7.21:54321] [UDP] QNAME: www.example.org; QTYPE: A; QCLASS: IN; "
    "RCODE: NoError; ANSWER: [192.0.2.7, 192.0.2.8]"
)


def read(*lines: str, encoding: str = "utf-8") -> list[dict[str, object]]:
    """Parse lines of Technitium."""
    blocks = read_blocks(FORMAT, io.BytesIO("\n".join(lines).encode(encoding)), Context())
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def test_real_lines_of_log_ons_are_skipped(shared: Path) -> None:
    """Seven real lines hold no query; the file is recognised all the same."""
    for path in sorted((shared / "samples" / "technitium-dns").glob("*.log")):
        assert recognise(path.read_bytes()) is FORMAT
        assert all(row["skip"] and row["reject"] is None for row in read(*path.read_text().splitlines()))


def test_both_forms_say_the_same() -> None:
    """Name, type, code, answers, client and transport are the same in the log file and in the CSV."""
    same = (
        "source_ip",
        "dns_question_name",
        "dns_question_type",
        "dns_response_code",
        "dns_answers",
        "network_transport",
    )
    line, row = read(LINE)[0], read(HEADER, ROW)[1]
    assert {name: line[name] for name in same} == {name: row[name] for name in same}
    assert line["dns_answers"] == "192.0.2.7,192.0.2.8"
    assert (line["source_port"], row["event_duration"]) == (54321, 20_500_000)
    assert line["timestamp"] == datetime(2026, 7, 12, 10, 3, 17, tzinfo=UTC)
    assert row["timestamp"] == datetime(2026, 7, 12, 10, 3, 17, 123456, tzinfo=UTC)


def test_local_time_is_in_the_sites_zone() -> None:
    """In summer it is an hour ahead of UTC."""
    assert read(LINE.replace("UTC", "Local"))[0]["timestamp"] == datetime(2026, 7, 12, 9, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ("0.0.0.0", "blocked"),  # noqa: S104 - an answer, not an address to listen on
        ("::", "blocked"),
        ("0.0.0.0, ::", "blocked"),
        ("0.0.0.0, 192.0.2.7", "allowed"),
        ("", "allowed"),
    ],
)
def test_an_answer_of_nowhere_is_blocked_in_the_log_file(answers: str, outcome: str) -> None:
    """The log file says no more than that."""
    assert read(LINE.replace("192.0.2.7, 192.0.2.8", answers))[0]["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("Recursive", "allowed"),
        ("Cached", "allowed"),
        ("Authoritative", "allowed"),
        ("Blocked", "blocked"),
        ("UpstreamBlocked", "blocked"),
        ("UpstreamBlockedCached", "blocked"),
        ("CacheBlocked", "blocked"),
        ("Dropped", "blocked"),
    ],
)
def test_the_csv_says_what_was_blocked(kind: str, outcome: str) -> None:
    """The kinds of answer are those of the server's source."""
    row = read(HEADER, ROW.replace("Recursive", kind))[1]
    assert (row["event_action"], row["event_outcome"]) == (kind, outcome)


@pytest.mark.parametrize(
    ("code", "told", "outcome"),
    [
        ("NoError", "NOERROR", "allowed"),
        ("NxDomain", "NXDOMAIN", "unknown"),
        ("ServerFailure", "SERVFAIL", "unknown"),
        ("Refused", "REFUSED", "blocked"),
    ],
)
def test_codes_have_their_usual_names(code: str, told: str, outcome: str) -> None:
    """Technitium's own names are written as DNS writes them."""
    row = read(LINE.replace("NoError", code))[0]
    assert (row["dns_response_code"], row["event_outcome"]) == (told, outcome)


def test_columns_are_found_by_their_names() -> None:
    """A CSV of an older version without the duration, with a byte-order mark, is read alike."""
    row = read(HEADER.replace(",ResponseRtt", ""), ROW.replace(",20.5", ""), encoding="utf-8-sig")[1]
    assert (row["dns_question_name"], row["event_duration"], row["reject"]) == ("www.example.org", None, None)
    assert FORMAT.score(HEADER.encode()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "[2026-07-12 10:03:17 UTC] DNS Server was started successfully.",
        "   at DnsServerCore.Auth.Logon()",
        LINE.replace("QCLASS: IN", "QCLASS: CH"),
        HEADER,
    ],
)
def test_what_is_no_query_is_skipped(line: str) -> None:
    """News of the server, traces of errors, questions about the server itself."""
    row = read(line)[0]
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize("line", ["junk", LINE[:80], LINE[:-20], "[2026-07-12 10:0", ROW, "8,"])
def test_what_is_cut_off_is_a_reject(line: str) -> None:
    """Half a query, and a row whose columns nobody named, are bad."""
    row = read(line)[0]
    assert (row["reject"], row["skip"]) == ("not a query of Technitium's log, or one that was cut off", False)
