"""
Matches of one (site, rule, subject, school day) gathered: counted, timed and summed up over whole columns.

    visit     matches with gaps under five minutes
    attempt   blocked matches with gaps of at most ten seconds: a browser asks for one page several times over
    burst     three attempts within ten minutes
    page      a web address seen whole, which is no supporting content and did not only send on to another
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.detect.noise import OWN_ACT
from aup_monitor.detect.signs import signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VISIT_GAP: Final = timedelta(minutes=5)
ATTEMPT_GAP: Final = timedelta(seconds=10)
BURST: Final = timedelta(minutes=10)
BURST_ATTEMPTS: Final = 3
AT_MOST: Final = 10
"""How many details, addresses and devices an incident names."""

CURATED: Final = r"(^|,)(starter-|own\d*-|protective)"
"""How the sources begin that people wrote by hand."""

KEY: Final = ("site", "rule", "subject", "date")
_VISIBILITY: Final = pl.Enum(["event", "dns", "host", "url"])


@dataclass(frozen=True, slots=True)
class Gathered:
    """One incident's matches, summed up. Times are UTC."""

    site: str
    rule: str
    subject: str
    date: date
    subject_kind: str
    role: str
    first_seen: datetime
    last_seen: datetime
    visits: int
    events: int
    blocked: int
    attempts: int
    burst: bool
    pages: int
    searched: bool
    supporting_only: bool
    from_search: bool
    """Whether some page was opened from the results of a search."""
    redirected: bool
    """Whether every own act was only sent on to somewhere else."""
    crowd: int
    """Least number of subjects, this one too, who asked for the same in the same minute."""
    at_night: bool
    """Whether all of it was between eleven at night and five in the morning."""
    again_after_block: bool
    """Whether the person's own acts went on more than ten seconds after the first block."""
    in_school_hours: bool
    minutes: int
    """Estimated time spent: each visit from its first match to its last, and one minute more, rounded down."""
    pages_printed: int
    within: list[str]
    """Of the hours that clauses name, those into which some match fell."""
    leased: bool
    """Whether some match names its account or device by the lease of an address alone."""
    visibility: str
    votes: int
    """Most sources that a list named for one match; 0 where some match needed no list of domains."""
    curated: bool
    """Whether one of the sources was written by hand: a starter list, or the school's own."""
    details: list[str]
    addresses: list[str]
    devices: list[str]
    entries: list[dict[str, str | None]]
    """Distinct evidence, commonest first: selections, list_name, list_entry, list_sources."""


def gather(matches: pl.DataFrame, hours: Mapping[str, pl.Expr]) -> Iterator[Gathered]:
    """Yield the matches (`MATCH_SCHEMA`) summed up by `KEY`, in its order; `hours` are those that clauses name."""
    frame = _ready(matches)
    sums = frame.group_by(KEY, maintain_order=True).agg(*_sums(), _within(hours))
    parts = (
        _attempts(frame),
        _commonest(frame, "detail", "details"),
        _commonest(frame, pl.struct("selections", "list_name", "list_entry", "list_sources"), "entries"),
    )
    for part in parts:
        sums = sums.join(part, on=KEY, how="left", maintain_order="left")
    filled = sums.with_columns(
        pl.col("attempts").fill_null(0), pl.col("burst", "again_after_block").fill_null(value=False)
    )
    for row in filled.drop("last_act", "first_block").iter_rows(named=True):
        yield Gathered(**{**row, "details": row["details"] or [], "entries": row["entries"] or []})


def keyed(matches: pl.DataFrame) -> pl.DataFrame:
    """Return the matches with `KEY` filled, where an event was never enriched."""
    return matches.with_columns(
        pl.col("site").fill_null(""),
        pl.coalesce("date", pl.col("timestamp").dt.date()).alias("date"),
        pl.col("subject").fill_null("unknown"),
    )


def _ready(matches: pl.DataFrame) -> pl.DataFrame:
    """Fill what an event that was never enriched lacks, name what was reached, sort by incident and time."""
    return (
        keyed(matches)
        .with_columns(
            pl.col("subject_kind").fill_null("address"),
            (pl.col("event_outcome") == "blocked").fill_null(value=False).alias("is_blocked"),
            (pl.col("log_level").fill_null(OWN_ACT) >= OWN_ACT).alias("own_act"),
            _detail().alias("detail"),
            *signs(),
        )
        .sort(*KEY, "timestamp", "source_file", "source_offset", nulls_last=True)
    )


def _detail() -> pl.Expr:
    """Return what was reached or used, in the word that tells a reader most."""
    searched = pl.concat_str(pl.lit("search: “"), pl.col("search_query"), pl.lit("”"))
    return pl.coalesce(
        searched,
        "destination_domain",
        "device_name",
        "device_key",
        "package_name",
        "file_name",
        "process_executable",
        "phone_number",
        *_of_accounts(),
        "network_application",
        "destination_ip",
        "event_action",
    )


def _of_accounts() -> tuple[pl.Expr, ...]:
    """Return where mail went, by domain, for an address is a person's; the rights that were given; the school's own rule."""
    domains = pl.col("email_to_address").str.to_lowercase().str.extract_all(r"@[^@,;\s]+")
    given = pl.when(pl.col("event_action").str.contains("(?i)group|role")).then(pl.col("user_group"))
    own_rule = pl.when(pl.col("log_class") == "cloud").then(pl.col("rule_name"))
    mailed = pl.when(domains.list.len() > 0).then(domains.list.unique(maintain_order=True).list.join(", "))
    return mailed, given, own_rule


def _sums() -> list[pl.Expr]:
    time = pl.col("timestamp")
    page = pl.struct("destination_domain", "url_path", "url_query").filter(
        pl.col("own_act") & (pl.col("visibility") == "url") & ~pl.col("redirected")
    )
    return [
        pl.col("subject_kind").max(),  # user before device before address, as the alphabet has it
        pl.col("role").drop_nulls().sort().mode(maintain_order=True).first().fill_null("unknown"),
        time.min().alias("first_seen"),
        time.max().alias("last_seen"),
        _minutes().alias("minutes"),
        pl.col("print_pages").sum().cast(pl.Int64).alias("pages_printed"),
        (1 + (time.diff() >= VISIT_GAP).sum()).cast(pl.Int64).alias("visits"),
        pl.len().cast(pl.Int64).alias("events"),
        pl.col("is_blocked").sum().cast(pl.Int64).alias("blocked"),
        page.n_unique().cast(pl.Int64).alias("pages"),
        (pl.col("search_query").is_not_null() & pl.col("own_act")).any().alias("searched"),
        (~pl.col("own_act")).all().alias("supporting_only"),
        (pl.col("from_search") & pl.col("own_act")).any().alias("from_search"),
        (pl.col("redirected") | ~pl.col("own_act")).all().alias("redirected"),
        pl.col("crowd").min(),
        pl.col("at_night").all(),
        pl.col("in_school_hours").fill_null(value=False).any(),
        (pl.col("attribution") == "lease").fill_null(value=False).any().alias("leased"),
        pl.col("visibility").fill_null("event").cast(_VISIBILITY).max().cast(pl.String),
        _votes().alias("votes"),
        _curated().alias("curated"),
        pl.col("source_ip").drop_nulls().unique().sort().head(AT_MOST).alias("addresses"),
        pl.col("host_name").drop_nulls().unique().sort().head(AT_MOST).alias("devices"),
        time.filter("own_act").max().alias("last_act"),
    ]


def _minutes() -> pl.Expr:
    """Return the estimate of time spent; a page left open in the background counts, a page read at length does not."""
    gap = pl.col("timestamp").diff()
    away = gap >= VISIT_GAP
    spent = gap.filter(~away).sum().dt.total_seconds() // 60
    return (spent.fill_null(0) + 1 + away.sum()).cast(pl.Int64)


def _within(hours: Mapping[str, pl.Expr]) -> pl.Expr:
    fell = [pl.when(test.any()).then(pl.lit(name)) for name, test in hours.items()]
    return pl.concat_list([pl.lit(None, pl.String), *fell]).list.drop_nulls().alias("within")


def _votes() -> pl.Expr:
    by_list = pl.col("list_name").str.starts_with("list.").fill_null(value=False)
    sources = pl.col("list_sources").str.split(",").list.len()
    return pl.when(by_list.all()).then(sources.max()).otherwise(0).cast(pl.Int64)


def _curated() -> pl.Expr:
    """Return whether a list that people wrote by hand, ours or the school's, holds what was met."""
    return pl.col("list_sources").str.contains(CURATED).fill_null(value=False).any()


def _attempts(frame: pl.DataFrame) -> pl.DataFrame:
    time = pl.col("timestamp")
    new = time.diff().over(KEY).fill_null(ATTEMPT_GAP * 2) > ATTEMPT_GAP
    attempts = frame.filter("is_blocked").filter(new)
    close = time.diff(BURST_ATTEMPTS - 1) <= BURST
    sums = attempts.group_by(KEY, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("attempts"), close.any().alias("burst"), time.min().alias("first_block")
    )
    last = frame.filter("own_act").group_by(KEY, maintain_order=True).agg(time.max().alias("last_own"))
    again = pl.col("last_own") - pl.col("first_block") > ATTEMPT_GAP
    return sums.join(last, on=KEY, how="left", maintain_order="left").select(
        *KEY, "attempts", "burst", "first_block", again.alias("again_after_block")
    )


def _commonest(frame: pl.DataFrame, what: str | pl.Expr, name: str) -> pl.DataFrame:
    """Return the commonest values for each incident, ties in the order of their text."""
    counted = frame.select(*KEY, pl.col(what).alias(name) if isinstance(what, str) else what.alias(name))
    return (
        counted.drop_nulls(name)
        .group_by(*KEY, name)
        .len()
        .sort(*KEY, "len", name, descending=[False] * len(KEY) + [True, False])
        .group_by(KEY, maintain_order=True)
        .agg(pl.col(name).head(AT_MOST))
    )
