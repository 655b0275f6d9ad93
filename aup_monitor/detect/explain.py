"""Why a rule does or does not hit an event: each selection, each of its tests, and the value that it met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aup_monitor.detect.reference import Surroundings, holds, leaf_holds, routed, true_selections
from aup_monitor.detect.tree import (
    Compare,
    Exists,
    Keyword,
    Listed,
    Moment,
    Network,
    Null,
    Number,
    Pattern,
    SameAs,
    Test,
    Text,
    Truth,
    Value,
    leaves,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aup_monitor.detect.rule import Rule

_OPERATORS: Final = {"lt": "below", "lte": "at most", "gt": "above", "gte": "at least"}
_SHAPES: Final = {
    "equals": "is",
    "contains": "contains",
    "starts": "begins with",
    "ends": "ends with",
    "present": "is there",
    "wild": "fits",
}


class Outcome(NamedTuple):
    """One test of a selection on one event."""

    selection: str
    field: str
    """The field as the rule writes it; `any field` for a keyword."""
    asked: str
    """What the test asks for, in words."""
    cell: object
    """What the event has there."""
    holds: bool


class Explanation(NamedTuple):
    """What a rule makes of an event."""

    matched: bool
    looked_at: bool
    """Whether the event is of a kind and a log level that the rule looks at."""
    condition: bool
    selections: Mapping[str, bool]
    tests: tuple[Outcome, ...]


def explain(rule: Rule, event: Mapping[str, object], around: Surroundings) -> Explanation:
    """Return what the rule makes of the event, by the reference evaluator."""
    true = true_selections(rule, event, around)
    looked_at, condition = routed(rule, event), holds(rule, event, around)
    return Explanation(
        matched=looked_at and condition,
        looked_at=looked_at,
        condition=condition,
        selections={name: name in true for name in rule.selections},
        tests=tuple(_outcomes(rule, event, around)),
    )


def _outcomes(rule: Rule, event: Mapping[str, object], around: Surroundings) -> Iterator[Outcome]:
    for name, node in rule.selections.items():
        for leaf in leaves(node):
            match leaf:
                case Test(field, column, value):
                    cell = event.get(column) if column else None
                    yield Outcome(name, field, asked(value), cell, leaf_holds(leaf, event, around))
                case Keyword(value):
                    yield Outcome(name, "any field", asked(value), None, leaf_holds(leaf, event, around))


def asked(value: Value) -> str:  # noqa: C901, PLR0911 - one line a kind of value
    """Return what a value asks for, in words, such as `is on the list list.gambling`."""
    match value:
        case Text():
            return _text(value)
        case Pattern(regex):
            return f"has the pattern {regex}"
        case Number(number):
            return f"is {number}"
        case Truth(truth):
            return f"is {str(truth).lower()}"
        case Network(network):
            return f"is an address of {network}"
        case Moment(unit, number):
            return f"has the {unit} {number}"
        case Compare(operator, number, unit):
            return f"{f'has the {unit}' if unit else 'is'} {_OPERATORS[operator]} {number}"
        case SameAs(column):
            return f"is like the event's {column}"
        case Null():
            return "is empty"
        case Exists(present):
            return "is there" if present else "is not there"
        case Listed(name):
            return f"is on the list {name}"


def _text(text: Text) -> str:
    kind, literal = shape(text)
    if kind == "wild":
        literal = "".join(part if isinstance(part, str) else part.value for part in text.parts)
    said = _SHAPES[kind] if kind == "present" else f"{_SHAPES[kind]} “{literal}”"
    return f"{said}, case minded" if text.cased else said
