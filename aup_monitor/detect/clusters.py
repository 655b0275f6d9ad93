"""
What came with other pages, told by time: a name amid the names that a page brings was not gone to.

A page of a newspaper brings two dozen names within a second or two; one of them may be a betting firm's. Media types and
referrers tell that where the log has them. Where it has only names, and for frames, which are pages to a log, time does.
An event is amid others where, in the three seconds before it, the same person's device went to three or more other sites,
one of them at least no mere service (updates and telemetry go on by themselves). Not so where an engine's page stands first
and no advertising came with it: those are the results of a search, from which people go on.

A site (registrable domain) came with others where on that day every event of that person there is amid others, and

- no more than one page of it was opened, with no more than a few parts, at no more than two of its names;
- no page of it was opened from a search, nor typed: without a referrer, in a log that has referrers.

Whoever goes to a site begins there: its own names and parts come after it. Such matches are marked as supporting content
(level 2), with the site that they came with; rules that look at persons' own acts alone lose them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import registrable_domain
from aup_monitor.core.schema import conform
from aup_monitor.detect.enrich import destination_domain, school_time, subject
from aup_monitor.detect.noise import ADVERTISING, OWN_ACT, SUPPORTING, is_supporting, origin_host
from aup_monitor.detect.searches import SearchEngines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.calendar import SchoolCalendar
    from aup_monitor.detect.facts import Facts
    from aup_monitor.detect.quiet import QuietHosts

BEFORE: Final = timedelta(seconds=3)
OTHERS: Final = 3
PAGES, PARTS, NAMES = 1, 4, 2
"""Most pages, parts (pages too) and names of a site that came with others."""

AROUND: Final = {
    "began": pl.Datetime("us", "UTC"),
    "date": pl.Date(),
    "subject": pl.String(),
    "destination_domain": pl.String(),
    "url_path": pl.String(),
    "page": pl.Boolean(),
    "asked_by": pl.String(),
    "quiet": pl.Int8(),
    "source_offset": pl.Int64(),
}
"""
What is asked of the events round about: when the request began, whom it concerns, where to; whether it is a page rather
than a part of one; the host of the page that asked; the log level of a host that nobody goes to.
"""

NO_ENGINES: Final = SearchEngines(())
_SITE: Final = ("subject", "date", "reached")


def subjects(matches: pl.DataFrame) -> pl.Series:
    """Return whose events must be looked at: those with a match of a site that may have come with others."""
    return matches.filter(_in_question())["subject"].unique().drop_nulls().sort()


def around(
    events: pl.LazyFrame, whose: pl.Series, calendar: SchoolCalendar, facts: Facts, quiet: QuietHosts
) -> pl.LazyFrame:
    """Return what `settled` asks, `AROUND`, of events not yet enriched: those of the subjects alone."""
    kept = (
        conform(events)
        .with_columns(*subject(), destination_domain(), *school_time(calendar))
        .filter(pl.col("subject").is_in(whose.implode()) & pl.col("destination_domain").is_not_null())
    )
    # A proxy writes a request down when it ends.
    took = pl.when(pl.col("log_class") == "web").then(pl.col("event_duration")).fill_null(0)
    return kept.select(
        (pl.col("timestamp") - pl.duration(nanoseconds=took)).cast(AROUND["began"]).alias("began"),
        "date",
        "subject",
        "destination_domain",
        "url_path",
        (~is_supporting(facts.noise)).alias("page"),
        origin_host().alias("asked_by"),
        quiet.level("destination_domain").alias("quiet"),
        "source_offset",
    )


def settled(
    matches: pl.DataFrame,
    near: pl.DataFrame,
    minimum: Mapping[str, int],
    engines: SearchEngines = NO_ENGINES,
) -> pl.DataFrame:
    """
    Return the matches, those of sites that came with others marked as such, or left out.

    Args:
        matches: `MATCH_SCHEMA`.
        near: all events, `AROUND`, of the `subjects` of these matches, on the same days.
        minimum: the log level from which on each rule looks (`Rule.min_log_level`).
        engines: from whose results people go on.

    """
    if matches.is_empty() or near.is_empty():
        return matches
    came = _came_with_others(_told(near, engines))
    marked = (
        matches.with_columns(_registrable(matches["destination_domain"]).alias("reached"))
        .join(came, on=_SITE, how="left", maintain_order="left")
        .with_columns((_in_question() & pl.col("came").fill_null(value=False)).alias("lowered"))
        .with_columns(
            pl.when("lowered").then(pl.lit(SUPPORTING, pl.Int8)).otherwise("log_level").alias("log_level"),
            pl.coalesce("origin_domain", pl.when("lowered").then("with")).alias("origin_domain"),
        )
    )
    lowest = pl.col("rule").replace_strict(minimum, default=OWN_ACT, return_dtype=pl.Int8)
    return marked.filter(~pl.col("lowered") | (lowest <= SUPPORTING)).select(matches.columns)


def _in_question() -> pl.Expr:
    """Tell matches of a site that was reached, that are no search, and that look like a person's act."""
    act = pl.col("log_level") >= OWN_ACT
    named = pl.col("destination_domain").is_not_null() & pl.col("search_query").is_null()
    return (named & act).fill_null(value=False)


def _told(near: pl.DataFrame, engines: SearchEngines) -> pl.DataFrame:
    """Return the events in order, each with its site, and whether its host, or the page that asked, is an engine's."""
    known = near.drop_nulls(["began", "subject", "destination_domain"])
    events = known.with_columns(
        _registrable(known["destination_domain"]).alias("reached"),
        _is_engine(known["destination_domain"], engines).alias("engine"),
        _is_engine(known["asked_by"], engines).alias("from_search"),
    )
    ordered = events.sort("subject", "began", "source_offset", "destination_domain", "url_path")
    # Many logs know whole seconds only: within one, the order of the lines is that of the requests.
    order = pl.int_range(pl.len()).over("subject", "began")
    return ordered.with_columns(pl.col("began") + pl.duration(microseconds=order)).sort("subject", "began")


def _came_with_others(events: pl.DataFrame) -> pl.DataFrame:
    """Return each subject's sites of a day: whether they `came` with others, and the host that they came `with`."""
    gone_to = pl.col("quiet").is_null()
    advertising = (pl.col("quiet") == ADVERTISING).fill_null(value=False)
    before = (
        events.rolling("began", period=BEFORE, closed="left", group_by="subject")
        .agg(
            pl.col("reached").n_unique().alias("others"),
            pl.col("destination_domain").filter(gone_to).first().alias("with"),
            (gone_to | advertising).any().alias("of_a_page"),
            (pl.col("engine").first() & ~advertising.any()).alias("after_search"),
        )
        .unique(["subject", "began"])
    )
    seen = events.join(before, on=["subject", "began"], how="left", maintain_order="left")
    amid = (pl.col("others") >= OTHERS) & pl.col("of_a_page") & ~pl.col("after_search")
    page = pl.col("page") & pl.col("url_path").is_not_null()
    has_referrers = pl.col("asked_by").is_not_null().any().over("subject", "date")
    typed = page & has_referrers & pl.col("asked_by").is_null()
    return (
        seen.with_columns(amid.alias("amid"), typed.alias("typed"))
        .group_by(_SITE)
        .agg(
            pl.all_horizontal(
                pl.col("amid").all(),
                pl.col("url_path").filter(page).n_unique() <= PAGES,
                pl.col("url_path").drop_nulls().n_unique() <= PARTS,
                pl.col("destination_domain").n_unique() <= NAMES,
                ~pl.col("typed").any(),
                ~(pl.col("from_search") & page).any(),
            ).alias("came"),
            pl.col("with").sort_by("began").first(),
        )
    )


def _is_engine(hosts: pl.Series, engines: SearchEngines) -> pl.Series:
    known = [host for host in hosts.unique().drop_nulls() if engines.of(host)]
    return hosts.is_in(known).fill_null(value=False)


def _registrable(hosts: pl.Series) -> pl.Series:
    """Return the registrable domain of each host, each distinct one looked at once."""
    distinct = hosts.unique().drop_nulls()
    domains = pl.Series([registrable_domain(host) for host in distinct], dtype=pl.String)
    return hosts.replace_strict(distinct, domains, default=None, return_dtype=pl.String)
