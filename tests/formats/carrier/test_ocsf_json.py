"""OCSF documents: classes, verdicts, people, times in every unit, shapes of the published examples, hostile lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.carrier.ocsf_json import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

BASE: Final = {
    "class_uid": 4001,
    "activity_id": 6,
    "time": 1768385649123,
    "src_endpoint": {"ip": "192.0.2.7"},
}


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one document, given by what it has besides or instead."""
    return lambda document, **options: parse(FORMAT, json.dumps(BASE | document), **options)[0]


@pytest.mark.parametrize(
    ("uid", "log_class"),
    [
        (4001, "firewall"),
        (4002, "web"),
        (4003, "dns"),
        (4004, "dhcp"),
        (4007, "firewall"),
        (4009, "mail"),
        (3002, "auth"),
        (3001, "auth"),
        (1001, "endpoint"),
        (1007, "endpoint"),
        (5001, "endpoint"),
        (6003, "cloud"),
        (2004, "firewall"),
        ("4002", "web"),
    ],
)
def test_classes(one: Callable[..., dict[str, Any]], uid: object, log_class: str) -> None:
    """The class tells it; a finding is what it holds."""
    assert one({"class_uid": uid, "dst_endpoint": {"ip": "192.0.2.8"}})["log_class"] == log_class


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"disposition_id": 2, "action_id": 1}, "blocked"),
        ({"disposition_id": 0, "action_id": 2}, "blocked"),
        ({"disposition_id": 99, "disposition": "Blocked by policy"}, "blocked"),
        ({"disposition_id": 19}, "allowed"),
        ({"disposition_id": 27}, "unknown"),
        ({"action_id": 3}, "allowed"),
        ({"action": "Denied"}, "blocked"),
        ({"status_id": 1}, "allowed"),
        ({"status_id": 2}, "unknown"),
        ({"status_id": 2, "class_uid": 3002}, "blocked"),
        ({"action_id": "2"}, "blocked"),
        ({}, "unknown"),
    ],
)
def test_verdicts(one: Callable[..., dict[str, Any]], said: dict[str, Any], outcome: str) -> None:
    """The disposition tells it, else the action, else their words, else whether it succeeded."""
    assert one(said)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1768385649123, datetime(2026, 1, 14, 10, 14, 9, 123000, UTC)),
        (1768385649, datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)),
        (1768385649.5, datetime(2026, 1, 14, 10, 14, 9, 500000, UTC)),
        ("2026-01-14T11:14:09+01:00", datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)),
        ("2026-07-14T10:14:09", datetime(2026, 7, 14, 10, 14, 9, tzinfo=UTC)),
    ],
)
def test_times(one: Callable[..., dict[str, Any]], time: object, expected: datetime) -> None:
    """Milliseconds are usual; seconds and texts occur; a text without a zone is in UTC."""
    assert one({"time": time}, zone="Europe/London")["timestamp"] == expected


def test_who(one: Callable[..., dict[str, Any]]) -> None:
    """Of a log-on the user counts, else who acts; with their own domain and groups."""
    actor = {"actor": {"user": {"name": "PC1$", "domain": "SCHOOL", "groups": [{"name": "Machines"}]}}}
    user = {"user": {"name": "fay.r", "domain": "STAFF", "groups": [{"name": "Staff"}, {"name": "Heads"}]}}
    keys = ("user_name", "user_domain", "user_group")
    assert [one(actor | user | {"class_uid": 3002})[key] for key in keys] == ["fay.r", "STAFF", "Staff,Heads"]
    assert [one(actor | user)[key] for key in keys] == ["PC1$", "SCHOOL", "Machines"]
    assert [one(user)[key] for key in keys] == ["fay.r", "STAFF", "Staff,Heads"]
    assert one({"actor": {"user": {"name": "SCHOOL\\amina.k"}}})["user_domain"] == "SCHOOL"


def test_whose_device(one: Callable[..., dict[str, Any]]) -> None:
    """The device that reports is the client's where nobody else is the client."""
    device = {"device": {"hostname": "PC1", "ip": "192.0.2.7", "mac": "02-00-5E-10-00-01"}}
    assert one(device | {"src_endpoint": {}})["host_name"] == "PC1"
    assert one(device)["source_mac"] == "02:00:5e:10:00:01"
    assert one({"device": {"hostname": "sensor", "ip": "192.0.2.99"}})["host_name"] is None


def test_answers_in_a_list_and_alone(one: Callable[..., dict[str, Any]]) -> None:
    """Answers are a list, or, as some producers write it, one object; a resolver's own name is no site."""
    question = {
        "class_uid": 4003,
        "query": {"hostname": "A.Example."},
        "dst_endpoint": {"hostname": "ns.example"},
    }
    listed = one(question | {"answers": [{"rdata": "192.0.2.8"}, {"rdata": "b.example"}], "rcode": "NoError"})
    alone = one(question | {"answers": {"class": "IN", "rdata": "192.0.2.8"}})
    assert (listed["dns_answers"], alone["dns_answers"]) == ("192.0.2.8,b.example", "192.0.2.8")
    assert (listed["dns_question_name"], listed["dns_response_code"]) == ("a.example", "NOERROR")
    assert listed["url_domain"] is None


def test_a_page(one: Callable[..., dict[str, Any]]) -> None:
    """A page comes whole or in parts; a session's site is the name of its other end."""
    parts = {
        "http_request": {
            "url": {"hostname": "A.Example", "path": "/b", "scheme": "https", "query_string": "c=1"}
        }
    }
    event = one(parts | {"class_uid": 4002})
    assert (event["url_domain"], event["url_path"], event["url_query"]) == ("a.example", "/b", "c=1")
    assert (
        one({"http_request": {"url": {"url_string": "https://a.example/b"}}})["url_full"]
        == "https://a.example/b"
    )
    assert one({"dst_endpoint": {"hostname": "peer.example"}})["url_domain"] == "peer.example"


def test_what_says_nothing_of_anybody_is_passed_over(one: Callable[..., dict[str, Any]]) -> None:
    """A document about the product itself is no event."""
    assert one({"class_uid": 6002, "src_endpoint": {"ip": "-", "name": "-", "port": 0}})["skip"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no whole JSON object"),
        ('{"class_uid":4002,"time":17', "no whole JSON object"),
        ('{"time":1768385649123,"src_endpoint":{"ip":"192.0.2.7"}}', "no class_uid"),
        ('{"class_uid":4002,"src_endpoint":{"ip":"192.0.2.7"}}', "no time"),
        ('{"class_uid":4002,"time":-1}', "no time"),
        ('{"class_uid":4002,"time":99999999999999999999999}', "no time"),
        ('{"class_uid":4002,"time":' + "[" * 100_000 + "}", "no whole JSON object"),
    ],
)
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    (event,) = parse(FORMAT, line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
