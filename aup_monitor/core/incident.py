"""
What an incident is, and the words for its severity, confidence, intent and state.

An incident is one (site, rule, subject, school day); its id is a hash of those four, so that analysing a day again
changes nothing that a person decided and doubles nothing.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime  # noqa: TC003 - pydantic reads these at run time
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

SEVERITIES: Final[dict[int, str]] = {
    5: "Act now",
    4: "Serious",
    3: "Concern",
    2: "Low level",
    1: "For information",
}
"""Severity 1-5 in the words that a report uses."""

LEVELS: Final[dict[str, int]] = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
"""A Sigma rule's level as a severity."""

ROLES: Final = ("staff", "pupil", "governor", "visitor", "contractor", "unknown")


class Intent(StrEnum):
    """Whether a person meant it, as far as a log can say."""

    DELIBERATE = "deliberate"
    ACCIDENTAL = "likely accidental"
    BACKGROUND = "background"
    UNCLEAR = "unclear"


class Confidence(StrEnum):
    """How sure it is that this happened and was this subject."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class State(StrEnum):
    """Where an incident stands with the people who decide."""

    NEW = "new"
    TRIAGED = "triaged"
    FALSE_POSITIVE = "false positive"
    INADVERTENT = "inadvertent"
    ACTIONED = "actioned"
    CLOSED = "closed"


class Incident(BaseModel):
    """What the logs say of one subject, one rule, one site, one school day. Times are UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """16 hex digits: `incident_id(site, rule, subject, day)`."""
    site: str
    rule: str
    """Name of the rule."""
    subject: str
    subject_kind: str
    """`user`, `device`, `address` or, of what concerns no person, `site`."""
    role: str
    """One of `ROLES`."""
    day: date
    """The school's own calendar day."""
    title: str
    """The rule's title, plain English, for a Headteacher."""
    theme: str
    """The rule's theme: gambling, bypass, ..."""
    clauses: tuple[str, ...]
    """Ids of the policy clauses that it bears on, sorted; empty where none binds the subject's role."""
    route: str = ""
    """Who hears of it, one of `core.policy.ROUTES`: by a clause that binds, else by the theme; empty if neither says."""
    severity: int
    """1-5, see `SEVERITIES`."""
    confidence: Confidence
    confidence_reasons: tuple[str, ...]
    intent: Intent
    intent_reasons: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    visits: int
    """Runs of matches with gaps under five minutes."""
    events: int
    """Events that the rule hit."""
    blocked: int
    """Of these, how many the filter or firewall stopped."""
    in_school_hours: bool
    """Whether any of it fell in school hours."""
    details: tuple[str, ...]
    """What was reached or used (hosts, devices, software), commonest first, at most ten; masked where illegal."""
    addresses: tuple[str, ...]
    """Client addresses seen, sorted, at most ten."""
    devices: tuple[str, ...]
    """Device names seen, sorted, at most ten."""
    visibility: str
    """Best seen: url, host, dns, or event."""
    rule_author: str
    """Who wrote the rule; shown with its matches as Sigma's licence asks."""
    evidence: tuple[str, ...]
    """Why it fired, in words: the list, entry and sources, or the selections that were true."""

    @property
    def reference(self) -> str:
        """The short form for people: first eight digits of the id."""
        return self.id[:8]


def incident_id(site: str, rule: str, subject: str, day: date) -> str:
    """Return the 16 hex digits that name this site, rule, subject and school day, always the same."""
    text = f"{site}\x1f{rule}\x1f{subject}\x1f{day.isoformat()}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
