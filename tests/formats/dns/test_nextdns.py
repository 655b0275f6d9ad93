"""NextDNS' log: columns in any order, verdicts, devices."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.nextdns import FORMAT
from aup_monitor.formats.reader import read_blocks

HEADER = "timestamp,domain,query_type,client_ip,status,reasons,device_name,device_local_ip"
LINE = "2026-07-12T10:03:17.123Z,www.example.org,A,203.0.113.5,default,,Library iPad 3,192.168.7.21"


def read(*lines: str) -> list[dict[str, object]]:
    """Parse lines of NextDNS."""
    blocks = read_blocks(FORMAT, io.BytesIO("\n".join(lines).encode()), Context())
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def test_a_line_says_who_asked_for_what() -> None:
    """Time in UTC, the device's own address and name; the first line is skipped."""
    header, row = read(HEADER, LINE)
    assert header["skip"]
    assert row["timestamp"] == datetime(2026, 7, 12, 10, 3, 17, 123000, tzinfo=UTC)
    assert (row["source_ip"], row["host_name"]) == ("192.168.7.21", "Library iPad 3")
    assert (row["dns_question_name"], row["dns_question_type"]) == ("www.example.org", "A")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("default", "allowed"),
        ("allowed", "allowed"),
        ("blocked", "blocked"),
        ("error", "unknown"),
        ("", "unknown"),
    ],
)
def test_verdicts(status: str, outcome: str) -> None:
    """As written; a name that nothing spoke against is allowed."""
    row = read(HEADER, LINE.replace("default,", status + ","))[1]
    assert (row["event_outcome"], row["reject"]) == (outcome, None)


def test_columns_are_found_by_their_names() -> None:
    """Another order, absent columns, unknown ones and one named twice."""
    header = "timestamp,domain,new,status,status,client_ip,query_type"
    row = read(header, "2026-07-12T10:03:17Z,a.example,x,blocked,allowed,203.0.113.5,TXT")[1]
    assert (row["event_outcome"], row["source_ip"], row["dns_question_type"]) == (
        "blocked",
        "203.0.113.5",
        "TXT",
    )
    assert row["host_name"] is None


def test_quotes_hold_commas() -> None:
    """A reason and a name with commas in quotes stay whole."""
    row = read(HEADER, LINE.replace("default,,Library iPad 3", 'blocked,"a,b","Hill, G"'))[1]
    assert (row["rule_name"], row["host_name"], row["source_ip"]) == ("a,b", "Hill, G", "192.168.7.21")


@pytest.mark.parametrize("bad", ["junk", "a,b,c", LINE[:40], LINE.replace("www.example.org", "")])
def test_what_is_cut_off_is_a_reject(bad: str) -> None:
    """A line without time, name, type and client is bad."""
    assert read(HEADER, bad)[1]["reject"] == "not the columns of NextDNS' log"


def test_without_a_first_line_nothing_is_known() -> None:
    """Lines whose columns nobody named are rejects, and the file is not recognised."""
    assert "names the columns" in str(read(LINE)[0]["reject"])
    assert FORMAT.score(LINE.encode()) == 0
    assert FORMAT.score(b"timestamp,domain," + b"x," * 200 + b"\n") == 0
    assert read("timestamp,domain," + "x," * 200, LINE)[1]["reject"] is not None
