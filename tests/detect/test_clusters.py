"""A name amid those that a page brings is no visit; whoever goes to a site begins there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.calendar import SchoolCalendar
from aup_monitor.core.schema import EVENT_SCHEMA, MATCH_SCHEMA, conform
from aup_monitor.detect.clusters import AROUND, around, settled, subjects
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.quiet import QuietHosts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FACTS: Final = load_facts()
START: Final = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
DAY: Final = date(2026, 9, 15)
PAGE: Final = [(0.0, "www.paper.example"), (0.3, "img.cdnone.example"), (0.5, "js.cdntwo.example")]
SEARCH: Final = [(0.0, "www.google.com"), (0.3, "fonts.gstatic.com"), (0.5, "ogads.googleapis.com")]
Asked = tuple[float, str]


def events(asked: Sequence[Asked], subject: str = "phone-1", **more: object) -> pl.DataFrame:
    """Return what is asked of events of one subject: seconds after the first, and the host."""
    rows = [
        {
            "began": START + timedelta(seconds=at),
            "date": DAY,
            "subject": subject,
            "destination_domain": host,
            "page": True,
            **more,
        }
        for at, host in asked
    ]
    return pl.DataFrame(rows, schema=AROUND)


def matches(near: pl.DataFrame, site: str = "bets.example", **more: object) -> pl.DataFrame:
    """Return a match for each event of that site."""
    hit = near.filter(pl.col("destination_domain").str.ends_with(site)).rename({"began": "timestamp"})
    known = {"rule": "gambling_site", "log_level": 3, "visibility": "dns", **more}
    named = hit.lazy().with_columns(pl.lit(value).alias(name) for name, value in known.items())
    return conform(named, MATCH_SCHEMA).collect()


def left(near: pl.DataFrame, minimum: int = 3, **more: object) -> pl.DataFrame:
    """Return what is left of the matches of the betting site."""
    return settled(matches(near, **more), near, {"gambling_site": minimum}, FACTS.engines)


def test_an_advertisement_of_a_page_is_no_visit() -> None:
    """The betting firm's name comes after a page and two of its parts: a rule on a person's own acts loses it."""
    assert left(events([*PAGE, (0.9, "ads.bets.example")])).is_empty()


def test_a_log_of_whole_seconds_is_read_in_the_order_of_its_lines() -> None:
    """Within one second the page stands first, and the advertisement came with it; the other way round it did not."""
    second = [(0.0, host) for _, host in (*PAGE, (0, "ads.bets.example"))]
    lines = pl.Series("source_offset", [0, 100, 200, 300])

    assert left(events(second).with_columns(lines)).is_empty()
    assert left(events(second).with_columns(lines.reverse())).height == 1


def test_a_rule_that_looks_at_supporting_content_keeps_it_marked() -> None:
    """It is supporting content, of the page that it came with."""
    kept = left(events([*PAGE, (0.9, "ads.bets.example")]), minimum=2)

    assert kept.select("log_level", "origin_domain").rows() == [(2, "www.paper.example")]


def test_a_visit_begins_with_the_site() -> None:
    """Its own parts come after it, and so do other people's."""
    near = events(
        [(0, "www.bets.example"), (0.4, "cdn.one.example"), (0.6, "b.two.example"), (0.7, "c.three.example")]
    )

    assert left(near).height == 1


def test_one_visit_among_advertisements_is_enough() -> None:
    """Who was there by himself once that day was there: nothing of the site is taken away."""
    assert left(events([*PAGE, (0.9, "ads.bets.example"), (900, "www.bets.example")])).height == 2


def test_several_pages_parts_or_names_are_a_visit() -> None:
    """A second page, many parts or several names of its own: more than an advertisement brings."""

    def paths(*given: tuple[float, str, bool]) -> pl.DataFrame:
        own = [events([(at, "bets.example")], url_path=path, page=page) for at, path, page in given]
        return pl.concat([events(PAGE), *own])

    frame = ((0.9, "/frame", True), (1.0, "/a.png", False), (1.1, "/b.js", False))
    assert left(paths(*frame)).is_empty()
    assert left(paths((0.9, "/a", True), (1.2, "/b", True))).height == 2
    assert left(paths(*frame, (1.2, "/c.css", False), (1.3, "/d.png", False))).height == 5
    names = [(0.9, "bets.example"), (1.0, "www.bets.example"), (1.1, "img.bets.example")]
    assert left(events([*PAGE, *names])).height == 3


def test_a_result_of_a_search_is_gone_to() -> None:
    """After an engine's page without advertising somebody goes on; an engine's name in a paper's page is a part of it."""
    assert left(events([*SEARCH, (1.9, "www.bets.example")])).height == 1
    assert left(events([*PAGE, (0.6, "www.google.com"), (0.9, "ads.bets.example")])).is_empty()


def test_a_page_opened_from_a_search_or_typed_is_gone_to() -> None:
    """The log's referrers tell it: an engine's, or none where other requests have one."""

    def opened(asked_by: str | None) -> pl.DataFrame:
        parts = events(PAGE, asked_by="www.paper.example")
        return pl.concat([parts, events([(0.9, "bets.example")], url_path="/", asked_by=asked_by)])

    assert left(opened("www.paper.example")).is_empty()
    assert left(opened("www.google.co.uk")).height == 1
    assert left(opened(None)).height == 1


def test_what_computers_do_by_themselves_makes_no_page() -> None:
    """Updates and telemetry go on all the time: a site amid them alone was gone to; amid advertising, it was not."""
    services = [(0.0, "a.one.example"), (0.2, "b.two.example"), (0.4, "c.three.example")]
    visit = events([(0.9, "bets.example")])

    assert left(pl.concat([events(services, quiet=2), visit])).height == 1
    assert left(pl.concat([events(services, quiet=1), visit])).is_empty()


def test_other_peoples_pages_do_not_count() -> None:
    """What other devices asked for at the same time makes no page."""
    assert left(pl.concat([events(PAGE, "phone-2"), events([(0.9, "bets.example")])])).height == 1


def test_searches_and_events_without_a_host_are_not_looked_at() -> None:
    """A typed search is an act, whatever came before it."""
    near = events([*PAGE, (0.9, "bets.example")])

    assert left(near, search_query="odds").height == 1
    assert subjects(matches(near, search_query="odds")).is_empty()
    assert subjects(matches(near)).to_list() == ["phone-1"]


def test_what_is_asked_of_events() -> None:
    """Times are those of the beginning, parts are told from pages, and other subjects are left out."""
    rows: list[Mapping[str, Any]] = [
        {"url_domain": "a.example", "url_path": "/", "event_duration": 2_000_000_000, "user_name": "Kim"},
        {"url_domain": "ads.example", "url_path": "/x.png", "http_request_referrer": "https://A.example/"},
        {"url_domain": "a.example", "user_name": "lee"},
        {"user_name": "kim"},
    ]
    given = [{"timestamp": START, "log_class": "web", "user_name": "kim", **row} for row in rows]
    whole = conform(pl.LazyFrame(given, schema_overrides={"timestamp": EVENT_SCHEMA["timestamp"]}))
    quiet = QuietHosts({}, {})

    found = around(
        whole, pl.Series(["kim"]), SchoolCalendar((), ZoneInfo("Europe/London")), FACTS, quiet
    ).collect()

    assert found.schema == pl.Schema(AROUND)
    assert found.select("began", "destination_domain", "page", "asked_by").rows() == [
        (START - timedelta(seconds=2), "a.example", True, None),
        (START, "ads.example", False, "a.example"),
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 20),
            st.sampled_from(["bets.example", "a.example", "b.example", "c.example", "d.example"]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_is_nothing_and_a_beginning_is_never_lost(
    asked: list[Asked], chance: object
) -> None:
    """Shuffled events give the same; a site before which nothing was asked keeps its matches."""
    near = events(asked)
    kept = left(near)
    mixed = events(chance.sample(asked, len(asked)))  # type: ignore[attr-defined]  # Hypothesis gives a Random

    assert left(mixed).sort("timestamp").equals(kept.sort("timestamp"))
    first = min(asked, default=(0.0, ""))
    if first[1] == "bets.example":
        assert kept.height == matches(near).height
    assert left(near, log_level=2).height == matches(near).height
