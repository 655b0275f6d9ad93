"""
Events judged by rules: a row for each event and rule that hits it.

A rule sees only its own columns, so each distinct combination of them is judged once, and lists are asked each value
once. Events pass in pieces, each of which is held whole, so that a long day need not be.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.schema import MATCH_SCHEMA, conform
from aup_monitor.detect.columnar import FALSE, Compiler, prepare
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
_TOGETHER: Final = frozenset(
    [
        "destination_domain",
        "dns_question_name",
        "event_action",
        "event_outcome",
        "filter_categories",
        "http_request_method",
        "in_school_hours",
        "network_application",
        "role",
        "rule_category",
        "search_query",
        "subject_kind",
        "tls_client_ja4",
        "user_target_name",
        "visibility",
    ]
)
"""Of these, hardly more combinations occur than of hosts alone: rules that see no others are judged in one group."""
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
        events: enriched events (columns of `EVENT_SCHEMA` and `DERIVED_COLUMNS`; absent ones count as null), held whole.
        rules: the rules; each list that one asks must be in `lookups` (see `RuleSet.with_lists`).
        lookups: lists by name, such as `list.gambling`.
        zone: the site's time zone, for rules on the hour or the weekday.

    Raises:
        KeyError: a rule asks a list that is not in `lookups`.

    """
    return Matcher(rules, lookups, zone).match([events])


def _slices(events: pl.LazyFrame | pl.DataFrame, relevant: pl.Expr) -> Iterator[pl.DataFrame]:
    """Yield slices of the events that any rule looks at, with the columns `COLUMNS`."""
    for piece in events.iter_slices(SLICE) if isinstance(events, pl.DataFrame) else [events]:
        yield from conform(piece.lazy(), COLUMNS).filter(relevant).collect().iter_slices(SLICE)


def _ahead(slices: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield the slices; the one after that which is in use is made meanwhile, by another thread."""
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(next, slices, None)
        while (part := coming.result()) is not None:
            coming = other.submit(next, slices, None)
            yield part


class _Group(NamedTuple):
    """Rules that see no more than these columns."""

    columns: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def log_classes(self) -> frozenset[str]:
        """Kinds of log that any of them reads."""
        return frozenset(kind for rule in self.rules for kind in rule.log_classes)


class Matcher:
    """
    Judges events by the same rules, piece after piece, remembering what lists have answered.

    Args:
        rules: the rules; those that look at no single event are passed over.
        lookups: lists by name, such as `list.gambling`.
        zone: the site's time zone, for rules on the hour or the weekday.

    """

    def __init__(self, rules: Iterable[Rule], lookups: Mapping[str, Lookup], zone: ZoneInfo = LONDON) -> None:
        of_events = tuple(rule for rule in rules if rule.log_classes and not rule.aup.falls)
        self._groups = _groups(of_events)
        self._answers = _Answers(of_events, lookups)
        self._zone = zone
        self._relevant = _any_routed(of_events)

    def match(self, pieces: Iterable[pl.LazyFrame | pl.DataFrame]) -> pl.DataFrame:
        """Return the matches of all pieces; while one is judged, the next is made ready."""
        slices = (part for piece in pieces for part in _slices(piece, self._relevant))
        parts = [self._judge(part) for part in _ahead(slices)]
        return pl.concat([pl.DataFrame(schema=MATCH_SCHEMA), *parts]).sort(
            _ORDER, nulls_last=True, maintain_order=True
        )

    def _judge(self, events: pl.DataFrame) -> pl.DataFrame:
        frame = events.with_row_index(_ROW)
        if frame.is_empty():
            return pl.DataFrame(schema=MATCH_SCHEMA)
        self._answers.learn(frame)
        kinds = set(frame.get_column("log_class").unique())
        groups = [group for group in self._groups if group.log_classes & kinds]
        evidence = pl.concat(
            [_NOTHING, *(part for group in groups for part in self._judge_group(frame, group))]
        )
        rows = frame.select(pl.exclude(_ROW))[evidence.get_column(_ROW)]
        full = pl.concat([rows, evidence.drop(_ROW)], how="horizontal")
        return conform(full.lazy(), MATCH_SCHEMA).collect()

    def _judge_group(self, frame: pl.DataFrame, group: _Group) -> Iterator[pl.DataFrame]:
        cases = _cases(frame.lazy().filter(_any_routed(group.rules)), group.columns)
        if cases.is_empty():
            return
        cases = prepare(cases, (leaf for rule in group.rules for leaf in rule.tests))
        found = self._answers.found
        values = {asked: table.get_column("value") for asked, table in found.items()}
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


class _Answers:
    """What lists have answered so far: each list is asked each value of a column once."""

    def __init__(self, rules: Iterable[Rule], lookups: Mapping[str, Lookup]) -> None:
        asked = dict.fromkeys(asked for rule in rules for asked in asked_of(rule.tests))
        self._lookups = {name: lookups[name] for name, _ in asked}
        self._known = {column: pl.Series(column, [], pl.String) for _, column in asked}
        self.found = {one: pl.DataFrame(schema=FOUND_SCHEMA) for one in asked}
        """For each list and column, what the list said of the values met so far."""

    def learn(self, frame: pl.DataFrame) -> None:
        """Ask every list about the values of its column that are new in this frame."""
        for column, known in self._known.items():
            values = frame.get_column(column).cast(pl.String).unique().drop_nulls()
            new = values.filter(~values.is_in(known.implode())).sort()
            if len(new):
                self._known[column] = known.append(new)
                self._ask(column, new)

    def _ask(self, column: str, values: pl.Series) -> None:
        for (name, of), found in self.found.items():
            if of == column:
                said = self._lookups[name].find(values.alias("value")).select(*FOUND_SCHEMA)
                self.found[name, of] = pl.concat([found, said])


def _groups(rules: tuple[Rule, ...]) -> tuple[_Group, ...]:
    """Group rules by the columns that they see; a rule joins a group that sees them all and is no more varied."""
    narrow = [rule for rule in rules if set(_seen(rule)) <= _TOGETHER]
    shared = tuple(sorted({column for rule in narrow for column in _seen(rule)}))
    groups: dict[tuple[str, ...], list[Rule]] = {shared: sorted(narrow, key=lambda rule: rule.name)}
    others = (rule for rule in rules if not set(_seen(rule)) <= _TOGETHER)
    for rule in sorted(others, key=lambda rule: (-len(_seen(rule)), rule.name)):
        seen = _seen(rule)
        home = next((columns for columns in groups if columns != shared and _holds(columns, seen)), seen)
        groups.setdefault(home, []).append(rule)
    return tuple(_Group(columns, tuple(members)) for columns, members in groups.items() if members)


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
    if _VARIED & set(columns) or (len(columns) > _MANY_COLUMNS and not set(columns) <= _TOGETHER):
        return frame.select(*keys, pl.concat_list(_ROW)).collect()
    events = frame.select(*keys, _ROW).collect()
    # Most columns are empty in a day's events of one kind; to group by them, too, takes most of the time.
    filled = [key for key in keys if events.get_column(key).null_count() < events.height]
    return events.group_by(filled).agg(_ROW, *(pl.col(key).first() for key in keys if key not in filled))
