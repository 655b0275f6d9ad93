"""Accidental accesses that people report themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from aup_monitor.core.errors import AupError, NotFoundError
from aup_monitor.register import services
from aup_monitor.register.services import MatchState, NewSelfReport

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def report(now: datetime) -> NewSelfReport:
    """Return what somebody reports."""
    return NewSelfReport(
        occurred_at=now - timedelta(hours=1),
        site="hill",
        person="F. Marsh",
        what="a betting page behind an advertisement",
        action_taken="closed it at once",
        subject="fmarsh",
    )


def test_a_self_report_is_kept_as_it_was_given(report: NewSelfReport, now: datetime) -> None:
    """Date and time, what was reached, what was done; who entered it and when."""
    held = services.add_self_report(report, "nmanager", now)
    assert held.reference == "SR-0001"
    assert held.report == report
    assert (held.reported_at, held.entered_by) == (now, "nmanager")
    assert (held.match_state, held.incident_id) == (MatchState.NONE, None)
    assert services.find_self_report("SR-0001") == held


def test_references_count_up(report: NewSelfReport, now: datetime) -> None:
    """Each has its own."""
    assert [services.add_self_report(report, "nmanager", now).reference for _ in range(3)] == [
        "SR-0001",
        "SR-0002",
        "SR-0003",
    ]


@pytest.mark.parametrize("reference", ["SR-0001", "sr-1", "SR1", " 1 "])
def test_a_reference_may_be_typed_in_short(report: NewSelfReport, now: datetime, reference: str) -> None:
    """Capitals, zeros and the dash do not matter."""
    services.add_self_report(report, "nmanager", now)
    assert services.find_self_report(reference).report == report


@pytest.mark.parametrize("reference", ["SR-0002", "", "SR-", "-1", "٢", "9" * 40, "a1b2c3d4"])
def test_a_wrong_reference_is_not_found(report: NewSelfReport, now: datetime, reference: str) -> None:
    """With the form of a right one."""
    services.add_self_report(report, "nmanager", now)
    with pytest.raises(NotFoundError, match="there is no self-report") as caught:
        services.find_self_report(reference)
    assert "SR-0007" in (caught.value.fix or "")


def test_a_range_has_its_start_and_not_its_end(report: NewSelfReport, now: datetime) -> None:
    """By the time it happened, oldest first, whenever it was entered."""
    for hours in (1, 3, 2):
        services.add_self_report(replace(report, occurred_at=now - timedelta(hours=hours)), "nmanager", now)
    held = services.self_reports(now - timedelta(hours=3), now - timedelta(hours=1))
    assert [one.reference for one in held] == ["SR-0002", "SR-0003"]
    assert len(services.self_reports(now - timedelta(days=1), now)) == 3


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("site", "the site"),
        ("person", "who reports it"),
        ("what", "what was reached"),
        ("action_taken", "what was done about it"),
    ],
)
def test_every_part_is_needed(report: NewSelfReport, now: datetime, part: str, words: str) -> None:
    """The policy asks for each; the message says which is missing."""
    empty: dict[str, Any] = {part: " "}
    with pytest.raises(AupError, match=words):
        services.add_self_report(replace(report, **empty), "nmanager", now)


def test_the_future_is_refused(report: NewSelfReport, now: datetime) -> None:
    """A slip in the date is found when it is made."""
    with pytest.raises(AupError, match="future"):
        services.add_self_report(replace(report, occurred_at=now + timedelta(seconds=1)), "nmanager", now)


def test_a_time_without_a_zone_is_a_mistake(report: NewSelfReport, now: datetime) -> None:
    """Half past two is not the same everywhere."""
    with pytest.raises(ValueError, match="zone"):
        services.add_self_report(replace(report, occurred_at=datetime(2026, 9, 1, 14)), "nmanager", now)  # noqa: DTZ001 - the mistake itself
    assert services.head().entries == 0


def test_a_self_report_is_in_the_audit_trail_without_its_words(report: NewSelfReport, now: datetime) -> None:
    """Who entered which, and nothing of the person."""
    services.add_self_report(report, "nmanager", now)
    entry = services.entries()[-1]
    assert (entry.actor, entry.verb, entry.what.kind, entry.what.id) == (
        "nmanager",
        "add",
        "self-report",
        "SR-0001",
    )
    assert "arsh" not in str(entry)
