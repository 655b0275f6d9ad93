"""
The one place that knows pySigma: its values and conditions become our own tree.

Reference: https://github.com/SigmaHQ/sigma-specification (2.1.0). pySigma parses modifiers, values and the condition's
grammar; structure, line numbers and what we refuse are ours.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, cast

import polars as pl
from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.exceptions import SigmaError
from sigma.rule.detection import SigmaDetectionItem
from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from aup_monitor.detect.tree import (
    Compare,
    Exists,
    Keyword,
    Listed,
    Moment,
    Network,
    Node,
    Not,
    Null,
    Number,
    Pattern,
    SameAs,
    Selected,
    Test,
    Text,
    Truth,
    Value,
    Wild,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sigma.rule.detection import SigmaDetections
    from sigma.types import SigmaType

    from aup_monitor.detect.tree import Operator, TimeUnit

Scalar = str | int | float | bool | None
_WILD: Final = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
_OPERATORS: Final[dict[CompareOperators, Operator]] = {
    CompareOperators.LT: "lt",
    CompareOperators.LTE: "lte",
    CompareOperators.GT: "gt",
    CompareOperators.GTE: "gte",
}
_INT64: Final = 2**63


class ParseError(Exception):
    """A part of a rule that does not parse; its text is the reason."""


def parse_item(key: str, given: Scalar | Sequence[Scalar], column_of: Callable[[str], str | None]) -> Node:
    """
    Return the node of one line of a selection, such as `url.domain|contains: [a, b]`.

    Args:
        key: the field with its modifiers; no field means keywords.
        given: the value or values.
        column_of: returns the column of a field, or None.

    Raises:
        ParseError: pySigma or we cannot make sense of it.

    """
    try:
        item = SigmaDetectionItem.from_mapping(key, cast("list[float | str | bool | None]", given))
    except SigmaError as exc:
        raise ParseError(_reason(exc)) from exc
    nodes = tuple(_node(item.field, value, column_of) for value in item.value or [SigmaNull()])
    node = all_of(nodes) if item.value_linking is ConditionAND else any_of(nodes)
    return Not(node) if item.negated else node


def _node(field: str | None, value: SigmaType, column_of: Callable[[str], str | None]) -> Node:
    if isinstance(value, SigmaExpansion):
        return any_of(tuple(_node(field, inner, column_of) for inner in value.values))
    ours = _value(value, column_of)
    if field is not None:
        return Test(field, column_of(field), ours)
    if isinstance(ours, Number):
        ours = Text((str(ours.number),))
    if isinstance(ours, Text):
        return Keyword(_anywhere(ours))
    if isinstance(ours, Pattern):
        return Keyword(ours)
    raise ParseError("a keyword can only be text, a number or a regular expression")


def _anywhere(text: Text) -> Text:
    parts = text.parts
    head = () if parts[:1] == (Wild.MANY,) else (Wild.MANY,)
    tail = () if parts[-1:] == (Wild.MANY,) and len(parts) > 1 else (Wild.MANY,)
    return Text((*head, *parts, *tail) if parts != (Wild.MANY,) else parts, text.cased)


def _value(value: SigmaType, column_of: Callable[[str], str | None]) -> Value:  # noqa: C901, PLR0911 - one line a type
    match value:
        case SigmaString():
            return _text(value)
        case SigmaRegularExpression():
            return _pattern(value)
        case SigmaTimestampPart():
            return Moment(_unit(value), _number(value))
        case SigmaNumber():
            return Number(_number(value))
        case SigmaBool():
            return Truth(value.boolean)
        case SigmaCIDRExpression():
            return Network(value.network)
        case SigmaCompareExpression():
            return _compare(value)
        case SigmaFieldReference():
            return SameAs(column_of(value.field), value.starts_with, value.ends_with)
        case SigmaExists():
            return Exists(value.exists)
        case SigmaNull():
            return Null()
        case _:
            raise ParseError(f"a value of the kind {type(value).__name__} is not understood")


def _text(value: SigmaString) -> Text | Listed:
    if value.contains_placeholder():
        if len(value.s) == 1 and isinstance(value.s[0], Placeholder):
            return Listed(value.s[0].name)
        raise ParseError("a list must stand alone: '%list.name%', with no text or wildcard beside it")
    parts = tuple(part if isinstance(part, str) else _WILD[cast("SpecialChars", part)] for part in value.s)
    return Text(_merged(parts), isinstance(value, SigmaCasedString))


def _merged(parts: tuple[str | Wild, ...]) -> tuple[str | Wild, ...]:
    """Join neighbouring texts, and drop a `*` that follows a `*`."""
    merged: list[str | Wild] = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        elif not (merged and part is Wild.MANY and merged[-1] is Wild.MANY):
            merged.append(part)
    return tuple(merged)


def _pattern(value: SigmaRegularExpression) -> Pattern:
    if value.contains_placeholder():
        raise ParseError("a list cannot stand inside a regular expression")
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    regex = f"(?{flags}){value.regexp}" if flags else str(value.regexp)
    try:
        pl.Series([""]).str.contains(regex)
    except pl.exceptions.ComputeError as exc:
        raise ParseError(f"the regular expression {regex!r} is not understood") from exc
    return Pattern(regex)


def _number(value: SigmaNumber) -> int | float:
    if not -_INT64 <= value.number < _INT64:
        raise ParseError(f"the number {value.number} is too large")
    return value.number


def _unit(value: SigmaTimestampPart) -> TimeUnit:
    return cast("TimeUnit", value.timestamp_part.name.lower())


def _compare(value: SigmaCompareExpression) -> Compare:
    unit = _unit(value.number) if isinstance(value.number, SigmaTimestampPart) else None
    return Compare(_OPERATORS[value.op], _number(value.number), unit)


def parse_condition(text: str, names: Collection[str]) -> Node:
    """
    Return the condition as a tree over the selections of these names.

    Raises:
        ParseError: the grammar is broken, or it names a selection that is not there.

    """
    try:
        parsed = SigmaCondition(text, cast("SigmaDetections", None)).parse(postprocess=False)
        return _condition(cast("ConditionItem", parsed), names)
    except SigmaError as exc:
        raise ParseError(_reason(exc)) from exc
    except RecursionError as exc:
        raise ParseError("the condition is nested too deeply") from exc


def _condition(item: ConditionItem, names: Collection[str]) -> Node:
    match item:
        case ConditionIdentifier():
            if item.identifier not in names:
                raise ParseError(f"the condition names a selection {item.identifier!r} that is not there")
            return Selected(item.identifier)
        case ConditionSelector():
            return _several(item, names)
        case ConditionNOT():
            return Not(_condition(cast("ConditionItem", item.args[0]), names))
        case ConditionAND() | ConditionOR():
            nodes = tuple(_condition(cast("ConditionItem", inner), names) for inner in item.args)
            return all_of(nodes) if isinstance(item, ConditionAND) else any_of(nodes)
        case _:
            raise ParseError("the condition is not understood")


def _several(item: ConditionSelector, names: Collection[str]) -> Node:
    pattern = "*" if item.pattern == "them" else item.pattern
    hidden = pattern.startswith("_")
    fitting = [name for name in names if fnmatchcase(name, pattern) and (hidden or not name.startswith("_"))]
    if not fitting:
        raise ParseError(f"no selection fits {item.args[0]} of {item.pattern}")
    nodes = tuple(Selected(name) for name in fitting)
    return all_of(nodes) if item.cond_class is ConditionAND else any_of(nodes)


def _reason(error: SigmaError) -> str:
    return str(error.args[0]).rstrip(".") if error.args else type(error).__name__
