"""
What a rule means: one rule, one event, evaluated plainly. Never made faster; the columnar evaluator must agree with it.

- A test is of the whole cell, regardless of case (both sides in lower case), unless `cased` or a regular expression.
- The logic has two values. A null cell, or a field that we have not, fails every test but `null` and `exists: false`;
  `not` of a failed test holds. The empty text is a value.
- A number meets a number as a number and a text as its text; a text meets a number as the number's text.
- A regular expression is Rust's (RE2 syntax, Unicode); the library that searches is asked one value at a time.
- Times are in the school's time zone; a week is the ISO week.
- How a value meets a list belongs to the list (`core.lookup.Lookup`).
"""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from aup_monitor.detect.tree import (
    AllOf,
    AnyOf,
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
)
from aup_monitor.detect.vocabulary import KEYWORD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.detect.rule import Rule
    from aup_monitor.detect.tree import Operator, TimeUnit

LONDON: Final = ZoneInfo("Europe/London")
DEFAULT_LOG_LEVEL: Final = 3
"""The level of an event that nobody has graded."""
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


class Surroundings(NamedTuple):
    """What an evaluation needs beside the rule and the event."""

    lookups: Mapping[str, Lookup]
    zone: ZoneInfo = LONDON


def matches(rule: Rule, event: Mapping[str, object], around: Surroundings) -> bool:
    """Tell whether the rule hits the event: it is of the rule's kind and level, and the condition holds."""
    return routed(rule, event) and holds(rule, event, around)


def routed(rule: Rule, event: Mapping[str, object]) -> bool:
    """Tell whether the event is one that the rule looks at: log class, event code and log level."""
    level = event.get("log_level")
    return (
        event.get("log_class") in rule.log_classes
        and (not rule.event_codes or event.get("event_code") in rule.event_codes)
        and (level if isinstance(level, int) else DEFAULT_LOG_LEVEL) >= rule.min_log_level
    )


def holds(rule: Rule, event: Mapping[str, object], around: Surroundings) -> bool:
    """Tell whether the rule's condition holds for the event, whatever kind of event it is."""
    return _Judge(rule.selections, event, around).node(rule.condition)


def true_selections(rule: Rule, event: Mapping[str, object], around: Surroundings) -> tuple[str, ...]:
    """Return the names of the rule's selections that hold for the event, in the order of the file."""
    judge = _Judge(rule.selections, event, around)
    return tuple(name for name, node in rule.selections.items() if judge.node(node))


def leaf_holds(leaf: Test | Keyword, event: Mapping[str, object], around: Surroundings) -> bool:
    """Tell whether one leaf of a selection holds for the event."""
    return _Judge({}, event, around).node(leaf)


class _Judge(NamedTuple):
    selections: Mapping[str, Node]
    event: Mapping[str, object]
    around: Surroundings

    def node(self, node: Node) -> bool:
        match node:
            case Selected(name):
                return self.node(self.selections[name])
            case Not(inner):
                return not self.node(inner)
            case AllOf(nodes):
                return all(self.node(inner) for inner in nodes)
            case AnyOf(nodes):
                return any(self.node(inner) for inner in nodes)
            case Keyword(value):
                return any(self.value(value, self.event.get(column)) for column in KEYWORD_COLUMNS)
            case Test(_, column, value):
                return self.value(value, None if column is None else self.event.get(column))

    def value(self, value: Value, cell: object) -> bool:
        if isinstance(value, Null):
            return cell is None
        if isinstance(value, Exists):
            return (cell is not None) == value.present
        return cell is not None and self.present(value, cell)

    def present(self, value: Value, cell: object) -> bool:
        match value:
            case Number(number):
                return _equals_number(cell, number)
            case Truth(truth):
                return cell is truth or (isinstance(cell, str) and cell.lower() == str(truth).lower())
            case Moment(unit, number):
                return _part(cell, unit, self.around.zone) == number
            case Compare(operator, number, unit):
                found = _part(cell, unit, self.around.zone) if unit else _as_number(cell)
                return found is not None and _compares(found, operator, number)
            case Text() | Pattern() | Network() | Listed() | SameAs():
                text = text_of(cell)
                return text is not None and self.text(value, text)
            case _:
                return False

    def text(self, value: Text | Pattern | Network | Listed | SameAs, text: str) -> bool:
        match value:
            case Text(parts, cased):
                return _fits(parts, text, cased=cased)
            case Pattern(regex):
                return bool(pl.Series([text]).str.contains(regex).item())
            case Network(network):
                address = _address(text)
                return address is not None and address in network
            case Listed(name):
                return not self.around.lookups[name].find(pl.Series([text])).is_empty()
            case SameAs(column, starts, ends):
                other = text_of(self.event.get(column)) if column else None
                return other is not None and _alike(text.lower(), other.lower(), starts=starts, ends=ends)


def text_of(cell: object) -> str | None:
    """Return a cell as text; None for a null and for a time, which only time modifiers can test."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell) if isinstance(cell, str | int) else None


def _equals_number(cell: object, number: float) -> bool:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell == number
    return isinstance(cell, str) and cell == str(number)


def _as_number(cell: object) -> float | None:
    if isinstance(cell, str):
        return float(cell) if _NUMBER.fullmatch(cell) else None
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else None


def _part(cell: object, unit: TimeUnit, zone: ZoneInfo) -> int | None:
    if not isinstance(cell, datetime):
        return None
    local = cell.astimezone(zone)
    return local.isocalendar().week if unit == "week" else int(getattr(local, unit))


def _compares(found: float, operator: Operator, number: float) -> bool:
    match operator:
        case "lt":
            return found < number
        case "lte":
            return found <= number
        case "gt":
            return found > number
        case "gte":
            return found >= number


def _fits(parts: tuple[str | Wild, ...], text: str, *, cased: bool) -> bool:
    """Match literal parts and wildcards against the whole text."""
    if not cased:
        parts = tuple(part.lower() if isinstance(part, str) else part for part in parts)
        text = text.lower()
    ends = {0}
    for part in parts:
        ends = _step(part, text, ends)
    return len(text) in ends


def _step(part: str | Wild, text: str, ends: set[int]) -> set[int]:
    """Return where a match may end after this part, given where it may have ended before."""
    if part is Wild.MANY:
        return set(range(min(ends), len(text) + 1)) if ends else set()
    if part is Wild.ONE:
        return {end + 1 for end in ends if end < len(text)}
    return {end + len(part) for end in ends if text.startswith(part, end)}


def _address(text: str) -> object:
    """Return the address of a text, an IPv4 address in IPv6 form as IPv4; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _alike(text: str, other: str, *, starts: bool, ends: bool) -> bool:
    if starts and ends:
        return other in text
    if starts:
        return text.startswith(other)
    return text.endswith(other) if ends else text == other
