"""The hours in which a clause binds, as a test of matches."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aup_monitor.core.calendar import SchoolCalendar
    from aup_monitor.core.policy import Policy


def hours_of(policies: Iterable[Policy], calendar: SchoolCalendar) -> Mapping[str, pl.Expr]:
    """Return for each kind of hours that a clause names (`core.policy.Hours`) whether a match falls into them."""
    named = {clause.hours for policy in policies for clause in policy.clauses}
    return {hours: _within(hours, calendar) for hours in sorted(named - {"any"})}


def _within(hours: str, calendar: SchoolCalendar) -> pl.Expr:
    in_school = pl.col("in_school_hours").fill_null(value=False)
    if hours in {"school", "outside"}:
        return in_school if hours == "school" else ~in_school
    start, end = map(time.fromisoformat, hours.split("-"))
    local = pl.col("timestamp").dt.convert_time_zone(calendar.zone.key).dt
    days = [day for half in calendar.half_terms for day in calendar.school_days(half.start, half.end)]
    on_school_day = local.date().is_in(pl.Series(days, dtype=pl.Date).implode())
    within = on_school_day & local.time().is_between(pl.lit(start), pl.lit(end), closed="left")
    return within.fill_null(value=False)
