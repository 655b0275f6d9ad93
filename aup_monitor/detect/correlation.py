"""
Correlation rules of Sigma 2.1: what several matches of one group within a span of time say together.

A window ends at a match and holds the group's matches of at most `timespan` before it. It never reaches over the end of
a site's day: days are judged alone, and again when logs come late, and an incident belongs to one day, so that what a
day gives must not hang on which others were judged with it. What goes on over midnight counts on either side by itself; where
that matters, a rule asks for less in a shorter time. Where the condition holds of a window,
every match in it becomes a match of the correlation rule.

    event_count       so many matches
    value_count       so many distinct values of a field
    value_sum, _avg   the sum, the mean of a field's numbers
    temporal          every rule at least once, or what the condition says of the rules
    temporal_ordered  the rules one after the other, each later than the one before; the window ends at the last rule

A match whose group has no value (null) belongs to no group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from aup_monitor.detect.tree import Node

Kind = Literal["event_count", "value_count", "value_sum", "value_avg", "temporal", "temporal_ordered"]
Comparison = Literal["gt", "gte", "lt", "lte", "eq", "neq"]

OF_VALUES: Final = frozenset({"value_count", "value_sum", "value_avg"})
"""Kinds whose condition names a field."""
TEMPORAL: Final = frozenset({"temporal", "temporal_ordered"})
COMPARISONS: Final[tuple[Comparison, ...]] = ("gt", "gte", "lt", "lte", "eq", "neq")

SUBJECTS: Final[Mapping[str, str]] = {
    "subject": "",
    "user_name": "user",
    "host_name": "device",
    "source_mac": "address",
    "source_ip": "address",
}
"""Columns to group by that say whom it concerns, the most telling first, and the kind of subject that each gives."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """The `correlation:` of a rule, checked."""

    kind: Kind
    rules: tuple[str, ...]
    """Names of the rules whose matches it reads, in its order."""
    group_by: tuple[str, ...]
    """Columns, or names of aliases; none: all matches of a site's day are one group."""
    timespan: timedelta
    limits: tuple[tuple[Comparison, float], ...] = ()
    """What the count, sum or mean must be, all together; of temporal kinds the number of rules."""
    field: str | None = None
    """Column whose values are counted or summed."""
    condition: Node | None = None
    """What temporal kinds ask of the rules, over `Selected` rule names; None: all of them."""
    aliases: Mapping[str, Mapping[str, str]] | None = None
    """Alias -> rule -> column."""
    generate: bool = False
    """Whether its rules make incidents of their own all the same."""

    @property
    def subject_column(self) -> str | None:
        """The column that names whom it concerns; None: whoever each match concerns."""
        return next((column for column in SUBJECTS if column in self.group_by), None)
