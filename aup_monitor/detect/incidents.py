"""
Incidents: what the matches of one day say of one subject and one rule.

One incident is one (site, rule, subject, school day), and its id follows from those four: judged again, a day gives the
same incidents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.core.incident import Incident, incident_id
from aup_monitor.detect.gather import Gathered, gather
from aup_monitor.detect.words import confidence, details, evidence, intent, severity

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from aup_monitor.detect.rule import Rule, RuleSet

    Binding = Callable[[str, str], tuple[str, ...]]
    """Returns the ids of the policy clauses that a rule (by name) bears on for a role."""


def incidents(matches: pl.DataFrame, rules: RuleSet, binding: Binding) -> list[Incident]:
    """
    Return the incidents of these matches, gravest first, then by day, site, rule and subject.

    Args:
        matches: columns `MATCH_SCHEMA`, whole days.
        rules: the rules that made them.
        binding: returns the policy clauses that a rule bears on for a role.

    Raises:
        NotFoundError: a match names a rule that is not in the set.

    """
    found = [_incident(rules[one.rule], one, binding) for one in gather(matches)]
    return sorted(found, key=lambda one: (-one.severity, one.day, one.site, one.rule, one.subject))


def _incident(rule: Rule, found: Gathered, binding: Binding) -> Incident:
    meant, meant_why = intent(rule, found)
    sure, sure_why = confidence(found)
    return Incident(
        id=incident_id(found.site, rule.name, found.subject, found.date),
        site=found.site,
        rule=rule.name,
        subject=found.subject,
        subject_kind=found.subject_kind,
        role=found.role,
        day=found.date,
        title=rule.title,
        theme=rule.theme,
        clauses=tuple(sorted(binding(rule.name, found.role))),
        severity=severity(rule, found, meant),
        confidence=sure,
        confidence_reasons=sure_why,
        intent=meant,
        intent_reasons=meant_why,
        first_seen=found.first_seen,
        last_seen=found.last_seen,
        visits=found.visits,
        events=found.events,
        blocked=found.blocked,
        in_school_hours=found.in_school_hours,
        details=details(rule, found),
        addresses=tuple(found.addresses),
        devices=tuple(found.devices),
        visibility=found.visibility,
        rule_author=rule.author,
        evidence=evidence(rule, found),
    )
