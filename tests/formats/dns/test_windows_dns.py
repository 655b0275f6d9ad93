"""The debug log of Windows DNS Server: real lines, ways to write a date, and which lines are news."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.questions import LOOKBACK
from aup_monitor.formats.dns.windows_dns import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, recognise

if TYPE_CHECKING:
    from pathlib import Path

ASKED = "12/01/2026 08:45:02 0E1C PACKET  0000017DEDFE28D0 UDP Rcv 192.168.7.21    966f   Q [0001   D   NOERROR] A      (3)www(7)example(3)org(0)"
TOLD = ASKED.replace("Rcv", "Snd").replace("966f   Q [0001   D  ", "966f R Q [8081   DR ")
OTHER = ASKED.replace("192.168.7.21", "192.168.7.99")


def read(*lines: str, encoding: str = "utf-8", block_bytes: int = 16 << 20) -> list[dict[str, object]]:
    """Parse lines of the debug log."""
    content = "\r\n".join((*lines, "")).encode(encoding)
    blocks = read_blocks(FORMAT, io.BytesIO(content), Context(), block_bytes=block_bytes)
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def events(path: Path) -> list[tuple[object, ...]]:
    """Return time, client, name, type and code of a file's events."""
    lines = path.read_text().splitlines()
    rows = read(*lines)
    assert [row["reject"] for row in rows] == [None] * len(lines)
    return [
        (
            f"{row['timestamp']:%Y-%m-%dT%H:%M:%S}",
            row["source_ip"],
            row["dns_question_name"],
            row["dns_question_type"],
            row["dns_response_code"],
        )
        for row in rows
        if not row["skip"]
    ]


def test_a_real_file_with_its_head(shared: Path) -> None:
    """The head is skipped; each of two questions counts once, its answer is skipped; summer time is an hour off."""
    path = shared / "samples" / "windows-dns" / "cmtraceopen__dns_debug__clean__basic.log"
    assert events(path) == [
        ("2026-04-11T14:29:17", "127.0.0.1", "home.gell.one", "SOA", None),
        ("2026-04-11T14:29:17", "127.0.0.1", "home.gell.one", "NS", None),
    ]


def test_real_lines_with_response_codes(shared: Path) -> None:
    """An answer whose question is not there is an event with its code; an update is not."""
    path = shared / "samples" / "windows-dns" / "cmtraceopen__dns_debug__mixed__rcodes.log"
    assert events(path) == [
        ("2026-04-11T14:29:17", "127.0.0.1", "home.gell.one", "A", None),
        ("2026-04-11T19:34:00", "127.0.0.1", "home.home.gell.one", "A", "NXDOMAIN"),
    ]


def test_real_lines_of_many_regions(shared: Path) -> None:
    """American, British and year-first dates; what the server was told by others is skipped."""
    path = shared / "samples" / "windows-dns" / "find_string__dns-debug-lines.log"
    assert events(path) == [
        ("2017-04-21T06:52:03", "10.2.0.1", "example.com", "A", "NOERROR"),
        ("2013-06-05T09:00:32", "10.161.60.71", "somecomputer.domain.com", "A", None),
        ("2024-12-02T15:51:54", "10.191.24.4", "esfregbiza2-sh.rel.spdb.com", "A", None),
        ("2019-03-05T16:05:31", "10.202.168.232", "api.blahblah.com", "A", "NOERROR"),
        ("2026-04-11T14:29:17", "127.0.0.1", "home.gell.one", "SOA", None),
        ("2021-12-22T21:46:04", "10.20.0.6", "login.live.com", "A", None),
    ]


def test_real_lines_of_a_domain_controller(shared: Path) -> None:
    """Names with counts and with dots, TCP, and an answer that only its flags show to be one."""
    path = shared / "samples" / "windows-dns" / "logscale__microsoft-dns-logs.log"
    tkey = "1452-ms-7.37-40303c5.b2bc2e02-be00-11ed-0d83-0ab68a36abe9"
    assert events(path) == [
        ("2023-03-09T16:41:01", "::1", "dc01.acme.local", "SOA", None),
        ("2023-03-14T00:43:31", "::1", "wpad.acme.local", "A", "NXDOMAIN"),
        ("2023-03-09T16:41:01", "::1", "acme.local", "NS", "NOERROR"),
        ("2023-03-09T16:41:01", "172.17.0.36", tkey, "TKEY", None),
    ]


def test_real_files_are_recognised(shared: Path) -> None:
    """Each real file is known for what it is, with and without the head."""
    for path in (shared / "samples" / "windows-dns").iterdir():
        assert recognise(path.read_bytes()[:HEAD_BYTES]) is FORMAT


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("12/01/2026 08:45:02", "2026-01-12T08:45:02"),
        ("1/12/2026 8:45:02 AM", "2026-01-12T08:45:02"),
        ("1/12/2026 12:45:02 AM", "2026-01-12T00:45:02"),
        ("1/12/2026 12:45:02 PM", "2026-01-12T12:45:02"),
        ("13/1/2026 8:45:02 AM", "2026-01-13T08:45:02"),
        ("01/13/2026 08:45:02", "2026-01-13T08:45:02"),
        ("2026-01-12 08:45:02", "2026-01-12T08:45:02"),
        ("2026/1/12 8:45:02", "2026-01-12T08:45:02"),
        ("12.01.2026 08:45:02", "2026-01-12T08:45:02"),
        ("12/07/2026 08:45:02", "2026-07-12T07:45:02"),
    ],
)
def test_dates_are_read_as_a_region_writes_them(date: str, told: str) -> None:
    """The month comes first with AM and PM, the day without; what cannot be so is read the other way."""
    row = read(ASKED.replace("12/01/2026 08:45:02", date))[0]
    assert (f"{row['timestamp']:%Y-%m-%dT%H:%M:%S}", row["reject"]) == (told, None)


@pytest.mark.parametrize("date", ["32/13/2026 08:45:02", "12/01/2026 25:45:02", "29/02/2026 08:45:02"])
def test_no_time_is_a_reject(date: str) -> None:
    """A date that no calendar has is named."""
    assert read(ASKED.replace("12/01/2026 08:45:02", date))[0]["reject"] == "the time is not understood"


def test_a_question_counts_once() -> None:
    """Its answer is skipped while the question is near; a later one, or another client's, is an event."""
    assert [row["skip"] for row in read(ASKED, TOLD)] == [False, True]
    assert [row["skip"] for row in read(OTHER, TOLD)] == [False, False]
    assert read(ASKED, *[OTHER] * (LOOKBACK - 1), TOLD)[-1]["skip"]
    assert not read(ASKED, *[OTHER] * LOOKBACK, TOLD)[-1]["skip"]


@pytest.mark.parametrize("between", [LOOKBACK - 1, LOOKBACK])
def test_an_answer_is_news_wherever_blocks_are_cut(between: int) -> None:
    """Blocks of a line each look back as far as one block does."""
    lines = [ASKED, *[OTHER] * between, TOLD]
    assert read(*lines, block_bytes=600)[-1] == read(*lines)[-1]


def test_a_refusal_is_always_an_event() -> None:
    """The server refused the client: blocked."""
    row = read(ASKED, TOLD.replace("NOERROR", "REFUSED"))[1]
    assert (row["skip"], row["event_outcome"]) == (False, "blocked")


def test_the_file_may_be_utf_16() -> None:
    """Copied with PowerShell's `>` the log is UTF-16."""
    assert read(ASKED, encoding="utf-16")[0]["dns_question_name"] == "www.example.org"


@pytest.mark.parametrize(
    "line",
    [
        "junk",
        ASKED[:-3],
        ASKED[:30],
        ASKED[:11],
        ASKED.replace("[0001   D   NOERROR]", "NOERROR"),
        ASKED.replace("192.168.7.21", "nobody"),
        "QueryResponse NOERROR www.example.org. A",
    ],
)
def test_what_is_cut_off_is_a_reject(line: str) -> None:
    """A line that is no packet's and no detail is bad, not skipped."""
    row = read(line)[0]
    assert row["reject"] is not None
    assert not row["skip"]
