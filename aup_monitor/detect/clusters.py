"""
What came with other pages, told by time: a name amid the names that a page brings was not gone to.

A page of a newspaper brings two dozen names within a second or two; one of them may be a betting firm's. Media types and
referrers tell that where the log has them. Where it has only names, and for frames, which are pages to a log, time does:

- an event is amid others where, in the three seconds before it, the same person's device went to three or more other sites;
- a site (registrable domain) came with others where on that day every event of that person there is amid others, and no
  more than one page of it was opened.

Whoever goes to a site begins there: its own names and parts come after it. Such matches are marked as supporting content
(level 2), with the site that they came with; rules that look at persons' own acts alone lose them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import registrable_domain
from aup_monitor.detect.noise import OWN_ACT, SUPPORTING

if TYPE_CHECKING:
    from collections.abc import Mapping

BEFORE: Final = timedelta(seconds=3)
OTHERS: Final = 3
PAGES: Final = 1
AROUND: Final = ("timestamp", "date", "subject", "destination_domain", "url_path")
"""Columns that are asked of the events round about."""
_SITE: Final = ("subject", "date", "reached")


def subjects(matches: pl.DataFrame) -> pl.Series:
    """Return whose events must be looked at: those with a match of a site that may have come with others."""
    return matches.filter(_in_question())["subject"].unique().drop_nulls().sort()


def settled(matches: pl.DataFrame, around: pl.DataFrame, minimum: Mapping[str, int]) -> pl.DataFrame:
    """
    Return the matches, those of sites that came with others marked as such, or left out.

    Args:
        matches: `MATCH_SCHEMA`.
        around: all events, `AROUND`, of the `subjects` of these matches, on the same days.
        minimum: the log level from which on each rule looks (`Rule.min_log_level`).

    """
    if matches.is_empty() or around.is_empty():
        return matches
    came = _came_with_others(around)
    marked = (
        matches.with_columns(_registrable(matches["destination_domain"]).alias("reached"))
        .join(came, on=_SITE, how="left", maintain_order="left")
        .with_columns((_in_question() & pl.col("with").is_not_null()).alias("lowered"))
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


def _came_with_others(around: pl.DataFrame) -> pl.DataFrame:
    """Return the sites of each subject and day that came with others, and `with`: the first host of the page before."""
    known = around.drop_nulls(["timestamp", "subject", "destination_domain"])
    events = known.with_columns(_registrable(known["destination_domain"]).alias("reached"))
    ordered = events.sort("subject", "timestamp", "reached", "url_path")
    before = (
        ordered.rolling("timestamp", period=BEFORE, closed="left", group_by="subject")
        .agg(pl.col("reached").n_unique().alias("others"), pl.col("destination_domain").first().alias("with"))
        .unique(["subject", "timestamp"])
    )
    seen = ordered.join(before, on=["subject", "timestamp"], how="left")
    return (
        seen.group_by(_SITE)
        .agg(
            (pl.col("others") >= OTHERS).all().alias("amid"),
            pl.col("url_path").drop_nulls().n_unique().alias("pages"),
            pl.col("with").sort_by("timestamp").first(),
        )
        .filter(pl.col("amid") & (pl.col("pages") <= PAGES))
        .select(*_SITE, "with")
    )


def _registrable(hosts: pl.Series) -> pl.Series:
    """Return the registrable domain of each host, each distinct one looked at once."""
    distinct = hosts.unique().drop_nulls()
    domains = pl.Series([registrable_domain(host) for host in distinct], dtype=pl.String)
    return hosts.replace_strict(distinct, domains, default=None, return_dtype=pl.String)
