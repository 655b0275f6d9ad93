"""Which incident a self-report explains: offered by the program, accepted by a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from aup_monitor.core.errors import AupError, NotFoundError
from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.services import MatchState, NewSelfReport

if TYPE_CHECKING:
    from conftest import MakeIncident

pytestmark = pytest.mark.usefixtures("register")

SEEN = datetime(2026, 9, 14, 10, 42, tzinfo=UTC)
"""When the plain incident was seen."""
MINUTE = timedelta(minutes=1)


def _report(now: datetime, **parts: Any) -> str:
    plain: dict[str, Any] = {
        "occurred_at": SEEN,
        "site": "hill",
        "person": "F. Marsh",
        "what": "a betting page",
        "action_taken": "closed it",
        "subject": "fmarsh",
    }
    return services.add_self_report(NewSelfReport(**(plain | parts)), "nmanager", now).reference


def _offered(reference: str, now: datetime, **window: timedelta) -> list[str]:
    return [offer.incident.subject for offer in services.offer_matches(reference, "nmanager", now, **window)]


@pytest.mark.parametrize(
    ("minutes", "fits"),
    [(-31, False), (-30, True), (0, True), (5, True), (40, True), (41, False), (600, False)],
)
def test_the_time_must_lie_within_the_window(
    incident: MakeIncident, now: datetime, minutes: int, fits: bool
) -> None:
    """Half an hour before the first event or after the last; the incident here lasts ten minutes."""
    services.record([incident(last_seen=SEEN + 10 * MINUTE)], [], now)
    reference = _report(now, occurred_at=SEEN + minutes * MINUTE)
    assert bool(_offered(reference, now)) is fits
    state = services.find_self_report(reference).match_state
    assert state is (MatchState.OFFERED if fits else MatchState.NONE)


def test_the_window_can_be_chosen(incident: MakeIncident, now: datetime) -> None:
    """Somebody who is not sure of the time may be given two hours."""
    services.record([incident()], [], now)
    reference = _report(now, occurred_at=SEEN + 90 * MINUTE)
    assert _offered(reference, now) == []
    assert _offered(reference, now, window=timedelta(hours=2)) == ["fmarsh"]


@pytest.mark.parametrize(
    ("parts", "subjects"),
    [
        ({}, ["fmarsh"]),
        ({"subject": "FMarsh"}, ["fmarsh"]),
        ({"subject": ""}, ["fmarsh", "hill-st-09"]),
        ({"subject": "fm%"}, []),
        ({"subject": "nobody"}, []),
        ({"site": "vale"}, ["fmarsh"]),
        ({"site": "dale"}, []),
    ],
)
def test_site_and_account_must_be_the_same(
    incident: MakeIncident, now: datetime, parts: dict[str, Any], subjects: list[str]
) -> None:
    """Without an account anybody's incident of the site may be offered: it is for a person to say."""
    later: dict[str, Any] = {"first_seen": SEEN + 5 * MINUTE, "last_seen": SEEN + 5 * MINUTE}
    services.record([incident(), incident("hill-st-09", **later), incident(site="vale")], [], now)
    assert _offered(_report(now, **parts), now) == subjects


def test_the_nearest_in_time_comes_first(incident: MakeIncident, now: datetime) -> None:
    """However grave the other one is."""
    far: dict[str, Any] = {
        "first_seen": SEEN + 20 * MINUTE,
        "last_seen": SEEN + 20 * MINUTE,
        "severity": 5,
        "rule": "other",
    }
    services.record([incident(**far), incident()], [], now)
    offers = services.offer_matches(_report(now), "nmanager", now)
    assert [offer.incident.rule for offer in offers] == ["gambling-site", "other"]


def test_a_withdrawn_incident_is_not_offered(incident: MakeIncident, now: datetime) -> None:
    """There is nothing to explain."""
    services.record([incident()], [], now)
    services.record([], [("hill", incident().day)], now)
    assert _offered(_report(now), now) == []


def test_an_offer_assumes_nothing(incident: MakeIncident, now: datetime) -> None:
    """Offered is not accepted: the incident knows nothing of it."""
    services.record([incident()], [], now)
    reference = _report(now)
    _offered(reference, now)
    assert services.find_self_report(reference).incident_id is None
    assert services.find(incident().id).self_report is None
    assert services.find(incident().id).state is State.NEW


def test_an_offer_is_taken_back_when_nothing_fits_any_longer(incident: MakeIncident, now: datetime) -> None:
    """A report that said `perhaps this one` says `none` once that one is withdrawn."""
    services.record([incident()], [], now)
    reference = _report(now)
    _offered(reference, now)
    services.record([], [("hill", incident().day)], now)
    _offered(reference, now)
    assert services.find_self_report(reference).match_state is MatchState.NONE


def test_a_person_accepts(incident: MakeIncident, now: datetime) -> None:
    """Both then name each other; the incident is still to be decided on; a later offer changes nothing."""
    services.record([incident()], [], now)
    reference = _report(now)
    accepted = services.accept_match(reference, incident().reference, "nmanager", now)
    assert (accepted.match_state, accepted.incident_id) == (MatchState.ACCEPTED, incident().id)
    held = services.find(incident().id)
    assert (held.self_report, held.state) == (reference, State.NEW)
    assert _offered(reference, now) == ["fmarsh"]
    assert services.find_self_report(reference) == accepted


def test_a_wrong_acceptance_is_put_right_by_another(incident: MakeIncident, now: datetime) -> None:
    """The trail keeps both."""
    first, second = incident(), incident(rule="other")
    services.record([first, second], [], now)
    reference = _report(now)
    services.accept_match(reference, first.id, "nmanager", now)
    services.accept_match(reference, second.id, "nmanager", now)
    assert services.find(first.id).self_report is None
    assert services.find(second.id).self_report == reference
    assert services.entries()[-1].what.details == {"incident": second.id, "instead_of": first.id}


def test_the_first_of_two_self_reports_is_named(incident: MakeIncident, now: datetime) -> None:
    """Two people may report the same page."""
    services.record([incident()], [], now)
    for reference in (_report(now), _report(now)):
        services.accept_match(reference, incident().id, "nmanager", now)
    assert services.find(incident().id).self_report == "SR-0001"


def test_another_sites_incident_is_refused(incident: MakeIncident, now: datetime) -> None:
    """A slip in the reference does not join two people's affairs."""
    services.record([incident(site="vale")], [], now)
    reference = _report(now)
    with pytest.raises(AupError, match="of another site"):
        services.accept_match(reference, incident(site="vale").id, "nmanager", now)
    assert services.find_self_report(reference).incident_id is None


def test_what_is_not_there_cannot_be_matched(incident: MakeIncident, now: datetime) -> None:
    """Neither the one nor the other."""
    services.record([incident()], [], now)
    with pytest.raises(NotFoundError, match="self-report"):
        services.offer_matches("SR-0009", "nmanager", now)
    with pytest.raises(NotFoundError, match="self-report"):
        services.accept_match("SR-0009", incident().id, "nmanager", now)
    with pytest.raises(NotFoundError, match="incident"):
        services.accept_match(_report(now), "ffffffff", "nmanager", now)
