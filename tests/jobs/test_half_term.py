"""The half-termly document: what its figures count, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from recorded import recorded
from school import NOW, School

from aup_monitor.core.document import SourceCoverage
from aup_monitor.core.incident import Confidence, Intent, State
from aup_monitor.core.people import PEOPLE_SCHEMA, Directory
from aup_monitor.jobs.half_term import Material, build
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.register.services import MatchState, NewSelfReport, SelfReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport

MONDAY = date(2026, 9, 7)
WEB = SourceCoverage(
    log_class="web",
    label="Web proxy or filter",
    site="main",
    formats=("squid",),
    days_expected=4,
    days_seen=4,
    missing=(),
    events=100,
    rejects=0,
    with_user=1.0,
    with_url=1.0,
)
PEOPLE = pl.DataFrame(
    [{"user": "akhan", "name": "Amina Khan", "role": "staff", "year_group": None, "site": None}],
    schema=PEOPLE_SCHEMA,
)

Make = "Callable[..., HalfTermReport]"


@pytest.fixture(scope="module")
def material(template: Any) -> Material:
    """Return the material of a half-term with logs of every day and no incident."""
    workspace = School(template).workspace
    calendar = workspace.config.sites["main"].calendar()
    return Material(
        workspace=workspace,
        rulebook=load_rulebook(workspace),
        directory=Directory(PEOPLE),
        half_term=calendar.half_term("2026-autumn-1"),
        previous=calendar.half_term("2025-summer-2"),
        incidents=[],
        before=None,
        self_reports=[],
        coverage=[WEB],
        days_seen=37,
        days_seen_before=37,
        weeks_with_data=frozenset({MONDAY}),
        themes={"gambling": "Gambling"},
        withheld=frozenset({"self-harm"}),
        glossary=(("DNS", "the telephone book of the internet"),),
        now=NOW,
    )


@pytest.fixture
def made(material: Material) -> Callable[..., HalfTermReport]:
    """Return a function from what is otherwise to the document."""
    return lambda **other: build(replace(material, **other))


def test_a_quiet_half_term(made: Callable[..., HalfTermReport]) -> None:
    """Nought is nought: all five severities, every week, no decision; and there is no number of before."""
    report = made()
    assert (report.reference, report.total, report.total_previous) == ("HT-2026-autumn-1", 0, None)
    assert [s.severity for s in report.severities] == [5, 4, 3, 2, 1]
    assert [(w.start, w.data, sum(w.counts)) for w in report.weeks] == [(MONDAY, True, 0)]
    assert not report.no_data
    assert report.decisions == ()
    assert report.period.school_days == 4
    assert report.period.finished
    assert report.made_at.isoformat() == "2026-09-12T10:00:00+01:00"


def test_no_data_is_not_nought(made: Callable[..., HalfTermReport]) -> None:
    """Without an event, the document says that nothing is known, and no week has data."""
    empty = WEB.model_copy(update={"events": 0, "days_seen": 0, "with_user": None, "with_url": None})
    report = made(coverage=[empty], weeks_with_data=frozenset())
    assert report.no_data
    assert "not known whether there were incidents" in report.summary[0]
    assert not any(week.data for week in report.weeks)
    assert {line.status for line in report.clause_lines} <= {
        "watched, no data",
        "not observable",
        "not yet watched",
    }


def test_clauses_are_watched_by_the_logs_that_came(made: Callable[..., HalfTermReport]) -> None:
    """A clause is watched where a log came that one of its rules reads, and is else said to have no data."""
    status = {line.clause: line.status for line in made().clause_lines}
    assert status["TLA-GAMBLING"] == "watched"
    assert status["TLA-TELEPHONES"] == "watched, no data"
    computers = WEB.model_copy(update={"log_class": "endpoint", "with_url": None})
    status = {line.clause: line.status for line in made(coverage=[computers]).clause_lines}
    assert status["TLA-GAMBLING"] == "watched, no data"
    assert status["TLA-SOFTWARE"] == "watched"
    assert "CL-USB" not in status


def test_before_is_none_or_a_number(made: Callable[..., HalfTermReport]) -> None:
    """Where no logs came before, no figure has a number of then; where they came, nought is one."""
    nothing = made(incidents=[recorded()])
    counts = (*nothing.severities, *nothing.clauses, *nothing.themes, *nothing.roles, *nothing.intents)
    assert {count.previous for count in (*counts, *nothing.actions)} == {None}
    assert nothing.period.previous_label is None
    quiet = made(incidents=[recorded()], before=[])
    counts = (*quiet.severities, *quiet.clauses, *quiet.themes, *quiet.roles, *quiet.intents, *quiet.actions)
    assert {count.previous for count in counts} == {0}
    assert quiet.total_previous == 0
    assert quiet.period.previous_label == "Summer term 2026, second half"


def test_false_positives_leave_the_figures_and_stay_in_the_list(made: Callable[..., HalfTermReport]) -> None:
    """What a person found to be false counts nowhere but among what was done, now and before."""
    wrong = recorded(state=State.FALSE_POSITIVE, severity=5, role="staff", day=MONDAY)
    report = made(incidents=[wrong, recorded(severity=2, day=MONDAY)], before=[wrong])
    assert (report.total, report.total_previous) == (1, 0)
    assert {s.severity: s.count for s in report.severities} == {5: 0, 4: 0, 3: 0, 2: 1, 1: 0}
    for figures in (report.clauses, report.themes, report.roles, report.intents):
        assert sum(figure.count for figure in figures) == 1
    assert sum(sum(week.counts) for week in report.weeks) == 1
    assert {a.label: a.count for a in report.actions}["Found to be false"] == 1
    assert [line.state for line in report.incidents] == ["Found to be false", "Not yet looked at"]


def test_closing_does_not_hide_what_was_found(made: Callable[..., HalfTermReport]) -> None:
    """A closed incident counts by its verdict and shows it; one found false stays out of the figures when closed."""
    false = recorded(state=State.CLOSED, verdict=State.FALSE_POSITIVE)
    accident = recorded(state=State.CLOSED, verdict=State.INADVERTENT)
    report = made(incidents=[false, accident])

    assert report.total == 1
    counts = {action.label: action.count for action in report.actions}
    assert (counts["Found to be false"], counts["Found to be an accident"], sum(counts.values())) == (1, 1, 2)
    assert [line.state for line in report.incidents] == [
        "Found to be false; closed",
        "Found to be an accident; closed",
    ]


def test_what_concerns_safety_is_left_to_the_safeguarding_lead(made: Callable[..., HalfTermReport]) -> None:
    """The Headteacher's copy says that there was such an incident, and not what was reached."""
    report = made(incidents=[recorded(theme="self-harm", details=("forum.example",)), recorded()])

    assert [line.detail for line in report.incidents] == [
        "not shown here; the Designated Safeguarding Lead has it",
        "bets.example",
    ]


def test_figures_count_every_incident_once(made: Callable[..., HalfTermReport]) -> None:
    """By role, theme, intent and state the same total; by clause each clause that it bears on."""
    several = [
        recorded(role="staff", clauses=("TLA-GAMBLING", "CL-CONDUCT"), intent=Intent.DELIBERATE),
        recorded(clauses=()),
        recorded(theme="homework-excuses", state=State.ACTIONED),
    ]
    report = made(incidents=several)
    for figures in (report.severities, report.themes, report.roles, report.intents, report.actions):
        assert sum(figure.count for figure in figures) == 3
    assert {c.label: c.count for c in report.clauses if not c.clause} == {
        "Under no clause that binds the person": 1
    }
    assert sum(c.count for c in report.clauses) == 4
    assert [(t.label, t.count) for t in report.themes] == [("Gambling", 2), ("Homework excuses", 1)]


def test_weeks_begin_on_mondays_and_say_where_there_were_no_logs(made: Callable[..., HalfTermReport]) -> None:
    """An incident stands in its week by severity; a week without logs is marked."""
    half = replace(made.__closure__[0].cell_contents.half_term, start=date(2026, 9, 2))  # type: ignore[index]
    report = made(half_term=half, incidents=[recorded(severity=4, day=date(2026, 9, 11))])
    assert [(w.label, w.counts, w.data) for w in report.weeks] == [
        ("31 Aug", (0, 0, 0, 0, 0), False),
        ("7 Sep", (0, 0, 0, 1, 0), True),
    ]


def test_a_line_shows_initials_school_time_and_what_was_done(made: Callable[..., HalfTermReport]) -> None:
    """People are initials, times the school's own, long details cut with their number."""
    incident = recorded(
        subject="akhan",
        role="staff",
        state=State.ACTIONED,
        first_seen=datetime(2026, 9, 14, 9, 42, tzinfo=UTC),
        last_seen=datetime(2026, 9, 14, 10, 5, tzinfo=UTC),
        details=tuple(f"{n}.example" for n in range(5)),
        confidence=Confidence.LOW,
    )
    (line,) = made(incidents=[incident]).incidents
    assert (line.person, line.role, line.time) == ("A.K.", "Staff", "10:42-11:05")
    assert line.detail == "0.example, 1.example, 2.example and 2 more"
    assert (line.state, line.action, line.decided_by) == ("Action taken", "Spoken to", "R.O.")
    assert "akhan" not in line.model_dump_json()


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"events": 3, "blocked": 3}, "blocked"),
        ({"events": 3, "blocked": 1}, "partly blocked"),
        ({"visibility": "url"}, "not blocked"),
        ({"visibility": "host"}, "not blocked"),
        ({"visibility": "dns"}, "not known"),
        ({"visibility": "event"}, "not known"),
    ],
)
def test_outcome(made: Callable[..., HalfTermReport], facts: dict[str, Any], outcome: str) -> None:
    """A look-up that went through says nothing of whether the page was reached."""
    assert made(incidents=[recorded(**facts)]).incidents[0].outcome == outcome


def test_an_incident_of_a_site_that_the_settings_lack(made: Callable[..., HalfTermReport]) -> None:
    """A site that is no longer in aup.toml keeps its short name in the list."""
    assert made(incidents=[recorded(site="annexe")]).incidents[0].site == "annexe"


@pytest.mark.parametrize(
    ("state", "incident", "said"),
    [
        (MatchState.ACCEPTED, "3f9c2a1bffffffff", "explains incident 3f9c2a1b"),
        (MatchState.OFFERED, None, "may explain an incident; not yet confirmed"),
        (MatchState.NONE, None, "no logged event found"),
    ],
)
def test_self_reports(
    made: Callable[..., HalfTermReport], state: MatchState, incident: str | None, said: str
) -> None:
    """A self-report stands with initials, school time and what it is joined to."""
    when = datetime(2026, 9, 7, 9, 40, tzinfo=UTC)
    given = NewSelfReport(when, "main", "Amina Khan", "an advert opened by itself", "closed it")
    (line,) = made(self_reports=[SelfReport("SR-0001", given, when, "r.osei", state, incident)]).self_reports
    assert (line.person, line.when, line.matched) == ("A.K.", "7 September 2026, 10:40", said)


def test_provenance_says_what_made_it_and_names_nobody(made: Callable[..., HalfTermReport]) -> None:
    """Program, rules, policies and lists; of the list of people, only how many lines could not be used."""
    people = Directory(PEOPLE, ("people.csv:3: zsmith is listed already", "people.csv:4: no user"))
    provenance = made(directory=people).provenance
    assert provenance.rules > 50
    assert provenance.policies == ("the-learning-alliance", "pupils")
    assert all(version.hash and version.licence for version in provenance.lists)
    assert provenance.problems == ("2 lines of people.csv could not be used; `aup analyse` names them",)
