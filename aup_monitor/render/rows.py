"""The lines of a page's tables, each value ready to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aup_monitor.render.words import listed, number, plural, runs, share, week_day

if TYPE_CHECKING:
    from aup_monitor.core.document import (
        ClauseLine,
        Decision,
        IncidentLine,
        ListVersion,
        SelfReportLine,
        SourceCoverage,
    )


@dataclass(frozen=True)
class Incident:
    """One incident as one line of the list of all."""

    reference: str
    level: str
    severity: str
    day: str
    time: str
    person: str
    role: str
    site: str
    title: str
    detail: str
    seen: str
    """How much there was of it and what the log could see."""
    rule: str
    clauses: str
    theme: str
    outcome: str
    confidence: str
    confidence_why: str
    intent: str
    intent_why: str
    state: str
    action: str


@dataclass(frozen=True)
class Coverage:
    """What one kind of log showed."""

    label: str
    site: str
    formats: str
    days: str
    missing: str
    events: str
    rejects: str
    with_user: str
    with_url: str


@dataclass(frozen=True)
class SelfReport:
    """An access that the person reported."""

    reference: str
    when: str
    person: str
    what: str
    action: str
    matched: str


@dataclass(frozen=True)
class Question:
    """A decision wanted, and the incidents that it is about."""

    text: str
    about: str


@dataclass(frozen=True)
class Clause:
    """A clause of which the logs show little or nothing."""

    clause: str
    heading: str
    status: str
    note: str


def incident(line: IncidentLine) -> Incident:
    """Return an incident's line."""
    return Incident(
        reference=line.reference,
        level=str(line.severity),
        severity=line.severity_label,
        day=week_day(line.day),
        time=line.time,
        person=line.person,
        role=line.role,
        site=line.site,
        title=line.title,
        detail=line.detail,
        seen=f"{plural(line.visits, 'visit')}, {plural(line.events, 'event')}; {line.visibility}",
        rule=f"Rule {line.rule} ({line.rule_author})",
        clauses=", ".join(line.clauses) or "no clause",
        theme=line.theme,
        outcome=line.outcome,
        confidence=line.confidence,
        confidence_why=" ".join(line.confidence_reasons),
        intent=line.intent,
        intent_why=" ".join(line.intent_reasons),
        state=line.state,
        action=_action(line),
    )


def _action(line: IncidentLine) -> str:
    decided = f"({line.decided_by})" if line.decided_by else ""
    return " ".join(part for part in (line.action or "No action yet", decided) if part)


def coverage(source: SourceCoverage) -> Coverage:
    """Return a log's line in the table of what was seen."""
    return Coverage(
        label=source.label,
        site=source.site,
        formats=", ".join(source.formats),
        days=f"{source.days_seen} of {source.days_expected}",
        missing=runs(source.missing) or "none",
        events=number(source.events),
        rejects=number(source.rejects),
        with_user=share(source.with_user),
        with_url=share(source.with_url),
    )


def self_report(line: SelfReportLine) -> SelfReport:
    """Return a self-report's line."""
    return SelfReport(line.reference, line.when, line.person, line.what, line.action, line.matched)


def question(decision: Decision) -> Question:
    """Return a decision wanted."""
    references = decision.references
    about = (
        f"About {'incident' if len(references) == 1 else 'incidents'} {listed(references)}."
        if references
        else ""
    )
    return Question(decision.text, about)


def clause(line: ClauseLine) -> Clause:
    """Return a clause's line."""
    return Clause(line.clause, line.heading, line.status, line.note)


def list_version(used: ListVersion) -> tuple[str, ...]:
    """Return a list that was used: name, date, entries, licence, fingerprint."""
    return used.name, used.date, number(used.entries), used.licence, used.hash
