"""Read incidents from the register, each with where it stands. Whoever shows them writes an `audit.look` first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.core.incident import Incident, State
from aup_monitor.register import tables
from aup_monitor.register.recording import FACTS
from aup_monitor.register.references import resolve
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from django.db.models import QuerySet

VERDICTS: Final = (State.FALSE_POSITIVE, State.INADVERTENT, State.ACTIONED)
"""States that say what an incident was found to be."""


@dataclass(frozen=True)
class Decision:
    """What a person decided, when and why."""

    from_state: State
    to_state: State
    at: datetime
    by: str
    reason: str
    action: str
    outcome: str


@dataclass(frozen=True)
class RecordedIncident:
    """An incident and where it stands."""

    incident: Incident
    state: State
    decision: Decision | None
    """The newest."""
    verdict: Decision | None
    """The newest that found it false, an accident or acted on; closing an incident does not hide it."""
    first_recorded: datetime
    last_analysed: datetime
    """When an analysis last found it."""
    last_changed: datetime
    """When an analysis last found it otherwise than before."""
    not_found_since: datetime | None
    """When an analysis first failed to find it again."""
    self_report: str | None
    """Reference of the self-report that a person accepted as explaining it."""

    @property
    def reference(self) -> str:
        """The short form for people."""
        return self.incident.reference

    @property
    def standing(self) -> State:
        """What was found: the verdict of a closed incident, else its state."""
        return self.verdict.to_state if self.state is State.CLOSED and self.verdict else self.state

    @property
    def withdrawn(self) -> bool:
        """Whether it is no longer found and nobody has decided on it."""
        return self.not_found_since is not None and self.state is State.NEW

    @property
    def changed_since_decision(self) -> bool:
        """Whether the facts are no longer those that a person decided on: more events, other hosts, or not found."""
        if self.decision is None:
            return False
        return self.decision.at < max(self.last_changed, self.not_found_since or self.last_changed)


@dataclass(frozen=True)
class Which:
    """Which incidents are wanted. None wants all; an empty collection wants none."""

    sites: Collection[str] | None = None
    first_day: date | None = None
    last_day: date | None = None
    """Inclusive."""
    states: Collection[State] | None = None
    severities: Collection[int] | None = None
    themes: Collection[str] | None = None
    rules: Collection[str] | None = None
    roles: Collection[str] | None = None
    subjects: Collection[str] | None = None
    withdrawn: bool = False
    """Whether withdrawn ones are wanted too."""


def incidents(which: Which | None = None) -> list[RecordedIncident]:
    """Return the incidents wanted, gravest first, then by day and id."""
    with transaction():
        return load(chosen(which or Which()))


def find(reference: str) -> RecordedIncident:
    """
    Return one incident by its id or the first digits of it, at least four; withdrawn ones too.

    Raises:
        NotFoundError: there is none, with the nearest; or several begin so, with their references.

    """
    with transaction():
        return load(tables.Incident.objects.filter(pk=resolve(reference)))[0]


def history(reference: str) -> list[Decision]:
    """
    Return every decision on an incident, oldest first.

    Raises:
        NotFoundError: as for `find`.

    """
    with transaction():
        rows = tables.Decision.objects.filter(incident_id=resolve(reference)).order_by("pk")
        return [_decision(row) for row in rows]


def chosen(which: Which) -> QuerySet[tables.Incident]:
    """Return the rows wanted."""
    wanted = {
        "site__in": which.sites,
        "day__gte": which.first_day,
        "day__lte": which.last_day,
        "state__in": which.states,
        "severity__in": which.severities,
        "theme__in": which.themes,
        "rule__in": which.rules,
        "role__in": which.roles,
        "subject__in": which.subjects,
    }
    rows = tables.Incident.objects.filter(
        **{key: value for key, value in wanted.items() if value is not None}
    )
    return rows if which.withdrawn else rows.exclude(state=State.NEW, not_found_since__isnull=False)


def load(rows: QuerySet[tables.Incident]) -> list[RecordedIncident]:
    """Return the rows as incidents, gravest first, in three questions however many they are."""
    made = list(tables.Decision.objects.filter(incident__in=rows).order_by("pk"))
    decisions = {row.incident_id: row for row in made}
    verdicts = {row.incident_id: row for row in made if State(row.to_state) in VERDICTS}
    reports = {
        row.incident_id: str(row)
        for row in tables.SelfReport.objects.filter(incident__in=rows).order_by("-pk")
    }
    return [
        _recorded(row, decisions.get(row.pk), verdicts.get(row.pk), reports.get(row.pk))
        for row in rows.order_by("-severity", "day", "id")
    ]


def _recorded(
    row: tables.Incident,
    decision: tables.Decision | None,
    verdict: tables.Decision | None,
    report: str | None,
) -> RecordedIncident:
    return RecordedIncident(
        incident=Incident(**{name: getattr(row, name) for name in FACTS}),
        state=State(row.state),
        decision=_decision(decision) if decision else None,
        verdict=_decision(verdict) if verdict else None,
        first_recorded=row.first_recorded,
        last_analysed=row.last_analysed,
        last_changed=row.last_changed,
        not_found_since=row.not_found_since,
        self_report=report,
    )


def _decision(row: tables.Decision) -> Decision:
    return Decision(
        State(row.from_state), State(row.to_state), row.at, row.by, row.reason, row.action, row.outcome
    )
