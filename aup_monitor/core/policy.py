"""An acceptable-use policy as data: its clauses, whom each binds, and which rules enforce it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Route = Literal["safeguarding", "security", "conduct"]
ROUTES: Final[tuple[Route, ...]] = ("safeguarding", "security", "conduct")
"""Who hears of an incident: the DSL, the Network Manager or the Headteacher; the most pressing first."""

Hours = Annotated[
    str, Field(pattern=r"^(any|school|outside|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$")
]
"""`any`; `school`, the site's school hours; `outside` of them; or `08:30-15:30` of a school day, local time."""


class Clause(BaseModel):
    """One clause of a policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Such as `TLA-GAMBLING`."""
    heading: str
    """A few words."""
    summary: str
    """What it asks, in our words."""
    binds: tuple[str, ...]
    """Roles, of `core.incident.ROLES`; `all` for every role."""
    kind: Literal["conduct", "duty"] = "conduct"
    """`conduct`: what people must do; `duty`: what the system or the school must do."""
    rules: tuple[str, ...] = ()
    """Names of rules that enforce it."""
    themes: tuple[str, ...] = ()
    """Themes of which every rule enforces it."""
    hours: Hours = "any"
    """When it binds: an incident bears on it only if some of it fell into these hours."""
    level: Literal["informational", "low", "medium", "high", "critical"] | None = None
    """The level that its rules have for those whom it binds, instead of their own."""
    route: Route | None = None
    """Who hears of it, instead of those who hear of the rule's theme."""
    seen_in: tuple[str, ...] = ()
    """Log classes that can show a breach."""
    observable: bool = True
    """False where no log can show a breach; `note` then says why."""
    note: str = ""


class Policy(BaseModel):
    """One acceptable-use policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Such as `the-learning-alliance`."""
    title: str
    clauses: tuple[Clause, ...]

    def clauses_for(self, rule: str, theme: str, role: str) -> tuple[Clause, ...]:
        """Return the clauses that bind this role and that this rule enforces, sorted by id."""
        found = [
            clause
            for clause in self.clauses
            if (rule in clause.rules or theme in clause.themes)
            # A role that is not known might be any of them; leaving the clause out would hide the incident from it.
            and ("all" in clause.binds or role in clause.binds or role == "unknown")
        ]
        return tuple(sorted(found, key=lambda clause: clause.id))
