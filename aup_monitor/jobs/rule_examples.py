"""Rules tried on the events that they must hit and miss."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.calendar import SchoolCalendar, parse_half_terms
from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.resources import resource
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.examples import START, as_frame, path_of, read_examples
from aup_monitor.detect.explain import explain
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.match import match
from aup_monitor.detect.reference import LONDON, Surroundings
from aup_monitor.jobs.rulebook import load_rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.detect.examples import Event, Story
    from aup_monitor.detect.rule import Rule
    from aup_monitor.jobs.rulebook import Rulebook

CALENDAR = SchoolCalendar(
    parse_half_terms({"2026-autumn-1": [START.date().replace(day=1), START.date().replace(day=30)]}), LONDON
)
"""A September of school days, so that an example may ask for school hours."""


@dataclass
class Trial:
    """What came of trying the rules."""

    rules: int = 0
    """Rules that were tried."""
    stories: int = 0
    """Examples that they were tried on."""
    failures: list[str] = field(default_factory=list)
    """What did not come out as it must, with what each part of the rule made of it."""
    empty: list[str] = field(default_factory=list)
    """Rules of which some example came out otherwise, but which ask a list that holds nothing here."""
    without: tuple[str, ...] = ()
    """Names of the school's own rules that have no examples."""


def try_rules(workspace: Workspace | None, names: Sequence[str], *, ours: bool = False) -> Trial:
    """
    Try rules on their examples, `rules/tests/<pack>/<name>.yml` in the workspace; of ours, in the source tree.

    Args:
        workspace: whose rules and lists are used besides those that ship; None for these alone.
        names: which rules; the school's own where empty.
        ours: whether those that ship are tried, too.

    Raises:
        NotFoundError: there is no rule of that name, or it has no examples.

    """
    book = load_rulebook(workspace)
    chosen = [book.rules[name] for name in names] or [
        rule for rule in book.rules if rule.own and (ours or is_schools(rule, workspace))
    ]
    trial = Trial(without=without_examples(book, workspace))
    for rule in chosen:
        path = _path(rule, workspace)
        if path is not None:
            _try(book, rule, path, trial)
        elif names:
            fix = f"write rules/tests/{rule.pack}/{rule.name}.yml in the workspace, with hit: and miss:"
            raise NotFoundError(f"the rule {rule.name} has no examples", fix=fix)
    return trial


def _try(book: Rulebook, rule: Rule, path: Path, trial: Trial) -> None:
    examples, problems = read_examples(path)
    trial.failures += map(str, problems)
    trial.rules += 1
    stories = list(examples.stories()) if examples else []
    trial.stories += len(stories)
    failures = list(_failures(book, rule, stories, path))
    if failures and set(rule.lists) - _held(book):
        trial.empty.append(rule.name)
    else:
        trial.failures += failures


def _held(book: Rulebook) -> set[str]:
    """Return the names of the lists that hold something here."""
    used = book.lists.status().filter((pl.col("state") == "in use") & (pl.col("entries") > 0))
    return set(used["name"])


def is_schools(rule: Rule, workspace: Workspace | None) -> bool:
    """Tell whether the school has written the rule itself."""
    return workspace is not None and rule.own and rule.path.is_relative_to(workspace.folder)


def without_examples(book: Rulebook, workspace: Workspace | None) -> tuple[str, ...]:
    """Return the names of the school's own rules that have no examples."""
    own = [rule for rule in book.rules if is_schools(rule, workspace)]
    return tuple(rule.name for rule in own if _path(rule, workspace) is None)


def _path(rule: Rule, workspace: Workspace | None) -> Path | None:
    ours = resource("rules").parent / "tests" / "rules"
    folders = [*([workspace.rules / "tests"] if workspace else []), ours]
    return next((path for folder in folders if (path := path_of(rule, folder)).is_file()), None)


def _failures(book: Rulebook, rule: Rule, stories: Sequence[tuple[bool, Story]], path: Path) -> Iterator[str]:
    """Yield what came out otherwise; single events are judged together, stories of several each by itself."""
    single = [] if rule.correlation else [(must_hit, story) for must_hit, story in stories if len(story) == 1]
    together = enrich(as_frame([story[0] for _, story in single]), load_facts(), CALENDAR).collect()
    hits = set(_found(book, rule, together)["source_offset"]) if single else set()
    for n, (must_hit, story) in enumerate(single):
        if (n in hits) != must_hit:
            yield _failure(book, rule, story, path, must_hit)
    for must_hit, several in stories if rule.correlation else ():
        events = enrich(as_frame(several), load_facts(), CALENDAR).collect()
        if _found(book, rule, events).is_empty() == must_hit:
            yield _failure(book, rule, several, path, must_hit)


def _found(book: Rulebook, rule: Rule, events: pl.DataFrame) -> pl.DataFrame:
    """Return what the rule hit; one that watches for a fall is tried on what it counts."""
    asked = [book.rules[name] for name in _read_by(rule, book)]
    plain = [replace(one, aup=one.aup.model_copy(update={"falls": None})) for one in asked]
    found = correlate(match(events, plain, book.lookups), book.rules)
    return found.filter(pl.col("rule") == rule.name)


def _failure(book: Rulebook, rule: Rule, story: Story, path: Path, must_hit: bool) -> str:
    events = enrich(as_frame(story), load_facts(), CALENDAR).collect()
    said = "must hit, and does not" if must_hit else "must not hit, and does"
    return "\n".join([f"{path}: {rule.name} {said}: {_short(story)}", *_reasons(book, rule, events)])


def _read_by(rule: Rule, book: Rulebook) -> list[str]:
    if rule.correlation is None:
        return [rule.name]
    return sorted({name for inner in rule.correlation.rules for name in _read_by(book.rules[inner], book)})


def _short(story: Story) -> str:
    first: Event = {key: value for key, value in story[0].items() if key != "timestamp"}
    more = f" and {len(story) - 1} more" if len(story) > 1 else ""
    return f"{first}{more}"


def _reasons(book: Rulebook, rule: Rule, events: pl.DataFrame) -> Iterator[str]:
    """Yield what each test of the rule made of the first event; of a correlation, which rules it reads."""
    if rule.correlation:
        yield f"  it reads {', '.join(rule.correlation.rules)} within {rule.correlation.timespan}"
        return
    told = explain(rule, events.row(0, named=True), Surroundings(book.lookups))
    if not told.looked_at:
        yield "  the rule does not look at an event of this kind of log, number or log level"
    for test in told.tests:
        yield f"  {test.selection}: {test.field} {test.asked}: {'yes' if test.holds else 'no'} ({test.cell!r})"
