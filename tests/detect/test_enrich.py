"""What follows from an event by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from aup_monitor.core.calendar import SchoolCalendar, parse_half_terms
from aup_monitor.core.schema import DERIVED_COLUMNS, EVENT_SCHEMA
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import Facts, load_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

HALF = parse_half_terms({"2026-autumn-2": [date(2026, 10, 19), date(2026, 12, 18)]})
CALENDAR = SchoolCalendar(HALF, ZoneInfo("Europe/London"), inset_days=frozenset([date(2026, 10, 19)]))


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Return the facts that ship."""
    return load_facts()


def one(event: Mapping[str, object], facts: Facts) -> dict[str, object]:
    """Return the event with its derived columns."""
    frame = pl.LazyFrame(
        [event], schema_overrides={name: EVENT_SCHEMA[name] for name in event if name in EVENT_SCHEMA}
    )
    found: dict[str, object] = enrich(frame, facts, CALENDAR).collect().to_dicts()[0]
    return found


def test_every_column_is_there(facts: Facts) -> None:
    """Whatever columns come in, those of an event and the derived ones go out, in their order."""
    found = enrich(
        pl.LazyFrame({"user_name": ["kim"], "other": [1], "role": ["staff"]}), facts, CALENDAR
    ).collect()

    assert found.columns == [*EVENT_SCHEMA, *(column.name for column in DERIVED_COLUMNS)]
    assert found.item(0, "role") == "staff"


@pytest.mark.parametrize(
    ("event", "domain"),
    [
        ({"url_domain": "a.example", "dns_question_name": "b.example"}, "a.example"),
        ({"url_domain": "203.0.113.5", "tls_server_name": "c.example"}, "c.example"),
        ({"url_domain": "203.0.113.5"}, "203.0.113.5"),
        ({"tls_server_name": "c.example"}, "c.example"),
        ({"dns_question_name": "b.example"}, "b.example"),
        ({}, None),
    ],
)
def test_the_host_that_was_reached(event: dict[str, object], domain: str | None, facts: Facts) -> None:
    """The address's host, else the TLS name, else the DNS question; a name rather than a bare address."""
    assert one(event, facts)["destination_domain"] == domain


@pytest.mark.parametrize(
    ("event", "endpoint"),
    [
        ({"log_class": "firewall", "destination_ip": "192.0.2.7", "destination_port": 443}, "192.0.2.7:443"),
        (
            {"log_class": "capture", "destination_ip": "2001:db8::7", "destination_port": 853},
            "[2001:db8::7]:853",
        ),
        ({"log_class": "firewall", "destination_ip": "192.0.2.7"}, None),
        ({"log_class": "firewall", "destination_port": 443}, None),
        ({"log_class": "web", "destination_ip": "192.0.2.7", "destination_port": 443}, None),
    ],
)
def test_the_port_that_a_connection_went_to(
    event: dict[str, object], endpoint: str | None, facts: Facts
) -> None:
    """Address and port as lists of relays write them, of connections alone."""
    assert one(event, facts)["destination_endpoint"] == endpoint


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        ({"url_domain": "a.example", "url_path": "/x"}, "url"),
        ({"url_domain": "a.example", "url_path": "/", "http_request_method": "connect"}, "host"),
        ({"url_domain": "a.example", "url_path": ""}, "host"),
        ({"tls_server_name": "a.example"}, "host"),
        ({"dns_question_name": "a.example"}, "dns"),
        ({"device_class": "DiskDrive"}, "event"),
    ],
)
def test_how_much_was_seen(event: dict[str, object], seen: str, facts: Facts) -> None:
    """A path shows the address, unless it was a CONNECT; then hosts, then DNS."""
    assert one(event, facts)["visibility"] == seen


@pytest.mark.parametrize(
    ("event", "level"),
    [
        ({"url_path": "/"}, 3),
        ({"http_request_method": "CONNECT"}, 3),
        ({"dns_question_name": "a.example"}, 3),
        ({"device_class": "DiskDrive"}, 3),
        ({"url_path": "/x.PNG"}, 2),
        ({"url_path": "/x.png/page"}, 3),
        ({"url_path": "/x.png", "http_response_mime_type": "text/html"}, 3),
        ({"url_path": "/x", "http_response_mime_type": "Image/webp"}, 2),
        ({"url_path": "/x", "http_response_mime_type": "application/javascript; charset=utf-8"}, 2),
        ({"url_path": "/x", "http_response_status_code": 304}, 2),
        ({"url_path": "/x", "http_response_status_code": 304, "http_response_mime_type": "text/html"}, 3),
        ({"url_path": "/x", "event_outcome": "blocked"}, 4),
        ({"url_path": "/x.png", "event_outcome": "blocked"}, 4),
        ({"url_path": "/x", "event_outcome": "blocked", "rule_category": "Web Ads/Trackers"}, 1),
        ({"url_path": "/x", "rule_category": "Adult"}, 3),
        ({"url_domain": "google.com", "url_path": "/complete/search", "url_query": "q=ho"}, 2),
    ],
)
def test_the_log_level(event: dict[str, object], level: int, facts: Facts) -> None:
    """Advertising 1, supporting content 2, a person's act 3, blocked 4."""
    assert one(event, facts)["log_level"] == level


@pytest.mark.parametrize(("path", "text"), [("/article", "how to x"), ("/x.png", None)])
def test_a_page_from_results_tells_the_search(path: str, text: str | None, facts: Facts) -> None:
    """A page that names a results page as its asker was found by that search; the parts of a page were not."""
    event = {
        "url_domain": "b.example",
        "url_path": path,
        "http_request_referrer": "https://www.bing.com/search?q=how+to+x",
    }
    assert one(event, facts)["search_query"] == text


@pytest.mark.parametrize(
    ("referrer", "origin"),
    [
        ("https://News.Example:8443/a?b", "news.example"),
        ("http://user:pw@a.example./", "a.example"),
        ("https://[2001:db8::1]:80/", "2001:db8::1"),
        ("android-app://com.example.app/", "com.example.app"),
        ("-", None),
        (None, None),
    ],
)
def test_the_site_that_content_came_with(referrer: str | None, origin: str | None, facts: Facts) -> None:
    """Supporting content names its page; a page of its own has no other origin."""
    assert one({"url_path": "/x.png", "http_request_referrer": referrer}, facts)["origin_domain"] == origin
    assert one({"url_path": "/x", "http_request_referrer": referrer}, facts)["origin_domain"] is None


@pytest.mark.parametrize(
    ("event", "subject", "kind"),
    [
        ({"user_name": "A.Okafor", "host_name": "PC1"}, "a.okafor", "user"),
        ({"user_name": "PC1$", "host_name": "PC1"}, "pc1", "device"),
        ({"user_name": "SYSTEM", "host_name": "PC1"}, "pc1", "device"),
        (
            {"user_name": " ", "source_mac": "aa:bb:cc:00:11:22", "source_ip": "10.0.0.1"},
            "aa:bb:cc:00:11:22",
            "address",
        ),
        ({"source_ip": "10.0.0.1"}, "10.0.0.1", "address"),
        ({}, "unknown", "address"),
    ],
)
def test_whom_it_concerns(event: dict[str, object], subject: str, kind: str, facts: Facts) -> None:
    """A person's account, else the device, else an address; accounts of computers are no persons."""
    found = one(event, facts)

    assert (found["subject"], found["subject_kind"]) == (subject, kind)


@pytest.mark.parametrize(
    ("moment", "day", "in_hours"),
    [
        (datetime(2026, 10, 20, 7, 30, tzinfo=UTC), date(2026, 10, 20), True),  # 8.30 in summer time
        (datetime(2026, 10, 20, 7, 29, 59, tzinfo=UTC), date(2026, 10, 20), False),
        (datetime(2026, 10, 26, 15, 29, 59, tzinfo=UTC), date(2026, 10, 26), True),  # winter time
        (datetime(2026, 10, 26, 15, 30, tzinfo=UTC), date(2026, 10, 26), False),
        (datetime(2026, 10, 20, 23, 30, tzinfo=UTC), date(2026, 10, 21), False),
        (datetime(2026, 10, 19, 10, tzinfo=UTC), date(2026, 10, 19), False),  # inset day
        (datetime(2026, 10, 24, 10, tzinfo=UTC), date(2026, 10, 24), False),  # Saturday
    ],
)
def test_school_time(moment: datetime, day: date, in_hours: bool, facts: Facts) -> None:
    """Day and hours are the school's own, summer and winter, and agree with the calendar."""
    found = one({"timestamp": moment}, facts)

    assert (found["date"], found["in_school_hours"]) == (day, in_hours)
    assert CALENDAR.in_hours(moment) is in_hours


def test_a_day_streams_to_the_same_events(facts: Facts) -> None:
    """The streaming engine, batch by batch, gives the same events in the same order."""
    events = pl.LazyFrame(
        {
            "url_domain": [f"site{n % 40}.example" if n % 3 else "www.bing.com" for n in range(5000)],
            "url_path": ["/search"] * 5000,
            "url_query": [f"q=word+{n % 7}" for n in range(5000)],
            "source_offset": range(5000),
        }
    )
    batches = enrich(events, facts, CALENDAR).collect_batches(chunk_size=700)

    assert_frame_equal(pl.concat(list(batches)), enrich(events, facts, CALENDAR).collect())
