"""
Join a self-report to the incident that it explains, so that nobody is reported twice.

The program offers; a person accepts. Accepting decides nothing about the incident: that is a decision of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from aup_monitor.core.errors import AupError
from aup_monitor.register import audit, tables
from aup_monitor.register.incidents import RecordedIncident, Which, chosen, load
from aup_monitor.register.references import resolve
from aup_monitor.register.self_reports import MatchState, SelfReport, loaded, row_of
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from django.db.models import QuerySet

WINDOW: Final = timedelta(minutes=30)


def offer_matches(
    reference: str, actor: str, now: datetime, window: timedelta = WINDOW
) -> list[RecordedIncident]:
    """
    Return the incidents that a self-report may explain, nearest in time first; nothing is assumed.

    An incident fits that is of the same site, was seen within `window` of the time reported and, where the report names an
    account, is that account's. The report is marked as offered or as having none, unless a person has accepted one.

    Raises:
        NotFoundError: there is no such self-report.

    """
    with transaction():
        report = row_of(reference)
        offers = sorted(
            load(_fitting(report, window)), key=lambda offer: _distance(offer, report.occurred_at)
        )
        state = MatchState.OFFERED if offers else MatchState.NONE
        if report.match_state not in {MatchState.ACCEPTED, state}:
            report.match_state = state
            report.save(update_fields=["match_state"])
        ids = [offer.incident.id for offer in offers]
        audit.append(actor, "offer", audit.What("self-report", str(report), {"incidents": ids}), now)
    return offers


def _fitting(report: tables.SelfReport, window: timedelta) -> QuerySet[tables.Incident]:
    rows = chosen(Which(sites=[report.site])).filter(
        first_seen__lte=report.occurred_at + window, last_seen__gte=report.occurred_at - window
    )
    return rows.filter(subject__iexact=report.subject) if report.subject else rows


def _distance(offer: RecordedIncident, moment: datetime) -> tuple[timedelta, str]:
    incident = offer.incident
    apart = max(incident.first_seen - moment, moment - incident.last_seen, timedelta(0))
    return apart, incident.id


def accept_match(reference: str, incident: str, actor: str, now: datetime) -> SelfReport:
    """
    Write down that a person says that this self-report explains this incident; a wrong one is put right by another.

    Args:
        reference: the self-report's.
        incident: the incident's id or the first digits of it.
        actor: account of the person who says so.
        now: the time, aware.

    Raises:
        AupError: the two are of different sites.
        NotFoundError: there is no such self-report or incident.

    """
    with transaction():
        report = row_of(reference)
        explained = tables.Incident.objects.get(pk=resolve(incident))
        if explained.site != report.site:
            raise AupError(
                f"{report} is of another site than incident {explained}",
                fix="look at the offered incidents again",
            )
        details = {"incident": explained.pk, "instead_of": report.incident_id}
        report.incident, report.match_state = explained, MatchState.ACCEPTED
        report.save(update_fields=["incident", "match_state"])
        audit.append(actor, "accept", audit.What("self-report", str(report), details), now)
    return loaded(report)
