"""An acceptable-use policy as data: its clauses, whom each binds, and which rules enforce it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


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

    def clauses_for(self, rule: str, theme: str, role: str) -> tuple[str, ...]:
        """Return the ids of the clauses that bind this role and that this rule enforces, sorted."""
        return tuple(
            sorted(
                clause.id
                for clause in self.clauses
                if (rule in clause.rules or theme in clause.themes)
                # A role that is not known might be any of them; leaving the clause out would hide the incident from it.
                and ("all" in clause.binds or role in clause.binds or role == "unknown")
            )
        )
