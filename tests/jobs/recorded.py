"""Invented incidents as the register gives them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from aup_monitor.core.incident import Confidence, Incident, Intent, State, incident_id
from aup_monitor.register.services import Decision, RecordedIncident

NUMBERS = count()


def recorded(
    *,
    state: State = State.NEW,
    verdict: State | None = None,
    changed: bool = False,
    by: str = "r.osei",
    **facts: Any,
) -> RecordedIncident:
    """Return an incident of a subject of its own; decided unless new, after a `verdict`; `changed` after that."""
    day = facts.pop("day", date(2026, 9, 14))
    seen = datetime(day.year, day.month, day.day, 9, 42, tzinfo=UTC)
    plain: dict[str, Any] = {
        "site": "main",
        "rule": "gambling_site",
        "subject": f"user{next(NUMBERS)}",
        "subject_kind": "user",
        "role": "pupil",
        "title": "Visited a gambling site",
        "theme": "gambling",
        "clauses": ("TLA-GAMBLING",),
        "severity": 3,
        "confidence": Confidence.HIGH,
        "confidence_reasons": (),
        "intent": Intent.UNCLEAR,
        "intent_reasons": (),
        "first_seen": seen,
        "last_seen": seen,
        "visits": 1,
        "events": 7,
        "blocked": 0,
        "in_school_hours": True,
        "details": ("bets.example",),
        "addresses": ("192.0.2.17",),
        "devices": (),
        "visibility": "url",
        "rule_author": "aup-monitor",
        "evidence": (),
    }
    whole = plain | facts | {"day": day}
    key = incident_id(whole["site"], whole["rule"], whole["subject"], day)
    decided = seen + timedelta(days=1)
    return RecordedIncident(
        incident=Incident(id=key, **whole),
        state=state,
        decision=None if state is State.NEW else Decision(State.NEW, state, decided, by, "", "Spoken to", ""),
        verdict=verdict and Decision(State.NEW, verdict, decided, by, "Looked into", "", ""),
        first_recorded=seen,
        last_analysed=seen,
        last_changed=decided + timedelta(hours=1) if changed else seen,
        not_found_since=None,
        self_report=None,
    )
