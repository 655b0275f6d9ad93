"""Accidental accesses that people report themselves: date and time, what was reached, what was done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.core.errors import AupError, NotFoundError
from aup_monitor.register import audit, tables
from aup_monitor.register.tables import MatchState
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MatchState", "NewSelfReport", "SelfReport", "add_self_report", "find_self_report", "self_reports"]

_REFERENCE: Final = re.compile(r"(?:SR-?)?([0-9]{1,18})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class NewSelfReport:
    """What somebody reports."""

    occurred_at: datetime
    """Aware."""
    site: str
    person: str
    """Who reports, in words."""
    what: str
    """The web address, or a general description."""
    action_taken: str
    subject: str = ""
    """The person's account as the logs name it, where known."""


@dataclass(frozen=True)
class SelfReport:
    """A self-report in the register."""

    reference: str
    """Such as `SR-0007`."""
    report: NewSelfReport
    reported_at: datetime
    entered_by: str
    match_state: MatchState
    incident_id: str | None
    """The incident that it explains, once a person has said so."""


def add_self_report(report: NewSelfReport, actor: str, now: datetime) -> SelfReport:
    """
    Write down a self-report.

    Args:
        report: what is reported.
        actor: account of the person who enters it, the reporter or the Network Manager.
        now: the time, aware; it counts as the time of the report.

    Raises:
        AupError: a part is empty, or it happened in the future.
        ValueError: a time without a zone.

    """
    _check(report, now)
    with transaction():
        row = tables.SelfReport.objects.create(
            occurred_at=report.occurred_at,
            reported_at=now,
            site=report.site.strip(),
            person=audit.plain(report.person),
            subject=audit.plain(report.subject),
            what=audit.plain(report.what),
            action_taken=audit.plain(report.action_taken),
            entered_by=audit.plain(actor),
        )
        audit.append(actor, "add", audit.What("self-report", str(row)), now)
    return loaded(row)


def _check(report: NewSelfReport, now: datetime) -> None:
    if report.occurred_at.tzinfo is None or now.tzinfo is None:
        raise ValueError("the times of a self-report need their zone")
    parts = {
        "the site": report.site,
        "who reports it": report.person,
        "what was reached": report.what,
        "what was done about it": report.action_taken,
    }
    empty = [name for name, text in parts.items() if not text.strip()]
    if empty:
        raise AupError(
            f"the self-report does not say {', '.join(empty)}", fix="fill it in; a few words are enough"
        )
    if report.occurred_at > now:
        raise AupError("the self-report is of a time in the future", fix="check the date and the time")


def self_reports(start: datetime, end: datetime) -> list[SelfReport]:
    """Return the self-reports of what happened from `start` to before `end` (aware), oldest first."""
    with transaction():
        rows = tables.SelfReport.objects.filter(occurred_at__gte=start, occurred_at__lt=end)
        return [loaded(row) for row in rows.order_by("occurred_at", "pk")]


def find_self_report(reference: str) -> SelfReport:
    """
    Return one self-report by its reference.

    Raises:
        NotFoundError: there is none.

    """
    with transaction():
        return loaded(row_of(reference))


def row_of(reference: str) -> tables.SelfReport:
    """
    Return the row of a reference such as `SR-0007`, `sr7` or `7`.

    Raises:
        NotFoundError: there is none.

    """
    digits = _REFERENCE.fullmatch(reference.strip())
    row = tables.SelfReport.objects.filter(pk=int(digits[1])).first() if digits else None
    if row is None:
        raise NotFoundError(
            f"there is no self-report {reference!r}",
            fix="give a reference as the report shows it, such as SR-0007",
        )
    return row


def loaded(row: tables.SelfReport) -> SelfReport:
    """Return a row as a self-report."""
    report = NewSelfReport(row.occurred_at, row.site, row.person, row.what, row.action_taken, row.subject)
    return SelfReport(
        str(row), report, row.reported_at, row.entered_by, MatchState(row.match_state), row.incident_id
    )
