"""Make the half-termly report: one document, printed in every form, written whole, and written down in the audit trail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl
import yaml

from aup_monitor.core.errors import AupError, ConfigError
from aup_monitor.core.files import write_atomic
from aup_monitor.core.people import Directory
from aup_monitor.core.resources import resource
from aup_monitor.detect.themes import themes
from aup_monitor.identity.directory import read_directory
from aup_monitor.jobs import analysed
from aup_monitor.jobs.coverage import coverage
from aup_monitor.jobs.half_term import Material, build
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.jobs.sentences import number
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register
from aup_monitor.render import RENDERERS, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
    from aup_monitor.core.document import HalfTermReport
    from aup_monitor.core.workspace import Workspace

FORMS: Final = tuple(RENDERERS)


def half_term(workspace: Workspace, name: str | None, *, actor: str, now: datetime) -> HalfTermReport:
    """
    Return the document of one half-term.

    Args:
        workspace: whose.
        name: such as `2026-autumn-1`; None for the one that runs, or else the last that ended.
        actor: account of the person who asks, for the audit trail.
        now: the present moment, aware.

    Raises:
        AupError: logs of the half-term were read and not analysed; they must not look like no incidents.
        ConfigError, NotFoundError: the half-term has no dates.
        StoreError: lake or register do not open.

    """
    calendar = workspace.config.sites[workspace.config.first_site].calendar()
    if not calendar.half_terms:
        raise ConfigError(
            "no half-term has dates",
            where=workspace.folder / "aup.toml",
            fix='add a line to [sites.….half_terms]: "2026-autumn-1" = [2026-09-02, 2026-10-23]',
        )
    today = calendar.local_date(now)
    period = calendar.half_term(name) if name else calendar.latest(today)
    previous = calendar.before(period)
    lake = Lake(workspace.lake, create=False) if (workspace.lake / "lake.json").exists() else None
    with open_register(workspace.database):
        start, after = calendar.bounds(period)
        _refuse_waiting(workspace, lake, period)
        material = Material(
            workspace=workspace,
            rulebook=load_rulebook(workspace),
            directory=directory_of(workspace),
            half_term=period,
            previous=previous,
            incidents=services.incidents(services.Which(first_day=period.start, last_day=period.end)),
            before=_before(workspace, lake, previous),
            self_reports=services.self_reports(start, after),
            coverage=coverage(workspace, lake, period.start, min(period.end, today)),
            days_seen=_school_days_seen(lake, calendar, period),
            days_seen_before=_school_days_seen(lake, calendar, previous),
            weeks_with_data=_weeks_with_data(lake, period),
            themes={word: theme.label for word, theme in themes().items()},
            withheld=frozenset(word for word, theme in themes().items() if theme.route == "safeguarding"),
            glossary=_glossary(),
            now=now,
        )
        document = build(material)
        shown = {"half_term": period.name, "incidents": len(document.incidents)}
        services.look(actor, "report", services.What("report", document.reference, shown), now)
    return document


def write(document: HalfTermReport, folder: Path, forms: Sequence[str] = FORMS) -> list[Path]:
    """Print the document in these forms into the folder, and return the files."""
    written = []
    for form in forms:
        renderer = RENDERERS[form]
        path = folder / f"{document.kind}-{document.period.name}{renderer.suffix}"
        write_atomic(path, renderer.render(document))
        written.append(path)
    return written


def again(path: Path, folder: Path, forms: Sequence[str] = FORMS) -> list[Path]:
    """Print a saved document (JSON) again, without logs or register."""
    return write(load(path.read_bytes()), folder, forms)


def directory_of(workspace: Workspace) -> Directory:
    """Return the people that the workspace lists, if it does."""
    return read_directory(workspace.path(workspace.config.people)) if workspace.config.people else Directory()


def _refuse_waiting(workspace: Workspace, lake: Lake | None, period: HalfTerm) -> None:
    days = analysed.waiting(workspace, lake, period.start, period.end) if lake else 0
    if days:
        raise AupError(
            f"logs of {number(days, 'day')} of this half-term were read and not analysed; the report would lack their incidents",
            fix="aup analyse",
        )


def _before(
    workspace: Workspace, lake: Lake | None, previous: HalfTerm | None
) -> list[services.RecordedIncident] | None:
    """Return the incidents of the half-term before; None where no logs came or were judged then: that is not none."""
    if lake is None or previous is None or not _days_with_data(lake, previous):
        return None
    if analysed.waiting(workspace, lake, previous.start, previous.end):
        return None
    return services.incidents(services.Which(first_day=previous.start, last_day=previous.end))


def _days_with_data(lake: Lake, period: HalfTerm) -> list[date]:
    return lake.units().filter(pl.col("date").is_between(period.start, period.end))["date"].to_list()


def _school_days_seen(lake: Lake | None, calendar: SchoolCalendar, period: HalfTerm | None) -> int:
    if lake is None or period is None:
        return 0
    return sum(calendar.is_school_day(day) for day in set(_days_with_data(lake, period)))


def _weeks_with_data(lake: Lake | None, period: HalfTerm) -> frozenset[date]:
    if lake is None:
        return frozenset()
    return frozenset(day - timedelta(days=day.weekday()) for day in _days_with_data(lake, period))


def _glossary() -> tuple[tuple[str, str], ...]:
    given = yaml.safe_load(resource("rules", "facts", "glossary.yml").read_text(encoding="utf-8"))
    return tuple(sorted(given.items(), key=lambda pair: pair[0].casefold()))
