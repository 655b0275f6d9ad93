"""Why an incident is one: the rule, its author, and what each event met; the look is written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import NotFoundError
from aup_monitor.jobs.incidents import Filters, list_incidents
from aup_monitor.jobs.why import why
from aup_monitor.lake import Lake
from aup_monitor.register.connect import open_register
from aup_monitor.register.models import AuditEntry

if TYPE_CHECKING:
    from school import School

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


def reference(school: School) -> str:
    """Return an incident of the school."""
    return str(list_incidents(school.workspace, Filters(themes=("gambling",)), "nm", NOW)[0]["reference"])


def test_each_event_is_told_with_what_it_met(school: School) -> None:
    """Time in the school's zone, file and byte, the list and its entry, the test and the value."""
    found = why(school.workspace, reference(school), "nm", NOW)
    event = found["events"][0]  # type: ignore[index]  # a list of events

    assert (found["rule"], found["author"]) == ("gambling_site", "aup-monitor")
    assert "byte " in event["where"]
    assert (event["reached"], event["selections"]) == ("www.bet365.com", ["listed"])
    assert any("on list.gambling as “bet365.com”" in met for met in event["met"])
    assert any("listed: destination.domain is on the list list.gambling" in met for met in event["met"])
    assert json.loads(json.dumps(found)) is not None


def test_the_look_is_written_down(school: School) -> None:
    """Who looked at whose incident is in the audit trail."""
    why(school.workspace, reference(school), "nm", NOW)
    with open_register(school.workspace.database):
        last = AuditEntry.objects.order_by("-sequence").first()

    assert last is not None
    assert (last.actor, last.verb, last.object_kind) == ("nm", "explain", "incident")


def test_events_that_are_gone_are_said_to_be(school: School) -> None:
    """Where the matches are no longer kept, nothing is made up."""
    shown = reference(school)
    lake = Lake(school.workspace.lake, create=False)
    stored = lake.scan("matches").collect()
    lake.replace_matches("main", stored["date"].unique().to_list(), stored.clear())

    with pytest.raises(NotFoundError, match="no longer kept"):
        why(school.workspace, shown, "nm", NOW)
