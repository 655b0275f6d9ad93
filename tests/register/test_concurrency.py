"""Two programs at one register at once: nothing doubled, nothing lost, one chain."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest

from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

ROUNDS = 6
PER_DAY = 40

PROGRAM = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from aup_monitor.core.incident import Incident, State, incident_id
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

database, name, start, rounds, per_day = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
NOW = datetime(2026, 9, 16, 8, tzinfo=UTC)

def incident(subject, day, events):
    return Incident(
        id=incident_id("hill", "bets", subject, day), site="hill", rule="bets", subject=subject, subject_kind="user",
        role="staff", day=day, title="Gambling site visited", theme="gambling", clauses=(), severity=3,
        confidence="high", confidence_reasons=(), intent="unclear", intent_reasons=(), first_seen=NOW, last_seen=NOW,
        visits=1, events=events, blocked=0, in_school_hours=True, details=(), addresses=(), devices=(),
        visibility="url", rule_author="", evidence=())

Path(start + name).touch()
while not Path(start).exists():
    time.sleep(0.001)
with open_register(database):
    shared = date(2026, 9, 14)
    own = date(2026, 9, 14 + int(name))
    for round in range(rounds):
        found = [incident(f"s{n}", day, round) for n in range(per_day) for day in (shared, own)]
        services.record(found, [("hill", shared), ("hill", own)], NOW, actor=name)
        key = incident(f"s{round}", own, 0).id
        services.decide(key, services.Verdict(State.FALSE_POSITIVE, reason="a lesson"), name, NOW)
        services.look(name, "list", services.What("incidents"), NOW)
"""


def run_two_programs(database: str, folder: Path) -> None:
    """Start two programs that open the same new register at the same moment, record overlapping days and decide."""
    start = folder / "start"
    command = [sys.executable, "-W", "error", "-c", PROGRAM, database]
    programs = [
        subprocess.Popen(
            [*command, name, str(start), str(ROUNDS), str(PER_DAY)], stderr=subprocess.PIPE, text=True
        )
        for name in ("1", "2")
    ]
    while not all(
        Path(f"{start}{name}").exists() or program.poll() is not None
        for name, program in zip("12", programs, strict=True)
    ):
        pass
    start.touch()
    for program in programs:
        _, problems = program.communicate(timeout=60)
        assert (program.returncode, problems) == (0, "")


def check_register() -> None:
    """Assert that the open register holds what both programs wrote, once."""
    held = services.incidents()
    days = [date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 16)]
    assert sorted((one.incident.day, one.incident.subject) for one in held) == sorted(
        (day, f"s{number}") for day in days for number in range(PER_DAY)
    )
    decided = [one for one in held if one.state is State.FALSE_POSITIVE]
    assert len(decided) == 2 * ROUNDS
    assert {(one.decision.by, one.incident.day.day) for one in decided if one.decision} == {
        ("1", 15),
        ("2", 16),
    }
    assert services.head().entries == 2 * ROUNDS * 3
    assert services.verify() == ()


def test_two_programs_at_once_on_sqlite(database: Path, tmp_path: Path) -> None:
    """Two real processes, from the making of the file on."""
    run_two_programs(str(database), tmp_path)
    with open_register(database):
        check_register()


@pytest.mark.servers
def test_two_programs_at_once_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    """The same on a real server, where transactions run side by side."""
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE two")
    run_two_programs(f"{postgresql}/two", tmp_path)
    with open_register(f"{postgresql}/two"):
        check_register()
