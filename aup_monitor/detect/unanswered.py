"""
What of a rule no log here can answer: rules that can never hit, and rules that hit more than their authors meant.

A rule of others may ask for fields that no log of a school has (the parent of a program, a key of the registry). Where a hit
needs such a field, the rule sleeps; where an exclusion needs it, nothing is excluded, and the innocent are hit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.detect.tree import AllOf, AnyOf, Exists, Keyword, Node, Not, Null, Selected, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.detect.rule import Rule


def never_hits(rule: Rule) -> str | None:
    """Return why a rule can never hit, or None where it can; a correlation rule hits where its rules do."""
    if rule.correlation:
        return None
    if not rule.log_classes:
        return f"no log here is of {rule.logsource}"
    if _may(rule.condition, rule):
        return None
    return f"no log here has {', '.join(sorted(_lacking(rule))) or 'what it asks for'}"


def loses_exclusions(rule: Rule) -> tuple[str, ...]:
    """Return the fields that exclusions of the rule ask for and no log here has, sorted; none where it never hits."""
    if rule.correlation or never_hits(rule):
        return ()
    return tuple(sorted(set(_excluding(rule.condition, rule, under_not=False))))


def _lacking(rule: Rule) -> set[str]:
    """Return the fields of the rule that no log here has."""
    return {test.field for test in rule.tests if isinstance(test, Test) and test.column is None}


def _may(node: Node, rule: Rule) -> bool:
    """Tell whether some event could make the node hold."""
    match node:
        case Test(_, None, value):
            return _of_nothing(value)
        case Test() | Keyword():
            return True
        case Not(inner):
            return not _must(inner, rule)
        case AllOf(nodes):
            return all(_may(inner, rule) for inner in nodes)
        case AnyOf(nodes):
            return any(_may(inner, rule) for inner in nodes)
        case Selected(name):
            return _may(rule.selections[name], rule)


def _must(node: Node, rule: Rule) -> bool:
    """Tell whether every event makes the node hold."""
    match node:
        case Test(_, None, value):
            return _of_nothing(value)
        case Test() | Keyword():
            return False
        case Not(inner):
            return not _may(inner, rule)
        case AllOf(nodes):
            return all(_must(inner, rule) for inner in nodes)
        case AnyOf(nodes):
            return any(_must(inner, rule) for inner in nodes)
        case Selected(name):
            return _must(rule.selections[name], rule)


def _of_nothing(value: object) -> bool:
    """Tell whether a test asks that the field be absent."""
    return isinstance(value, Null) or value == Exists(present=False)


def _excluding(node: Node, rule: Rule, *, under_not: bool) -> Iterator[str]:
    """Yield the unanswered fields below an odd number of `not`."""
    match node:
        case Not(inner):
            yield from _excluding(inner, rule, under_not=not under_not)
        case AllOf(nodes) | AnyOf(nodes):
            for inner in nodes:
                yield from _excluding(inner, rule, under_not=under_not)
        case Selected(name):
            yield from _excluding(rule.selections[name], rule, under_not=under_not)
        case Test(field, None, value) if under_not and not _of_nothing(value):
            yield field
        case _:
            return
