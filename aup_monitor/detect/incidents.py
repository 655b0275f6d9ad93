"""
Incidents: what the matches of one day say of one subject and one rule.

One incident is one (site, rule, subject, school day), and its id follows from those four: judged again, a day gives the
same incidents. What the policies say of those whom they bind (hours, level, route) is applied here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.incident import LEVELS, Incident, incident_id
from aup_monitor.core.policy import ROUTES
from aup_monitor.detect.gather import KEY, Gathered, gather, keyed
from aup_monitor.detect.themes import themes
from aup_monitor.detect.words import confidence, details, evidence, intent, severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aup_monitor.core.policy import Clause
    from aup_monitor.detect.policies import Binding
    from aup_monitor.detect.rule import Rule, RuleSet


def incidents(
    matches: pl.DataFrame,
    rules: RuleSet,
    binding: Binding,
    hours: Mapping[str, pl.Expr] = MappingProxyType({}),
) -> list[Incident]:
    """
    Return the incidents of these matches, gravest first, then by day, site, rule and subject.

    Matches make none where they come to less than the rule asks (`aup: at_least`), or where the rule needs a clause that
    binds (`aup: only_bound`) and there is none.

    Args:
        matches: columns `MATCH_SCHEMA`, whole days.
        rules: the rules that made them.
        binding: returns the clauses that a rule bears on for a role.
        hours: what tells the hours that clauses name; see `hours.hours_of`.

    Raises:
        NotFoundError: a match names a rule that is not in the set.

    """
    judged = [_judged(rules[one.rule], one, binding) for one in gather(matches, hours)]
    found = [incident for incident in judged if incident is not None]
    return sorted(found, key=lambda one: (-one.severity, one.day, one.site, one.rule, one.subject))


def of_incidents(matches: pl.DataFrame, found: Sequence[Incident]) -> pl.DataFrame:
    """Return the matches that stand behind these incidents: no others are kept."""
    keys = pl.DataFrame(
        [(one.site, one.rule, one.subject, one.day) for one in found],
        schema=dict(zip(KEY, (pl.String, pl.String, pl.String, pl.Date), strict=True)),
        orient="row",
    )
    behind = keyed(matches).select(*KEY).with_row_index("row").join(keys, on=KEY, how="semi")
    return matches[behind.get_column("row").sort()]


def _judged(rule: Rule, found: Gathered, binding: Binding) -> Incident | None:
    clauses = [clause for clause in binding(rule.name, found.role) if clause.hours in ("any", *found.within)]
    asked = rule.aup.at_least
    enough = found.minutes >= asked.minutes and found.pages_printed >= asked.pages
    # Of somebody unknown no staff clause is sure to bind: a pupil's telephone must not be taken for a teacher's.
    bound = bool(clauses) and found.role != "unknown"
    return _incident(rule, found, clauses) if enough and (bound or not rule.aup.only_bound) else None


def _incident(rule: Rule, found: Gathered, clauses: Sequence[Clause]) -> Incident:
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
        clauses=tuple(clause.id for clause in clauses),
        route=_route(rule, clauses),
        severity=severity(rule, _level(rule, clauses), found, meant),
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


def _level(rule: Rule, clauses: Sequence[Clause]) -> int:
    """Return the highest level that a clause gives; the rule's own where none does."""
    return max((LEVELS[clause.level] for clause in clauses if clause.level), default=LEVELS[rule.level])


def _route(rule: Rule, clauses: Sequence[Clause]) -> str:
    """Return the most pressing route that a clause gives; the theme's where none does."""
    given = {clause.route for clause in clauses if clause.route}
    theme = themes().get(rule.theme)
    return next((route for route in ROUTES if route in given), theme.route if theme else "")
