"""Self-reports: written down, offered the incidents that they may explain, joined to one only when a person says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aup_monitor.core.errors import ConfigError
from aup_monitor.identity.directory import initials
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from aup_monitor.core.workspace import Workspace


def add(  # noqa: PLR0913 - the policy asks for these fields
    workspace: Workspace,
    *,
    site: str | None,
    when: datetime,
    person: tuple[str, str],
    said: tuple[str, str],
    actor: str,
    now: datetime,
) -> tuple[str, list[services.RecordedIncident]]:
    """
    Write down a self-report; return its reference and the incidents that it may explain.

    Args:
        workspace: whose register.
        site: where; None for the first site.
        when: school-local, naive.
        person: who reports, and their account or "".
        said: the address or description, and the action taken.
        actor: account of the person who enters it.
        now: the present moment, aware.

    Raises:
        ConfigError: there is no such site.
        AupError: a part is empty, or it is said to have happened in the future.

    """
    name = site or workspace.config.first_site
    if name not in workspace.config.sites:
        raise ConfigError(f"there is no site {name!r}", fix=f"one of: {', '.join(workspace.config.sites)}")
    zone = _zone(workspace, name)
    report = services.NewSelfReport(
        occurred_at=when.replace(tzinfo=zone).astimezone(UTC),
        site=name,
        person=person[0],
        what=said[0],
        action_taken=said[1],
        subject=person[1],
    )
    with open_register(workspace.database):
        added = services.add_self_report(report, actor, now)
        return added.reference, services.offer_matches(added.reference, actor, now)


def accept(workspace: Workspace, reference: str, incident: str, actor: str, now: datetime) -> None:
    """Write down that a self-report explains an incident; raises `NotFoundError` and `AupError`."""
    with open_register(workspace.database):
        services.accept_match(reference, incident, actor, now)


def listed(workspace: Workspace, actor: str, now: datetime) -> list[dict[str, object]]:
    """Return all self-reports as rows for a table, people by initials, times school-local."""
    with open_register(workspace.database):
        found = services.self_reports(datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        services.look(actor, "list", services.What("self-reports", "", {"self_reports": len(found)}), now)
    return [
        {
            "reference": r.reference,
            "when": r.report.occurred_at.astimezone(_zone(workspace, r.report.site)),
            "site": r.report.site,
            "person": initials(r.report.person),
            "what": r.report.what,
            "action": r.report.action_taken,
            "incident": (r.incident_id or "")[:8],
        }
        for r in found
    ]


def _zone(workspace: Workspace, site: str) -> ZoneInfo:
    """Return a site's zone; the first site's where the settings no longer have it."""
    config = workspace.config
    return ZoneInfo(config.sites.get(site, config.sites[config.first_site]).zone)
