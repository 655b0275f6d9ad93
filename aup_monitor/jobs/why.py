"""Why an incident is one: each event behind it, and which part of the rule it met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.incident import SEVERITIES
from aup_monitor.detect.explain import explain
from aup_monitor.detect.gather import keyed
from aup_monitor.detect.reference import Surroundings
from aup_monitor.identity.roles import display
from aup_monitor.jobs.report import directory_of
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from aup_monitor.core.incident import Incident
    from aup_monitor.core.workspace import Workspace
    from aup_monitor.detect.rule import Rule
    from aup_monitor.jobs.rulebook import Rulebook

SHOWN: Final = 20
"""So many events are told of; of the others only their number."""
_MASKED: Final = "not shown; ask the Designated Safeguarding Lead"
_REACHED: Final = (
    *("destination_domain", "device_name", "package_name", "file_name", "process_executable"),
    *("network_application", "phone_number", "destination_ip", "event_action"),
)
"""Columns that say what was reached or used, the most telling first."""
_CHANGED: Final = (
    "nothing of the rule as it stands now: it or its lists have changed since; aup analyse --all judges anew"
)


def why(workspace: Workspace, reference: str, actor: str, now: datetime) -> dict[str, object]:
    """
    Return the rule behind an incident, and for its events what was met; the look is in the audit trail.

    Args:
        workspace: whose register and lake.
        reference: the incident's first digits.
        actor: account of the person who looks.
        now: the present moment, aware.

    Raises:
        NotFoundError: there is no such incident, its rule is gone, or its events are no longer kept.

    """
    with open_register(workspace.database):
        incident = services.find(reference).incident
        services.look(actor, "explain", services.What("incident", incident.id), now)
    book = load_rulebook(workspace)
    rule = book.rules[incident.rule]
    matches = _matches(workspace, incident)
    if matches.is_empty():
        raise NotFoundError(
            f"the events behind {incident.reference} are no longer kept, or its day was analysed again without it",
            fix=f"aup incidents show {incident.reference}",
        )
    zone = ZoneInfo(workspace.config.sites[incident.site].zone)
    around = Surroundings(book.lookups, zone)
    return {
        "reference": incident.reference,
        "rule": rule.name,
        "title": rule.title,
        "description": rule.description,
        "author": rule.author,
        "level": rule.level,
        "severity": f"{incident.severity} {SEVERITIES[incident.severity]}",
        "person": display(incident.subject, incident.subject_kind, directory_of(workspace)),
        "clauses": incident.clauses,
        "may deceive": rule.falsepositives,
        "intent": (incident.intent.value, *incident.intent_reasons),
        "confidence": (incident.confidence.value, *incident.confidence_reasons),
        "events": [_told(match, rule, book, around) for match in matches.head(SHOWN).iter_rows(named=True)],
        "more": max(0, len(matches) - SHOWN),
    }


def _matches(workspace: Workspace, incident: Incident) -> pl.DataFrame:
    stored = Lake(workspace.lake, create=False).scan("matches")
    of_day = stored.filter(
        (pl.col("site") == incident.site)
        & (pl.col("date") == incident.day)
        & (pl.col("rule") == incident.rule)
    ).collect()
    return (
        keyed(of_day)
        .filter(pl.col("subject") == incident.subject)
        .sort("timestamp", "source_file", "source_offset")
    )


def _told(match: Mapping[str, object], rule: Rule, book: Rulebook, around: Surroundings) -> dict[str, object]:
    time = match["timestamp"]
    met_by = book.rules[str(match["selections"])] if rule.correlation else rule
    mask = rule.mask or met_by.mask
    return {
        "time": f"{time.astimezone(around.zone):%Y-%m-%d %H:%M:%S}" if hasattr(time, "astimezone") else "",
        "reached": _MASKED if mask else _reached(match),
        "outcome": match["event_outcome"],
        "where": f"{match['source_file']}, byte {match['source_offset']}",
        "selections": [name.strip() for name in str(match["selections"] or "").split(",")],
        "met": list(_met(match, met_by, around, mask=mask)) or [_CHANGED],
    }


def _reached(match: Mapping[str, object]) -> str:
    """Return what was reached or used, in the word that tells most."""
    if match["search_query"]:
        return f"search: “{match['search_query']}”"
    return next((str(match[name]) for name in _REACHED if match[name]), "")


def _met(match: Mapping[str, object], rule: Rule, around: Surroundings, *, mask: bool) -> Iterator[str]:
    if rule.correlation or rule.aup.falls:
        yield f"{rule.title}: {match['event_action'] or rule.name}"
        return
    if match["list_name"]:
        entry = _MASKED if mask else f"“{match['list_entry']}”"
        yield f"on {match['list_name']} as {entry} (source: {match['list_sources']})"
    for test in explain(rule, match, around).tests:
        if test.holds:
            cell = _MASKED if mask else repr(test.cell)
            yield f"{rule.name}, {test.selection}: {test.field} {test.asked} ({cell})"
