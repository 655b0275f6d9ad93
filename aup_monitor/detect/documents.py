"""
YAML with its line numbers: each document of a rule file as data, and the line of every key in it.

Duplicate keys, which YAML parsers let pass silently, are problems here; so are keys that YAML 1.1 reads as something
other than text (`on`, `no`, `1`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml
from sigma.exceptions import SigmaError
from sigma.rule.base import check_alias_expansion

from aup_monitor.detect.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Key = str | int
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_MAX_DEPTH: Final = 50
_SYNTAX_FIX: Final = (
    "correct the YAML at that line: indentation, quotes and colons; see https://yaml.org/spec/1.1/"
)


@dataclass
class Document:
    """One YAML document of a file, and the problems that were found in it."""

    path: Path
    text: str
    """The document's own text."""
    data: object
    lines: dict[tuple[Key, ...], int]
    """Line of each key and list item, by its way down from the top."""
    problems: list[Problem] = field(default_factory=list)

    def line(self, *way: Key) -> int:
        """Return the line of that key, or of the nearest one above it."""
        while way not in self.lines:
            way = way[:-1]
        return self.lines[way]

    def report(self, way: tuple[Key, ...], message: str, fix: str) -> None:
        """Note a problem at that key."""
        self.problems.append(Problem(self.path, self.line(*way), message, fix))


def read_documents(path: Path) -> tuple[list[Document], list[Problem]]:
    """Return the file's documents, and what made others unreadable; an empty document is passed over."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        return [], [Problem(path, 1, f"cannot be read: {reason}", "check the file and its permissions")]
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        return [], [Problem(path, line, "is not UTF-8 text", "save the file as UTF-8")]
    return _compose(path, text)


def _compose(path: Path, text: str) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    try:
        for document in _documents(path, text):
            documents.append(document)  # noqa: PERF402 - those before a syntax error are kept
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else 1
        return documents, [Problem(path, line, f"is not YAML: {exc.problem or exc.context}", _SYNTAX_FIX)]
    except yaml.reader.ReaderError as exc:
        line = text.encode()[: exc.position].count(b"\n") + 1
        return documents, [Problem(path, line, f"is not YAML: {exc.reason}", _SYNTAX_FIX)]
    except RecursionError:
        return documents, [Problem(path, 1, "is nested too deeply", "write the rule with fewer levels")]
    return documents, []


def _documents(path: Path, text: str) -> Iterator[Document]:
    loader = yaml.CSafeLoader(text)
    try:
        while (node := _next(loader)) is not None:
            document = Document(path, text[node.start_mark.index : node.end_mark.index], None, {})
            _Lines(document).read(node, ())
            if not document.problems:
                _construct(loader, node, document)
            if document.data is not None or document.problems:
                yield document
    finally:
        loader.dispose()


def _next(loader: yaml.CSafeLoader) -> yaml.Node | None:
    return loader.get_node() if loader.check_node() else None


def _construct(loader: yaml.CSafeLoader, node: yaml.Node, document: Document) -> None:
    try:
        document.data = loader.construct_document(node)
        check_alias_expansion(document.data)
    except SigmaError as exc:
        document.report((), str(exc.args[0]), "write the values out, without YAML anchors")
    except ValueError as exc:  # YAML 1.1 takes 2026-13-45 for a date and fails on it
        document.report((), f"holds a date or number that does not exist: {exc}", "put quotes round it")


class _Lines:
    """Notes where each key of a document stands; what an alias repeats stands where it was first written."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, way: tuple[Key, ...]) -> None:
        self._document.lines.setdefault(way, node.start_mark.line + 1)
        if len(way) > _MAX_DEPTH:
            raise RecursionError
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._read_keys(node, way)
        elif isinstance(node, yaml.SequenceNode):
            for position, item in enumerate(node.value):
                self.read(item, (*way, position))

    def _read_keys(self, node: yaml.MappingNode, way: tuple[Key, ...]) -> None:
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            here = (*way, name)
            self._document.lines[here] = key.start_mark.line + 1
            if name in seen:
                message = f"the key {name} is there twice"
                self._document.report(here, message, "keep one of the two; join them with a list")
            elif key.tag not in {_TEXT_TAG, _MERGE_TAG}:
                message = f"the key {name} is not text to YAML"
                self._document.report(here, message, f"put quotes round it: '{name}':")
            seen.add(name)
            self.read(value, here)
