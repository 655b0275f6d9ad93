"""What a correlation rule means, evaluated plainly. Never made faster; `correlate` must agree with it."""

from __future__ import annotations

import operator
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final, cast

from aup_monitor.detect.reference import text_of
from aup_monitor.detect.tree import AllOf, AnyOf, Node, Not, Selected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from aup_monitor.detect.correlation import Comparison, Correlation

_COMPARED: Final[dict[Comparison, Callable[[float, float], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}


def correlated(correlation: Correlation, hits: Sequence[Mapping[str, object]]) -> set[int]:
    """Return the positions of the hits, of one site's day, that lie in a window of which the condition holds."""
    found: set[int] = set()
    for group in _groups(correlation, hits):
        for start, end in _windows(correlation, [hits[n] for n in group]):
            found |= {n for n in group if start <= _time(hits[n]) <= end}
    return found


def _groups(correlation: Correlation, hits: Sequence[Mapping[str, object]]) -> Iterator[list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, hit in enumerate(hits):
        values = [_value(correlation, hit, column) for column in correlation.group_by]
        if hit["rule"] in correlation.rules and None not in values:
            groups.setdefault(tuple(str(value).lower() for value in values), []).append(position)
    yield from groups.values()


def _value(correlation: Correlation, hit: Mapping[str, object], column: str) -> str | None:
    meant = (correlation.aliases or {}).get(column)
    name = column if meant is None else meant.get(str(hit["rule"]))
    return text_of(hit.get(name)) if name else None


def _windows(
    correlation: Correlation, hits: Sequence[Mapping[str, object]]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the first and the last moment of each window of which the condition holds."""
    if correlation.kind == "temporal_ordered":
        yield from _chains(correlation, hits)
        return
    for end in {_time(hit) for hit in hits}:
        start = end - correlation.timespan
        if _holds(correlation, [hit for hit in hits if start <= _time(hit) <= end]):
            yield start, end


def _holds(correlation: Correlation, window: Sequence[Mapping[str, object]]) -> bool:
    rules = {str(hit["rule"]) for hit in window}
    if correlation.condition is not None:
        return _node(correlation.condition, rules)
    measure = _measure(correlation, window)
    limits = correlation.limits or (("gte", len(correlation.rules)),)
    return measure is not None and all(_COMPARED[word](measure, number) for word, number in limits)


def _measure(correlation: Correlation, window: Sequence[Mapping[str, object]]) -> float | None:
    cells = [hit.get(correlation.field or "") for hit in window]
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    match correlation.kind:
        case "event_count":
            return len({(hit["timestamp"], hit["source_file"], hit["source_offset"]) for hit in window})
        case "value_count":
            return len({text.lower() for cell in cells if (text := text_of(cell)) is not None})
        case "value_sum":
            return sum(numbers)
        case "value_avg":
            return sum(numbers) / len(numbers) if numbers else None
        case _:
            return len({hit["rule"] for hit in window})


def _node(node: Node, rules: set[str]) -> bool:
    match node:
        case Selected(name):
            return name in rules
        case Not(inner):
            return not _node(inner, rules)
        case AllOf(nodes):
            return all(_node(inner, rules) for inner in nodes)
        case AnyOf(nodes):
            return any(_node(inner, rules) for inner in nodes)
        case _:
            return False


def _chains(
    correlation: Correlation, hits: Sequence[Mapping[str, object]]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield each chain's last moment with the latest first one that leads to it."""
    times = [sorted({_time(hit) for hit in hits if hit["rule"] == rule}) for rule in correlation.rules]
    latest: dict[datetime, datetime] = {}
    for chain in product(*times):
        if all(one < other for one, other in pairwise(chain)):
            latest[chain[-1]] = max(chain[0], latest.get(chain[-1], chain[0]))
    yield from ((start, end) for end, start in latest.items() if end - start <= correlation.timespan)


def _time(hit: Mapping[str, object]) -> datetime:
    return cast("datetime", hit["timestamp"])
