"""The report's sentences: true in every case, the gravest news first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from recorded import recorded

from aup_monitor.core.document import Period
from aup_monitor.core.incident import State
from aup_monitor.jobs.sentences import decisions, number, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.register.services import RecordedIncident

PERIOD = Period(
    name="2026-autumn-1",
    label="Autumn term 2026, first half",
    start=date(2026, 9, 2),
    end=date(2026, 10, 23),
    school_days=38,
    previous_label=None,
    finished=True,
)


def said(
    counted: Sequence[RecordedIncident] = (),
    before: Sequence[RecordedIncident] | None = None,
    *,
    gaps: int = 0,
    wanted: int = 0,
    finished: bool = True,
) -> str:
    """Return the summary of a half-term with data, as one text."""
    period = PERIOD.model_copy(update={"finished": finished})
    return " ".join(summary(counted, before, period, gaps=gaps, decisions=wanted, no_data=False))


def test_no_data_says_that_nothing_is_known() -> None:
    """Without logs there is no number at all, neither nought nor one."""
    sentences = summary([], [], PERIOD, gaps=3, decisions=1, no_data=True)
    assert sentences[0] == (
        "No logs reached the system in this half-term, so it is not known whether there were incidents."
    )
    assert not any("were found" in sentence or "None was serious" in sentence for sentence in sentences)


def test_no_incidents() -> None:
    """With logs of every day and no incident, it says so, and what that rests on."""
    assert said() == (
        "No incidents were found in autumn term 2026, first half; there is no earlier half-term to compare it with. "
        "Logs of each kind named on the second page came on every school day. "
        "Nothing is wanted of you but your signature."
    )


def test_gaps_take_the_comfort_out_of_nought() -> None:
    """Where days are missing, no sentence says that the logs were whole."""
    text = said(gaps=2)
    assert "2 gaps in what could be seen are named on the second page" in text
    assert "no incidents does not mean that nothing happened" in text
    assert "came on every school day" not in text
    assert "1 gap in what could be seen is named" in said(gaps=1)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (1, None, "1 incident was found in autumn term 2026, first half; there is no earlier half-term"),
        (
            2,
            0,
            "2 incidents were found in autumn term 2026, first half, 2 more than the 0 of the half-term before",
        ),
        (0, 3, "No incidents were found in autumn term 2026, first half, 3 fewer than the 3"),
        (2, 2, "2 incidents were found in autumn term 2026, first half, as many as in the half-term before"),
    ],
)
def test_comparison(now: int, before: int | None, words: str) -> None:
    """None before is no comparison; nought before is a number."""
    earlier = None if before is None else [recorded() for _ in range(before)]
    assert said([recorded() for _ in range(now)], earlier).startswith(words)


def test_a_half_term_with_few_logs_is_not_compared() -> None:
    """Ten days of logs against forty would make any half-term look bad; the sentence says both."""
    said = summary(
        [recorded()] * 9, [recorded()] * 2, PERIOD, gaps=0, decisions=0, no_data=False, days=(40, 10)
    )

    assert (
        "In the half-term before there were 2, but logs came then on only 10 school days, and on 40 now."
        in said[0]
    )
    assert "more than" not in said[0]


def test_a_half_term_that_runs_is_so_far() -> None:
    """Before its end the number is of so far."""
    assert "were found so far in autumn" in said(finished=False)


def test_how_grave() -> None:
    """What called for action at once comes first, then what was serious, and whether it waits."""
    assert "None was serious." in said([recorded(severity=3)])
    assert "1 called for action at once; 1 of these still waits for a decision." in said(
        [recorded(severity=5)]
    )
    assert "1 was serious; each has been decided." in said([recorded(severity=4, state=State.ACTIONED)])
    both = [recorded(severity=5), *(recorded(severity=4, state=State.TRIAGED) for _ in range(2))]
    assert "1 called for action at once and 2 were serious; 3 of these still wait for a decision." in said(
        both
    )


def test_decisions_wanted_are_counted() -> None:
    """One, several, none."""
    assert "One decision is wanted of you; it is on the second page." in said(wanted=1)
    assert "3 decisions are wanted of you; they are on the second page." in said(wanted=3)


def test_each_incident_is_asked_about_once() -> None:
    """Serious before staff before changed; what is decided and unchanged is not asked about."""
    grave = recorded(severity=4, role="staff")
    staff = recorded(severity=2, role="staff")
    changed = recorded(severity=2, state=State.ACTIONED, changed=True)
    both = recorded(severity=5, state=State.TRIAGED, changed=True)
    quiet = [recorded(severity=2, role="pupil"), recorded(severity=5, state=State.CLOSED)]
    wanted = decisions([grave, staff, changed, both, *quiet], ["Web: no logs on Monday."])
    assert [decision.references for decision in wanted] == [
        (grave.reference, both.reference),
        (staff.reference,),
        (changed.reference,),
        (),
    ]
    assert "gaps in the logs" in wanted[-1].text
    assert decisions(quiet, []) == ()


def test_numbers() -> None:
    """Nought is a word, thousands have a comma, some plurals are their own."""
    assert [number(n, "incident") for n in (0, 1, 2, 1204)] == [
        "no incidents",
        "1 incident",
        "2 incidents",
        "1,204 incidents",
    ]
    assert number(2, "day of school", "days of school") == "2 days of school"


def test_changed_since_decision_is_by_time() -> None:
    """The sample of a changed incident is one: what became known came after the decision."""
    now = datetime(2026, 9, 14, tzinfo=UTC)
    incident = recorded(state=State.ACTIONED, changed=True)
    assert incident.decision is not None
    assert incident.decision.at < incident.last_changed <= now + timedelta(days=2)
