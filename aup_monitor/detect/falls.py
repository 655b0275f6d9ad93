"""
A kind of event that grew rare: of all events of a site's day, the share that a rule hits is far below that of the days before.

A filter that blocks hardly anything any more has failed, or traffic passes it unseen. A rule that watches for this says so
(`aup: falls`); it makes no incident of any event, but one of the site and the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import MATCH_SCHEMA, TIME, conform
from aup_monitor.detect.columnar import Compiler, prepare
from aup_monitor.detect.reference import LONDON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from polars._typing import PolarsDataType

    from aup_monitor.detect.rule import Falls, Rule

FEWEST_DAYS: Final = 3
"""Fewer days before tell nothing."""
FEWEST_HITS: Final = 30
"""Where no more hits than these were to be expected, chance alone may leave them out."""

_DAY: Final = ("site", "log_class", "date")

COUNT_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "site": pl.String(),
    "date": pl.Date(),
    "log_class": pl.String(),
    "events": pl.Int64(),
    "hits": pl.Int64(),
    "last": TIME,
}
"""A site's day and kind of log: its events, those that the rule hits, and the time of the last."""


def counted(events: pl.LazyFrame, rule: Rule, zone: ZoneInfo = LONDON) -> pl.DataFrame:
    """Return what the rule hits of each day, `COUNT_SCHEMA`; a rule of this kind asks no list."""
    keys = tuple(dict.fromkeys((*_DAY, *rule.columns)))
    cases = (
        events.filter(pl.col("log_class").is_in(rule.log_classes))
        .group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("events"), pl.col("timestamp").max().alias("last"))
        .collect(engine="streaming")
    )
    hit = Compiler(rule.selections, {}, zone).node(rule.condition)
    return (
        prepare(cases, rule.tests)
        .with_columns(pl.when(hit).then("events").otherwise(0).alias("hits"))
        .group_by(_DAY)
        .agg(pl.col("events", "hits").sum(), pl.col("last").max())
        .select(*COUNT_SCHEMA)
        .sort(_DAY)
    )


def fallen(counts: pl.DataFrame, rule: Rule, days: Sequence[date]) -> pl.DataFrame:
    """
    Return a match (`MATCH_SCHEMA`) for each of the days on which the share fell; its subject is the site.

    Args:
        counts: `COUNT_SCHEMA`, of these days and of those before.
        rule: one that watches for a fall.
        days: which days are judged.

    """
    falls = rule.aup.falls
    if falls is None:
        return pl.DataFrame(schema=MATCH_SCHEMA)
    found = [
        row
        for _, kind in counts.sort("site", "log_class", "date").group_by(
            "site", "log_class", maintain_order=True
        )
        for row in _of_kind(kind.filter(pl.col("events") >= falls.events), rule, falls)
        if row["date"] in days
    ]
    if not found:
        return pl.DataFrame(schema=MATCH_SCHEMA)
    given = {name: MATCH_SCHEMA[name] for name in found[0]}
    return conform(pl.LazyFrame(found, schema=given), MATCH_SCHEMA).collect()


def _of_kind(counts: pl.DataFrame, rule: Rule, falls: Falls) -> Iterable[dict[str, object]]:
    rows = counts.with_columns((pl.col("hits") / pl.col("events")).alias("share")).rows(named=True)
    for n, today in enumerate(rows):
        before = pl.Series([row["share"] for row in rows[max(0, n - falls.days) : n]], dtype=pl.Float64)
        usual = before.median()
        if len(before) < FEWEST_DAYS or not isinstance(usual, float):
            continue
        if usual * today["events"] >= FEWEST_HITS and today["share"] < falls.to * usual:
            yield {
                "timestamp": today["last"],
                "date": today["date"],
                "site": today["site"],
                "log_class": today["log_class"],
                "subject": today["site"],
                "subject_kind": "site",
                "rule": rule.name,
                "selections": ",".join(rule.selections),
                "event_action": f"{today['hits']:,} of {today['events']:,} ({today['share']:.2%}); "
                f"on the days before, {usual:.2%}",
            }
