"""What a loaded rule is, what is wrong with one that did not load, and the set of both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path  # noqa: TC003 - part of the public dataclasses' types, resolved at run time by readers
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.incident import Intent  # noqa: TC001 - pydantic reads it at run time
from aup_monitor.detect.correlation import Correlation  # noqa: TC001 - part of the public dataclass's types
from aup_monitor.detect.tree import Keyword, Listed, Node, SameAs, Test, leaves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


def _words(given: object) -> object:
    return (given,) if isinstance(given, str) else given


class AtLeast(BaseModel):
    """How much of a day's matches of one subject makes an incident; less makes none."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    minutes: int = Field(default=0, ge=0, le=1440)
    """Time spent, an estimate; see `detect.gather`."""
    pages: int = Field(default=0, ge=0)
    """Pages printed."""


class Falls(BaseModel):
    """How far the share of events that a rule hits must fall, against the days before, to make an incident of the site."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    to: float = Field(gt=0, lt=1)
    """Of the usual share, less than this is left."""
    days: int = Field(default=10, ge=3, le=60)
    """So many days before give the usual share, their median."""
    events: int = Field(default=1_000, ge=1)
    """Days with fewer events of that kind of log are passed over."""


class AupBlock(BaseModel):
    """The `aup:` block of a rule: what Sigma has no word for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    theme: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    """What it concerns: gambling, bypass, usb, ... (`rules/facts/themes.yml`)."""
    min_log_level: int = Field(default=3, ge=1, le=5)
    """Events below this level are not looked at: 3 is a person's own act, 1 takes in advertising and pictures."""
    mask: bool = False
    """Whether reports withhold what was reached, because it may be illegal."""
    intent: Annotated[Intent | None, Field(strict=False)] = None
    """The intent to report, where logs of this kind cannot tell it (a device plugged in, software installed)."""
    at_least: AtLeast = AtLeast()
    """What a day's matches must come to before they make an incident."""
    only_bound: bool = False
    """Whether an incident needs a clause of a chosen policy that binds the subject's role."""
    falls: Falls | None = None
    """For a rule that watches for a fall of what it hits, rather than for each event; see `detect.falls`."""
    only_correlated: bool = False
    """Whether it makes no incident itself, and correlation rules alone read its matches."""
    needs: Annotated[tuple[str, ...], BeforeValidator(_words), Field(strict=False)] = ()
    """What must be logged for the rule to see anything, in words."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a rule looks, in Sigma's words."""

    category: str | None = None
    product: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.category, self.product, self.service) if part)


@dataclass(frozen=True)
class Rule:
    """One Sigma rule, parsed and checked."""

    name: str
    id: str | None
    title: str
    description: str
    level: str
    """informational, low, medium, high or critical."""
    author: str
    falsepositives: tuple[str, ...]
    tags: tuple[str, ...]
    pack: str
    """Name of the folder that holds the file."""
    path: Path
    line: int
    """Line of the file where the rule begins."""
    logsource: LogSource
    log_classes: tuple[str, ...]
    """Kinds of log that it reads; none where we have no such log, and then it never matches."""
    event_codes: tuple[str, ...]
    """Vendor event numbers that it reads; none for all."""
    aup: AupBlock
    fingerprint: str
    """32 hex digits of the rule's own text."""
    selections: Mapping[str, Node]
    """Each selection by its name, in the order of the file."""
    condition: Node
    """The condition, over `Selected`; of a correlation rule, one that never holds."""
    own: bool = True
    """Whether it is ours or the school's, and not from a folder of others' rules."""
    correlation: Correlation | None = None
    """What a correlation rule asks of other rules' matches; such a rule looks at no event itself."""

    @property
    def theme(self) -> str:
        """What the rule concerns: gambling, bypass, ..."""
        return self.aup.theme

    @property
    def min_log_level(self) -> int:
        """The lowest `log_level` that the rule looks at."""
        return self.aup.min_log_level

    @property
    def mask(self) -> bool:
        """Whether reports withhold what was reached."""
        return self.aup.mask

    @cached_property
    def tests(self) -> tuple[Test | Keyword, ...]:
        """Every leaf of every selection."""
        found = (leaf for node in self.selections.values() for leaf in leaves(node))
        return tuple(leaf for leaf in found if isinstance(leaf, Test | Keyword))

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Names of the lists that it asks, sorted, such as `list.gambling`."""
        values = (test.value for test in self.tests)
        return tuple(sorted({value.name for value in values if isinstance(value, Listed)}))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns that its tests name, sorted; keywords read every text column besides."""
        named = {test.column for test in self.tests if isinstance(test, Test)}
        others = {test.value.column for test in self.tests if isinstance(test.value, SameAs)}
        return tuple(sorted(column for column in named | others if column))


@dataclass(frozen=True, order=True)
class Problem:
    """Why a rule, or a part of a folder, was left out."""

    path: Path
    line: int
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}\n  Next: {self.fix}"


@dataclass(frozen=True)
class RuleSet:
    """The rules that loaded, sorted by name, and what was wrong with the others, sorted by file and line."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
    set_aside: tuple[Path, ...] = ()
    """Files of others' rules that say of themselves that they are not to be used any more."""
    _by_name: dict[str, Rule] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {rule.name: rule for rule in self.rules})

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Rule:
        """
        Return the rule of that name.

        Raises:
            NotFoundError: there is none.

        """
        try:
            return self._by_name[name]
        except KeyError as exc:
            raise NotFoundError(f"there is no rule {name}", fix="aup rules list") from exc

    @property
    def falling(self) -> tuple[Rule, ...]:
        """The rules that watch for a fall of what they hit."""
        return tuple(rule for rule in self.rules if rule.aup.falls)

    def readers(self, column: str) -> frozenset[str]:
        """Return the names of the rules that look at a column of text; keywords look at every one."""
        return frozenset(
            rule.name
            for rule in self.rules
            if column in rule.columns or any(isinstance(leaf, Keyword) for leaf in rule.tests)
        )

    @property
    def correlations(self) -> tuple[Rule, ...]:
        """The correlation rules; each comes after those whose matches it reads."""
        waiting = [rule for rule in self.rules if rule.correlation]
        ready: list[Rule] = []
        while waiting:
            names = {rule.name for rule in waiting}
            free = [rule for rule in waiting if rule.correlation and not names & set(rule.correlation.rules)]
            ready += free
            waiting = [rule for rule in waiting if rule not in free] if free else []
        return tuple(ready)

    @property
    def silent(self) -> frozenset[str]:
        """
        Names of the rules that make no incidents themselves: correlations alone read them.

        They say so (`aup: only_correlated`), or every correlation that reads them does (no `generate`). A correlation silences rules of its own kind only: a folder of others' rules never silences ours.
        """
        blocks = {rule.name for rule in self.rules if rule.aup.only_correlated}
        silenced: set[str] = set()
        heard: set[str] = set()
        for rule in self.rules:
            if rule.correlation:
                meant = {
                    name for name in rule.correlation.rules if name in self and self[name].own == rule.own
                }
                (heard if rule.correlation.generate else silenced).update(meant)
        return frozenset(blocks | silenced - heard)

    def with_lists(self, names: Collection[str]) -> RuleSet:
        """Return the set for these lists only: a rule that asks any other becomes a problem that names the list."""
        missing = {rule.name: sorted(set(rule.lists) - set(names)) for rule in self.rules}
        kept = tuple(rule for rule in self.rules if not missing[rule.name])
        problems = [_no_list(rule, name) for rule in self.rules for name in missing[rule.name]]
        return replace(self, rules=kept, problems=tuple(sorted({*self.problems, *problems}))).whole()

    def whole(self) -> RuleSet:
        """Return the set without correlations whose rules are not there; each becomes a problem."""
        problems = {rule.name: fault for rule in self.rules if (fault := self._fault(rule)) is not None}
        if not problems:
            return self
        kept = tuple(rule for rule in self.rules if rule.name not in problems)
        return replace(self, rules=kept, problems=tuple(sorted({*self.problems, *problems.values()}))).whole()

    def _fault(self, rule: Rule) -> Problem | None:
        if rule.correlation is None:
            return None
        lacking = next((name for name in rule.correlation.rules if name not in self), None)
        if lacking:
            return _no_rule(rule, lacking)
        return None if rule in self.correlations else _circle(rule)


def _circle(rule: Rule) -> Problem:
    return Problem(
        rule.path,
        rule.line,
        f"rule {rule.name} correlates itself, in a circle",
        "break the circle under rules:",
    )


def _no_rule(rule: Rule, name: str) -> Problem:
    return Problem(
        rule.path,
        rule.line,
        f"rule {rule.name} correlates the rule {name}, which is not there",
        f"add the rule {name}, or correct its name or id under rules:; until then the correlation is left out",
    )


def _no_list(rule: Rule, name: str) -> Problem:
    return Problem(
        rule.path,
        rule.line,
        f"rule {rule.name} asks the list %{name}%, which is not there",
        f"add the list {name}, or correct its name in the rule; until then the rule is left out",
    )
