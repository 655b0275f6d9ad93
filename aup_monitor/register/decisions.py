"""
Decide on an incident: new -> triaged -> (false positive | inadvertent | actioned) -> closed.

A verdict may be given at once without triage. A verdict and a closed incident can be reopened, to triaged, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aup_monitor.core.errors import AupError
from aup_monitor.core.incident import State
from aup_monitor.register import audit, tables
from aup_monitor.register.incidents import VERDICTS, RecordedIncident, find
from aup_monitor.register.references import resolve
from aup_monitor.register.transaction import transaction

ALLOWED: Final[dict[State, tuple[State, ...]]] = {
    State.NEW: (State.TRIAGED, *VERDICTS),
    State.TRIAGED: VERDICTS,
    **dict.fromkeys(VERDICTS, (State.CLOSED, State.TRIAGED)),
    State.CLOSED: (State.TRIAGED,),
}
"""Where each state may go next."""


@dataclass(frozen=True)
class Verdict:
    """What a person decides."""

    to_state: State
    reason: str = ""
    """Needed for a false positive, an inadvertent access, and to reopen."""
    action: str = ""
    """What was done; needed for actioned."""
    outcome: str = ""


def decide(reference: str, verdict: Verdict, actor: str, now: datetime) -> RecordedIncident:
    """
    Write down a decision, and return the incident as it now stands.

    Args:
        reference: the incident's id or the first digits of it.
        verdict: what is decided.
        actor: account of the person who decides.
        now: the time, aware.

    Raises:
        AupError: this state may not follow, or a reason or an action is needed.
        NotFoundError: there is no such incident.

    """
    with transaction():
        key = resolve(reference)
        incident = tables.Incident.objects.get(pk=key)
        _check(key[:8], State(incident.state), verdict)
        decision = _write(incident, verdict, actor, now)
        details = {
            "decision": decision.pk,
            "from": decision.from_state,
            "to": decision.to_state,
            "digest": decision_digest(decision),
        }
        audit.append(actor, "decide", audit.What("incident", key, details), now)
        return find(key)


def _write(incident: tables.Incident, verdict: Verdict, actor: str, now: datetime) -> tables.Decision:
    decision = tables.Decision.objects.create(
        incident=incident,
        from_state=incident.state,
        to_state=verdict.to_state.value,
        at=now,
        by=audit.plain(actor),
        reason=audit.plain(verdict.reason),
        action=audit.plain(verdict.action),
        outcome=audit.plain(verdict.outcome),
    )
    incident.state = verdict.to_state
    incident.save(update_fields=["state"])
    return decision


def decision_digest(decision: tables.Decision) -> str:
    """Return a hash of all that a decision says: the trail can prove it without holding its words."""
    return audit.digest(
        {
            "incident": decision.incident_id,
            "from": decision.from_state,
            "to": decision.to_state,
            "at": decision.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "by": decision.by,
            "reason": decision.reason,
            "action": decision.action,
            "outcome": decision.outcome,
        }
    )


def _check(reference: str, state: State, verdict: Verdict) -> None:
    if verdict.to_state not in ALLOWED[state]:
        allowed = " or ".join(ALLOWED[state])
        raise AupError(
            f"incident {reference} is {state}; it cannot become {verdict.to_state}",
            fix=f"from {state} it may become {allowed}",
        )
    reopens = verdict.to_state is State.TRIAGED and state is not State.NEW
    if (
        reopens or verdict.to_state in {State.FALSE_POSITIVE, State.INADVERTENT}
    ) and not verdict.reason.strip():
        goal = "reopen it" if reopens else f"call it {verdict.to_state}"
        raise AupError(f"incident {reference}: to {goal} needs a reason", fix="say in a few words why")
    if verdict.to_state is State.ACTIONED and not verdict.action.strip():
        raise AupError(
            f"incident {reference}: actioned needs the action taken", fix="say in a few words what was done"
        )
