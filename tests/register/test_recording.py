"""What an analysis found, taken into the register."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.services import Recorded, Verdict, Which

if TYPE_CHECKING:
    from conftest import MakeIncident

DAY = date(2026, 9, 14)
NEXT = date(2026, 9, 15)
ALL = Which(withdrawn=True)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("register")


def test_a_first_analysis_is_new_and_a_second_changes_nothing(incident: MakeIncident, now: datetime) -> None:
    """Analysing a day again doubles nothing."""
    found = [incident("one"), incident("two")]
    assert services.record(found, [("hill", DAY)], now) == Recorded(2, 0, 0, 0, 0)
    assert services.record(found, [("hill", DAY)], now + HOUR) == Recorded(0, 0, 2, 0, 0)
    one, _ = services.incidents()
    assert (one.first_recorded, one.last_analysed, one.last_changed) == (now, now + HOUR, now)
    assert one.state is State.NEW
    assert one.decision is None


def test_facts_are_refreshed(incident: MakeIncident, now: datetime) -> None:
    """A log that arrives late makes the incident graver; the register follows."""
    services.record([incident("one"), incident("two")], [("hill", DAY)], now)
    graver = incident("one", severity=5, events=70, details=("bets.example", "odds.example"))
    assert services.record([graver, incident("two")], [("hill", DAY)], now + HOUR) == Recorded(0, 1, 1, 0, 0)
    first = services.incidents()[0]
    assert first.incident == graver
    assert (first.first_recorded, first.last_changed) == (now, now + HOUR)


def test_what_is_no_longer_found_is_withdrawn_and_kept(incident: MakeIncident, now: datetime) -> None:
    """A list that dropped a wrong entry takes the incident out of the lists; it is not deleted."""
    services.record([incident("one"), incident("two")], [("hill", DAY)], now)
    assert services.record([incident("two")], [("hill", DAY)], now + HOUR) == Recorded(0, 0, 1, 1, 0)
    assert [recorded.incident.subject for recorded in services.incidents()] == ["two"]
    gone = next(recorded for recorded in services.incidents(ALL) if recorded.incident.subject == "one")
    assert gone.withdrawn
    assert gone.not_found_since == now + HOUR
    assert gone.last_analysed == now
    assert services.find(gone.reference) == gone


def test_withdrawing_happens_once(incident: MakeIncident, now: datetime) -> None:
    """A third analysis does not count it again, and the day it went stays the day it went."""
    services.record([incident()], [("hill", DAY)], now)
    services.record([], [("hill", DAY)], now + HOUR)
    assert services.record([], [("hill", DAY)], now + 2 * HOUR) == Recorded(0, 0, 0, 0, 0)
    assert services.incidents(ALL)[0].not_found_since == now + HOUR


def test_a_withdrawn_one_that_comes_back_is_revived(incident: MakeIncident, now: datetime) -> None:
    """Found again, it is back in the lists with its first date."""
    services.record([incident()], [("hill", DAY)], now)
    services.record([], [("hill", DAY)], now + HOUR)
    assert services.record([incident()], [("hill", DAY)], now + 2 * HOUR) == Recorded(0, 1, 0, 0, 0)
    (back,) = services.incidents()
    assert not back.withdrawn
    assert (back.first_recorded, back.last_changed, back.last_analysed) == (now, now, now + 2 * HOUR)


def test_only_the_days_analysed_are_compared(incident: MakeIncident, now: datetime) -> None:
    """Another day, or the same day of another site, is not withdrawn by an analysis that did not look there."""
    others = [incident("next", day=NEXT), incident("vale", site="vale")]
    services.record([incident("one"), *others], [], now)
    assert services.record([], [("hill", DAY), ("vale", NEXT)], now).withdrawn == 1
    assert {recorded.incident.subject for recorded in services.incidents()} == {"next", "vale"}


def test_a_decision_outlives_every_analysis(incident: MakeIncident, now: datetime) -> None:
    """State and decision stay when facts change, when it is no longer found, and when it comes back; each is marked."""
    reference = incident().reference
    services.record([incident()], [("hill", DAY)], now)
    verdict = Verdict(State.FALSE_POSITIVE, reason="the maths department's probability lesson")
    decided = services.decide(reference, verdict, "nmanager", now)
    assert not decided.changed_since_decision

    services.record([incident(events=99, severity=5)], [("hill", DAY)], now + HOUR)
    changed = services.find(reference)
    assert (changed.state, changed.decision, changed.incident.severity) == (
        decided.state,
        decided.decision,
        5,
    )
    assert changed.changed_since_decision

    assert services.record([], [("hill", DAY)], now + 2 * HOUR) == Recorded(0, 0, 0, 0, 1)
    gone = services.find(reference)
    assert (gone.state, gone.decision, gone.withdrawn) == (decided.state, decided.decision, False)
    assert gone.not_found_since == now + 2 * HOUR
    assert services.incidents() == [gone]

    services.record([incident()], [("hill", DAY)], now + 3 * HOUR)
    back = services.find(reference)
    assert (back.state, back.decision, back.not_found_since) == (decided.state, decided.decision, None)


def test_a_withdrawn_one_that_somebody_decides_on_is_listed_again(
    incident: MakeIncident, now: datetime
) -> None:
    """What a person took up is never left out of a list."""
    services.record([incident()], [("hill", DAY)], now)
    services.record([], [("hill", DAY)], now)
    services.decide(incident().reference, Verdict(State.TRIAGED), "nmanager", now)
    assert [recorded.withdrawn for recorded in services.incidents()] == [False]


def test_one_id_given_twice_is_one_incident(incident: MakeIncident, now: datetime) -> None:
    """The later of two counts."""
    assert services.record([incident(events=1), incident(events=2)], [], now).new == 1
    assert services.incidents()[0].incident.events == 2


def test_an_analysis_is_in_the_audit_trail(incident: MakeIncident, now: datetime) -> None:
    """Who analysed what, with numbers, and the ids of what went; no subject."""
    services.record([incident()], [("hill", DAY)], now)
    services.record([], [("hill", NEXT), ("hill", DAY)], now, actor="scheduled task")
    entry = services.entries()[-1]
    assert (entry.actor, entry.verb, entry.what.kind) == ("scheduled task", "record", "incidents")
    assert entry.what.details == {
        "sites": ["hill"],
        "first_day": "2026-09-14",
        "last_day": "2026-09-15",
        "new": 0,
        "updated": 0,
        "unchanged": 0,
        "withdrawn": [incident().id],
        "kept": [],
    }


def test_a_time_without_a_zone_is_a_mistake(incident: MakeIncident, now: datetime) -> None:
    """Nothing is guessed, and nothing is written."""
    with pytest.raises(ValueError, match="zone"):
        services.record([incident(first_seen=datetime(2026, 9, 14, 10))], [], now)  # noqa: DTZ001 - the mistake itself
    assert services.incidents(ALL) == []
    assert services.head().entries == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text(min_size=1, max_size=40),
    details=st.lists(st.text(max_size=40), max_size=10),
    events=st.integers(0, 2**62),
    moment=st.datetimes(timezones=st.timezones()),
)
def test_what_goes_in_comes_out(
    incident: MakeIncident, subject: str, details: list[str], events: int, moment: datetime
) -> None:
    """Any text, number and time that an incident may hold is read back the same; only NUL is replaced."""
    try:
        now = moment.astimezone(UTC)
    except OverflowError:
        return
    given = incident(subject, details=tuple(details), events=events, first_seen=moment, last_seen=moment)
    services.record([given], [], now)
    held = services.find(given.id).incident
    assert held.subject == subject.replace("\0", "\ufffd")
    assert held.details == tuple(detail.replace("\0", "\ufffd") for detail in details)
    # In UTC: Python holds a moment of a repeated hour to differ from the same one in another zone.
    assert (held.events, held.first_seen, held.last_seen) == (events, now, now)


def test_five_thousand_incidents_are_recorded_quickly(incident: MakeIncident, now: datetime) -> None:
    """A trust's half-term goes in, is refreshed and is read in seconds (2 cores: 0.8 s, 0.8 s and 0.3 s)."""
    days = [DAY + timedelta(days=number) for number in range(20)]
    found = [incident(f"s{number}", day=days[number % 20]) for number in range(5000)]
    changed = [one.model_copy(update={"events": 8}) for one in found]
    analysed = [("hill", day) for day in days]
    times = []
    for batch, expected in ((found, Recorded(5000, 0, 0, 0, 0)), (changed, Recorded(0, 5000, 0, 0, 0))):
        start = time.process_time()
        assert services.record(batch, analysed, now) == expected
        times.append(time.process_time() - start)
    assert max(times) < 2
    assert len(services.incidents()) == 5000
