"""
Documents that speak of other rules, Sigma 2.1: correlation rules and filters.

Both name rules by name or by id, in whatever file; so they are put together when every file has been read.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from aup_monitor.detect.correlation import COMPARISONS, OF_VALUES, SUBJECTS, TEMPORAL, Comparison, Correlation
from aup_monitor.detect.detection import read_selections
from aup_monitor.detect.sigma import ParseError, parse_condition
from aup_monitor.detect.tree import AllOf, AnyOf, Node, Not, Selected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aup_monitor.detect.detection import Detection
    from aup_monitor.detect.documents import Document
    from aup_monitor.detect.header import CorrelationBody, FilterHeader, LogSourceHeader
    from aup_monitor.detect.rule import LogSource, Rule
    from aup_monitor.detect.vocabulary import Vocabulary

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_REFERENCE: Final = "https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-correlation-rules-specification.md"
_FIX: Final = f"see {_REFERENCE}"
NEVER: Final = AnyOf(())
"""The condition of a rule that looks at no event itself."""


def read_correlation(
    document: Document, body: CorrelationBody, words: Vocabulary, *, own: bool
) -> Correlation | None:
    """Return the correlation of a document whose header is in order; or None, every fault noted in the document."""
    before = len(document.problems)
    aliases = {
        alias: {
            rule: _column(document, ("aliases", alias, rule), field, words) or ""
            for rule, field in meant.items()
        }
        for alias, meant in body.aliases.items()
    }
    groups = tuple(
        field if field in aliases else _column(document, ("group-by",), field, words) or ""
        for field in body.group_by
    )
    field, limits, condition = _condition(document, body, words)
    if own and not set(groups) & set(SUBJECTS):
        document.report(
            ("correlation",),
            "does not say whom it concerns",
            f"group by one of {', '.join(column.replace('_', '.') for column in SUBJECTS)}",
        )
    if len(document.problems) > before:
        return None
    return Correlation(
        kind=body.type,
        rules=tuple(body.rules),
        group_by=groups,
        timespan=timedelta(**{_UNITS[body.timespan[-1]]: int(body.timespan[:-1])}),
        limits=limits,
        field=field,
        condition=condition,
        aliases=aliases or None,
        generate=body.generate,
    )


def _column(document: Document, way: tuple[str, ...], field: str, words: Vocabulary) -> str | None:
    column = words.column(field)
    if column is None:
        document.report(
            ("correlation", *way), f"there is no field {field}", "use a name of rules/facts/sigma_fields.yml"
        )
    return column


_Condition = tuple[str | None, tuple[tuple[Comparison, float], ...], "Node | None"]


def _condition(document: Document, body: CorrelationBody, words: Vocabulary) -> _Condition:
    """Return the field that is measured, what the measure must be, and what is asked of the rules."""
    given = body.condition
    if isinstance(given, str):
        return None, (), _of_rules(document, body, given)
    if given is None:
        if body.type not in TEMPORAL:
            _report(document, f"{body.type} needs a condition, such as condition: {{gte: 5}}")
        return None, (), None
    limits = tuple(
        (word, float(number))
        for word, number in given.items()
        if word in COMPARISONS and isinstance(number, int | float)
    )
    if len(limits) != len(given) - ("field" in given) or not limits:
        _report(document, f"the condition may hold {', '.join(COMPARISONS)} with a number, and field")
    return _field(document, body, given.get("field"), words), limits, None


def _field(document: Document, body: CorrelationBody, field: Any, words: Vocabulary) -> str | None:
    if body.type not in OF_VALUES:
        return None
    named = field[0] if isinstance(field, list) and len(field) == 1 else field
    if not isinstance(named, str):
        _report(document, f"{body.type} needs one field whose values are measured, such as field: host.name")
        return None
    return _column(document, ("condition",), named, words)


def _of_rules(document: Document, body: CorrelationBody, text: str) -> Node | None:
    if body.type != "temporal":
        _report(document, f"{body.type} takes no condition in words")
        return None
    try:
        return parse_condition(text, body.rules)
    except ParseError as exc:
        _report(document, str(exc))
        return None


def _report(document: Document, message: str) -> None:
    document.report(("correlation", "condition"), message, _FIX)


def referring(rule: Rule, ids: Mapping[str, str]) -> Rule:
    """Return a correlation rule with the names of the rules that it gives by id."""
    old = rule.correlation
    if old is None:
        return rule
    name = {given: ids.get(given.lower(), given) for given in old.rules}
    aliases = {
        alias: {name.get(given, ids.get(given.lower(), given)): column for given, column in meant.items()}
        for alias, meant in (old.aliases or {}).items()
    }
    new = replace(
        old,
        rules=tuple(name[given] for given in old.rules),
        condition=_renamed(old.condition, name) if old.condition else None,
        aliases=aliases or None,
    )
    return replace(rule, correlation=new)


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case Selected(name):
            return Selected(names.get(name, name))
        case Not(inner):
            return Not(_renamed(inner, names))
        case AllOf(nodes):
            return AllOf(tuple(_renamed(inner, names) for inner in nodes))
        case AnyOf(nodes):
            return AnyOf(tuple(_renamed(inner, names) for inner in nodes))
        case _:
            return node


class Filter:
    """A filter: what the rules that it names shall not hit."""

    def __init__(self, document: Document, header: FilterHeader, detection: Detection) -> None:
        self.document = document
        self._name = header.name or header.title
        self._source: LogSourceHeader = header.logsource
        self._rules = frozenset(name.lower() for name in header.filter.rules)
        self._detection = detection

    def fits(self, rule: Rule) -> bool:
        """Tell whether the filter is meant for the rule: named, or any, and of the same log source."""
        named = {"any", rule.name.lower(), (rule.id or "").lower()} & self._rules
        return bool(named) and rule.correlation is None and self._same(rule.logsource)

    def _same(self, theirs: LogSource) -> bool:
        return all(
            own in (None, other)
            for own, other in (
                (self._source.category, theirs.category),
                (self._source.product, theirs.product),
                (self._source.service, theirs.service),
            )
        )

    def on(self, rule: Rule) -> Rule:
        """Return the rule, hitting only where the filter's condition holds, too."""
        names = {name: f"{self._name}: {name}" for name in self._detection.selections}
        selections = {names[name]: node for name, node in self._detection.selections.items()}
        own = _renamed(self._detection.condition, names)
        text = f"{rule.fingerprint}\n{self.document.text}"
        return replace(
            rule,
            selections={**rule.selections, **selections},
            condition=AllOf((rule.condition, own)),
            fingerprint=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        )


def read_filter(document: Document, header: FilterHeader, words: Vocabulary, *, own: bool) -> Filter | None:
    """Return the filter of a document whose header is in order; or None, every fault noted in the document."""
    detection = read_selections(document, "filter", words, own=own, besides=("rules",))
    return Filter(document, header, detection) if detection else None


def applied(rules: Sequence[Rule], filters: Sequence[Filter]) -> tuple[Rule, ...]:
    """Return the rules with the filters on them; a filter that fits no rule is a problem of its document."""
    for one in filters:
        if not any(one.fits(rule) for rule in rules):
            one.document.report(
                ("filter",),
                "the filter fits no rule",
                "name rules by name or id, and give the log source that they give",
            )
        rules = [one.on(rule) if one.fits(rule) else rule for rule in rules]
    return tuple(rules)
