"""Unbound's log: real lines, the ways to write the time, and what policies and local zones did."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.unbound import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = Context(reference=datetime(2026, 3, 1, tzinfo=UTC))
PREFIX = "Jan 12 10:03:17 fw unbound[2541]: [2541:0] info: "
QUERY = "192.168.7.21 www.example.org. A IN"
REPLY = QUERY + " NOERROR 0.020948 0 59"


def read(*lines: str, prefix: str = PREFIX) -> list[dict[str, object]]:
    """Parse lines of Unbound."""
    content = "\n".join(prefix + line for line in lines).encode()
    blocks = read_blocks(FORMAT, io.BytesIO(content), CONTEXT)
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def test_real_lines_of_an_old_version(shared: Path) -> None:
    """Of OSSEC's four lines one is a question; statistics and notices are skipped."""
    text = (shared / "samples" / "unbound" / "ossec__unbound.ini").read_text()
    rows = read(*re.findall(r"^;log \d pass = (.*)$", text, re.MULTILINE), prefix="")
    assert [row["skip"] for row in rows] == [True, False, True, True]
    told = {key: rows[1][key] for key in ("timestamp", "observer_name", "source_ip", "dns_question_name")}
    assert told == {
        "timestamp": datetime(2014, 7, 14, 18, 0, 2, 814490, tzinfo=UTC),
        "observer_name": "arrakis",
        "source_ip": "127.0.0.1",
        "dns_question_name": "talkgadget.google.com",
    }


def test_real_lines_of_pfsense_agree_with_an_independent_parse(shared: Path) -> None:
    """Client, name and type of two real lines are what another parser finds; its zone is another."""
    path = (
        shared
        / "samples"
        / "pfsense-opnsense"
        / "elastic-integrations__pfsense__log__test-pfsense-unbound.log"
    )
    assert recognise(path.read_bytes()) is FORMAT
    expected = json.loads(path.with_name(path.name + "-expected.json").read_text())["expected"]
    for row, theirs in zip(read(*path.read_text().splitlines(), prefix=""), expected, strict=True):
        question = theirs["dns"]["question"]
        assert (row["dns_question_name"], row["dns_question_type"]) == (question["name"], question["type"])
        assert (row["source_ip"], row["skip"], row["reject"]) == (theirs["source"]["ip"], False, None)


@pytest.mark.parametrize(
    ("prefix", "observer"),
    [
        ("Jan 12 10:03:17 fw unbound[2541]: [2541:0] info: ", "fw"),
        ("Jan 12 10:03:17 fw unbound: [2541:0] info: ", "fw"),
        ("Jan 12 10:03:17 unbound[2541:0] info: ", None),
        ("Jan 12 10:03:17 unbound[2541:0] query: ", None),
        ("[1768212197] unbound[2541:0] info: ", None),
        ("[1768212197] unbound: [2541:0] info: ", None),
        ("2026-01-12T10:03:17Z unbound[2541:0] info: ", None),
        ('<30>1 2026-01-12T10:03:17Z fw unbound 7 - [meta sequenceId="5"] [7:0] info: ', "fw"),
    ],
)
def test_the_envelope_is_read_however_it_is_written(prefix: str, observer: str | None) -> None:
    """Syslog old and new, and the three forms of Unbound's own file."""
    row = read(QUERY, prefix=prefix)[0]
    assert (row["reject"], row["observer_name"]) == (None, observer)
    assert row["timestamp"] == datetime(2026, 1, 12, 10, 3, 17, tzinfo=UTC)
    assert (row["source_ip"], row["dns_question_name"]) == ("192.168.7.21", "www.example.org")
    assert FORMAT.score((prefix + QUERY).encode()) == 1


@pytest.mark.parametrize(
    ("message", "rule", "outcome"),
    [
        (
            "rpz: applied [school] casino.example.com. rpz-nxdomain 192.168.7.21@4 casino.example.com. A IN",
            "school",
            "blocked",
        ),
        (
            "rpz: applied casino.example.com. rpz-nodata 192.168.7.21@4 casino.example.com. A IN",
            "casino.example.com",
            "blocked",
        ),
        (
            "rpz: applied [school] casino.example.com. rpz-drop 192.168.7.21@4 casino.example.com. A IN",
            "school",
            "blocked",
        ),
        (
            "rpz: applied [school] casino.example.com. rpz-passthru 192.168.7.21@4 casino.example.com. A IN",
            "school",
            "allowed",
        ),
        (
            "rpz: applied [school] casino.example.com. rpz-local-data 192.168.7.21@4 casino.example.com. A IN",
            "school",
            "unknown",
        ),
        (
            "rpz: applied [school] casino.example.com. rpz-tcp-only 192.168.7.21@4 casino.example.com. A IN",
            "school",
            "unknown",
        ),
        ("example.com. always_nxdomain 192.168.7.21@4 casino.example.com. A IN", "example.com", "blocked"),
        ("example.com. always_null 192.168.7.21@4 casino.example.com. A IN", "example.com", "blocked"),
        ("example.com. refuse 192.168.7.21@4 casino.example.com. A IN", "example.com", "blocked"),
        ("example.com. inform_deny 192.168.7.21@4 casino.example.com. A IN", "example.com", "blocked"),
        ("example.com. redirect 192.168.7.21@4 casino.example.com. A IN", "example.com", "unknown"),
    ],
)
def test_verdicts_become_events(message: str, rule: str, outcome: str) -> None:
    """What Unbound logs of each kind of policy and local zone, as seen of a real one."""
    row = read(message)[0]
    assert (row["skip"], row["reject"]) == (False, None)
    assert (row["rule_name"], row["event_outcome"]) == (rule, outcome)
    assert (row["source_ip"], row["source_port"]) == ("192.168.7.21", 4)
    assert row["dns_question_name"] == "casino.example.com"


def test_a_question_counts_once() -> None:
    """Its answer is skipped unless it is a refusal; an answer alone is an event with code and duration."""
    assert [row["skip"] for row in read(QUERY, REPLY)] == [False, True]
    assert [row["skip"] for row in read(QUERY, REPLY.replace("NOERROR", "REFUSED"))] == [False, False]
    alone = read(REPLY)[0]
    assert (alone["event_action"], alone["event_outcome"]) == ("reply", "allowed")
    assert (alone["dns_response_code"], alone["event_duration"]) == ("NOERROR", 20_948_000)


@pytest.mark.parametrize(
    "message",
    [
        "192.168.7.21 version.bind. TXT CH",
        "192.168.7.21 null TYPE0 CLASS0 REFUSED 0.000000 1 12",
        "school.example. transparent 192.168.7.21@4 printer.school.example. A IN",
        "watched.example. inform 192.168.7.21@4 watched.example. A IN",
        "server stats for thread 0: requestlist max 0 avg 0 exceeded 0 jostled 0",
        "   0.000000    0.000001 10",
        "start of service (unbound 1.17.1).",
    ],
)
def test_what_is_no_question_is_skipped(message: str) -> None:
    """Local names, questions about the server, clients that may not ask, statistics."""
    row = read(message)[0]
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize(
    "message",
    ["192.168.7.21 www.exam", "192.168.7.21", QUERY[:-1], REPLY[:-3], REPLY[:-10], "2001:db8::1 www"],
)
def test_a_question_that_was_cut_off_is_a_reject(message: str) -> None:
    """A client without a whole question is bad, not skipped."""
    row = read(message)[0]
    assert (row["reject"], row["skip"]) == ("a query that does not say who asked for what", False)


def test_other_lines_are_skipped_or_rejected() -> None:
    """Another program's line is skipped; what is no syslog is a reject."""
    rows = read(
        "Jan 12 10:03:17 fw sshd[9]: x", "junk", "Jan 32 10:03:17 fw unbound: [1:0] info: " + QUERY, prefix=""
    )
    assert [row["skip"] for row in rows] == [True, False, False]
    assert [row["reject"] is None for row in rows] == [True, False, False]
