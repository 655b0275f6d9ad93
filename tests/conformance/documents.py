"""Documents that quote a log's lines: rows of a table, examples of a parser, cases of a test."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from tests.conformance.reading import Reading, flat
from tests.conformance.told import time_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Quoted = tuple[bytes, list[Reading]]

_RAW: Final = (
    "SyslogMessage",
    "RawData",
    "RawMessage",
    "Message",
    "message",
    "_raw",
    "raw",
    "event.original",
)
"""Columns in which tables of parsed logs keep the line itself, the likeliest first."""
_TIMED: Final = re.compile(r"\d:\d\d:\d\d|\b1\d{9}\b")
_CASE: Final = re.compile(rb"^;?\s*log \d+ (?:pass|fail) = (.*)$", re.MULTILINE)


def inside(content: bytes) -> Quoted | None:
    """Return the log that a document quotes, with what it says of each line; None where it is a log itself."""
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if start == b"<" and b"<normalizer" in content[:20_000]:
        return _pylogsparser(content)
    if cases := _CASE.findall(content):
        return _joined([(case.decode("utf-8", "replace"), None) for case in cases], "")
    return _json_rows(content) if start in (b"[", b"{") else None


def _joined(rows: list[tuple[str, Mapping[str, object] | None]], by: str) -> Quoted:
    """Return the lines as a file, with the readings at their places."""
    text, readings = bytearray(), []
    for line, fields in rows:
        if fields:
            readings.append(Reading(by, len(text), fields))
        text += " ".join(line.splitlines()).encode() + b"\n"
    return bytes(text), readings


def _json_rows(content: bytes) -> Quoted | None:
    """Return the lines of a table in JSON, or of a list of events; a log in JSON lines is none of these."""
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if isinstance(whole, dict) and isinstance(whole.get("events"), list):
        return _joined([(_event(event), None) for event in whole["events"]], "")
    if not isinstance(whole, list) or not whole or not all(isinstance(row, dict) for row in whole):
        return None
    column = next((c for c in _RAW if any(isinstance(row.get(c), str) and row[c] for row in whole)), None)
    if column is None:
        return None
    rows = [{name.removesuffix(" [UTC]"): value for name, value in flat(row)} for row in whole]
    lines = [(_enveloped(str(row.get(column) or ""), row), row) for row in rows]
    return _joined([(line, row) for line, row in lines if line.strip()], "Azure Sentinel")


def _enveloped(line: str, row: Mapping[str, object]) -> str:
    """Return a line with the envelope that the collector took off and kept in columns, if it has no time of its own."""
    sent, program = time_of(row.get("EventTime")), row.get("ProcessName")
    if not line.strip() or _TIMED.search(line) or sent is None or not program:
        return line
    machine = row.get("HostName") or row.get("Hostname") or row.get("Computer") or "-"
    number = str(row.get("ProcessID") or "")
    return f"{sent.isoformat()} {machine} {program}{f'[{number}]' if number.isdecimal() else ''}: {line}"


def _event(event: Any) -> str:
    """Return an event of Elastic's test input as its line."""
    if isinstance(event, dict):
        original = event.get("event", {}).get("original") if isinstance(event.get("event"), dict) else None
        for line in (event.get("message"), original):
            if isinstance(line, str):
                return line
        event = event.get("json", event)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _pylogsparser(content: bytes) -> Quoted | None:
    """Return the examples of a pylogsparser normaliser."""
    text = re.sub(rb"<!DOCTYPE[^>]*>", b"", content)
    try:
        root = ET.fromstring(text)  # noqa: S314 - a sample that whoever runs this chose, its DOCTYPE taken out
    except ET.ParseError:
        return None
    rows: list[tuple[str, Mapping[str, object] | None]] = []
    for example in root.iter("example"):
        line = (example.findtext("text") or "").strip()
        tags = {tag.get("name", ""): tag.text for tag in example.iter("expectedTag")}
        if line:
            rows.append((line, tags))
    return _joined(rows, "pylogsparser") if rows else None
