"""
What of a rulebook loads, and is unwise all the same: each with file, line, and what to write instead.

In the school's own rules and lists it is a problem, to be mended before somebody is asked about it. In what ships, and in
folders of others' rules, it is advice: told, and not held against the school.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import AupError
from aup_monitor.core.schema import DERIVED_COLUMNS
from aup_monitor.detect.rule import Problem
from aup_monitor.detect.unanswered import loses_exclusions, never_hits
from aup_monitor.jobs.formats import columns_of, formats_of
from aup_monitor.jobs.rule_examples import is_schools, without_examples
from aup_monitor.jobs.rulebook import list_folders
from aup_monitor.lists.broad import too_broad
from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.entries import cancelled, doubtful_hosts
from aup_monitor.lists.listfile import read_list_file
from aup_monitor.lists.terms import TERM_SCHEMA, parse_terms
from aup_monitor.lists.texts import SUPPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.detect.rule import Rule
    from aup_monitor.jobs.rulebook import Rulebook

NAMED: Final = 5
"""So many rules of others are named; of the rest, only their number."""
GROUPS: Final = 10
"""So many reasons are told of one by one."""
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {"endpoint": ("auth", "print"), "dns": ("dhcp",)}
"""Kinds of log that formats of a kind give besides."""


@dataclass(frozen=True)
class Doubts:
    """What is unwise."""

    problems: tuple[Problem, ...]
    """In the school's own."""
    advice: tuple[str, ...]
    """In what ships and in others' rules, in words."""


def doubts(book: Rulebook, workspace: Workspace | None) -> Doubts:
    """Return what is unwise in the rules, lists and policies of a rulebook."""
    of_rules = [*_empty_lists(book), *_lonely_correlations(book, workspace), *_never(book)]
    own = [one for rule, one in of_rules if is_schools(rule, workspace)]
    ours = [str(one) for rule, one in of_rules if rule.own and not is_schools(rule, workspace)]
    own += [*_untried(book, workspace), *_hosts(book, workspace), *_terms(workspace)]
    advice = (*sorted(ours), *_twice_named(book), *_of_others(book))
    return Doubts(tuple(sorted(own)), advice)


def _of(rule: Rule, message: str, fix: str) -> tuple[Rule, Problem]:
    return rule, Problem(rule.path, rule.line, f"the rule {rule.name} {message}", fix)


def _empty_lists(book: Rulebook) -> Iterator[tuple[Rule, Problem]]:
    in_use = book.lists.status().filter((pl.col("state") == "in use") & (pl.col("entries") > 0))
    held = set(in_use["name"])
    for rule in book.rules:
        for name in rule.lists:
            kind, _, word = name.partition(".")
            if name not in held and kind != "approved":  # that nothing is approved is an answer, too
                file = f"terms/{word}.tsv" if kind == "terms" else f"lists/own/{word}.txt"
                yield _of(
                    rule,
                    f"asks the list {name}, which holds nothing",
                    f"aup lists update, or write {file} in the workspace",
                )


def _never(book: Rulebook) -> Iterator[tuple[Rule, Problem]]:
    for rule in book.rules:
        if rule.own and (reason := never_hits(rule)):
            yield _of(rule, f"can never hit: {reason}", "ask for a field of aup schema")


def _lonely_correlations(book: Rulebook, workspace: Workspace | None) -> Iterator[tuple[Rule, Problem]]:
    """Yield correlations of which some rule's matches belong to no group, for no log of its kind names it."""
    asking = [rule for rule in book.rules if rule.own and rule.correlation and rule.correlation.group_by]
    filled = _filled(workspace) if asking else {}
    for rule in asking:
        for name, column in _asked(rule):
            kinds = [kind for plain in _plain(book, name) for kind in plain.log_classes]
            if kinds and not any(column in filled.get(kind, (column,)) for kind in kinds):
                yield _of(
                    rule,
                    f"groups by {column}, which no log has that the rule {name} reads: it is never of the same group",
                    "group by subject, or by a field that all of its rules' logs have",
                )


def _asked(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield each rule that a correlation reads, with each stored column that it is grouped by."""
    meant = rule.correlation
    if meant is None:
        return
    derived = {column.name for column in DERIVED_COLUMNS}
    for name in meant.rules:
        for group in meant.group_by:
            aliases = (meant.aliases or {}).get(group)
            column = aliases.get(name) if aliases is not None else group
            if column and column not in derived:
                yield name, column


def _plain(book: Rulebook, name: str) -> Iterator[Rule]:
    rule = book.rules[name]
    if rule.correlation is None:
        yield rule
    else:
        for inner in rule.correlation.rules:
            yield from _plain(book, inner)


def _filled(workspace: Workspace | None) -> Mapping[str, set[str]]:
    """Return the columns that some format fills, by kind of log; a kind that no format is of has none."""
    filled: dict[str, set[str]] = {}
    for fmt in formats_of(workspace):
        for kind in (fmt.log_class, *_ALSO.get(fmt.log_class, ())):
            filled.setdefault(kind, set()).update(columns_of(fmt))
    return filled


def _twice_named(book: Rulebook) -> Iterator[str]:
    """Yield clauses that name a rule by its theme and by itself: one of the two is enough."""
    for policy in book.policies:
        for clause in policy.clauses:
            named = set(clause.rules)
            double = {rule.name for rule in book.rules if rule.name in named and rule.theme in clause.themes}
            if double:
                yield (
                    f"{policy.id}, clause {clause.id}: names {', '.join(sorted(double))} twice, by itself and by its theme\n"
                    "  Next: keep the theme, or write the rules out and take the theme away"
                )


def _of_others(book: Rulebook) -> Iterator[str]:
    theirs = [rule for rule in book.rules if not rule.own]
    for reason, names in _grouped(((never_hits(rule), rule) for rule in theirs), "reasons"):
        yield f"others' rules that can never hit, for {reason}: {names}"
    for fields, names in _grouped(((", ".join(loses_exclusions(rule)), rule) for rule in theirs), "fields"):
        yield (
            f"others' rules that hit more than their authors meant, for what they except is told by {fields}, "
            f"which no log here has: {names}\n  Next: leave them out, or except by a filter of your own"
        )
    if aside := book.rules.set_aside:
        yield f"others' rules that say that they are not to be used any more, and are not: {len(aside):,}"


def _grouped(said: Iterable[tuple[str | None, Rule]], word: str) -> Iterator[tuple[str, str]]:
    """Yield each reason with the names of its rules, those of most rules first; beyond `GROUPS`, all others together."""
    groups: dict[str, list[str]] = defaultdict(list)
    for reason, rule in said:
        if reason:
            groups[reason].append(rule.name)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    for reason, names in ranked[:GROUPS]:
        yield reason, _named(names)
    if rest := ranked[GROUPS:]:
        yield f"{len(rest):,} other {word}", _named([name for _, names in rest for name in names])


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _untried(book: Rulebook, workspace: Workspace | None) -> Iterator[Problem]:
    for name in without_examples(book, workspace):
        rule = book.rules[name]
        yield Problem(
            rule.path,
            rule.line,
            f"the rule {name} has no examples that it must hit and miss",
            f"write rules/tests/{rule.pack}/{name}.yml in the workspace, and try it: aup rules test {name}",
        )


def _hosts(book: Rulebook, workspace: Workspace | None) -> Iterator[Problem]:
    for path in sorted((workspace.lists / "own").glob("*.txt")) if workspace else ():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for doubt in doubtful_hosts(lines, path.stem, book.lists.judge):
            yield Problem(path, doubt.line, f"{doubt.text!r} {doubt.reason}", doubt.fix)


def _terms(workspace: Workspace | None) -> Iterator[Problem]:
    """Yield terms of the school's lists that find too much, or nothing, for people write them who look for help."""
    if workspace is None:
        return
    protective, support = (
        _read_terms(folder / "terms" / f"{name}.tsv" for folder in list_folders(workspace))
        for name in (PROTECTIVE, SUPPORT)
    )
    for path in sorted((workspace.folder / "terms").glob("*.tsv")):
        if path.stem in {PROTECTIVE, SUPPORT}:
            continue
        terms = _read_terms([path])
        for term, reason in too_broad(terms):
            yield _of_term(path, term, f"finds too much: {reason}")
        for term in cancelled(terms, protective, support):
            yield _of_term(path, term, "finds nothing: it is what people write who look for help")


def _of_term(path: Path, term: str, message: str) -> Problem:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    line = next((n for n, text in enumerate(lines, 1) if text.split("\t")[0].strip() == term), 1)
    return Problem(path, line, f"{term!r} {message}", "write a longer phrase, or excluding contexts")


def _read_terms(paths: Iterable[Path]) -> pl.DataFrame:
    """Return the terms of files; of one that does not read, none: the rulebook has named it."""
    frames = [pl.DataFrame(schema=TERM_SCHEMA)]
    for path in paths:
        try:
            frames += [parse_terms(read_list_file(path), path.stem).terms] if path.is_file() else []
        except AupError:
            continue
    return pl.concat(frames)
