"""A name amid those that a page brings is no visit; whoever goes to a site begins there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.schema import MATCH_SCHEMA, TIME, conform
from aup_monitor.detect.clusters import AROUND, settled, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
DTYPES = {"timestamp": TIME, "date": pl.Date(), "url_path": pl.String()}
PAGE = [(0.0, "www.paper.example"), (0.3, "img.cdnone.example"), (0.5, "js.cdntwo.example")]
Asked = tuple[float, str]


def events(asked: Sequence[Asked], subject: str = "phone-1", path: str | None = None) -> pl.DataFrame:
    """Return events of one subject: seconds after the first, and the host."""
    rows = [(START + timedelta(seconds=at), date(2026, 9, 15), subject, host, path) for at, host in asked]
    schema = {name: DTYPES.get(name, pl.String()) for name in AROUND}
    return pl.DataFrame(rows, schema=schema, orient="row")


def matches(around: pl.DataFrame, site: str = "bets.example", **more: object) -> pl.DataFrame:
    """Return a match for each event of that site."""
    hit = around.filter(pl.col("destination_domain").str.ends_with(site))
    known = {"rule": "gambling_site", "log_level": 3, "visibility": "dns", **more}
    return conform(
        hit.lazy().with_columns(pl.lit(value).alias(name) for name, value in known.items()), MATCH_SCHEMA
    ).collect()


def left(around: pl.DataFrame, minimum: int = 3, **more: object) -> pl.DataFrame:
    """Return what is left of the matches of the betting site."""
    return settled(matches(around, **more), around, {"gambling_site": minimum})


def test_an_advertisement_of_a_page_is_no_visit() -> None:
    """The betting firm's name comes after a page and two of its parts: a rule on a person's own acts loses it."""
    around = events([*PAGE, (0.9, "ads.bets.example")])

    assert left(around).is_empty()


def test_a_rule_that_looks_at_supporting_content_keeps_it_marked() -> None:
    """It is supporting content, of the page that it came with."""
    kept = left(events([*PAGE, (0.9, "ads.bets.example")]), minimum=2)

    assert kept.select("log_level", "origin_domain").rows() == [(2, "www.paper.example")]


def test_a_visit_begins_with_the_site() -> None:
    """Its own parts come after it, and so do other people's."""
    around = events(
        [(0, "www.bets.example"), (0.4, "cdn.one.example"), (0.6, "b.two.example"), (0.7, "c.three.example")]
    )

    assert left(around).height == 1


def test_one_visit_among_advertisements_is_enough() -> None:
    """Who was there by himself once that day was there: nothing of the site is taken away."""
    around = events([*PAGE, (0.9, "ads.bets.example"), (900, "www.bets.example")])

    assert left(around).height == 2


def test_several_pages_are_a_visit() -> None:
    """Pages of a site that are opened one after the other did not come with another's."""
    pages = pl.concat(
        [events(PAGE), events([(0.9, "bets.example")], path="/a"), events([(1.2, "bets.example")], path="/b")]
    )

    assert left(pages).height == 2


def test_other_peoples_pages_do_not_count() -> None:
    """What other devices asked for at the same time makes no page."""
    around = pl.concat([events(PAGE, "phone-2"), events([(0.9, "bets.example")])])

    assert left(around).height == 1


def test_searches_and_events_without_a_host_are_not_looked_at() -> None:
    """A typed search is an act, whatever came before it."""
    around = events([*PAGE, (0.9, "bets.example")])

    assert left(around, search_query="odds").height == 1
    assert subjects(matches(around, search_query="odds")).is_empty()
    assert subjects(matches(around)).to_list() == ["phone-1"]


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
    around = events(asked)
    kept = left(around)
    mixed = events(chance.sample(asked, len(asked)))  # type: ignore[attr-defined]  # Hypothesis gives a Random

    assert left(mixed).sort("timestamp").equals(kept.sort("timestamp"))
    first = min(asked, default=(0.0, ""))
    if first[1] == "bets.example":
        assert kept.height == matches(around).height
