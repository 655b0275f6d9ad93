"""
Events judged by rules: a row for each event and rule that hits it.

A rule sees only its own columns, so each distinct combination of them is judged once, and lists are asked each value
once. Events pass in slices, so that a long day is never held whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.schema import MATCH_SCHEMA, conform
from aup_monitor.detect.columnar import FALSE, Asked, Compiler, prepare
from aup_monitor.detect.evidence import EVIDENCE, asked_of, with_evidence
from aup_monitor.detect.reference import DEFAULT_LOG_LEVEL, LONDON
from aup_monitor.detect.tree import Keyword
from aup_monitor.detect.vocabulary import COLUMNS, KEYWORD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.rule import Rule

SLICE: Final = 250_000
"""Events looked at together."""
_ROW: Final = "row"
_ROUTE: Final = ("log_class", "log_level", "event_code")
_MANY_COLUMNS: Final = 8
_VARIED: Final = frozenset(
    [
        "event_duration",
        "timestamp",
        "source_port",
        "url_full",
        "url_path",
        "url_query",
        "http_request_referrer",
        "source_bytes",
        "destination_bytes",
        "process_command_line",
    ]
)
"""With one of these, or with many columns, hardly two events are alike: to look for those that are costs too much."""
_NOTHING: Final = pl.DataFrame(schema={_ROW: pl.get_index_type(), **{name: pl.String() for name in EVIDENCE}})
_ORDER: Final = ("timestamp", "rule", "source_file", "source_offset")


def match(
    events: pl.LazyFrame | pl.DataFrame,
    rules: Iterable[Rule],
    lookups: Mapping[str, Lookup],
    zone: ZoneInfo = LONDON,
) -> pl.DataFrame:
    """
    Return the matches of one site's day, columns `MATCH_SCHEMA`, by time, then rule.

    Args:
        events: enriched events (columns of `EVENT_SCHEMA` and `DERIVED_COLUMNS`; absent ones count as null).
        rules: the rules; each list that one asks must be in `lookups` (see `RuleSet.with_lists`).
        lookups: lists by name, such as `list.gambling`.
        zone: the site's time zone, for rules on the hour or the weekday.

    Raises:
        KeyError: a rule asks a list that is not in `lookups`.

    """
    bench = _Bench(tuple(rules), lookups, zone)
    parts = [bench.judge(piece) for piece in _slices(events, bench.relevant)]
    return pl.concat([pl.DataFrame(schema=MATCH_SCHEMA), *parts]).sort(
        _ORDER, nulls_last=True, maintain_order=True
    )


def _slices(events: pl.LazyFrame | pl.DataFrame, relevant: pl.Expr) -> Iterator[pl.DataFrame]:
    """Yield slices of the events that any rule looks at, with the columns `COLUMNS`."""
    if isinstance(events, pl.DataFrame):
        for piece in events.iter_slices(SLICE):
            yield conform(piece.lazy(), COLUMNS).filter(relevant).collect()
    else:
        yield from conform(events, COLUMNS).filter(relevant).collect_batches(chunk_size=SLICE)


class _Group(NamedTuple):
    """Rules that see no more than these columns."""

    columns: tuple[str, ...]
    rules: tuple[Rule, ...]


class _Bench:
    """Judges slices of events by the same rules, remembering what lists have answered."""

    def __init__(self, rules: tuple[Rule, ...], lookups: Mapping[str, Lookup], zone: ZoneInfo) -> None:
        rules = tuple(rule for rule in rules if rule.log_classes and not rule.aup.falls)
        self._groups = _groups(rules)
        self._answers = {name: _Answers(lookups[name]) for rule in rules for name in rule.lists}
        self._zone = zone
        self.relevant = _any_routed(rules)

    def judge(self, events: pl.DataFrame) -> pl.DataFrame:
        frame = events.with_row_index(_ROW)
        if frame.is_empty():
            return pl.DataFrame(schema=MATCH_SCHEMA)
        evidence = pl.concat(
            [_NOTHING, *(part for group in self._groups for part in self._judge_group(frame, group))]
        )
        rows = frame.select(pl.exclude(_ROW))[evidence.get_column(_ROW)]
        full = pl.concat([rows, evidence.drop(_ROW)], how="horizontal")
        return conform(full.lazy(), MATCH_SCHEMA).collect()

    def _judge_group(self, frame: pl.DataFrame, group: _Group) -> Iterator[pl.DataFrame]:
        cases = _cases(frame.lazy().filter(_any_routed(group.rules)), group.columns)
        found = self._ask(cases, group.rules)
        values = {asked: table.get_column("value") for asked, table in found.items()}
        cases = prepare(cases, (leaf for rule in group.rules for leaf in rule.tests))
        compilers = [Compiler(rule.selections, values, self._zone) for rule in group.rules]
        verdicts = (
            cases.lazy()
            .select(
                pl.col(_ROW),
                *(
                    (_routed(rule) & compiler.node(rule.condition)).alias(rule.name)
                    for rule, compiler in zip(group.rules, compilers, strict=True)
                ),
            )
            .collect()
        )
        for rule, compiler in zip(group.rules, compilers, strict=True):
            guilty = cases.filter(verdicts.get_column(rule.name))
            if guilty.height:
                yield with_evidence(guilty, rule, compiler, found).select(*_NOTHING.columns).explode(_ROW)

    def _ask(self, cases: pl.DataFrame, rules: tuple[Rule, ...]) -> dict[Asked, pl.DataFrame]:
        return {
            asked: self._answers[asked[0]].to(cases.get_column(asked[1]))
            for asked in dict.fromkeys(asked for rule in rules for asked in asked_of(rule.tests))
        }


class _Answers:
    """One list's answers so far: it is asked each value once."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known = pl.Series("value", [], pl.String)
        self._found = pl.DataFrame(schema=FOUND_SCHEMA)

    def to(self, values: pl.Series) -> pl.DataFrame:
        """Return what was found of these values, and of any before."""
        distinct = values.cast(pl.String).unique().drop_nulls().alias("value").to_frame()
        new = distinct.join(self._known.to_frame(), on="value", how="anti").get_column("value").sort()
        if len(new):
            self._found = pl.concat([self._found, self._lookup.find(new).select(*FOUND_SCHEMA)])
            self._known = pl.concat([self._known, new])
        return self._found


def _groups(rules: tuple[Rule, ...]) -> tuple[_Group, ...]:
    """Group rules by the columns that they see; a rule joins a group that sees them all and is no more varied."""
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: (-len(_seen(rule)), rule.name)):
        seen = _seen(rule)
        home = next((columns for columns in groups if _holds(columns, seen)), seen)
        groups.setdefault(home, []).append(rule)
    return tuple(_Group(columns, tuple(members)) for columns, members in groups.items())


def _holds(columns: tuple[str, ...], seen: tuple[str, ...]) -> bool:
    more = set(columns) - set(seen)
    return set(seen) <= set(columns) and not more & _VARIED and len(columns) <= _MANY_COLUMNS


def _seen(rule: Rule) -> tuple[str, ...]:
    keywords = KEYWORD_COLUMNS if any(isinstance(leaf, Keyword) for leaf in rule.tests) else ()
    codes = ("event_code",) if rule.event_codes else ()
    return tuple(sorted({*rule.columns, *keywords, *codes}))


def _any_routed(rules: tuple[Rule, ...]) -> pl.Expr:
    routes = {(rule.log_classes, rule.event_codes, rule.min_log_level): rule for rule in rules}
    return pl.any_horizontal([FALSE, *(_routed(rule) for rule in routes.values())])


def _routed(rule: Rule) -> pl.Expr:
    """Return whether the rule looks at the event: `reference.routed`."""
    kind = pl.col("log_class").is_in(rule.log_classes)
    if rule.event_codes:
        kind &= pl.col("event_code").is_in(rule.event_codes)
    return (kind & (pl.col("log_level").fill_null(DEFAULT_LOG_LEVEL) >= rule.min_log_level)).fill_null(
        value=False
    )


def _cases(frame: pl.LazyFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return each distinct combination of the columns, with the list of its rows."""
    keys = list(dict.fromkeys((*columns, "log_class", "log_level")))
    if _VARIED & set(columns) or len(columns) > _MANY_COLUMNS:
        return frame.select(*keys, pl.concat_list(_ROW)).collect()
    return frame.group_by(keys).agg(_ROW).collect()
