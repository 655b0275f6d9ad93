"""ECS documents: Elastic's own real ones, keys nested and with dots, verdicts, whose host it is, hostile lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.carrier.ecs_json import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIME: Final = {"@timestamp": "2026-01-14T10:14:09.123Z"}
SAME: Final = {
    "@timestamp": "timestamp",
    **{
        name: name.replace(".", "_")
        for name in (  # noqa: SIM905 - a list of names reads best as words
            "event.code event.action event.duration observer.vendor observer.product source.ip source.port source.mac "
            "source.bytes user.name user.domain destination.ip destination.port destination.bytes network.transport "
            "network.protocol network.application url.full url.scheme url.domain url.path url.query http.request.method "
            "http.response.status_code http.response.mime_type http.request.referrer user_agent.original "
            "dns.question.name dns.question.type dns.response_code tls.client.server_name rule.name rule.category "
            "process.executable process.command_line file.name package.name package.version"
        ).split()
    },
    "tls.client.server_name": "tls_server_name",
    "tls.client.ja4": "tls_client_ja4",
}


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one document, given by its parts besides the time."""
    return lambda document: parse(FORMAT, json.dumps(TIME | document))[0]


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the documents of every file of Elastic's readings of real logs."""
    for path in sorted(folder.glob("*/*-expected.json")):
        items = json.loads(path.read_text())
        listed = items.get("expected", []) if isinstance(items, dict) else items
        yield from (item for item in listed if isinstance(item, dict))


def _address(text: str) -> object:
    address = ip_address(text)
    return None if address.is_unspecified else str(address)


def _port(text: str) -> object:
    return text if 0 < int(text) < 1 << 16 else None


def _mac(text: str) -> object:
    mac = text.lower().replace("-", ":")
    return mac if len(mac) == len("02:00:5e:10:00:01") and mac.strip("0:") else None


def _protocol(text: str) -> object:
    word = text.lower()
    return None if "<" in word else {"https": "tls", "ssl": "tls"}.get(word, word)


MEANT: Final[dict[str, Callable[[str], object]]] = {
    "source.ip": _address,
    "destination.ip": _address,
    "source.port": _port,
    "destination.port": _port,
    "source.mac": _mac,
    "network.protocol": _protocol,
    "network.transport": lambda text: None if text.isdigit() else text.strip().lower(),
    "event.duration": lambda text: int(float(text)),
    "url.full": lambda text: text if "://" in text else None,
    "url.domain": lambda text: None if "(" in text or "," in text else text.lower(),
    "user.name": lambda text: None if text in ("-", "(empty)") else text,
    "http.response.status_code": lambda text: text if text != "0" else None,
}
"""Field -> what it means in our spelling; None where it says nothing that is kept."""


def _meant(name: str, value: object) -> object:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return MEANT[name](text) if name in MEANT else text


def test_real_documents_come_out_as_they_are(
    shared: Path,
    parse: Callable[..., list[dict[str, Any]]],
    differences: Callable[..., Any],
    flat: Callable[..., Iterator[tuple[str, Any]]],
) -> None:
    """Each field of thousands of Elastic's documents is in its column; only its spelling may be another."""
    compared, strange, events = 0, [], 0
    found = list(documents(shared / "samples"))
    for item, event in zip(found, parse(FORMAT, *map(json.dumps, found)), strict=True):
        theirs = dict(flat(item))
        meant = {name: _meant(name, theirs[name]) for name in SAME if theirs.get(name)}
        if "@" in str(theirs.get("user.name")) or "\\" in str(theirs.get("user.name")):
            # An account's domain is a column of its own.
            meant.pop("user.name")
        count, wrong = differences(event, meant, SAME)
        compared += count
        strange += wrong
        events += event["reject"] is None and not event["skip"]
    # A CONNECT has no path, whatever else is written.
    assert [name for name, *_ in strange] == ["url.path"]
    assert compared > 30_000
    assert events > 3_000


def test_a_program_s_own_messages_are_passed_over(
    shared: Path, parse: Callable[..., list[dict[str, Any]]]
) -> None:
    """What a program says of itself is nobody's act."""
    log = shared / "samples" / "misc-weblog-syslog" / "lnav__logfile_ecs_log.json"
    assert {row["user_name"] for row in parse(FORMAT, *log.read_text().splitlines())} == {None}


@pytest.mark.parametrize(
    "document",
    [
        {
            "source": {"ip": "192.0.2.7"},
            "user": {"name": "amina"},
            "http": {"response": {"status_code": 403}},
        },
        {"source.ip": "192.0.2.7", "user.name": "amina", "http.response.status_code": 403},
        {"source.ip": "192.0.2.7", "user": {"name": "amina"}, "http": {"response.status_code": "403"}},
        {
            "client": {"ip": "192.0.2.7"},
            "source.user": {"name": "amina"},
            "http.response": {"status_code": 403},
        },
    ],
)
def test_keys_in_every_shape(one: Callable[..., dict[str, Any]], document: dict[str, Any]) -> None:
    """Nested keys, keys with dots and both mean the same."""
    event = one(document)
    assert (event["source_ip"], event["user_name"]) == ("192.0.2.7", "amina")
    assert event["http_response_status_code"] == 403


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"type": ["connection", "denied"], "action": "allow"}, "blocked"),
        ({"type": "allowed", "outcome": "failure"}, "allowed"),
        ({"action": "dropped", "outcome": "success"}, "blocked"),
        ({"action": "flow", "outcome": "success"}, "allowed"),
        ({"action": "flow", "outcome": "failure"}, "unknown"),
        ({"category": ["authentication"], "action": "logged-in", "outcome": "failure"}, "blocked"),
        ({"category": ["authentication"], "action": "logged-in"}, "allowed"),
        ({}, "unknown"),
    ],
)
def test_verdicts(one: Callable[..., dict[str, Any]], said: dict[str, Any], outcome: str) -> None:
    """The type tells it, else the action's words, else success; of a log-on first whether it was one."""
    assert one({"event": said, "source": {"ip": "192.0.2.7"}})["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("document", "log_class"),
    [
        ({"event.category": ["web", "network"]}, "web"),
        ({"event.category": ["email"]}, "mail"),
        ({"event.category": ["network", "session"], "destination.ip": "192.0.2.8"}, "firewall"),
        (
            {"event.category": ["network"], "destination": {"ip": "192.0.2.8", "domain": "a.example"}},
            "firewall",
        ),
        ({"event.category": ["network"], "url.domain": "a.example"}, "web"),
        ({"event.category": ["network"], "dns.question.name": "a.example"}, "dns"),
        ({"event.category": ["iam"]}, "auth"),
        ({"event.category": ["iam"], "event.dataset": "o365.audit"}, "cloud"),
        ({"event.category": ["authentication"], "event.dataset": "o365.audit"}, "auth"),
        ({"event.category": ["process"]}, "endpoint"),
        ({"user.name": "amina"}, "auth"),
    ],
)
def test_classes(one: Callable[..., dict[str, Any]], document: dict[str, Any], log_class: str) -> None:
    """The categories tell the class, else what the document holds."""
    assert one({"source.ip": "192.0.2.7"} | document)["log_class"] == log_class


@pytest.mark.parametrize(
    ("document", "host"),
    [
        ({"host.name": "PC1", "user.name": "amina"}, "PC1"),
        ({"host.name": "collector", "source.ip": "192.0.2.7"}, None),
        ({"host": {"name": "PC1", "ip": ["2001:db8::7", "192.0.2.7"]}, "source.ip": "192.0.2.7"}, "PC1"),
        ({"host": {"name": "PC1", "ip": ["192.0.2.77"]}, "source.ip": "192.0.2.7"}, None),
        ({"host.name": "collector", "source": {"ip": "192.0.2.7", "domain": "PC2"}}, "PC2"),
    ],
)
def test_whose_host(one: Callable[..., dict[str, Any]], document: dict[str, Any], host: str | None) -> None:
    """The machine that collected a document is not the client's device."""
    assert one(document)["host_name"] == host


def test_an_address_from_its_parts(one: Callable[..., dict[str, Any]]) -> None:
    """A path is put behind its host; an address without a scheme gets one; a lone host is no address."""
    port = {"destination.port": 443, "source.ip": "192.0.2.7"}
    assert (
        one(port | {"url": {"original": "/a?b=1", "domain": "a.example"}})["url_full"]
        == "https://a.example/a?b=1"
    )
    assert one(port | {"url": {"original": "a.example/b"}})["url_full"] == "https://a.example/b"
    event = one(port | {"url": {"domain": "a.example"}})
    assert (event["url_full"], event["url_domain"]) == (None, "a.example")


def test_answers_are_joined(one: Callable[..., dict[str, Any]]) -> None:
    """The data of all answers stand in one text; addresses alone serve in their place."""
    answers = [{"type": "CNAME", "data": "b.example"}, {"data": "192.0.2.9", "type": "A"}]
    question = {"question": {"name": "A.Example."}}
    assert one({"dns": question | {"answers": answers}})["dns_answers"] == "b.example,192.0.2.9"
    assert one({"dns": question | {"resolved_ip": ["192.0.2.9"]}})["dns_answers"] == "192.0.2.9"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-01-14T11:14:09.5+01:00", datetime(2026, 1, 14, 10, 14, 9, 500000, UTC)),
        ("2026-01-14T11:14:09.5+0100", datetime(2026, 1, 14, 10, 14, 9, 500000, UTC)),
        ("2026-07-14T10:14:09", datetime(2026, 7, 14, 10, 14, 9, tzinfo=UTC)),
        (1768385649123, datetime(2026, 1, 14, 10, 14, 9, 123000, UTC)),
    ],
)
def test_times(one: Callable[..., dict[str, Any]], time: object, expected: datetime) -> None:
    """Offsets count, a time without one is in UTC, and a number is of milliseconds."""
    assert one({"@timestamp": time, "source.ip": "192.0.2.7"})["timestamp"] == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no whole JSON object"),
        ('{"@timestamp":"2026-01-14T10:14:09Z","source":{"ip":"192.0.2', "no whole JSON object"),
        ('{"source":{"ip":"192.0.2.7"}}', "no @timestamp"),
        ('{"@timestamp":{"a":1},"source":{"ip":"192.0.2.7"}}', "no @timestamp"),
        ('{"@timestamp":' + "[" * 100_000 + "]" * 100_000 + "}", "no whole JSON object"),
    ],
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    (event,) = parse(FORMAT, line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
