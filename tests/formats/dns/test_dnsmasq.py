"""dnsmasq's and Pi-hole's query log: real lines, verdicts, and who asked for what was blocked."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.dnsmasq import FORMAT, LOOKBACK
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = Context(reference=datetime(2026, 3, 1, tzinfo=UTC))
TIME = "Jan 12 08:45:02 dnsmasq[633]: "
QUERY = "query[A] ads.example.com from 192.168.7.22"
NOWHERE = "0.0.0.0"  # noqa: S104 - an answer, not an address to listen on
BLOCKED = "gravity blocked ads.example.com is 0.0.0.0"


def read(*messages: str, prefix: str = TIME, block_bytes: int = 16 << 20) -> list[dict[str, object]]:
    """Parse lines of dnsmasq."""
    content = "".join(f"{prefix}{message}\n" if message else "\n" for message in messages).encode()
    blocks = read_blocks(FORMAT, io.BytesIO(content), CONTEXT, block_bytes=block_bytes)
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def test_real_lines_of_pihole_are_told_apart(shared: Path) -> None:
    """Of thirteen real lines one is a query, four were blocked, and eight are answers and start-up lines."""
    path = shared / "samples" / "dnsmasq-pihole" / "logscale__Pihole.log"
    rows = read(*path.read_text().splitlines(), prefix="")
    assert [row["reject"] for row in rows] == [None] * 13
    events = {row["dns_question_name"]: row["event_outcome"] for row in rows if not row["skip"]}
    assert events == {
        "mask.icloud.com": "blocked",
        "events.statsigapi.net": "blocked",
        "telemetry-in.battle.net": "blocked",
        "app.warp.dev": "unknown",
    }
    assert sum(row["skip"] for row in rows) == 8
    assert FORMAT.score(path.read_bytes()) == 1


def test_real_lines_with_extra_logging_parse(shared: Path) -> None:
    """OSSEC's test lines: the query has client and port, its forwarding and answer are skipped."""
    text = (shared / "samples" / "dnsmasq-pihole" / "ossec__dnsmasq.ini").read_text()
    query, forwarded, reply = read(*re.findall(r"^log \d pass = (.*)$", text, re.MULTILINE), prefix="")
    assert (query["source_ip"], query["source_port"]) == ("10.10.10.33", 59490)
    assert (query["dns_question_name"], query["dns_question_type"]) == ("server.example.com", "A")
    assert forwarded["skip"]
    assert reply["skip"]


@pytest.mark.parametrize(
    ("message", "code", "answers"),
    [
        ("gravity blocked a.example.com is 0.0.0.0", "NOERROR", NOWHERE),
        ("gravity blocked a.example.com is ::", "NOERROR", "::"),
        ("regex blacklisted a.example.com is NXDOMAIN", "NXDOMAIN", None),
        ("regex denied a.example.com is NODATA", "NOERROR", None),
        ("exactly blacklisted a.example.com is REFUSED", "REFUSED", None),
        ("exactly denied a.example.com is 192.0.2.1", "NOERROR", "192.0.2.1"),
        ("special domain a.example.com is NXDOMAIN", "NXDOMAIN", None),
        ("Apple iCloud Private Relay domain a.example.com is NXDOMAIN", "NXDOMAIN", None),
        ("Mozilla canary domain a.example.com is NXDOMAIN", "NXDOMAIN", None),
        ("reply a.example.com is blocked during CNAME inspection", None, None),
        ("config a.example.com is NXDOMAIN", "NXDOMAIN", None),
        ("config a.example.com is NODATA-IPv6", "NOERROR", None),
        ("config a.example.com is 0.0.0.0", "NOERROR", NOWHERE),
        ("21746 192.168.7.22/40000 gravity blocked a.example.com is 0.0.0.0", "NOERROR", NOWHERE),
    ],
)
def test_verdicts_become_blocked_events(message: str, code: str | None, answers: str | None) -> None:
    """Every way in which dnsmasq and Pi-hole say that a name was blocked."""
    row = read(message)[0]
    assert (row["skip"], row["reject"]) == (False, None)
    assert (row["event_action"], row["event_outcome"]) == ("blocked", "blocked")
    assert row["dns_question_name"] == "a.example.com"
    assert (row["dns_response_code"], row["dns_answers"]) == (code, answers)


@pytest.mark.parametrize(
    "message",
    [
        "reply a.example.com is 192.0.2.1",
        "reply a.example.com is <CNAME>",
        "reply blocked.example.com is 192.0.2.1",
        "cached denied.example.com is 192.0.2.1",
        "cached-stale a.example.com is 192.0.2.1",
        "forwarded a.example.com to 192.0.2.53",
        "dnssec-query[DS] example.com to 192.0.2.53",
        "validation result is SECURE",
        "/etc/hosts printer.example.com is 192.168.1.9",
        "DHCP laptop-3.example.com is 192.168.7.30",
        "config a.example.com is 192.168.1.9",
        "config a.example.com is <CNAME>",
        "config printer is NXDOMAIN",
        "config laptop-3.lan is NXDOMAIN",
        "config 192.168.7.30 is NXDOMAIN",
        "config error is REFUSED (EDE: not ready)",
        "read /etc/hosts - 8 names",
        "started, version 2.90 cachesize 10000",
        "Pi-hole hostname pi.hole is 192.168.1.9",
    ],
)
def test_answers_and_housekeeping_are_skipped(message: str) -> None:
    """What names no query and no verdict is passed over, also where a name holds a verdict's word."""
    row = read(message)[0]
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize(
    ("kind", "told"),
    [("A", "A"), ("HTTPS", "HTTPS"), ("type=65", "HTTPS"), ("type=64", "SVCB"), ("type=99", "TYPE99")],
)
def test_types_have_one_name(kind: str, told: str) -> None:
    """Types that an older dnsmasq numbers have their names, or the form of RFC 3597."""
    assert read(f"query[{kind}] a.example.com from 192.168.7.22")[0]["dns_question_type"] == told


@pytest.mark.parametrize(
    "message",
    [
        "query[A] a.example.com from nobody",
        "query[A] a.example.com",
        "query[A] a b to 192.168.7.22",
        "query[A",
    ],
)
def test_a_query_that_names_nobody_is_a_reject(message: str) -> None:
    """A query without name and address is bad, not skipped."""
    row = read(message)[0]
    assert (row["reject"], row["skip"]) == ("a query that does not say who asked for what", False)


def test_a_name_may_hold_blanks() -> None:
    """A printer's name in a look-up of services is written as it is; the root has no name."""
    row = read("query[SRV] Staff room 2._ipp._tcp.school.example from 192.168.7.22")[0]
    assert (row["dns_question_name"], row["source_ip"]) == (
        "staff room 2._ipp._tcp.school.example",
        "192.168.7.22",
    )
    assert read("query[NS] . from 192.168.7.22")[0]["dns_question_name"] is None


def test_who_asked_is_the_newest_query_for_the_name() -> None:
    """The verdict has client and type of the last query for that very name, whatever lies between."""
    rows = read(
        "query[A] ads.example.com from 192.168.7.21",
        "query[AAAA] ADS.example.com from 192.168.7.22",
        "query[A] other.example.com from 192.168.7.23",
        BLOCKED,
    )
    assert (rows[3]["source_ip"], rows[3]["dns_question_type"]) == ("192.168.7.22", "AAAA")


def test_nobody_is_named_without_a_recent_query() -> None:
    """A query for another name, a later one, and one too many lines ago name nobody."""
    assert read("query[A] other.example.com from 192.168.7.23", BLOCKED)[1]["source_ip"] is None
    assert read(BLOCKED, QUERY)[0]["source_ip"] is None
    reply = "reply x.example.com is 192.0.2.1"
    assert read(QUERY, *[reply] * (LOOKBACK - 1), BLOCKED)[-1]["source_ip"] == "192.168.7.22"
    assert read(QUERY, *[reply] * LOOKBACK, BLOCKED)[-1]["source_ip"] is None


def test_extra_logging_names_the_client_itself() -> None:
    """With `log-queries=extra` the line's own client counts, and the type is that of the query with its number."""
    rows = read(
        "7 192.168.7.21/40000 query[AAAA] ads.example.com from 192.168.7.21",
        "8 192.168.7.22/40001 query[A] ads.example.com from 192.168.7.22",
        "7 192.168.7.21/40000 gravity blocked ads.example.com is ::",
    )
    assert (rows[2]["source_ip"], rows[2]["source_port"]) == ("192.168.7.21", 40000)
    assert rows[2]["dns_question_type"] == "AAAA"


@pytest.mark.parametrize("between", [1, LOOKBACK - 2, LOOKBACK - 1, LOOKBACK, LOOKBACK + 5])
@pytest.mark.parametrize("filler", ["", "reply x.example.com is 192.0.2.1"])
def test_who_asked_does_not_depend_on_where_blocks_are_cut(between: int, filler: str) -> None:
    """Blocks of a line each look back as far as one block does; blank lines do not count."""
    lines = [QUERY, *[filler] * between, BLOCKED]
    assert read(*lines, block_bytes=1)[-1]["source_ip"] == read(*lines)[-1]["source_ip"]


def test_other_lines_are_skipped_or_rejected() -> None:
    """Another program's line is skipped; one that is no syslog, or has no time, is a reject."""
    rows = read(
        "Jan 12 08:45:10 pihole CRON[800]: x", "junk", "Jan 32 08:45:10 dnsmasq[1]: " + QUERY, prefix=""
    )
    assert [row["skip"] for row in rows] == [True, False, False]
    assert [row["reject"] is None for row in rows] == [True, False, False]
