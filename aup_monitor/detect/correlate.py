"""Correlation rules over whole columns of matches, with the meaning that `reference_correlation` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import MATCH_SCHEMA
from aup_monitor.detect.columnar import FALSE, TRUE
from aup_monitor.detect.correlation import SUBJECTS, Comparison, Correlation
from aup_monitor.detect.tree import AllOf, AnyOf, Node, Not, Selected

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.detect.rule import Rule, RuleSet

_DAY: Final = ("site", "date")
_EVENT: Final = ("timestamp", "source_file", "source_offset")
"""What tells one event from another."""
_ORDER: Final = ("timestamp", "rule", "source_file", "source_offset")


def correlate(matches: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """
    Return the matches (`MATCH_SCHEMA`) with those of the correlation rules, by time, then rule.

    `selections` of a correlation's match names the rule whose match it was. A correlation may read another's matches.

    Args:
        matches: of single events, whole days.
        rules: every rule; matches of those that correlations alone read stay in (see `RuleSet.silent`).

    """
    for rule in rules.correlations:
        matches = pl.concat([matches, _of_rule(matches, rule)])
    return matches.sort(_ORDER, nulls_last=True, maintain_order=True)


def _of_rule(matches: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    correlation = rule.correlation
    hits = matches.filter(pl.col("rule").is_in(correlation.rules)) if correlation else matches.clear()
    if correlation is None or hits.is_empty():
        return matches.clear()
    groups = [f"group {column}" for column in correlation.group_by]
    keys = ["day site", "day date", *groups]
    frame = (
        hits.with_columns(
            pl.col("site").fill_null("").alias("day site"),
            pl.coalesce("date", pl.col("timestamp").dt.date()).alias("day date"),
            *(
                _group(column, correlation).alias(group)
                for column, group in zip(correlation.group_by, groups, strict=True)
            ),
        )
        .drop_nulls(["timestamp", *groups])
        .sort(*keys, *_ORDER, nulls_last=True)
    )
    if correlation.kind == "event_count":
        frame = frame.unique([*keys, *_EVENT], keep="first", maintain_order=True)
    within = _chained(frame, keys, correlation) if correlation.kind == "temporal_ordered" else None
    part = frame.filter(within if within is not None else _windowed(frame, keys, correlation))
    return _named(part.unique([*keys, *_EVENT], keep="first", maintain_order=True), rule, correlation)


def _group(column: str, correlation: Correlation) -> pl.Expr:
    """Return a match's group: the column's text regardless of case, by rule where the column is an alias."""
    meant = (correlation.aliases or {}).get(column)
    if meant is None:
        return _folded(column)
    chosen = [pl.when(pl.col("rule") == rule).then(_folded(own)) for rule, own in sorted(meant.items())]
    return pl.coalesce(chosen)


def _folded(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.to_lowercase()


def _windowed(frame: pl.DataFrame, keys: list[str], correlation: Correlation) -> pl.Series:
    """Return which matches lie in a window, ending at a match, of which the condition holds."""
    measured = (
        frame.rolling("timestamp", period=correlation.timespan, closed="both", group_by=keys)
        .agg(_condition(correlation).alias("holds"))
        .unique([*keys, "timestamp"])
    )
    holds = frame.join(measured, on=[*keys, "timestamp"], how="left", maintain_order="left")
    end = pl.when("holds").then("timestamp").backward_fill().over(keys)
    inside = (end - pl.col("timestamp") <= correlation.timespan).fill_null(value=False)
    return holds.select(inside.alias("inside")).to_series()


def _condition(correlation: Correlation) -> pl.Expr:
    field = correlation.field or ""
    match correlation.kind:
        case "event_count":
            measure = pl.len()
        case "value_count":
            measure = _folded(field).drop_nulls().n_unique()
        case "value_sum":
            measure = pl.col(field).sum()
        case "value_avg":
            measure = pl.col(field).mean()
        case _ if correlation.condition is not None:
            return _holds(correlation.condition)
        case _:
            measure = pl.col("rule").n_unique()
    limits = correlation.limits or (("gte", float(len(correlation.rules))),)
    return pl.all_horizontal([_COMPARED[word](measure, number) for word, number in limits]).fill_null(
        value=False
    )


def _holds(node: Node) -> pl.Expr:
    match node:
        case Selected(rule):
            return (pl.col("rule") == rule).any()
        case Not(inner):
            return ~_holds(inner)
        case AllOf(nodes):
            return pl.all_horizontal([TRUE, *map(_holds, nodes)])
        case AnyOf(nodes):
            return pl.any_horizontal([FALSE, *map(_holds, nodes)])
        case _:
            return FALSE


_COMPARED: Final[dict[Comparison, Callable[[pl.Expr, float], pl.Expr]]] = {
    "gt": lambda measure, number: measure > number,
    "gte": lambda measure, number: measure >= number,
    "lt": lambda measure, number: measure < number,
    "lte": lambda measure, number: measure <= number,
    "eq": lambda measure, number: measure == number,
    "neq": lambda measure, number: measure != number,
}


def _chained(frame: pl.DataFrame, keys: list[str], correlation: Correlation) -> pl.Series:
    """
    Return which matches lie in a chain of the rules in their order, each strictly later than the one before.

    `start` is the latest first link of a chain that ends at a match; it never falls as time goes on.
    """
    first, *others = correlation.rules
    chain = _latest(frame.filter(pl.col("rule") == first).select(*keys, "timestamp", start="timestamp"), keys)
    for rule in others:
        links = frame.filter(pl.col("rule") == rule).select(*keys, "timestamp").sort("timestamp")
        joined = links.join_asof(
            chain.sort("timestamp"),
            on="timestamp",
            by=keys,
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        chain = _latest(joined.drop_nulls("start"), keys)
    whole = chain.filter(pl.col("timestamp") - pl.col("start") <= correlation.timespan)
    joined = frame.join(whole, on=[*keys, "timestamp"], how="left", maintain_order="left")
    inside = pl.col("start").backward_fill().over(keys) <= pl.col("timestamp")
    return joined.select(inside.fill_null(value=False).alias("inside")).to_series()


def _latest(chain: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return for each moment the latest start of any chain up to it."""
    moments = chain.group_by(*keys, "timestamp").agg(pl.col("start").max()).sort(*keys, "timestamp")
    return moments.with_columns(pl.col("start").cum_max().over(keys))


def _named(part: pl.DataFrame, rule: Rule, correlation: Correlation) -> pl.DataFrame:
    """Return matches of the correlation rule, of whom its group says."""
    column = correlation.subject_column
    kind = SUBJECTS[column] if column else ""
    whom = (
        [pl.col(f"group {column}").alias("subject"), pl.lit(kind).alias("subject_kind")]
        if kind not in {"", "user"}
        else []
    )
    named = part.with_columns(pl.col("rule").alias("selections"), pl.lit(rule.name).alias("rule"), *whom)
    return named.select(*MATCH_SCHEMA)
