"""Reading incidents: lists, and the history of its decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.services import Verdict, Which

if TYPE_CHECKING:
    from conftest import MakeIncident

    from aup_monitor.register.connect import Register

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def school(register: Register, incident: MakeIncident, now: datetime) -> None:
    """Three incidents that differ in everything a list may ask for."""
    assert register.place
    found = [
        incident("a", date(2026, 9, 14), "hill", severity=2, theme="shopping", rule="shop", role="staff"),
        incident("b", date(2026, 9, 15), "hill", severity=5, theme="self-harm", rule="care", role="pupil"),
        incident("c", date(2026, 9, 16), "vale", severity=2, theme="gambling", rule="bets", role="governor"),
    ]
    services.record(found, [], now)
    services.decide(found[2].id, Verdict(State.TRIAGED), "nmanager", now)


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        ({}, "bac"),
        ({"sites": ["hill"]}, "ba"),
        ({"sites": ["hill", "vale"]}, "bac"),
        ({"sites": []}, ""),
        ({"first_day": date(2026, 9, 15)}, "bc"),
        ({"last_day": date(2026, 9, 15)}, "ba"),
        ({"first_day": date(2026, 9, 16), "last_day": date(2026, 9, 15)}, ""),
        ({"states": [State.NEW]}, "ba"),
        ({"states": {State.TRIAGED, State.CLOSED}}, "c"),
        ({"severities": [5, 4]}, "b"),
        ({"themes": ["gambling"]}, "c"),
        ({"rules": ["shop", "bets"]}, "ac"),
        ({"roles": ["pupil"]}, "b"),
        ({"subjects": ["a"]}, "a"),
        ({"sites": ["hill"], "severities": [2], "roles": ["staff"]}, "a"),
    ],
)
@pytest.mark.usefixtures("school")
def test_a_list_holds_what_was_asked_for_gravest_first(wanted: dict[str, Any], subjects: str) -> None:
    """Each question alone and together; no collection means all, an empty one means none."""
    assert [recorded.incident.subject for recorded in services.incidents(Which(**wanted))] == list(subjects)


def test_order_is_severity_then_day_then_id(incident: MakeIncident, now: datetime) -> None:
    """Never volume; and the same on every machine."""
    days = [date(2026, 9, 14), date(2026, 9, 15)]
    found = [
        incident(name, day, severity=severity, events=events)
        for name, events in (("x", 1), ("y", 900), ("z", 5))
        for day in days
        for severity in (2, 4)
    ]
    services.record(found, [], now)
    got = [recorded.incident for recorded in services.incidents()]
    assert got == sorted(got, key=lambda one: (-one.severity, one.day, one.id))


@pytest.mark.usefixtures("school")
def test_a_list_takes_as_many_questions_however_long_it_is(incident: MakeIncident, now: datetime) -> None:
    """No question per incident."""
    with CaptureQueriesContext(
        connection,
    ) as few:
        services.incidents()
    services.record([incident(f"s{number}") for number in range(300)], [], now)
    with CaptureQueriesContext(connection) as many:
        assert len(services.incidents()) == 303
    assert len(few) == len(many) == 5  # three questions, and the transaction's begin and commit


@pytest.mark.usefixtures("school")
def test_the_newest_decision_is_shown_and_the_history_is_whole(now: datetime) -> None:
    """A list shows where it stands; the history shows how it came there."""
    (triaged,) = services.incidents(Which(subjects=["c"]))
    verdict = Verdict(State.ACTIONED, action="spoke to the governor", outcome="no further step")
    services.decide(triaged.reference, verdict, "head", now)
    (actioned,) = services.incidents(Which(subjects=["c"]))
    assert actioned.decision is not None
    assert (actioned.decision.by, actioned.decision.action, actioned.decision.at) == (
        "head",
        verdict.action,
        now,
    )
    assert [(one.from_state, one.to_state) for one in services.history(actioned.reference)] == [
        (State.NEW, State.TRIAGED),
        (State.TRIAGED, State.ACTIONED),
    ]
