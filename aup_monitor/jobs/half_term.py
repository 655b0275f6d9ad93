"""
Build the half-termly document from what the register and the lake hold.

Figures leave out incidents that a person found to be false; the list of all incidents shows them with their state.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from aup_monitor import __version__
from aup_monitor.core.document import (
    ClauseCount,
    ClauseLine,
    Count,
    HalfTermReport,
    IncidentLine,
    ListVersion,
    Period,
    Provenance,
    School,
    SelfReportLine,
    SeverityCount,
    WeekCount,
)
from aup_monitor.core.incident import SEVERITIES, Incident, Intent, State
from aup_monitor.detect.policies import coverage as clause_coverage
from aup_monitor.identity.directory import initials
from aup_monitor.identity.roles import display
from aup_monitor.jobs import sentences
from aup_monitor.jobs.coverage import gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
    from aup_monitor.core.document import SourceCoverage
    from aup_monitor.core.people import Directory
    from aup_monitor.core.workspace import Workspace
    from aup_monitor.jobs.rulebook import Rulebook
    from aup_monitor.register.incidents import RecordedIncident
    from aup_monitor.register.self_reports import SelfReport

ROLE_LABELS: Final[dict[str, str]] = {
    "staff": "Staff",
    "pupil": "Pupils",
    "governor": "Governors",
    "visitor": "Visitors",
    "contractor": "Contractors",
    "unknown": "Not known",
}
STATE_LABELS: Final[dict[State, str]] = {
    State.NEW: "Not yet looked at",
    State.TRIAGED: "Being looked into",
    State.ACTIONED: "Action taken",
    State.INADVERTENT: "Found to be an accident",
    State.FALSE_POSITIVE: "Found to be false",
    State.CLOSED: "Closed",
}
VISIBILITY: Final[dict[str, str]] = {
    "url": "full address",
    "host": "site name only",
    "dns": "look-up only",
    "event": "computer event",
}
SHOWN_DETAILS: Final = 3
WITHHELD: Final = "not shown here; the Designated Safeguarding Lead has it"


@dataclass(frozen=True)
class Material:
    """All that the document is made of."""

    workspace: Workspace
    rulebook: Rulebook
    directory: Directory
    half_term: HalfTerm
    previous: HalfTerm | None
    incidents: Sequence[RecordedIncident]
    before: Sequence[RecordedIncident] | None
    """Incidents of the half-term before; None where no logs came then."""
    self_reports: Sequence[SelfReport]
    coverage: Sequence[SourceCoverage]
    days_seen: int
    """School days of the half-term of which any log came."""
    days_seen_before: int
    """The same of the half-term before."""
    weeks_with_data: frozenset[date]
    """Mondays of weeks of which any log came."""
    themes: Mapping[str, str]
    """Each theme's label."""
    withheld: frozenset[str]
    """Themes of which the Headteacher's copy does not say what was reached: the safeguarding lead has it."""
    glossary: tuple[tuple[str, str], ...]
    now: datetime

    @property
    def calendar(self) -> SchoolCalendar:
        """The calendar of the first site, which the report's dates follow."""
        return self.workspace.config.sites[self.workspace.config.first_site].calendar()

    @property
    def zone(self) -> ZoneInfo:
        """The report's time zone."""
        return self.calendar.zone


def build(material: Material) -> HalfTermReport:
    """Return the document."""
    m = material
    counted = [i for i in m.incidents if i.standing is not State.FALSE_POSITIVE]
    before = None if m.before is None else [i for i in m.before if i.standing is not State.FALSE_POSITIVE]
    no_data = not any(line.events for line in m.coverage)
    missing = gaps(m.coverage, sites={name: site.name for name, site in m.workspace.config.sites.items()})
    period = _period(m)
    decisions = sentences.decisions(m.incidents, missing)
    return HalfTermReport(
        reference=f"HT-{m.half_term.name}",
        school=School(
            name=m.workspace.config.school,
            sites=tuple(site.name for site in m.workspace.config.sites.values()),
            colour=m.workspace.config.colour,
        ),
        period=period,
        made_at=m.now.astimezone(m.zone).replace(microsecond=0),
        policies=tuple(policy.title for policy in m.rulebook.policies),
        summary=sentences.summary(
            counted,
            before,
            period,
            days=(m.days_seen, m.days_seen_before),
            gaps=len(missing),
            decisions=len(decisions),
            no_data=no_data,
        ),
        no_data=no_data,
        total=len(counted),
        total_previous=None if before is None else len(before),
        severities=_severities(counted, before),
        clauses=_clauses(m, counted, before),
        themes=_counts(
            [_theme(m, i) for i in counted], None if before is None else [_theme(m, i) for i in before]
        ),
        roles=_counts([_role(i) for i in counted], None if before is None else [_role(i) for i in before]),
        intents=_intents(counted, before),
        weeks=_weeks(m, counted),
        actions=_actions(m.incidents, m.before),
        coverage=tuple(m.coverage),
        gaps=missing,
        self_reports=tuple(_self_report(m, report) for report in m.self_reports),
        decisions=decisions,
        incidents=tuple(_line(m, incident) for incident in m.incidents),
        clause_lines=_clause_lines(m),
        glossary=m.glossary,
        provenance=_provenance(m),
    )


def _period(m: Material) -> Period:
    return Period(
        name=m.half_term.name,
        label=m.half_term.label,
        start=m.half_term.start,
        end=m.half_term.end,
        school_days=len(m.calendar.school_days(m.half_term.start, m.half_term.end)),
        previous_label=m.previous.label if m.previous and m.before is not None else None,
        finished=m.calendar.local_date(m.now) > m.half_term.end,
    )


def _counts(now: Sequence[str], before: Sequence[str] | None) -> tuple[Count, ...]:
    """Return each label with its number now and before, commonest first; labels seen in either."""
    ours, theirs = Counter(now), Counter(before or ())
    labels = sorted({*ours, *theirs}, key=lambda label: (-ours[label], label))
    return tuple(
        Count(label=x, count=ours[x], previous=None if before is None else theirs[x]) for x in labels
    )


def _severities(
    now: Sequence[RecordedIncident], before: Sequence[RecordedIncident] | None
) -> tuple[SeverityCount, ...]:
    ours = Counter(i.incident.severity for i in now)
    theirs = Counter(i.incident.severity for i in before or ())
    return tuple(
        SeverityCount(severity=s, label=label, count=ours[s], previous=None if before is None else theirs[s])
        for s, label in SEVERITIES.items()
    )


def _clauses(
    m: Material, now: Sequence[RecordedIncident], before: Sequence[RecordedIncident] | None
) -> tuple[ClauseCount, ...]:
    """Return incidents by clause; one that bears on two clauses counts under both."""
    headings = {clause.id: clause.heading for policy in m.rulebook.policies for clause in policy.clauses}
    ours = Counter(clause for i in now for clause in i.incident.clauses or ("",))
    theirs = Counter(clause for i in before or () for clause in i.incident.clauses or ("",))
    return tuple(
        ClauseCount(
            clause=clause,
            label=headings.get(clause, clause) or "Under no clause that binds the person",
            count=ours[clause],
            previous=None if before is None else theirs[clause],
        )
        for clause in sorted(ours, key=lambda clause: (-ours[clause], clause))
    )


def _theme(m: Material, recorded: RecordedIncident) -> str:
    theme = recorded.incident.theme
    return m.themes.get(theme, theme.replace("-", " ").capitalize())


def _role(recorded: RecordedIncident) -> str:
    return ROLE_LABELS[recorded.incident.role]


def _intents(now: Sequence[RecordedIncident], before: Sequence[RecordedIncident] | None) -> tuple[Count, ...]:
    ours = Counter(i.incident.intent for i in now)
    theirs = Counter(i.incident.intent for i in before or ())
    return tuple(
        Count(label=x.value.capitalize(), count=ours[x], previous=None if before is None else theirs[x])
        for x in Intent
    )


def _actions(now: Sequence[RecordedIncident], before: Sequence[RecordedIncident] | None) -> tuple[Count, ...]:
    """Return what came of the incidents; a closed one counts by its verdict, for closing is not what was found."""
    ours, theirs = Counter(i.standing for i in now), Counter(i.standing for i in before or ())
    return tuple(
        Count(label=label, count=ours[state], previous=None if before is None else theirs[state])
        for state, label in STATE_LABELS.items()
        if state is not State.CLOSED  # nothing is closed without a verdict, by which it counts
    )


def _weeks(m: Material, counted: Sequence[RecordedIncident]) -> tuple[WeekCount, ...]:
    monday = m.half_term.start - timedelta(days=m.half_term.start.weekday())
    weeks = []
    while monday <= m.half_term.end:
        after = monday + timedelta(days=7)
        found = Counter(i.incident.severity for i in counted if monday <= i.incident.day < after)
        counts = (found[1], found[2], found[3], found[4], found[5])
        label = f"{monday.day} {monday:%b}"
        weeks.append(WeekCount(start=monday, label=label, counts=counts, data=monday in m.weeks_with_data))
        monday = after
    return tuple(weeks)


def _self_report(m: Material, recorded: SelfReport) -> SelfReportLine:
    report = recorded.report
    if recorded.incident_id:
        matched = f"explains incident {recorded.incident_id[:8]}"
    elif recorded.match_state == "offered":
        matched = "may explain an incident; not yet confirmed"
    else:
        matched = "no logged event found"
    return SelfReportLine(
        reference=recorded.reference,
        when=f"{report.occurred_at.astimezone(m.zone):%d %B %Y, %H:%M}".lstrip("0"),
        person=initials(report.person),
        what=report.what,
        action=report.action_taken,
        matched=matched,
    )


def _is_withheld(incident: Incident, m: Material) -> bool:
    return incident.theme in m.withheld or incident.route == "safeguarding"


def _line(m: Material, recorded: RecordedIncident) -> IncidentLine:
    incident, decision = recorded.incident, recorded.decision
    # A site that the settings no longer have keeps its short name, and the first site's clock.
    site = m.workspace.config.sites.get(incident.site)
    zone = ZoneInfo(site.zone) if site else m.zone
    return IncidentLine(
        reference=incident.reference,
        day=incident.day,
        time=_time(incident.first_seen.astimezone(zone), incident.last_seen.astimezone(zone)),
        site=site.name if site else incident.site,
        person=display(incident.subject, incident.subject_kind, m.directory),
        role=_role(recorded),
        severity=incident.severity,
        severity_label=SEVERITIES[incident.severity],
        title=incident.title,
        clauses=incident.clauses,
        theme=_theme(m, recorded),
        detail=WITHHELD if _is_withheld(incident, m) else _detail(incident.details),
        events=incident.events,
        visits=incident.visits,
        outcome=_outcome(recorded),
        confidence=incident.confidence.value,
        confidence_reasons=incident.confidence_reasons,
        intent=incident.intent.value,
        intent_reasons=incident.intent_reasons,
        state=_state(recorded),
        action=_action(recorded),
        decided_by=display(decision.by, "user", m.directory) if decision else "",
        visibility=VISIBILITY.get(incident.visibility, incident.visibility),
        rule=incident.rule,
        rule_author=incident.rule_author,
    )


def _state(recorded: RecordedIncident) -> str:
    found = STATE_LABELS[recorded.standing]
    return f"{found}; closed" if recorded.state is State.CLOSED and recorded.verdict else found


def _action(recorded: RecordedIncident) -> str:
    """Return what was done or why, from the newest decision that says so."""
    said = [text for d in (recorded.decision, recorded.verdict) if d for text in (d.action, d.reason) if text]
    return said[0] if said else ""


def _time(first: datetime, last: datetime) -> str:
    begin, end = f"{first:%H:%M}", f"{last:%H:%M}"
    return begin if begin == end else f"{begin}-{end}"


def _detail(details: tuple[str, ...]) -> str:
    more = len(details) - SHOWN_DETAILS
    return ", ".join(details[:SHOWN_DETAILS]) + (f" and {more} more" if more > 0 else "")


def _outcome(recorded: RecordedIncident) -> str:
    incident = recorded.incident
    if incident.blocked and incident.blocked >= incident.events:
        return "blocked"
    if incident.blocked:
        return "partly blocked"
    return "not blocked" if incident.visibility in {"url", "host"} else "not known"


def _clause_lines(m: Material) -> tuple[ClauseLine, ...]:
    """Return every conduct clause, and whether this half-term's logs could show a breach of it."""
    seen = {line.log_class for line in m.coverage if line.events}
    lines = []
    for row in clause_coverage(m.rulebook.policies, m.rulebook.rules).iter_rows(named=True):
        status: Literal["watched", "watched, no data", "not observable", "not yet watched"]
        if row["kind"] == "duty":
            continue
        if row["status"] == "watched":
            status = "watched" if seen & _read_by(m, row["rules"].split(", ")) else "watched, no data"
        elif row["status"] == "not observable":
            status = "not observable"
        else:
            status = "not yet watched"
        lines.append(
            ClauseLine(clause=row["clause"], heading=row["heading"], status=status, note=row["note"])
        )
    return tuple(lines)


def _read_by(m: Material, rules: Sequence[str]) -> set[str]:
    """Return the kinds of log that these rules read."""
    return {kind for name in rules for kind in m.rulebook.rules[name].log_classes}


def _provenance(m: Material) -> Provenance:
    lists = tuple(
        ListVersion(
            name=row["title"],
            date=row["date"] or "not stated",
            entries=row["entries"],
            licence=row["licence"] or "not stated",
            hash=row["digest"] or "",
        )
        for row in m.rulebook.lists.versions().iter_rows(named=True)
    )
    return Provenance(
        program=f"aup-monitor {__version__}",
        rules=len(m.rulebook.rules),
        rules_hash=m.rulebook.fingerprint,
        policies=tuple(policy.id for policy in m.rulebook.policies),
        lists=lists,
        problems=(*m.rulebook.problems, *_unread_people(m)),
    )


def _unread_people(m: Material) -> tuple[str, ...]:
    """Return how many lines of the list of people could not be used: their words may name somebody."""
    lines = len(m.directory.problems)
    said = sentences.number(lines, "line")
    return (
        (f"{said} of {m.workspace.config.people} could not be used; `aup analyse` names them",)
        if lines
        else ()
    )
