"""
The half-termly report as one frozen document: renderers see this and nothing else.

A document can be saved as JSON and rendered again from it later without the logs. Everything here is already fit for
its reader: people are initials, grave details are masked, times are school-local, words are plain English.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - pydantic reads these at run time
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

DOCUMENT_VERSION: Final = 1


class Frozen(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class School(Frozen):
    """Whose report it is."""

    name: str
    sites: tuple[str, ...]
    """Names of the sites covered."""
    colour: str = "#1d4f73"
    """Main colour of the school, `#rrggbb`."""


class Period(Frozen):
    """The half-term."""

    name: str
    """Such as `2026-autumn-1`."""
    label: str
    """Such as `Autumn term 2026, first half`."""
    start: date
    end: date
    school_days: int
    previous_label: str | None
    """The half-term that it is compared with, if there is one."""
    finished: bool
    """Whether it was over when the report was made."""


class Count(Frozen):
    """A labelled number, and the same number in the half-term before (None where there is no data to compare)."""

    label: str
    count: int
    previous: int | None = None


class SeverityCount(Count):
    """Incidents of one severity."""

    severity: int


class ClauseCount(Count):
    """Incidents under one clause of the policy."""

    clause: str
    """Id of the clause; empty for incidents under no clause."""


class WeekCount(Frozen):
    """Incidents of one week, by severity 1 to 5."""

    start: date
    """Monday of the week."""
    label: str
    """Such as `7 Sep`."""
    counts: tuple[int, int, int, int, int]
    data: bool
    """Whether any log reached us for that week; where not, nought means nothing."""


class SourceCoverage(Frozen):
    """What one kind of log showed, and what it did not."""

    log_class: str
    label: str
    """Such as `Web proxy or filter`."""
    site: str
    formats: tuple[str, ...]
    days_expected: int
    """School days of the period up to the day of the report."""
    days_seen: int
    """Of these, days with at least one event."""
    missing: tuple[date, ...]
    """School days with none."""
    partly: tuple[tuple[str, tuple[date, ...]], ...] = ()
    """Formats that usually came and did not on some school days on which others did: (format, days)."""
    events: int
    rejects: int
    """Lines that could not be read."""
    with_user: float | None
    """Share of events that name an account, 0-1; None without events."""
    with_url: float | None
    """Share of web events that show more than the host name, 0-1; None where that has no meaning."""


class SelfReportLine(Frozen):
    """An accidental access that the person reported."""

    reference: str
    when: str
    """School-local date and time."""
    person: str
    """Initials."""
    what: str
    action: str
    matched: str
    """`matches incident ...`, or `no logged event found`."""


class IncidentLine(Frozen):
    """One incident, as one line of the list of all incidents."""

    reference: str
    day: date
    time: str
    """School-local, `10:42` or `10:42-10:55`."""
    site: str
    person: str
    """Initials, device name or address."""
    role: str
    severity: int
    severity_label: str
    title: str
    clauses: tuple[str, ...]
    theme: str
    detail: str
    """What was reached or used, short."""
    events: int
    visits: int
    outcome: str
    """`blocked`, `not blocked`, `partly blocked` or `not known`."""
    confidence: str
    confidence_reasons: tuple[str, ...]
    intent: str
    intent_reasons: tuple[str, ...]
    state: str
    action: str
    """What was done about it, or empty."""
    decided_by: str
    """Initials of who decided, or empty."""
    visibility: str
    """What the log could see, in words: `full address`, `site name only`, `look-up only`, `computer event`."""
    rule: str
    rule_author: str


class Decision(Frozen):
    """Something that the Headteacher is asked to decide."""

    text: str
    references: tuple[str, ...]
    """Incidents that it is about."""


class ClauseLine(Frozen):
    """A clause of the policy, and whether a log can show a breach of it."""

    clause: str
    heading: str
    status: Literal["watched", "watched, no data", "not observable", "not yet watched"]
    note: str


class ListVersion(Frozen):
    """A list that was used."""

    name: str
    date: str
    entries: int
    licence: str
    hash: str


class Provenance(Frozen):
    """What made the report, so that it can be made again."""

    program: str
    rules: int
    rules_hash: str
    policies: tuple[str, ...]
    lists: tuple[ListVersion, ...]
    problems: tuple[str, ...]
    """Rules, lists or files that could not be used."""


class HalfTermReport(Frozen):
    """The half-termly report for the Headteacher."""

    version: int = DOCUMENT_VERSION
    kind: Literal["half-termly"] = "half-termly"
    title: str = "Half-termly report of incidents"
    confidential: str = "CONFIDENTIAL: for the Headteacher. Share no further than this purpose needs."
    reference: str
    """Such as `HT-2026-autumn-1`."""
    school: School
    period: Period
    made_at: datetime
    """When it was made, school-local, aware."""
    policies: tuple[str, ...]
    """Titles of the acceptable-use policies applied."""
    summary: tuple[str, ...]
    """Two to five sentences: how many, how grave, what is wanted of the reader."""
    no_data: bool
    """True where no log reached us at all: then nought incidents means nothing."""
    total: int
    total_previous: int | None
    """None where there is no earlier half-term with data."""
    severities: tuple[SeverityCount, ...]
    """Severity 5 first; all five always."""
    clauses: tuple[ClauseCount, ...]
    """Commonest first."""
    themes: tuple[Count, ...]
    """Commonest first."""
    roles: tuple[Count, ...]
    intents: tuple[Count, ...]
    weeks: tuple[WeekCount, ...]
    actions: tuple[Count, ...]
    """What was done: one count for each state."""
    coverage: tuple[SourceCoverage, ...]
    gaps: tuple[str, ...]
    """Each thing that was not seen, one plain sentence each."""
    self_reports: tuple[SelfReportLine, ...]
    decisions: tuple[Decision, ...]
    signatories: tuple[str, ...] = ("Network Manager", "Designated Safeguarding Lead", "Headteacher")
    incidents: tuple[IncidentLine, ...]
    """ALL incidents, gravest first."""
    clause_lines: tuple[ClauseLine, ...]
    """Every clause of the policies, with what can be seen of it."""
    glossary: tuple[tuple[str, str], ...]
    """Words that a Headteacher need not know, explained."""
    provenance: Provenance
