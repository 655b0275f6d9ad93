"""CoreDNS' query log: real lines against an independent parse, where the time comes from, and lines cut off."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.coredns import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = Context(reference=datetime(2026, 3, 1, tzinfo=UTC))
STAMP = "2026-01-12T10:03:17.123Z "
ASKED = '[INFO] 192.168.7.21:36413 - 21583 "A IN www.example.org. udp 43 false 512" NOERROR qr,rd,ra 136 0.000102078s'
OURS = {
    "source_ip": "source.ip",
    "source_port": "source.port",
    "network_transport": "network.transport",
    "dns_question_name": "dns.question.name",
    "dns_question_type": "dns.question.type",
    "dns_response_code": "dns.response_code",
    "event_duration": "event.duration",
    "source_bytes": "coredns.query.size",
    "destination_bytes": "coredns.response.size",
}


def read(*lines: str) -> list[dict[str, object]]:
    """Parse lines of CoreDNS."""
    blocks = read_blocks(FORMAT, io.BytesIO("\n".join(lines).encode()), CONTEXT)
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


@pytest.mark.parametrize("name", ["coredns.log", "coredns-json.log"])
def test_real_lines_agree_with_an_independent_parse(shared: Path, name: str) -> None:
    """Ten fields of five real lines, as text and as a container's JSON."""
    path = shared / "samples" / "coredns" / f"elastic-beats__coredns__log__{name}"
    assert recognise(path.read_bytes()) is FORMAT
    expected = json.loads(path.with_name(path.name + "-expected.json").read_text())
    for row, theirs in zip(read(*path.read_text().splitlines()), expected, strict=True):
        assert (row["reject"], row["skip"]) == (None, False)
        assert {ours: row[ours] for ours in OURS} == {ours: theirs[key] for ours, key in OURS.items()}
        assert row["timestamp"] == datetime.fromisoformat(theirs["@timestamp"])


@pytest.mark.parametrize(
    "line",
    [
        STAMP + ASKED,
        "2026-01-12T10:03:17.123 " + ASKED,
        "2026-01-12T10:03:17.123000000Z stdout F " + ASKED + ' "0"',
        "<30>1 2026-01-12T10:03:17.123Z node1 coredns 812 - - " + ASKED,
        json.dumps({"log": ASKED + "\n", "stream": "stdout", "time": "2026-01-12T10:03:17.123000000Z"}),
        json.dumps({"time": "2026-01-12T10:03:17.123Z", "message": ASKED}),
        json.dumps({"message": STAMP + ASKED, "time": "2026-01-12T10:03:18Z"}, separators=(",", ":")),
    ],
)
def test_the_time_is_found_wherever_it_stands(line: str) -> None:
    """Before the level, of the container as text and JSON, of syslog; CoreDNS' own before the container's."""
    row = read(line)[0]
    assert row["reject"] is None
    assert row["timestamp"] == datetime(2026, 1, 12, 10, 3, 17, 123000, tzinfo=UTC)
    assert (row["dns_question_name"], row["event_outcome"]) == ("www.example.org", "allowed")
    assert FORMAT.score(line.encode()) == 1


@pytest.mark.parametrize(
    ("code", "outcome"), [("NOERROR", "allowed"), ("REFUSED", "blocked"), ("NXDOMAIN", "unknown")]
)
def test_codes_have_their_outcome(code: str, outcome: str) -> None:
    """A refusal is blocked; an unknown name may be a filter's word or a slip."""
    row = read(STAMP + ASKED.replace("NOERROR", code))[0]
    assert (row["dns_response_code"], row["event_outcome"]) == (code, outcome)


@pytest.mark.parametrize(
    "line",
    [
        STAMP
        + "[ERROR] plugin/errors: 2 www.example.net. A: read udp 192.0.2.1:39548->192.0.2.53:53: i/o timeout",
        "[INFO] plugin/reload: Running configuration SHA512 = 00",
        STAMP + ASKED.replace(" IN ", " CH "),
    ],
)
def test_what_is_no_question_is_skipped(line: str) -> None:
    """Other plugins' lines and questions about the server itself."""
    row = read(line)[0]
    assert (row["skip"], row["reject"]) == (True, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (STAMP + ASKED[:-30], "a query that does not say"),
        (STAMP + ASKED[:45], "a query that does not say"),
        (ASKED, "no time in the line"),
        ("yesterday " + ASKED, "no time in the line"),
        ("junk", "not a line of CoreDNS"),
        ('{"time":' * 3000, "not a line of CoreDNS"),
    ],
)
def test_what_is_cut_off_is_a_reject(line: str, reason: str) -> None:
    """A question that was cut off, one without a time, and foreign lines are named."""
    row = read(line)[0]
    assert str(row["reject"]).startswith(reason)
    assert not row["skip"]
