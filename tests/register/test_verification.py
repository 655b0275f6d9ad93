"""Every way to tamper with the trail or with a decision is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aup_monitor.core.incident import State
from aup_monitor.register import audit, services, tables
from aup_monitor.register.services import Head, Verdict, What

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from conftest import MakeIncident

    from aup_monitor.register.connect import Register

ENTRIES = 6


@pytest.fixture
def trail(database: Path, register: Register, now: datetime) -> Path:
    """Return a register with six looks in its trail, open, from which somebody has dropped the triggers."""
    assert register.place
    for number in range(ENTRIES):
        services.look("dsl", "show", What("incident", f"{number:08x}"), now)
    _tamper(database, "DROP TRIGGER register_audit_no_update", "DROP TRIGGER register_audit_no_delete")
    return database


def _tamper(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as other, other:
        for statement in statements:
            other.execute(statement)


def test_an_untouched_trail_is_whole(trail: Path) -> None:
    """Nothing is reported where nothing is wrong, with an anchor or without."""
    assert trail
    assert services.verify() == ()
    assert services.verify(services.head()) == ()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE register_auditentry SET actor = 'head' WHERE sequence = 3", "audit entry 3 was edited"),
        ("DELETE FROM register_auditentry WHERE sequence = 1", "audit entry 1 was removed"),
        ("DELETE FROM register_auditentry WHERE sequence IN (3, 4)", "audit entries 3 to 4 were removed"),
        (
            "UPDATE register_auditentry SET hash = 'f' || substr(hash, 2) WHERE sequence = 6",
            "audit entry 6 was edited",
        ),
    ],
)
def test_tampering_is_named(trail: Path, statement: str, problem: str) -> None:
    """With the entry that it concerns, and no more."""
    _tamper(trail, statement)
    assert services.verify() == (problem,)


def test_an_edit_with_its_hash_made_to_fit_is_found(trail: Path) -> None:
    """The next entry does not follow any longer."""
    entry = tables.AuditEntry.objects.get(sequence=3)
    assert trail
    entry.actor = "head"
    tables.AuditEntry.objects.filter(sequence=3).update(actor="head", hash=audit.entry_hash(entry))
    (problem,) = services.verify()
    assert problem.startswith("audit entry 4 does not follow")


def test_reordering_is_found(trail: Path) -> None:
    """Two entries that changed places."""
    _tamper(
        trail,
        "UPDATE register_auditentry SET sequence = 99 WHERE sequence = 2",
        "UPDATE register_auditentry SET sequence = 2 WHERE sequence = 3",
        "UPDATE register_auditentry SET sequence = 3 WHERE sequence = 99",
    )
    problems = services.verify()
    assert "audit entry 2 was edited" in problems
    assert "audit entry 3 was edited" in problems


def test_renumbering_after_a_removal_is_found(trail: Path) -> None:
    """Closing the gap does not hide it."""
    _tamper(
        trail,
        "DELETE FROM register_auditentry WHERE sequence = 3",
        "UPDATE register_auditentry SET sequence = sequence - 1 WHERE sequence > 3",
    )
    assert any(problem.startswith("audit entry 3") for problem in services.verify())


def test_a_cut_end_is_found_with_an_anchor(trail: Path) -> None:
    """Without an anchor nobody can know that there was more; with one it is certain."""
    anchor = services.head()
    _tamper(trail, "DELETE FROM register_auditentry WHERE sequence > 4")
    assert services.verify() == ()
    assert services.verify(anchor) == (
        "the end of the audit trail was cut off: 4 entries are left of at least 6",
    )


def test_a_trail_written_anew_is_found_with_an_anchor(trail: Path, now: datetime) -> None:
    """A whole chain that fits in itself is not the one that was anchored."""
    anchor = services.head()
    _tamper(trail, "DELETE FROM register_auditentry")
    for _ in range(ENTRIES + 2):
        services.look("dsl", "show", What("incident"), now)
    assert services.verify() == ()
    assert services.verify(anchor) == (
        "the audit trail up to entry 6 is not the one that was anchored: it was written anew",
    )


def test_an_old_anchor_fits_a_longer_trail(trail: Path, now: datetime) -> None:
    """A report printed last term still proves its part; an empty beginning proves nothing and fits all."""
    assert trail
    anchor = services.head()
    services.look("dsl", "show", What("incident"), now)
    assert services.verify(anchor) == ()
    assert services.verify(Head(0, audit.GENESIS)) == ()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sequence=st.integers(1, ENTRIES),
    column=st.sampled_from(
        ["actor", "verb", "object_kind", "object_id", "details", "previous", "hash", "at"]
    ),
    data=st.data(),
)
def test_any_single_change_is_found(trail: Path, sequence: int, column: str, data: st.DataObject) -> None:
    """Whatever one column of one entry is changed to."""
    entry = tables.AuditEntry.objects.filter(sequence=sequence)
    before = entry.values_list(column, flat=True).get()
    anything = st.datetimes(timezones=st.just(before.tzinfo)) if column == "at" else st.text(max_size=64)
    changed = data.draw(anything.filter(lambda value: value != before and "\0" not in str(value)))
    assert trail
    entry.update(**{column: changed})
    try:
        assert services.verify() != ()
    finally:
        entry.update(**{column: before})
    assert services.verify() == ()


@pytest.fixture
def decided(database: Path, register: Register, incident: MakeIncident, now: datetime) -> Path:
    """Return a register, open, with one incident that was decided on."""
    assert register.place
    services.record([incident()], [], now)
    services.decide(incident().id, Verdict(State.FALSE_POSITIVE, reason="a lesson"), "nmanager", now)
    return database


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE register_decision SET reason = 'x'",
            "a decision on incident {} was edited or added past the program",
        ),
        (
            "UPDATE register_decision SET by = 'head'",
            "a decision on incident {} was edited or added past the program",
        ),
        (
            "UPDATE register_incident SET state = 'closed'",
            "the state of incident {} was changed past the program",
        ),
    ],
)
def test_a_decision_changed_past_the_program_is_found(
    decided: Path, incident: MakeIncident, statement: str, problem: str
) -> None:
    """The trail holds a digest of each decision."""
    _tamper(decided, statement)
    assert services.verify() == (problem.format(incident().reference),)


def test_a_removed_decision_is_found(decided: Path) -> None:
    """Even when the incident was set back to new."""
    _tamper(decided, "DELETE FROM register_decision", "UPDATE register_incident SET state = 'new'")
    assert services.verify() == ("the audit trail tells of 1 decisions that are no longer there",)


def test_an_invented_decision_is_found(decided: Path, incident: MakeIncident, now: datetime) -> None:
    """It has no entry in the trail."""
    assert decided
    row = tables.Incident.objects.get()
    row.decisions.create(
        from_state="false positive", to_state="closed", at=now, by="head", reason="", action="", outcome=""
    )
    row.state = "closed"
    row.save()
    assert services.verify() == (
        f"a decision on incident {incident().reference} was edited or added past the program",
    )
