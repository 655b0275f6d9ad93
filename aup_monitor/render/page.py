"""
A document put into the words of a page: what HTML and PDF both print, so that they can never differ.

Every value is a string ready to print, a list of such, or a chart. Templates lay out; they decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.core.incident import SEVERITIES
from aup_monitor.render import rows
from aup_monitor.render.charts import Chart, bar_chart, week_chart
from aup_monitor.render.colour import accent, ink, shades
from aup_monitor.render.words import capital, listed, moment, number, plural, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.document import Count, HalfTermReport

NO_DATA: Final = "No logs reached us"
NO_DATA_WHY: Final = (
    "Not one log was received for this half-term. This report cannot say whether anything happened: "
    "the absence of incidents below means nothing."
)
UNKNOWN: Final = "?"
"""Stands where a number would be, when no log reached us."""

FEW_GAPS: Final = 6
FEW_REPORTS: Final = 4
"""Gaps and self-reports that page 2 has room for; the others are listed after the incidents."""


@dataclass(frozen=True)
class Shade:
    """How one severity looks everywhere: a numbered box."""

    level: str
    name: str
    fill: str
    ink: str


@dataclass(frozen=True)
class Tally:
    """A number, what it counts, and the half-term before."""

    label: str
    count: str
    previous: str
    level: str = ""


@dataclass(frozen=True)
class Page:
    """All that a page prints, in the order in which it prints it."""

    title: str
    confidential: str
    reference: str
    school: str
    sites: str
    period: str
    dates: str
    made: str
    policies: str
    unfinished: str
    accent: str
    shades: tuple[Shade, ...]
    alarm: tuple[str, str] | None
    """Heading and sentence for the front page where no log reached us at all."""
    summary: tuple[str, ...]
    total: Tally
    severities: tuple[Tally, ...]
    compared: str
    weeks: Chart | None
    week_note: str
    charts: tuple[Chart, ...]
    breakdown: tuple[str, ...]
    actions: tuple[Tally, ...]
    coverage: tuple[rows.Coverage, ...]
    gaps: tuple[str, ...]
    more_gaps: tuple[str, ...]
    self_reports: tuple[rows.SelfReport, ...]
    more_self_reports: tuple[rows.SelfReport, ...]
    decisions: tuple[rows.Question, ...]
    signatories: tuple[str, ...]
    incidents: tuple[rows.Incident, ...]
    unseen_clauses: tuple[rows.Clause, ...]
    watched_clauses: str
    glossary: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, ...], ...]


def page(document: HalfTermReport) -> Page:
    """Return the document in the words of a page."""
    reports = tuple(map(rows.self_report, document.self_reports))
    return Page(
        title=document.title,
        confidential=document.confidential,
        reference=document.reference,
        school=document.school.name,
        sites=listed(document.school.sites),
        period=document.period.label,
        dates=f"{span(document.period.start, document.period.end)}, {plural(document.period.school_days, 'school day')}",
        made=moment(document.made_at),
        policies=listed(document.policies) or "none",
        unfinished=_unfinished(document),
        accent=accent(document.school.colour),
        shades=_shades(document.school.colour),
        alarm=(NO_DATA, NO_DATA_WHY) if document.no_data else None,
        summary=document.summary,
        total=_total(document),
        severities=_severities(document),
        compared=_compared(document),
        weeks=week_chart(document.weeks, document.school.colour) if document.weeks else None,
        week_note=_week_note(document),
        charts=_charts(document),
        breakdown=_breakdown(document),
        actions=_actions(document),
        coverage=tuple(map(rows.coverage, document.coverage)),
        gaps=document.gaps[:FEW_GAPS],
        more_gaps=document.gaps[FEW_GAPS:],
        self_reports=reports[:FEW_REPORTS],
        more_self_reports=reports[FEW_REPORTS:],
        decisions=tuple(map(rows.question, document.decisions)),
        signatories=document.signatories,
        incidents=tuple(map(rows.incident, document.incidents)),
        unseen_clauses=tuple(rows.clause(line) for line in document.clause_lines if line.status != "watched"),
        watched_clauses=_watched(document),
        glossary=document.glossary,
        provenance=_provenance(document),
        lists=tuple(map(rows.list_version, document.provenance.lists)),
    )


def _unfinished(document: HalfTermReport) -> str:
    if document.period.finished:
        return ""
    return "This half-term was not yet over when the report was made, so the numbers will grow."


def _shades(colour: str) -> tuple[Shade, ...]:
    tints = shades(colour)
    return tuple(
        Shade(str(level), name, tints[level - 1], ink(tints[level - 1])) for level, name in SEVERITIES.items()
    )


def _total(document: HalfTermReport) -> Tally:
    count = UNKNOWN if document.no_data else number(document.total)
    return Tally("All incidents", count, _previous(document.total_previous))


def _severities(document: HalfTermReport) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            line.label,
            UNKNOWN if document.no_data else number(line.count),
            _previous(line.previous),
            str(line.severity),
        )
        for line in document.severities
    )


def _actions(document: HalfTermReport) -> tuple[Tally, ...]:
    return tuple(_tally(count) for count in document.actions) if document.total else ()


def _tally(count: Count) -> Tally:
    return Tally(capital(count.label), number(count.count), _previous(count.previous))


def _previous(count: int | None) -> str:
    return "" if count is None else f"before: {number(count)}"


def _compared(document: HalfTermReport) -> str:
    label = document.period.previous_label
    if document.total_previous is None or label is None:
        return "There is no earlier half-term with data to compare with."
    return f'"Before" is the half-term before: {label}.'


def _week_note(document: HalfTermReport) -> str:
    dark = [week.label for week in document.weeks if not week.data]
    if not dark:
        return ""
    return (
        f"No log reached us in {plural(len(dark), 'week')}: {listed(dark)}. Nought there would mean nothing."
    )


def _charts(document: HalfTermReport) -> tuple[Chart, ...]:
    subjects = document.clauses or document.themes
    title = "Incidents by clause of the policy" if document.clauses else "Incidents by theme"
    wanted = (("subjects", title, subjects), ("intents", "Deliberate or accidental?", document.intents))
    return tuple(
        bar_chart(name, heading, counts, document.school.colour)
        for name, heading, counts in wanted
        if document.total and any(count.count for count in counts)
    )


def _breakdown(document: HalfTermReport) -> tuple[str, ...]:
    if not document.total:
        return ()
    themes = document.themes if document.clauses else ()
    return tuple(
        f"{heading}: {_counted(counts)}."
        for heading, counts in (("By theme", themes), ("By role", document.roles))
        if counts
    )


def _counted(counts: Sequence[Count]) -> str:
    return ", ".join(f"{count.label} {number(count.count)}" for count in counts)


def _watched(document: HalfTermReport) -> str:
    watched = [line.clause for line in document.clause_lines if line.status == "watched"]
    if not watched:
        return "No clause of the policies was watched in this half-term."
    return f"{plural(len(watched), 'clause')} watched with data: {listed(watched)}."


def _provenance(document: HalfTermReport) -> tuple[tuple[str, str], ...]:
    made = document.provenance
    return (
        ("Report", f"{document.reference}, made on {moment(document.made_at)}"),
        ("Program", made.program),
        ("Rules", f"{number(made.rules)}, fingerprint {made.rules_hash}"),
        ("Policies", listed(made.policies) or "none"),
        ("Could not be used", listed(made.problems) or "nothing: every rule, list and file was used"),
    )
