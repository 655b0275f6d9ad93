"""Whatever analyses and people do in whatever order, no decision is lost or changed by an analysis."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from aup_monitor.core.incident import Incident, State, incident_id
from aup_monitor.register import services
from aup_monitor.register.connect import open_register
from aup_monitor.register.services import ALLOWED, Head, Verdict, Which

if TYPE_CHECKING:
    from conftest import MakeIncident

DAYS = (date(2026, 9, 14), date(2026, 9, 15))
SUBJECTS = ("a", "b", "c")
IDS = {
    incident_id("hill", "gambling-site", subject, day): (subject, day) for subject in SUBJECTS for day in DAYS
}


class Machine(RuleBasedStateMachine):
    """Plays analyses and people against a plain model of what must come of it."""

    template: Path
    make: MakeIncident

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="aup-register-"))
        shutil.copy(self.template, self.folder / "register")
        self.register = open_register(self.folder / "register")
        self.now = datetime(2026, 9, 16, 8, tzinfo=UTC)
        self.facts: dict[str, Incident] = {}
        self.missing: set[str] = set()
        self.decisions: dict[str, list[State]] = {}
        self.heads: list[Head] = []

    def tick(self) -> datetime:
        """Return the next minute."""
        self.now += timedelta(minutes=1)
        return self.now

    @initialize()
    def begin(self) -> None:
        """Anchor the empty trail."""
        self.heads.append(services.head())

    @rule(day=st.sampled_from(DAYS), found=st.dictionaries(st.sampled_from(SUBJECTS), st.integers(1, 3)))
    def analyse(self, day: date, found: dict[str, int]) -> None:
        """Find some incidents of one day."""
        incidents = [self.make(subject, day, events=events) for subject, events in found.items()]
        services.record(incidents, [("hill", day)], self.tick())
        of_day = {key for key in self.facts if IDS[key][1] == day}
        self.facts |= {incident.id: incident for incident in incidents}
        self.missing -= {incident.id for incident in incidents}
        self.missing |= of_day - {incident.id for incident in incidents}

    @rule(data=st.data())
    def decide(self, data: Any) -> None:
        """Take an allowed step with an incident, as a person."""
        if not self.facts:
            return
        key = data.draw(st.sampled_from(sorted(self.facts)))
        goal = data.draw(st.sampled_from(ALLOWED[self.state(key)]))
        services.decide(key, Verdict(goal, "why", "what", "so"), "nmanager", self.tick())
        self.decisions.setdefault(key, []).append(goal)

    @rule()
    def look(self) -> None:
        """Look at the list, as a person."""
        self.heads.append(services.look("nmanager", "list", services.What("incidents"), self.tick()))

    def state(self, key: str) -> State:
        """Return where an incident stands."""
        return self.decisions.get(key, [State.NEW])[-1]

    @invariant()
    def register_is_as_the_model(self) -> None:
        """Compare facts, states, decisions, marks and lists with the model."""
        held = {recorded.incident.id: recorded for recorded in services.incidents(Which(withdrawn=True))}
        assert {key: one.incident for key, one in held.items()} == self.facts
        assert {key: one.state for key, one in held.items()} == {key: self.state(key) for key in self.facts}
        assert {key for key, one in held.items() if one.not_found_since} == self.missing
        for key in self.facts:
            assert [one.to_state for one in services.history(key)] == self.decisions.get(key, [])
        listed = {one.incident.id for one in services.incidents()}
        assert listed == {key for key in self.facts if key not in self.missing or key in self.decisions}

    def teardown(self) -> None:
        """Verify the trail against every anchor there was, and delete the register."""
        problems = [services.verify(head) for head in (None, *self.heads)]
        self.register.close()
        shutil.rmtree(self.folder)
        assert not any(problems)


def test_detection_never_overwrites_a_decision(incident: MakeIncident, template: Path) -> None:
    """Random orders of analyses, decisions and looks against a model of twenty lines."""
    # A failure is told as it was met: making it shorter takes minutes, and fifteen steps can be read.
    run_state_machine_as_test(
        type("Played", (Machine,), {"template": template, "make": staticmethod(incident)}),
        settings=settings(
            max_examples=20, stateful_step_count=15, deadline=None, phases=[Phase.reuse, Phase.generate]
        ),
    )
