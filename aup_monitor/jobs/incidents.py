"""Incidents as people ask for them: listed, shown whole, decided. Every look is in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.incident import SEVERITIES
from aup_monitor.detect.themes import themes
from aup_monitor.identity.roles import display
from aup_monitor.jobs.report import directory_of
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aup_monitor.core.incident import State
    from aup_monitor.core.workspace import Workspace


@dataclass(frozen=True)
class Filters:
    """Which incidents are wanted."""

    half_term: str | None = None
    states: tuple[State, ...] = ()
    severity: int = 1
    """This or graver."""
    themes: tuple[str, ...] = ()


def list_incidents(
    workspace: Workspace, filters: Filters, actor: str, now: datetime
) -> list[dict[str, object]]:
    """
    Return incidents as rows for a table, gravest first, people by initials.

    Raises:
        NotFoundError: the half-term has no dates, or there is no such theme.

    """
    _check_themes(workspace, filters.themes)
    calendar = workspace.config.sites[workspace.config.first_site].calendar()
    half = calendar.half_term(filters.half_term) if filters.half_term else None
    which = services.Which(
        first_day=half.start if half else None,
        last_day=half.end if half else None,
        states=filters.states or None,
        severities=tuple(range(filters.severity, max(SEVERITIES) + 1)),
        themes=filters.themes or None,
    )
    directory = directory_of(workspace)
    with open_register(workspace.database):
        found = services.incidents(which)
        services.look(actor, "list", services.What("incidents", "", {"incidents": len(found)}), now)
    return [
        {
            "reference": i.reference,
            "severity": f"{i.incident.severity} {SEVERITIES[i.incident.severity]}",
            "day": i.incident.day,
            "site": i.incident.site,
            "person": display(i.incident.subject, i.incident.subject_kind, directory),
            "role": i.incident.role,
            "title": i.incident.title,
            "theme": i.incident.theme,
            "clauses": i.incident.clauses,
            "detail": ", ".join(i.incident.details[:2]),
            "events": i.incident.events,
            "confidence": i.incident.confidence.value,
            "intent": i.incident.intent.value,
            "state": i.state.value,
            "rule_author": i.incident.rule_author,
        }
        for i in found
    ]


def _check_themes(workspace: Workspace, wanted: Sequence[str]) -> None:
    """Refuse a misspelt theme, of which there would be no incidents."""
    if set(wanted) <= set(themes()):
        return
    known = {*themes(), *(rule.theme for rule in load_rulebook(workspace).rules)}
    for theme in wanted:
        if theme not in known:
            raise NotFoundError(f"there is no theme {theme!r}", fix=f"one of: {', '.join(sorted(known))}")


def show_incident(workspace: Workspace, reference: str, actor: str, now: datetime) -> dict[str, object]:
    """
    Return all that is known of one incident, with every decision.

    Raises:
        NotFoundError: there is none, or several begin so.

    """
    with open_register(workspace.database):
        recorded = services.find(reference)
        services.look(actor, "show", services.What("incident", recorded.incident.id), now)
        decided = services.history(recorded.incident.id)
    facts = recorded.incident.model_dump(mode="json")
    facts["severity"] = f"{recorded.incident.severity} {SEVERITIES[recorded.incident.severity]}"
    history = [
        f"{d.at:%Y-%m-%d %H:%M} UTC, {d.by}: {d.to_state.value}"
        + "".join(
            f"; {label}: {text}"
            for label, text in (("why", d.reason), ("done", d.action), ("outcome", d.outcome))
            if text
        )
        for d in decided
    ]
    return {
        "reference": recorded.reference,
        **facts,
        "state": recorded.state.value,
        "decisions": history,
        "changed_since_decision": recorded.changed_since_decision,
        "self_report": recorded.self_report or "",
    }


def decide(
    workspace: Workspace, reference: str, verdict: tuple[State, str, str, str], actor: str, now: datetime
) -> services.RecordedIncident:
    """
    Write down a decision.

    Args:
        workspace: whose register.
        reference: the incident's first digits.
        verdict: the new state, reason, action, outcome.
        actor: account of the person who decides.
        now: the present moment, aware.

    Raises:
        AupError: this state may not follow, or a reason or an action is missing.
        NotFoundError: there is no such incident.

    """
    with open_register(workspace.database):
        return services.decide(reference, services.Verdict(*verdict), actor, now)
