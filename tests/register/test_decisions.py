"""The ways from new to closed, and what each asks for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import AupError, NotFoundError
from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.services import Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from conftest import MakeIncident

pytestmark = pytest.mark.usefixtures("register")

N, T, F, I, A, C = State  # noqa: E741 - one letter each keeps the table of steps readable
"""New, triaged, false positive, inadvertent, actioned, closed."""

WAY_TO = {N: (), T: (T,), F: (F,), I: (I,), A: (A,), C: (A, C)}
ALLOWED = {
    (N, T),
    (N, F),
    (N, I),
    (N, A),
    (T, F),
    (T, I),
    (T, A),
    (F, C),
    (I, C),
    (A, C),
    (F, T),
    (I, T),
    (A, T),
    (C, T),
}


def _full(state: State) -> Verdict:
    return Verdict(state, reason="looked at the log", action="spoke to the person", outcome="understood")


@pytest.fixture
def reference(incident: MakeIncident, now: datetime) -> str:
    """Return the reference of the one incident."""
    services.record([incident()], [], now)
    return incident().reference


@pytest.mark.parametrize(("start", "goal"), list(itertools.product(State, State)))
def test_each_step_is_allowed_or_says_which_are(
    reference: str, now: datetime, start: State, goal: State
) -> None:
    """All 36 steps: those of the design go, every other one is refused with the list of those that go."""
    for state in WAY_TO[start]:
        services.decide(reference, _full(state), "nmanager", now)
    before = services.find(reference)
    assert before.state is start
    if (start, goal) in ALLOWED:
        after = services.decide(reference, _full(goal), "nmanager", now)
        assert after.state is goal
        assert after.decision is not None
        assert (after.decision.from_state, after.decision.to_state) == (start, goal)
    else:
        with pytest.raises(AupError, match=f"is {start}; it cannot become {goal}") as caught:
            services.decide(reference, _full(goal), "nmanager", now)
        allowed = (caught.value.fix or "").removeprefix(f"from {start} it may become ").split(" or ")
        assert sorted(allowed) == sorted(end for begin, end in ALLOWED if begin is start)
        assert services.find(reference) == before


@pytest.mark.parametrize(
    ("start", "verdict", "words"),
    [
        (N, Verdict(F, action="x", outcome="x"), "to call it false positive needs a reason"),
        (N, Verdict(I, reason=" \n", action="x"), "to call it inadvertent needs a reason"),
        (N, Verdict(A, reason="x", outcome="x"), "needs the action taken"),
        (F, Verdict(T, action="x"), "to reopen it needs a reason"),
        (C, Verdict(T), "to reopen it needs a reason"),
    ],
)
def test_what_a_decision_needs(
    reference: str, now: datetime, start: State, verdict: Verdict, words: str
) -> None:
    """Calling it harmless or opening it again needs a reason, actioned needs an action; nothing is written without."""
    for state in WAY_TO[start]:
        services.decide(reference, _full(state), "nmanager", now)
    before = services.find(reference), services.head()
    with pytest.raises(AupError, match=words) as caught:
        services.decide(reference, verdict, "nmanager", now)
    assert caught.value.fix
    assert (services.find(reference), services.head()) == before


def test_triage_and_closing_need_no_words(reference: str, now: datetime) -> None:
    """A busy person can take it up, and close it, with one word each."""
    services.decide(reference, Verdict(T), "nmanager", now)
    services.decide(reference, Verdict(A, action="spoke to the person"), "nmanager", now)
    assert services.decide(reference, Verdict(C), "head", now).state is C


def test_closing_keeps_the_verdict(reference: str, now: datetime) -> None:
    """A closed incident still says what it was found to be; reopened, it says so again only after a new verdict."""
    services.decide(reference, Verdict(State.INADVERTENT, reason="a wrong link"), "r.osei", now)
    closed = services.decide(reference, Verdict(State.CLOSED), "r.osei", now)
    assert (closed.state, closed.standing) == (State.CLOSED, State.INADVERTENT)
    assert closed.verdict is not None
    assert closed.verdict.reason == "a wrong link"
    reopened = services.decide(reference, Verdict(State.TRIAGED, reason="seen again"), "r.osei", now)
    assert reopened.standing == State.TRIAGED


def test_a_decision_holds_its_words_trimmed(reference: str, now: datetime) -> None:
    """Words come from forms and may hold anything; NUL and half characters cannot be stored everywhere."""
    verdict = Verdict(A, reason=" seen\n", action="spoke\0 to \ud83d them", outcome="£5, fine 😀")
    decision = services.decide(reference, verdict, " nmanager ", now).decision
    assert decision is not None
    assert (decision.by, decision.reason, decision.at) == ("nmanager", "seen", now)
    assert decision.action == "spoke\ufffd to ? them"
    assert decision.outcome == "£5, fine 😀"
    assert services.verify() == ()


def test_a_decision_is_in_the_audit_trail_without_its_words(
    incident: MakeIncident, reference: str, now: datetime
) -> None:
    """Who, when, which incident, from what to what; words that may have to be erased one day are not in the chain."""
    services.decide(reference, Verdict(A, action="spoke to F. Marsh"), "nmanager", now)
    entry = services.entries()[-1]
    assert (entry.actor, entry.verb, entry.what.kind, entry.what.id) == (
        "nmanager",
        "decide",
        "incident",
        incident().id,
    )
    assert {key: entry.what.details[key] for key in ("from", "to")} == {"from": "new", "to": "actioned"}
    assert "Marsh" not in str(entry)


@pytest.mark.parametrize("actor", ["", "  "])
def test_nobody_cannot_decide(reference: str, now: datetime, actor: str) -> None:
    """A decision without a person is a mistake of the caller, and is not written."""
    with pytest.raises(ValueError, match="actor"):
        services.decide(reference, _full(T), actor, now)
    assert services.history(reference) == []
    assert services.find(reference).state is N


def test_an_unknown_incident_cannot_be_decided(reference: str, now: datetime) -> None:
    """A mistyped reference decides nothing."""
    assert reference
    with pytest.raises(NotFoundError):
        services.decide("ffffffff", _full(T), "nmanager", now)
