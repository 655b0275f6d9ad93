"""AdGuard Home's query log: the reasons, the response code out of the answer, and hostile JSON."""

from __future__ import annotations

import base64
import io
import json
import struct
from datetime import UTC, datetime

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.adguard_home import FORMAT
from aup_monitor.formats.reader import read_blocks


def answer(code: int, number: int = 0x4321) -> str:
    """Return an answer as it goes over the wire, in base64, with a response code and the packet's number."""
    head = struct.pack(">HHHHHH", number, 0x8180 | code, 1, 0, 0, 0)
    return base64.b64encode(head + b"\x03www\x07example\x03org\x00\x00\x01\x00\x01").decode()


def entry(code: int = 0, **fields: object) -> str:
    """Return a line as AdGuard Home writes it."""
    line = {
        "T": "2026-01-12T10:03:17.123456789Z",
        "QH": "www.example.org",
        "QT": "A",
        "QC": "IN",
        "CP": "",
        "Answer": answer(code),
        "IP": "192.168.7.21",
        "Result": {},
        "Elapsed": 837429,
    }
    return json.dumps(line | fields, separators=(",", ":"))


def read(*lines: str) -> list[dict[str, object]]:
    """Parse lines of AdGuard Home."""
    blocks = read_blocks(FORMAT, io.BytesIO("\n".join(lines).encode()), Context())
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


@pytest.mark.parametrize(
    ("reason", "name", "outcome"),
    [
        (0, "NotFilteredNotFound", "allowed"),
        (1, "NotFilteredAllowList", "allowed"),
        (2, "NotFilteredError", "allowed"),
        (3, "FilteredBlockList", "blocked"),
        (4, "FilteredSafeBrowsing", "blocked"),
        (5, "FilteredParental", "blocked"),
        (6, "FilteredInvalid", "unknown"),
        (7, "FilteredSafeSearch", "unknown"),
        (8, "FilteredBlockedService", "blocked"),
        (9, "Rewritten", "unknown"),
        (10, "RewrittenAutoHosts", "unknown"),
        (11, "RewrittenRule", "unknown"),
        (12, "12", "allowed"),
    ],
)
def test_reasons_have_their_names_and_outcomes(reason: int, name: str, outcome: str) -> None:
    """The numbers are the order in which AdGuard Home's source names its reasons."""
    row = read(entry(Result={"Reason": reason}))[0]
    assert (row["event_action"], row["event_outcome"]) == (name, outcome)


@pytest.mark.parametrize(
    ("code", "name", "outcome"),
    [
        (0, "NOERROR", "allowed"),
        (1, "FORMERR", "unknown"),
        (2, "SERVFAIL", "unknown"),
        (3, "NXDOMAIN", "unknown"),
        (4, "NOTIMP", "unknown"),
        (5, "REFUSED", "blocked"),
        (9, None, "unknown"),
    ],
)
@pytest.mark.parametrize("number", [0, 0x7FFF, 0xFFFF])
def test_the_response_code_is_read_from_the_wire(
    code: int, name: str | None, outcome: str, number: int
) -> None:
    """Whatever stands round it, the code is that of the answer; without an answer there is none."""
    row = read(entry(Answer=answer(code, number)))[0]
    assert (row["dns_response_code"], row["event_outcome"]) == (name, outcome)
    assert read(entry(Answer=""))[0]["dns_response_code"] is None


def test_a_line_as_adguards_own_tests_write_it() -> None:
    """All fields of version 0.107, in their order, with two rules; the first decided."""
    rules = [
        {"FilterListID": 42, "Text": "||a.example^", "IP": "127.0.0.2"},
        {"FilterListID": 43, "Text": "||b.example^"},
    ]
    result = {"IsFiltered": True, "Reason": 3, "IPList": ["127.0.0.2"], "Rules": rules, "ServiceName": "svc"}
    line = {
        "IP": "127.0.0.1",
        "CID": "cli42",
        "T": "2020-11-25T18:55:56.519796+03:00",
        "QH": "A.example.",
        "QT": "A",
        "QC": "IN",
        "CP": "",
        "ECS": "192.0.2.0/24",
        "Answer": answer(0),
        "Cached": True,
        "AD": True,
        "Result": result,
        "Upstream": "https://some.upstream",
        "Elapsed": 837429,
    }
    row = read(json.dumps(line))[0]
    assert row["timestamp"] == datetime(2020, 11, 25, 15, 55, 56, 519796, tzinfo=UTC)
    assert (row["source_ip"], row["host_name"], row["dns_question_name"]) == (
        "127.0.0.1",
        "cli42",
        "a.example",
    )
    assert (row["rule_name"], row["rule_category"]) == ("||a.example^", "svc")
    assert (row["event_outcome"], row["event_duration"]) == ("blocked", 837429)


def test_an_address_inside_a_rule_is_not_the_clients() -> None:
    """Paths are followed from the top of the object, whatever the order of its fields."""
    line = '{"Result":{"Rules":[{"IP":"192.0.2.9","Text":"x"}],"Reason":7},' + entry()[1:].replace(
        '"Result":{},', ""
    )
    assert read(line)[0]["source_ip"] == "192.168.7.21"


@pytest.mark.parametrize(
    "line",
    [
        "junk",
        "{}",
        "[]",
        "{" * 5000,
        '{"a":' * 5000,
        entry()[:-1],
        entry(QH=6, QT=None, IP=[]),
        entry().replace('"IP"', '"ip"'),
    ],
)
def test_what_is_no_entry_is_a_reject(line: str) -> None:
    """Broken, foreign and deeply nested JSON is named, and nothing is raised."""
    row = read(line)[0]
    assert (row["reject"], row["skip"]) == (
        "not a line of AdGuard Home's query log, or one that was cut off",
        False,
    )


def test_no_time_is_a_reject() -> None:
    """A time that is none is named."""
    assert read(entry(T="12/09/1998T15:00:00+05:00"))[0]["reject"] == "the time is not understood"
    assert read(entry(Elapsed=-1))[0]["event_duration"] is None
