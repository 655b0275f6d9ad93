r"""
Tests of fields that are not quite a column of ours, rewritten as tests of the column (`vocabulary.Meaning`).

    c-uri-extension: exe                       url_path ends with .exe
    TargetFilename|endswith: '\AnyDesk.exe'    file_name is AnyDesk.exe (the column holds no folders)
    Provider_Name: Service Control Manager     event_code is 7045 (what we read of that provider)

A test that the column cannot answer becomes one of a field that we have not, which never holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aup_monitor.detect.reference import Surroundings, leaf_holds
from aup_monitor.detect.tree import (
    AllOf,
    AnyOf,
    Exists,
    Node,
    Not,
    Null,
    SameAs,
    Test,
    Text,
    Wild,
    any_of,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.detect.vocabulary import Meaning

_FOLDERS = ("\\", "/")
_STAND_IN = "file_name"
"""Any column of text, to ask a test of a value that no column holds."""


def in_columns(node: Node, meaning: Callable[[str], Meaning]) -> Node:
    """Return the node with every test of such a field rewritten; `meaning` says how a field is a column."""
    match node:
        case Not(inner):
            return Not(in_columns(inner, meaning))
        case AllOf(nodes):
            return AllOf(tuple(in_columns(inner, meaning) for inner in nodes))
        case AnyOf(nodes):
            return AnyOf(tuple(in_columns(inner, meaning) for inner in nodes))
        case Test() if node.column:
            return _in_column(node, meaning(node.field))
        case _:
            return node


def _in_column(test: Test, meant: Meaning) -> Node:
    if isinstance(test.value, SameAs) and test.value.column == test.column:
        return _unanswered(test)  # two fields of one column, which says nothing of the other
    if isinstance(test.value, Null | Exists) or not (meant.values or meant.part != "whole"):
        return test
    if isinstance(test.value, SameAs):
        return _unanswered(test)
    if meant.values:
        return _by_values(test, meant)
    return _of_name(test) if meant.part == "name" else _of_extension(test)


def _unanswered(test: Test) -> Test:
    return replace(test, column=None)


def _by_values(test: Test, meant: Meaning) -> Node:
    """Return a test of the column's values that stand for those of the field's that the test holds of."""
    asked = replace(test, column=_STAND_IN)
    found = [
        replace(test, value=Text((said,)))
        for value, column_values in meant.values.items()
        if leaf_holds(asked, {_STAND_IN: value}, Surroundings({}))
        for said in column_values
    ]
    return any_of(tuple(found)) if found else _unanswered(test)


def _of_extension(test: Test) -> Node:
    if isinstance(test.value, Text) and shape(test.value).kind == "equals":
        return replace(test, value=replace(test.value, parts=(Wild.MANY, f".{shape(test.value).literal}")))
    return _unanswered(test)


def _of_name(test: Test) -> Node:
    """Return the test, or, of a text with folders in it, one of what stands behind the last of them."""
    if not isinstance(test.value, Text):
        return test
    texts = [(n, part) for n, part in enumerate(test.value.parts) if isinstance(part, str)]
    places = [(n, at) for n, part in texts for sign in _FOLDERS if (at := part.rfind(sign)) >= 0]
    if not places:
        return test
    n, at = max(places)
    before, part, after = test.value.parts[:n], str(test.value.parts[n]), test.value.parts[n + 1 :]
    name = (*([part[at + 1 :]] if part[at + 1 :] else []), *after)
    if before != (Wild.MANY,) or part[:at].strip("".join(_FOLDERS)) or name in ((), (Wild.MANY,)):
        return _unanswered(test)  # it asks for a folder, and the column holds none
    return replace(test, value=replace(test.value, parts=name))
