"""How a workspace stands: what waits is told apart from what is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from school import LISTED, NOW, School, squid

from aup_monitor.core.errors import ConfigError
from aup_monitor.jobs.status import Status, status


def stands(school: School, now: datetime = NOW) -> Status:
    """Return how the school stands."""
    return status(school.workspace, now)


def test_what_was_read_and_found(school: School) -> None:
    """The last half-term: its logs, its gap, its bad line, its incidents that wait."""
    found = stands(school)
    assert (found.start, found.end) == (date(2026, 9, 7), date(2026, 9, 11))
    assert [(line.log_class, line.days_seen, line.days_expected) for line in found.coverage] == [
        ("web", 3, 4)
    ]
    assert "Thursday 10 September" in found.gaps[0]
    ((file, reason, count),) = found.rejects
    assert (file.rpartition("/")[2], count) == ("access.log", 1)
    assert reason
    assert ("Concern", 3, 3) in found.incidents
    assert (found.no_data, found.waiting) == (False, 0)


def test_decisions_and_false_positives(school: School) -> None:
    """What is triaged still waits; what was found to be false is no incident."""
    first, second, _ = school.incidents()
    school.decide(first.reference, "triaged")
    school.decide(second.reference, "false positive", reason="a lesson on odds")
    counts = {label: (all_, wait) for label, all_, wait in stands(school).incidents}
    assert counts["Concern"] == (2, 2)
    school.decide(first.reference, "actioned", action="spoken to")
    counts = {label: (all_, wait) for label, all_, wait in stands(school).incidents}
    assert counts["Concern"] == (2, 1)


def test_nothing_read_is_no_data(empty_school: School) -> None:
    """Before the first ingest there is no data, which is not the same as no incident."""
    found = stands(empty_school)
    assert found.no_data
    assert found.gaps == (
        "Web proxy or filter: no logs came at all, so nothing that only they show could be seen.",
    )
    assert found.rejects == ()


def test_read_and_not_analysed_waits(school: School) -> None:
    """Events that no rule has seen yet are counted as days that wait."""
    school.log("late.log", squid(10, "10:00:00", LISTED), squid(11, "11:00:00", LISTED))
    school.read()
    assert stands(school).waiting == 2
    school.analyse()
    assert stands(school).waiting == 0


def test_a_half_term_that_runs_ends_today(school: School) -> None:
    """On Wednesday, Thursday's logs are not missing yet; an hour after midnight at school it is the next day."""
    wednesday = datetime(2026, 9, 9, 12, tzinfo=UTC)
    running = stands(school, wednesday)
    assert running.end == date(2026, 9, 9)
    assert running.coverage[0].missing == ()
    assert stands(school, wednesday + timedelta(hours=11, minutes=30)).end == date(2026, 9, 10)


def test_no_half_term_by_now(school: School) -> None:
    """Before the first date there is nothing to say, and what to add."""
    with pytest.raises(
        ConfigError, match=r"no half-term has dates on or before 2020-01-01\n  Next: add a line"
    ):
        stands(school, datetime(2020, 1, 1, tzinfo=UTC))


def test_numbers_alone_are_no_look(school: School) -> None:
    """Nobody's data are shown, so nothing is written into the trail."""
    before = school.trail()
    stands(school)
    assert school.trail() == before
