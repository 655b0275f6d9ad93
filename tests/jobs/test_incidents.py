"""Incidents listed, shown and decided; every look is in the audit trail."""

from __future__ import annotations

import json

import pytest
from school import NOW, School

from aup_monitor.core.errors import AupError, NotFoundError
from aup_monitor.core.incident import State
from aup_monitor.jobs.incidents import Filters, decide, list_incidents, show_incident

ME = "r.osei"


def listed(school: School, **filters: object) -> list[dict[str, object]]:
    """List the incidents that fit."""
    return list_incidents(school.workspace, Filters(**filters), ME, NOW)  # type: ignore[arg-type]


def test_list(school: School) -> None:
    """Gravest first, people by initials, with what a person decides by; the look is written down."""
    rows = listed(school)
    assert [row["person"] for row in rows] == ["B.F.", "A.K.", "B.F."]
    assert rows[0] | {"reference": ""} == {
        "reference": "",
        "severity": "3 Concern",
        "day": school.incidents()[0].incident.day,
        "site": "main",
        "person": "B.F.",
        "role": "pupil",
        "title": "Visited a gambling site",
        "theme": "gambling",
        "clauses": ("PUPIL-GAMBLING",),
        "detail": "www.bet365.com",
        "events": 1,
        "confidence": school.incidents()[0].incident.confidence.value,
        "intent": school.incidents()[0].incident.intent.value,
        "state": "new",
        "rule_author": "aup-monitor",
    }
    assert "bfox" not in str(rows)
    assert school.trail()[-1] == (ME, "list", "incidents")


def test_filters(school: School) -> None:
    """By half-term, state, severity and theme; nothing fitting is an empty list."""
    school.decide(str(listed(school)[0]["reference"]), "triaged")
    assert len(listed(school, half_term="2026-autumn-1")) == 3
    assert listed(school, half_term="2025-summer-2") == []
    assert len(listed(school, states=(State.TRIAGED,))) == 1
    assert len(listed(school, severity=3)) == 3
    assert listed(school, severity=4) == []
    assert len(listed(school, themes=("gambling",))) == 3
    assert listed(school, themes=("adult",)) == []


def test_what_is_misspelt_is_not_nothing(school: School) -> None:
    """An unknown half-term or theme is an error that names the known ones, and no empty list."""
    with pytest.raises(NotFoundError, match=r"2031-autumn-1 has no dates"):
        listed(school, half_term="2031-autumn-1")
    with pytest.raises(NotFoundError, match=r"no theme 'gambing'\n  Next: one of: .*gambling"):
        listed(school, themes=("gambing",))


def test_a_theme_of_the_schools_own_rule(school: School) -> None:
    """A word that only the school's rule has is known."""
    from test_rulebook import RULE

    school.write("rules/sigma/ours/our_example.yml", RULE.replace("theme: gambling", "theme: chess"))
    assert listed(school, themes=("chess",)) == []


def test_show(school: School) -> None:
    """All that is known, every decision with its words, and the look in the trail; fit for JSON."""
    reference = str(listed(school)[0]["reference"])
    school.decide(reference, "inadvertent", reason="an advert")
    school.decide(reference, "closed", outcome="none")
    shown = show_incident(school.workspace, reference[:6], ME, NOW)
    assert shown["reference"] == reference
    assert shown["state"] == "closed"
    assert shown["decisions"] == [
        "2026-09-12 09:00 UTC, r.osei: inadvertent; why: an advert",
        "2026-09-12 09:00 UTC, r.osei: closed; outcome: none",
    ]
    assert shown["evidence"]
    assert json.loads(json.dumps(shown))
    assert school.trail()[-1] == (ME, "show", "incident")


def test_decide(school: School) -> None:
    """A decision is written down with its maker; a wrong one is refused with what is wanted."""
    reference = str(listed(school)[0]["reference"])
    with pytest.raises(AupError, match=r"needs the action taken\n  Next:"):
        decide(school.workspace, reference, (State.ACTIONED, "", "", ""), ME, NOW)
    done = decide(school.workspace, reference, (State.ACTIONED, "", "spoken to", ""), ME, NOW)
    assert done.state is State.ACTIONED
    assert done.decision is not None
    assert (done.decision.by, done.decision.action) == (ME, "spoken to")
    with pytest.raises(AupError, match="cannot become new"):
        decide(school.workspace, reference, (State.NEW, "", "", ""), ME, NOW)
    assert school.trail()[-1] == (ME, "decide", "incident")


def test_what_is_not_there(school: School) -> None:
    """An unknown reference is an error, and no look is written down for it."""
    before = school.trail()
    with pytest.raises(NotFoundError, match="Next:"):
        show_incident(school.workspace, "ffffffff", ME, NOW)
    with pytest.raises(NotFoundError, match="Next:"):
        decide(school.workspace, "not hex", (State.TRIAGED, "", "", ""), ME, NOW)
    assert school.trail() == before
