"""Expected parses that lie beside a log, each project's in its own form."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

from evtx import PyEvtxParser

from tests.conformance.reading import Reading, flat, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ENDINGS: Final = ("-expected.json", ".assert", ".golden.json", ".expected.json", ".pcap.out", ".pcapng.out")
"""How the names of expected parses end."""

_ASSERT: Final = re.compile(
    r'^results\["(?P<stage>[^"]+)"\]\["(?P<node>[^"]*)"\]\[(?P<at>\d+)\]\.Evt\.'
    r'(?P<part>Parsed|Meta|Enriched|Unmarshaled)(?P<keys>(?:\["[^"]+"\])+) == "(?P<value>.*)"$'
)
_FIRST_STAGE: Final = "s00-raw"
"""Here CrowdSec only takes the envelope off."""


def beside(path: Path, content: bytes) -> list[Reading]:
    """Return what the files beside a log say of its lines."""
    elastic = path.with_name(f"{path.name}-expected.json")
    if elastic.exists():
        return list(_elastic(_json(elastic), list(places(content))))
    golden = path.with_name(f"{path.name}.golden.json")
    if golden.exists():
        return list(_records(_json(golden), _numbers(content)))
    for plain in (path.with_name(f"{path.stem}.expected.json"), path.with_name(f"{path.name}.expected.json")):
        if plain.exists():
            return list(_by_order("Datadog", _lines_of_json(plain), list(places(content))))
    dump = next((d for d in _dumps(path) if d.exists()), None)
    if dump is not None:
        return list(_dumped(_lines_of_json(dump)))
    asserted = _crowdsec_file(path)
    return list(_crowdsec(asserted.read_text(encoding="utf-8"), list(places(content)))) if asserted else []


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))


def _lines_of_json(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file that is one list, one object, or an object a line."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        whole = json.loads(text)
    except ValueError:
        whole = []
        for line in text.splitlines():
            try:
                whole.append(json.loads(line))
            except ValueError:
                continue
    return [item for item in (whole if isinstance(whole, list) else [whole]) if isinstance(item, dict)]


def _by_order(by: str, items: list[Any], lines: list[tuple[int, str]]) -> Iterator[Reading]:
    """Yield a reading for each line, where there are as many readings as lines."""
    if len(items) == len(lines):
        for item, (offset, _) in zip(items, lines, strict=True):
            if item is not None:
                yield Reading(by, offset, dict(flat(item)))


def _elastic(expected: Any, lines: list[tuple[int, str]]) -> Iterator[Reading]:
    """Yield Elastic's readings: by the offset or the line that each quotes, else by their order."""
    items = expected.get("expected", []) if isinstance(expected, dict) else expected
    known = [None if item is None else dict(flat(item)) for item in items]
    starts = {offset for offset, _ in lines}
    if known and all(item is not None and item.get("log.offset") in starts for item in known):
        yield from (Reading("Elastic", int(item["log.offset"]), item) for item in known if item)
    elif len(known) == len(lines):
        yield from _by_order("Elastic", known, lines)
    else:
        yield from _by_quotation(known, lines)


def _by_quotation(items: list[dict[str, Any] | None], lines: list[tuple[int, str]]) -> Iterator[Reading]:
    quoted: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        text = (item or {}).get("event.original") or (item or {}).get("message")
        if item and isinstance(text, str):
            quoted.setdefault(text.strip(), []).append(item)
    for offset, line in lines:
        if found := quoted.get(line.strip()):
            yield Reading("Elastic", offset, found.pop(0) if len(found) > 1 else found[0])


def _records(items: Iterable[dict[str, Any]], numbers: dict[int, int]) -> Iterator[Reading]:
    """
    Yield Elastic's readings of Windows events, each by its record's number.

    `numbers`: a log that was saved from another has numbers of its own; an event keeps the one that it first had.
    """
    for item in items:
        fields = dict(flat(item))
        if (number := fields.get("winlog.record_id")) is not None:
            yield Reading("Elastic", numbers.get(int(number), int(number)), fields)


def _numbers(content: bytes) -> dict[int, int]:
    """Return for each number that an event of an EVTX file first had, the number of its record in the file."""
    if not content.startswith(b"ElfFile"):
        return {}
    records = PyEvtxParser(io.BytesIO(content)).records_json()
    written = ((json.loads(record["data"])["Event"]["System"], record) for record in records)
    return {int(str(system["EventRecordID"])): record["event_record_id"] for system, record in written}


def _dumps(path: Path) -> list[Path]:
    """Return where a dump of a binary Windows log may lie."""
    if path.suffix.lower() != ".evtx":
        return []
    return [
        path.with_name(stem + end)
        for stem in (path.name, path.stem)
        for end in (".json", ".jsonl", ".ndjson")
    ]


def _dumped(items: Iterable[dict[str, Any]]) -> Iterator[Reading]:
    """Yield the readings of a dump of Windows events, each by its record's number."""
    for item in items:
        fields = dict(flat(item.get("Event", item)))
        number = fields.get("System.EventRecordID", fields.get("System.EventRecordID.#text"))
        if str(number).isdecimal():
            yield Reading("EVTX dump", int(str(number)), fields)


def _crowdsec_file(path: Path) -> Path | None:
    """Return the `parser.assert` whose name begins as the log's does."""
    begin, mark, _ = path.name.rpartition("__")
    found = path.with_name(f"{begin}{mark}parser.assert")
    return found if found.exists() else None


def _crowdsec(text: str, lines: list[tuple[int, str]]) -> Iterator[Reading]:
    """Yield CrowdSec's readings; the message that each quotes says of which line it is."""
    nodes: dict[tuple[str, str], dict[int, dict[str, object]]] = {}
    for said in filter(None, map(_ASSERT.match, text.splitlines())):
        if said["stage"] != _FIRST_STAGE:
            keys = re.findall(r'\["([^"]+)"\]', said["keys"])
            event = nodes.setdefault((said["stage"], said["node"]), {}).setdefault(int(said["at"]), {})
            event[".".join([said["part"], *keys])] = _unquoted(said["value"])
    merged: dict[int, dict[str, object]] = {}
    for events in nodes.values():
        at = 0
        for _, event in sorted(events.items()):
            message = str(event.get("Parsed.message", "")).strip()
            place = next((i for i in range(at, len(lines)) if message and message in lines[i][1]), None)
            if place is not None:
                at = place + 1
                merged.setdefault(lines[place][0], {}).update(event)
    yield from (Reading("CrowdSec", offset, event) for offset, event in sorted(merged.items()))


def _unquoted(text: str) -> str:
    """Undo the escapes of a quoted text."""
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
