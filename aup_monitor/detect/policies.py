"""
Acceptable-use policies as data: read them strictly, say what watches each clause, and which clauses a match bears on.

One policy a file, `rules/policies/<id>.yml`, in the form of `core.policy.Policy`. A school's own folder is read after
ours; its policy takes the place of one of ours with the same id.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import polars as pl
from pydantic import ValidationError

from aup_monitor.core.incident import ROLES
from aup_monitor.core.policy import Clause, Policy
from aup_monitor.core.schema import LOG_CLASSES
from aup_monitor.detect.documents import Document, read_documents
from aup_monitor.detect.rule import Problem, Rule
from aup_monitor.detect.themes import themes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from polars._typing import PolarsDataType

    Binding = Callable[[str, str], tuple[Clause, ...]]
    """Returns the clauses that a match of a rule (by name) may bear on for a role."""

_TEXT: Final = pl.String()
COVERAGE_SCHEMA: Final[dict[str, PolarsDataType]] = dict.fromkeys(
    ("policy", "clause", "heading", "kind", "status", "rules", "seen_in", "note"), _TEXT
)
"""`status`: watched, not yet watched, not observable or duty; `rules` and `seen_in` are joined by a comma."""


def load_policies(
    folders: Sequence[Path], rules: Iterable[Rule] | None = None
) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """
    Load every policy of the folders; a later folder's takes the place of an earlier one with the same id.

    Args:
        folders: ours, then the school's.
        rules: the rules that are loaded; a policy that names any other is a problem, but stays. None leaves the
            names of rules unchecked.

    Returns:
        The policies, sorted by id, and what is wrong, sorted by file and line. A file of the wrong form is left out.

    """
    names = None if rules is None else {rule.name for rule in rules}
    policies: dict[str, Policy] = {}
    problems: list[Problem] = []
    for folder in folders:
        documents, unread = _read_folder(folder)
        found = _policies(documents, names)
        policies |= found
        problems += unread + [problem for document in documents for problem in document.problems]
    return tuple(policies[key] for key in sorted(policies)), tuple(sorted(set(problems)))


def coverage(policies: Iterable[Policy], rules: Iterable[Rule]) -> pl.DataFrame:
    """Return a row for each clause of each policy, `COVERAGE_SCHEMA`, in the order of the policies' own files."""
    loaded = tuple(rules)
    rows = [_row(policy, clause, loaded) for policy in policies for clause in policy.clauses]
    return pl.DataFrame(rows, schema=COVERAGE_SCHEMA, orient="row")


def binding(policies: Iterable[Policy], rules: Iterable[Rule]) -> Binding:
    """Return a function of a rule's name and a role to the clauses that a match may bear on, sorted by id."""
    chosen = tuple(policies)
    theme_of = {rule.name: rule.theme for rule in rules}

    def clauses(rule: str, role: str) -> tuple[Clause, ...]:
        found = (policy.clauses_for(rule, theme_of[rule], role) for policy in chosen)
        by_id = {clause.id: clause for some in found for clause in some}
        return tuple(by_id[key] for key in sorted(by_id))

    return clauses


def _read_folder(folder: Path) -> tuple[list[Document], list[Problem]]:
    if not folder.is_dir():
        return [], [Problem(folder, 1, "there is no such folder of policies", "check its path")]
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        read, wrong = read_documents(path)
        documents += read
        problems += wrong
    return documents, problems


def _policies(documents: Iterable[Document], names: Collection[str] | None) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for document in documents:
        policy = None if document.problems else _policy(document)
        if policy is None:
            continue
        _check(policy, document, names)
        if policy.id in found:
            document.report(
                ("id",), f"the id {policy.id} is taken", "keep one policy of that id in the folder"
            )
        else:
            found[policy.id] = policy
    return found


def _policy(document: Document) -> Policy | None:
    try:
        return Policy.model_validate(document.data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            place = ".".join(map(str, error["loc"])) or "the policy"
            message = error["msg"][:1].lower() + error["msg"][1:]
            document.report(
                error["loc"], f"{place}: {message}", "see rules/policies for policies in the right form"
            )
        return None


def _check(policy: Policy, document: Document, names: Collection[str] | None) -> None:
    seen: set[str] = set()
    for position, clause in enumerate(policy.clauses):
        for key, message, fix in (*_clause_faults(clause, seen), *_name_faults(clause, names)):
            document.report(("clauses", position, *key), f"clause {clause.id}: {message}", fix)
        seen.add(clause.id)


_Fault = tuple[tuple[str | int, ...], str, str]
"""Key within the clause, message, remedy."""


def _clause_faults(clause: Clause, seen: Collection[str]) -> Iterator[_Fault]:
    if clause.id in seen:
        yield ("id",), "is there twice", "give one of the two another id"
    if not clause.binds:
        yield ("binds",), "binds nobody", f"name roles, or all: {', '.join(ROLES)}"
    if clause.observable:
        return
    if clause.rules or clause.themes or clause.seen_in:
        yield (
            ("observable",),
            "is not observable, yet rules, themes or logs are named",
            "remove one or the other",
        )
    if not clause.note:
        yield ("observable",), "does not say why no log can show it", "add the line note: ..."


def _name_faults(clause: Clause, names: Collection[str] | None) -> Iterator[_Fault]:
    allowed: tuple[tuple[str, str, Collection[str] | None], ...] = (
        ("binds", "role", (*ROLES, "all")),
        ("rules", "rule", names),
        ("themes", "theme", themes()),
        ("seen_in", "kind of log", LOG_CLASSES),
    )
    for key, what, known in allowed:
        for position, name in enumerate(getattr(clause, key)):
            if known is not None and name not in known:
                yield (key, position), f"there is no {what} {name}", _near(name, known)


def _near(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {close[0]}?" if close else "correct the name, or remove it"


def _row(policy: Policy, clause: Clause, rules: Iterable[Rule]) -> tuple[str, ...]:
    watching = sorted(rule.name for rule in rules if rule.name in clause.rules or rule.theme in clause.themes)
    return (
        policy.id,
        clause.id,
        clause.heading,
        clause.kind,
        _status(clause, watched=bool(watching)),
        ", ".join(watching),
        ", ".join(clause.seen_in),
        clause.note,
    )


def _status(clause: Clause, *, watched: bool) -> str:
    if clause.kind == "duty":
        return "duty"
    if not clause.observable:
        return "not observable"
    return "watched" if watched else "not yet watched"
