"""BIND's and Infoblox' query log: real lines, policies, answers, and the ways to write the time."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.bind import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, recognise

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = Context(reference=datetime(2026, 3, 1, tzinfo=UTC))
STAMP = "12-Jan-2026 10:03:17.123 "
CLIENT = "client @0x7f1cc08e6098 192.168.7.21#37884 (www.example.org): "
QUERY = "query: www.example.org IN A +E(0)K (192.168.1.53)"


def read(*lines: str) -> list[dict[str, object]]:
    """Parse lines of BIND."""
    content = "\n".join(lines).encode()
    blocks = read_blocks(FORMAT, io.BytesIO(content), CONTEXT)
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def said(message: str) -> dict[str, object]:
    """Parse one line of the usual client."""
    return read(STAMP + CLIENT + message)[0]


def independent(path: Path) -> list[dict[str, str]]:
    """Return what another parser made of each line it understood: its `Evt.Parsed`."""
    found: dict[int, dict[str, str]] = {}
    pattern = r'\["s01-parse"\]\["[^"]*bind9[^"]*"\]\[(\d+)\]\.Evt\.Parsed\["(\w+)"\] == "(.*)"$'
    for number, key, value in re.findall(pattern, path.read_text(), re.MULTILINE):
        found.setdefault(int(number), {})[key] = value.replace('\\"', '"')
    return [found[number] for number in sorted(found)]


def test_real_denials_agree_with_an_independent_parse(shared: Path) -> None:
    """Client, name and type are what another parser finds, of all that it calls a denied query of a known time."""
    folder = shared / "samples" / "bind"
    theirs = [
        parse for parse in independent(folder / "crowdsec__bind9-logs__parser.assert") if "message" in parse
    ]
    ours = read(*(parse["message"] for parse in theirs))
    compared = 0
    for parse, row in zip(theirs, ours, strict=True):
        if row["event_action"] == "denied":
            compared += 1
            assert (row["source_ip"], str(row["source_port"])) == (parse["remote_addr"], parse["remote_port"])
            assert f"'{row['dns_question_name']}/{row['dns_question_type']}/IN'" in parse["message"]
            told = datetime.strptime(parse["timestamp"], "%d-%b-%Y %H:%M:%S.%f").replace(
                tzinfo=ZoneInfo("Europe/London")
            )
            assert row["timestamp"] == told
    assert compared == sum("query" in p["message"] and "denied" in p["message"] for p in theirs) == 6


def test_real_files_are_recognised_and_read(shared: Path) -> None:
    """Denied questions of three real files are events; transfers are skipped; lines without a time are rejects."""
    counts = {}
    for path in sorted((shared / "samples" / "bind").glob("*.log")):
        assert recognise(path.read_bytes()[:HEAD_BYTES]) is FORMAT
        rows = read(*path.read_text().split("\n"))
        assert all(row["event_outcome"] == "blocked" for row in rows if not row["skip"] and not row["reject"])
        counts[path.name.split("__")[1]] = (
            sum(not row["skip"] and row["reject"] is None for row in rows),
            sum(row["reject"] is not None for row in rows),
        )
    assert counts == {"bind9-logs": (6, 2), "bind9-refused": (19, 0), "bind9-syslog": (5, 0)}


def test_real_lines_of_old_versions(shared: Path) -> None:
    """OSSEC's test lines: a denial that names the question is an event, one that does not is skipped."""
    text = (shared / "samples" / "bind" / "ossec__named.ini").read_text()
    rows = read(*re.findall(r"^log \d \w+ = (.*)$", text, re.MULTILINE))
    assert [row["dns_question_name"] for row in rows if not row["skip"]] == [
        "odcdavcxkvin.games.yuanyou8.com",
        "sl",
    ]


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        (STAMP, "2026-01-12T10:03:17.123"),
        ("12-Jul-2026 10:03:17.123 ", "2026-07-12T09:03:17.123"),
        (STAMP + "queries: ", "2026-01-12T10:03:17.123"),
        (STAMP + "queries: info: ", "2026-01-12T10:03:17.123"),
        (STAMP + "info: ", "2026-01-12T10:03:17.123"),
        ("12-Jan-2026 10:03:17 ", "2026-01-12T10:03:17.000"),
        ("2026-01-12T10:03:17.123 queries: info: ", "2026-01-12T10:03:17.123"),
        ("2026-01-12T10:03:17.123Z ", "2026-01-12T10:03:17.123"),
        ("Jan 12 10:03:17 ns1 named[7]: ", "2026-01-12T10:03:17.000"),
        ("Jan 12 10:03:18 ns1 named[7]: " + STAMP, "2026-01-12T10:03:17.123"),
        ("<30>1 2026-01-12T10:03:17.5Z ns1 named 7 - - queries: info: ", "2026-01-12T10:03:17.500"),
    ],
)
def test_the_time_is_read_however_it_is_written(prefix: str, told: str) -> None:
    """With and without category and severity, ISO 8601, in syslog; the zone is the site's unless written."""
    row = read(prefix + CLIENT + QUERY)[0]
    assert row["reject"] is None
    assert f"{row['timestamp']:%Y-%m-%dT%H:%M:%S.%f}"[:23] == told
    assert row["dns_question_name"] == "www.example.org"


@pytest.mark.parametrize(
    ("client", "address", "port"),
    [
        ("client 192.168.7.21#37884: ", "192.168.7.21", 37884),
        ("client @0x7f1 192.168.7.21#37884 (www.example.org): view Boarding House: ", "192.168.7.21", 37884),
        ("client @0x7f1 fe80::1%eth0#53 (x): ", "fe80::1", 53),
        ("client @0x7f1 192.0.2.1#53/key transfer (x): view a: ", "192.0.2.1", 53),
        (r"client @0x7f1 192.0.2.1#53 (a\)b.example.com): ", "192.0.2.1", 53),
    ],
)
def test_clients_are_read_however_they_are_written(client: str, address: str, port: int) -> None:
    """Old and new versions, views, scopes, keys, names with brackets."""
    row = read(STAMP + client + QUERY)[0]
    assert (row["source_ip"], row["source_port"]) == (address, port)
    assert (row["dns_question_name"], row["destination_ip"]) == ("www.example.org", "192.168.1.53")


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        ("rpz QNAME NXDOMAIN", "blocked"),
        ("rpz CLIENT-IP NODATA", "blocked"),
        ("rpz NSDNAME DROP", "blocked"),
        ("rpz QNAME PASSTHRU", "allowed"),
        ("rpz QNAME Local-Data", "unknown"),
        ("rpz QNAME TCP-ONLY", "unknown"),
        ("disabled rpz QNAME NXDOMAIN", "unknown"),
    ],
)
def test_policies_have_their_outcome(policy: str, outcome: str) -> None:
    """Local data may be a safer search; a disabled policy changed nothing."""
    row = said(policy + " rewrite casino.example.com/A/IN via casino.example.com.rpz.school")
    assert (row["event_action"], row["event_outcome"]) == (policy.rsplit(maxsplit=1)[-1], outcome)
    assert (row["dns_question_name"], row["dns_question_type"]) == ("casino.example.com", "A")
    assert row["rule_name"] == "casino.example.com.rpz.school"


def test_a_question_counts_once() -> None:
    """Infoblox' answer to it is skipped unless it is a refusal; an answer without its question is an event."""
    answer = "UDP: query: www.example.org IN A response: NOERROR + www.example.org. 60 IN A 192.0.2.7; www.example.org. 60 IN A 192.0.2.8;"
    together = read(
        STAMP + CLIENT + QUERY, STAMP + CLIENT + answer, STAMP + CLIENT + answer.replace("NOERROR", "REFUSED")
    )
    assert [row["skip"] for row in together] == [False, True, False]
    assert together[2]["event_outcome"] == "blocked"
    alone = said(answer)
    assert (alone["event_outcome"], alone["dns_answers"]) == ("allowed", "192.0.2.7,192.0.2.8")


def test_the_transport_is_among_the_flags() -> None:
    """T stands for TCP."""
    assert said(QUERY)["network_transport"] == "udp"
    assert said(QUERY.replace("+E(0)K", "+E(0)TK"))["network_transport"] == "tcp"


@pytest.mark.parametrize(
    "message",
    [
        "query: version.bind CH TXT +E(0)K (192.168.1.53)",
        "query failed (REFUSED) for www.example.org/IN/A at query.c:5708",
        "zone transfer 'example.com/AXFR/IN' denied",
        "received notify for zone 'example.com'",
        "updating zone 'example.com/IN': adding an RR at 'a.example.com' A 192.0.2.2",
    ],
)
def test_what_is_no_question_is_skipped(message: str) -> None:
    """Housekeeping, failures, transfers, and questions about the server itself."""
    row = said(message)
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize(
    "message", ["query: www.example.org IN A", "query: www.exa", "query:", "query: a IN A response:"]
)
def test_a_question_that_was_cut_off_is_a_reject(message: str) -> None:
    """A question without type or flags is bad, not skipped."""
    row = said(message)
    assert (row["reject"], row["skip"]) == ("a query that does not say who asked for what", False)


def test_a_line_without_a_time_says_what_to_set() -> None:
    """BIND's `print-time no` leaves nothing to tell the time by."""
    assert "print-time" in str(read("queries: info: " + CLIENT + QUERY)[0]["reject"])
    assert read("junk")[0]["reject"] is not None
