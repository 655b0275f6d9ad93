"""The rules, checked and listed, and the clauses of policies that they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.core.errors import AupError
from aup_monitor.detect.policies import coverage
from aup_monitor.jobs.rule_examples import without_examples
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.lists.broad import too_broad
from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.listfile import read_list_file
from aup_monitor.lists.terms import parse_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.jobs.rulebook import Rulebook


def check(workspace: Workspace | None) -> tuple[int, tuple[str, ...]]:
    """Return how many rules can be used, and one message for each thing that is wrong, or in the school's own unwise."""
    book = load_rulebook(workspace)
    return len(book.rules), (*book.problems, *_untried(book, workspace), *_broad_terms(workspace))


def _untried(book: Rulebook, workspace: Workspace | None) -> Iterator[str]:
    for name in without_examples(book, workspace):
        rule = book.rules[name]
        yield (
            f"{rule.path}:{rule.line}: the rule {name} has no examples that it must hit and miss\n"
            f"  Next: write rules/tests/{rule.pack}/{name}.yml in the workspace, and try it: aup rules test {name}"
        )


def _broad_terms(workspace: Workspace | None) -> Iterator[str]:
    folder = workspace.folder / "terms" if workspace else None
    accusing = [path for path in folder.glob("*.tsv") if path.stem != PROTECTIVE] if folder else []
    for path in sorted(accusing):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        try:
            terms = parse_terms(read_list_file(path), path.stem).terms
        except AupError:
            continue  # the rulebook has named it already
        for term, reason in too_broad(terms):
            number = next((n for n, line in enumerate(lines, 1) if line.split("\t")[0].strip() == term), 1)
            yield f"{path}:{number}: {term!r} finds too much: {reason}\n  Next: write a longer phrase, or excluding contexts"


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
