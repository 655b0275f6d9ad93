"""The `detection:` of a rule: its selections and condition, read line by line so that each fault has its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aup_monitor.detect.fields import in_columns
from aup_monitor.detect.lint import Line, lint
from aup_monitor.detect.sigma import ParseError, parse_condition, parse_item
from aup_monitor.detect.tree import Node, Selected, all_of, any_of, leaves

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aup_monitor.detect.documents import Document, Key
    from aup_monitor.detect.sigma import Scalar
    from aup_monitor.detect.vocabulary import Vocabulary

_FIX = "see https://sigmahq.io/docs/basics/rules.html for what a selection may hold"
_JOIN = "join selections by name with and, or, not, 1 of, all of, such as: condition: selection and not staff"
_COUNTS = "the condition counts events (| count() by ...), an old form that Sigma has given up"
_CORRELATE = "leave the file out, or count by a correlation: type: event_count or value_count, rules, group-by, timespan, condition"


class Detection(NamedTuple):
    """What a rule looks for."""

    selections: Mapping[str, Node]
    condition: Node


def read_detection(document: Document, words: Vocabulary, *, own: bool) -> Detection | None:
    """Return the detection of a document whose header is in order; or None, every fault noted in the document."""
    return read_selections(document, "detection", words, own=own)


def read_selections(
    document: Document, key: str, words: Vocabulary, *, own: bool, besides: Collection[str] = ()
) -> Detection | None:
    """Return the selections and the condition under a key of the document; `besides` are no selections."""
    given = cast("dict[str, dict[str, object]]", document.data)[key]
    reader = _Reader(document, key, words, own=own)
    selections = {
        name: reader.selection((key, name), value)
        for name, value in given.items()
        if name != "condition" and name not in besides
    }
    condition = reader.condition(given.get("condition"), selections)
    found = {name: node for name, node in selections.items() if node is not None}
    return Detection(found, condition) if condition is not None and len(found) == len(selections) else None


class _Reader:
    def __init__(self, document: Document, key: str, words: Vocabulary, *, own: bool) -> None:
        self._document = document
        self._key = key
        self._words = words
        self._own = own

    def selection(self, way: tuple[Key, ...], given: object) -> Node | None:
        """Return the node of a selection: a mapping is `and`, a list is `or`, a bare value a keyword."""
        match given:
            case dict():
                return self._joined(
                    [self._item((*way, key), key, value) for key, value in given.items()], way, "and"
                )
            case list() if all(_is_scalar(value) for value in given) and given:
                return self._item(way, "", given)
            case list():
                return self._joined(
                    [self.selection((*way, n), inner) for n, inner in enumerate(given)], way, "or"
                )
            case _:
                return self._item(way, "", given)

    def _joined(self, nodes: list[Node | None], way: tuple[Key, ...], word: str) -> Node | None:
        if not nodes:
            self._document.report(way, "the selection is empty", _FIX)
        found = tuple(node for node in nodes if node is not None)
        if not found or len(found) < len(nodes):
            return None
        return all_of(found) if word == "and" else any_of(found)

    def _item(self, way: tuple[Key, ...], key: str, given: object) -> Node | None:
        values: list[Any] = given if isinstance(given, list) else [given]
        if not all(_is_scalar(value) for value in values):
            self._document.report(
                way, f"{key or 'a keyword'}: a value is neither text, number, true nor null", _FIX
            )
            return None
        field, *modifiers = key.split("|")
        if "re" in modifiers and not all(isinstance(value, str) for value in values):
            self._document.report(way, f"{key}: a regular expression must be text", "put quotes round it")
            return None
        self._lint(
            way,
            Line(
                field or None, self._words.column(field) if field else None, tuple(modifiers), tuple(values)
            ),
        )
        try:
            return in_columns(
                parse_item(key, cast("list[Scalar]", values), self._words.column), self._words.meaning
            )
        except ParseError as exc:
            self._document.report(way, f"{key or 'keyword'}: {exc}", _FIX)
            return None

    def _lint(self, way: tuple[Key, ...], line: Line) -> None:
        if self._own:
            for message, fix in lint(line):
                self._document.report(way, message, fix)

    def condition(self, given: object, selections: Mapping[str, Node | None]) -> Node | None:
        """Return the condition; of several, any one."""
        texts = given if isinstance(given, list) else [given]
        nodes = []
        for text in texts:
            if not isinstance(text, str):
                self._report_condition("there must be a condition, and it must be text")
                return None
            if "|" in text:
                self._report_condition(_COUNTS, _CORRELATE)
                return None
            try:
                nodes.append(parse_condition(text, selections))
            except ParseError as exc:
                self._report_condition(str(exc))
        if not nodes or len(nodes) < len(texts):
            return None
        self._check_unused(nodes, selections)
        return any_of(tuple(nodes))

    def _report_condition(self, message: str, fix: str = _JOIN) -> None:
        self._document.report((self._key, "condition"), message, fix)

    def _check_unused(self, nodes: list[Node], selections: Mapping[str, Node | None]) -> None:
        used = {leaf.name for node in nodes for leaf in leaves(node) if isinstance(leaf, Selected)}
        for name in selections:
            if self._own and name not in used:
                self._document.report(
                    (self._key, name),
                    f"the selection {name} is never used",
                    "name it in the condition, or remove it",
                )


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
