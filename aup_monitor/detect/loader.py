"""
Folders of Sigma 2.1 rules, read strictly: each problem with its file and line, the other rules loaded all the same.

Our own packs and a school's are held to more than Sigma demands (see `lint`); folders of public rules (SigmaHQ) give
only real errors.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - part of the public signature
from typing import TYPE_CHECKING, Final

from aup_monitor.detect.combined import NEVER, Filter, applied, read_correlation, read_filter, referring
from aup_monitor.detect.detection import Detection, read_detection
from aup_monitor.detect.documents import Document, read_documents
from aup_monitor.detect.header import (
    Attributes,
    CorrelationHeader,
    FilterHeader,
    Header,
    OwnCorrelationHeader,
    OwnHeader,
    read_header,
)
from aup_monitor.detect.rule import LogSource, Problem, Rule, RuleSet
from aup_monitor.detect.vocabulary import Vocabulary, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOWHERE: Final = LogSource()
_WITHDRAWN: Final = ("deprecated", "unsupported")
"""What a rule's status says that is replaced, or cannot be used as it stands."""


def load_rules(folders: Sequence[Path], foreign: Sequence[Path] = ()) -> RuleSet:
    """
    Load every `*.yml` and `*.yaml` of the folders, and of the folders in them.

    Args:
        folders: our own packs and the school's, in order; all lints apply. Of two rules with one name the first stays.
        foreign: folders of rules that others wrote.

    """
    reader = _Reader(vocabulary())
    for own, paths in ((True, folders), (False, foreign)):
        for folder in paths:
            reader.read_folder(folder, own=own)
    return reader.rule_set()


class _Reader:
    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._taken: dict[str, Path] = {}
        self.rules: list[Rule] = []
        self.filters: list[Filter] = []
        self.problems: list[Problem] = []
        self.set_aside: list[Path] = []

    def rule_set(self) -> RuleSet:
        """Return what was read: correlations by the names of their rules, filters on the rules that they name."""
        ids = {rule.id: rule.name for rule in self.rules if rule.id}
        rules = applied([referring(rule, ids) for rule in self.rules], self.filters)
        problems = {*self.problems, *(problem for one in self.filters for problem in one.document.problems)}
        by_name = tuple(sorted(rules, key=lambda rule: rule.name))
        return RuleSet(by_name, tuple(sorted(problems)), tuple(self.set_aside)).whole()

    def read_folder(self, folder: Path, *, own: bool) -> None:
        if not folder.is_dir():
            self.problems.append(Problem(folder, 1, "there is no such folder of rules", "check its path"))
        for path in sorted(_rule_files(folder)):
            documents, problems = read_documents(path)
            self.problems += problems
            for position, document in enumerate(documents):
                self._read(_Place(document, position, own))

    def _read(self, place: _Place) -> None:
        document = place.document
        if not place.own and _is_withdrawn(document):
            self.set_aside.append(place.path)
        elif not document.problems and _is_filter(document):
            header = read_header(document, FilterHeader)
            one = read_filter(document, header, self._words, own=place.own) if header else None
            self.filters += [one] if one else []
        else:
            rule = self._named_apart(_rule(place, self._words), place)
            if rule and not self._is_double(rule, document):
                self.rules.append(rule)
        self.problems += document.problems

    def _named_apart(self, rule: Rule | None, place: _Place) -> Rule | None:
        """Return a rule of others, named by its file, under its folder's name too where another is named so."""
        taken = (
            rule and not place.own and rule.name == place.default_name and f"name {rule.name}" in self._taken
        )
        return replace(rule, name=f"{rule.pack}-{rule.name}") if rule and taken else rule

    def _is_double(self, rule: Rule, document: Document) -> bool:
        marks = {f"{key} {value}": key for key, value in (("name", rule.name), ("id", rule.id)) if value}
        double = [mark for mark in marks if mark in self._taken]
        for mark in double:
            document.report(
                (marks[mark],),
                f"the {mark} is taken by {self._taken[mark]}",
                f"give this rule another {marks[mark]}",
            )
        if not double:
            self._taken |= dict.fromkeys(marks, rule.path)
        return bool(double)


@dataclass(frozen=True)
class _Place:
    document: Document
    position: int
    """Which document of its file, from 0."""
    own: bool

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def default_name(self) -> str:
        return self.path.stem if self.position == 0 else f"{self.path.stem}-{self.position + 1}"


def _rule_files(folder: Path) -> Iterator[Path]:
    """Return the files of rules below a folder; not those of hidden folders, where others keep settings."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in {".yml", ".yaml"} and not hidden and path.is_file():
            yield path


def _is_withdrawn(document: Document) -> bool:
    return isinstance(document.data, dict) and document.data.get("status") in _WITHDRAWN


def _is_filter(document: Document) -> bool:
    return isinstance(document.data, dict) and "filter" in document.data


def _rule(place: _Place, words: Vocabulary) -> Rule | None:
    document = place.document
    if document.problems:
        return None
    if not isinstance(document.data, dict):
        document.report((), "is not a rule", "begin with title:, logsource: and detection:")
        return None
    return _correlation(place, words) if "correlation" in document.data else _plain_rule(place, words)


def _correlation(place: _Place, words: Vocabulary) -> Rule | None:
    document = place.document
    header = read_header(document, OwnCorrelationHeader if place.own else CorrelationHeader)
    if header is None:
        return None
    _check_name(header, place)
    correlation = read_correlation(document, header.correlation, words, own=place.own)
    if document.problems or correlation is None:
        return None
    return replace(_build(place, header, Detection({}, NEVER), _NOWHERE, words), correlation=correlation)


def _plain_rule(place: _Place, words: Vocabulary) -> Rule | None:
    document = place.document
    header = read_header(document, OwnHeader if place.own else Header)
    if header is None:
        return None
    _check_name(header, place)
    logsource = LogSource(header.logsource.category, header.logsource.product, header.logsource.service)
    _check_source(logsource, place, words)
    detection = read_detection(document, words, own=place.own)
    if document.problems or detection is None:
        return None
    return _build(place, header, detection, logsource, words)


def _check_name(header: Attributes, place: _Place) -> None:
    if place.own and header.name != place.path.stem:
        place.document.report(
            ("name",),
            f"the name {header.name} is not the file's ({place.path.name})",
            f"name the file {header.name}.yml, or the rule {place.path.stem}",
        )


def _check_source(logsource: LogSource, place: _Place, words: Vocabulary) -> None:
    if not str(logsource):
        place.document.report(
            ("logsource",), "the log source is empty", "add a category, such as network_name"
        )
    elif place.own and words.source(logsource) is None:
        place.document.report(
            ("logsource",), f"there is no log source {logsource}", "use one of rules/facts/logsources.yml"
        )


def _build(
    place: _Place, header: Attributes, detection: Detection, logsource: LogSource, words: Vocabulary
) -> Rule:
    source = words.source(logsource) if logsource != _NOWHERE else None
    return Rule(
        name=header.name or place.default_name,
        id=str(header.id) if header.id else None,
        title=header.title,
        description=(header.description or "").strip(),
        level=header.level or "medium",
        author=header.author or "",
        falsepositives=tuple(header.falsepositives or ()),
        tags=tuple(header.tags or ()),
        pack=place.path.parent.name,
        path=place.path,
        line=place.document.line(),
        logsource=logsource,
        log_classes=source.log_classes if source else (),
        event_codes=source.event_codes if source else (),
        aup=header.aup,
        fingerprint=hashlib.blake2b(place.document.text.encode(), digest_size=16).hexdigest(),
        selections=detection.selections,
        condition=detection.condition,
        own=place.own,
    )
