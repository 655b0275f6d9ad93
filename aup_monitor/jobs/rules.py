"""The rules, checked and listed, and the clauses of policies that they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aup_monitor.detect.policies import coverage
from aup_monitor.jobs.doubts import doubts
from aup_monitor.jobs.rulebook import load_rulebook

if TYPE_CHECKING:
    from aup_monitor.core.workspace import Workspace


class Checked(NamedTuple):
    """What came of checking the rules."""

    rules: int
    """How many can be used."""
    problems: tuple[str, ...]
    """What is wrong, and what is unwise in the school's own."""
    advice: tuple[str, ...]
    """What is unwise in what ships and in others' rules."""


def check(workspace: Workspace | None) -> Checked:
    """Return how many rules can be used, and one message for each thing that is wrong or unwise."""
    book = load_rulebook(workspace)
    found = doubts(book, workspace)
    return Checked(len(book.rules), (*book.problems, *map(str, found.problems)), found.advice)


def rule_rows(workspace: Workspace | None) -> list[dict[str, object]]:
    """Return each rule as a row for a table, by name."""
    return [
        {
            "name": rule.name,
            "title": rule.title,
            "level": rule.level,
            "theme": rule.theme,
            "reads": list(rule.log_classes),
            "lists": list(rule.lists),
            "author": rule.author,
            "tags": list(rule.tags),
            "description": rule.description,
            "falsepositives": list(rule.falsepositives),
            "file": str(rule.path),
        }
        for rule in load_rulebook(workspace).rules
    ]


def coverage_rows(workspace: Workspace | None) -> list[dict[str, object]]:
    """Return each clause of the chosen policies as a row for a table, in the policies' order."""
    book = load_rulebook(workspace)
    return list(coverage(book.policies, book.rules).iter_rows(named=True))
