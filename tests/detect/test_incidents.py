"""Incidents: counted, timed, weighed and put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.calendar import SchoolCalendar, parse_half_terms
from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.incident import Confidence, Incident, Intent, incident_id
from aup_monitor.core.policy import Clause, Policy
from aup_monitor.core.schema import MATCH_SCHEMA
from aup_monitor.detect.hours import hours_of
from aup_monitor.detect.incidents import incidents, of_incidents
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.reference import LONDON
from aup_monitor.detect.rule import AtLeast, RuleSet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
BASE: dict[str, object] = {
    "timestamp": START,
    "date": date(2026, 9, 15),
    "log_class": "web",
    "event_outcome": "allowed",
    "site": "beech",
    "subject": "a.okafor",
    "subject_kind": "user",
    "role": "staff",
    "rule": "gambling-site",
    "selections": "listed",
    "visibility": "host",
    "log_level": 3,
    "destination_domain": "bets.example",
    "list_name": "list.gambling",
    "list_entry": "bets.example",
    "list_sources": "one,two",
    "source_ip": "10.0.0.7",
    "host_name": "staff-pc",
    "in_school_hours": True,
}


@pytest.fixture(scope="module")
def rules(data: Path) -> RuleSet:
    """Return the rules written for these tests."""
    return load_rules([data / "own"])


def table(*changes: Mapping[str, object]) -> pl.DataFrame:
    """Return a match for each change to the base; `at` is seconds after the first."""
    rows = []
    for change in changes:
        given = dict(change)
        moment = START + timedelta(seconds=float(str(given.pop("at", 0))))
        rows.append({**BASE, "timestamp": moment, **given})
    return pl.DataFrame(rows, schema=MATCH_SCHEMA)


def clause(name: str, **more: object) -> Clause:
    """Return a clause that binds staff."""
    return Clause.model_validate({"id": name, "heading": "", "summary": "", "binds": ("staff",), **more})


def binding(rule: str, role: str) -> tuple[Clause, ...]:
    """Bind staff to two clauses, others to none."""
    return (clause("A-ALL"), clause(f"B-{rule}")) if role == "staff" else ()


def only(rules: RuleSet, *changes: Mapping[str, object]) -> Incident:
    """Return the one incident of these matches."""
    found = incidents(table(*changes), rules, binding)
    assert len(found) == 1
    return found[0]


BLOCKED = {"event_outcome": "blocked", "log_level": 4}
ADDRESS = {"subject": "10.0.0.7", "subject_kind": "address"}
REFERRED = {"http_request_referrer": "https://www.google.co.uk/"}
SENT_ON = {"http_response_status_code": 302}
PAGE = {"visibility": "url", "url_path": "/"}
DEVICE = {
    "rule": "usb-storage",
    "log_class": "endpoint",
    "visibility": "event",
    "destination_domain": None,
    "device_name": "Example Stick",
    "selections": "storage",
    "list_name": None,
    "list_entry": None,
    "list_sources": None,
}


def test_an_incident_whole(rules: RuleSet) -> None:
    """Every field of an incident, from three matches in two visits."""
    found = only(
        rules,
        {},
        {"at": 60, "destination_domain": "m.bets.example", "source_ip": "10.0.0.5"},
        {"at": 400, **BLOCKED},
    )

    assert found == Incident(
        id=incident_id("beech", "gambling-site", "a.okafor", date(2026, 9, 15)),
        site="beech",
        rule="gambling-site",
        subject="a.okafor",
        subject_kind="user",
        role="staff",
        day=date(2026, 9, 15),
        title="Gambling site reached",
        theme="gambling",
        clauses=("A-ALL", "B-gambling-site"),
        route="conduct",
        severity=3,
        confidence=Confidence.MEDIUM,
        confidence_reasons=(
            "The log has the name of the site, but not the page.",
            "The log names the account.",
            "2 sources list it.",
        ),
        intent=Intent.UNCLEAR,
        intent_reasons=("Only the name of the site is known (2 visits); a program may go there by itself.",),
        first_seen=START,
        last_seen=START + timedelta(seconds=400),
        visits=2,
        events=3,
        blocked=1,
        in_school_hours=True,
        details=("bets.example", "m.bets.example"),
        addresses=("10.0.0.5", "10.0.0.7"),
        devices=("staff-pc",),
        visibility="host",
        rule_author="The aup-monitor authors",
        evidence=("on the list gambling as “bets.example” (source: one, two)",),
    )


def test_one_incident_a_site_rule_subject_and_day(rules: RuleSet) -> None:
    """Another site, rule, subject or day is another incident; gravest first, then day, site, rule, subject."""
    found = incidents(
        table(
            {},
            {"site": "ash"},
            {"subject": "b.singh"},
            {"date": date(2026, 9, 14)},
            {"rule": "search-bypass"},
            {"rule": "tunnel-port"},
        ),
        rules,
        binding,
    )

    assert [(one.severity, one.day.day, one.site, one.rule, one.subject) for one in found] == [
        (4, 15, "beech", "tunnel-port", "a.okafor"),
        (3, 14, "beech", "gambling-site", "a.okafor"),
        (3, 15, "ash", "gambling-site", "a.okafor"),
        (3, 15, "beech", "gambling-site", "a.okafor"),
        (3, 15, "beech", "gambling-site", "b.singh"),
        (2, 15, "beech", "search-bypass", "a.okafor"),
    ]
    assert len({one.id for one in found}) == 6


@pytest.mark.parametrize(
    ("seconds", "visits"),
    [([0], 1), ([0, 299], 1), ([0, 300], 2), ([600, 0, 299, 598], 1), ([0, 300, 900], 3)],
)
def test_visits_end_after_five_minutes(seconds: list[int], visits: int, rules: RuleSet) -> None:
    """Gaps under five minutes join matches, whatever their order in the table."""
    assert only(rules, *({"at": at} for at in seconds)).visits == visits


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ([{"at": n * 300} for n in range(4)], 3),
        ([{"at": n * 300} for n in range(5)], 4),
        ([{**BLOCKED, "at": n * 300} for n in range(3)], 4),
        ([{**BLOCKED, "at": n * 301} for n in range(3)], 3),
        ([{**BLOCKED, "at": n * 10} for n in range(3)], 3),
        ([{**BLOCKED, "at": n * 11} for n in range(3)], 4),
        ([{"at": n * 300, "log_level": 2} for n in range(5)], 3),
    ],
)
def test_repetition_raises_severity_by_one(
    changes: list[dict[str, object]], severity: int, rules: RuleSet
) -> None:
    """Five visits, or three blocked attempts within ten minutes; a browser's own repeats and content alone do not."""
    assert only(rules, *changes).severity == severity


@pytest.mark.parametrize(
    ("change", "confidence", "reason"),
    [
        (PAGE, Confidence.HIGH, "The log has the whole web address."),
        ({"visibility": "host"}, Confidence.MEDIUM, "The log has the name of the site, but not the page."),
        ({"visibility": "dns"}, Confidence.LOW, "a program may do that by itself."),
        ({**PAGE, "list_sources": "one"}, Confidence.LOW, "Only one source lists it."),
        (
            {**PAGE, "list_sources": "names-pro-ana"},
            Confidence.LOW,
            "Only a word in its name says so; no list holds the site.",
        ),
        (
            {**PAGE, "list_sources": "own-names-pro-ana"},
            Confidence.LOW,
            "Only a word in its name says so; no list holds the site.",
        ),
        (
            {**PAGE, "list_sources": "starter-gambling"},
            Confidence.MEDIUM,
            "One list lists it, which was written by hand.",
        ),
        (
            {**PAGE, "list_name": "terms.gambling", "list_sources": "one"},
            Confidence.HIGH,
            "The log names the account.",
        ),
        (
            {**PAGE, "subject_kind": "device"},
            Confidence.MEDIUM,
            "The log names the device, but not who used it.",
        ),
        ({**PAGE, "subject_kind": "address"}, Confidence.LOW, "The log has only a network address"),
        (DEVICE, Confidence.HIGH, "The log describes the act itself."),
    ],
)
def test_confidence_is_that_of_the_weakest_part(
    change: dict[str, object], confidence: Confidence, reason: str, rules: RuleSet
) -> None:
    """What was seen, who is named and how many sources list it; the lowest counts, each with its reason."""
    found = only(rules, change)

    assert found.confidence is confidence
    assert any(reason in one for one in found.confidence_reasons)


@pytest.mark.parametrize(
    ("changes", "intent", "reason"),
    [
        ([{**PAGE, "search_query": "bets"}], Intent.DELIBERATE, "It was typed as a search."),
        ([{**PAGE, "search_query": "be", "log_level": 2}], Intent.BACKGROUND, "Only parts of other pages"),
        ([PAGE, {**PAGE, "url_path": "/odds", "at": 3}], Intent.DELIBERATE, "2 different pages were opened."),
        ([PAGE, {**PAGE, "at": 40}], Intent.UNCLEAR, "One page was opened (one visit)"),
        (
            [{**PAGE, **BLOCKED}, {**PAGE, **BLOCKED, "at": 11}],
            Intent.DELIBERATE,
            "asked for again after it had been blocked",
        ),
        (
            [{**PAGE, **BLOCKED}, {**PAGE, **BLOCKED, "at": 9}],
            Intent.ACCIDENTAL,
            "It was blocked, and not asked for again.",
        ),
        (
            [{"visibility": "dns", **BLOCKED}, {"visibility": "dns", **BLOCKED, "at": 60}],
            Intent.UNCLEAR,
            "a person from a program",
        ),
        ([PAGE, {**PAGE, "at": 29}], Intent.ACCIDENTAL, "There was one visit, of less than 30 seconds."),
        ([{}], Intent.ACCIDENTAL, "There was one visit, of less than 30 seconds."),
        ([{"visibility": "dns"}, {"visibility": "dns", "at": 2}], Intent.BACKGROUND, "looked up once"),
        (
            [{"visibility": "dns", "rule": "tunnel-port"}],
            Intent.UNCLEAR,
            "cannot tell a person from a program",
        ),
        ([{"visibility": "dns"}, {"visibility": "dns", "at": 60}], Intent.UNCLEAR, "a person from a program"),
        (
            [{"visibility": "dns", "at": 54_000, **ADDRESS}, {"visibility": "dns", "at": 54_900, **ADDRESS}],
            Intent.BACKGROUND,
            "only looked up at night",
        ),
        (
            [{"visibility": "dns", "at": 54_000}, {"visibility": "dns", "at": 54_900}],
            Intent.UNCLEAR,
            "a person from a program",
        ),
        ([{**PAGE, **REFERRED, "at": 0}], Intent.DELIBERATE, "opened from the results of a search"),
        ([{**PAGE, **REFERRED, "log_level": 2}], Intent.BACKGROUND, "Only parts of other pages"),
        (
            [{**PAGE, **SENT_ON}, {**PAGE, **SENT_ON, "url_path": "/a", "at": 60}],
            Intent.ACCIDENTAL,
            "no page was shown",
        ),
        ([DEVICE], Intent.DELIBERATE, "The rule takes this kind of act as deliberate"),
        ([{**DEVICE, "rule": "tunnel-port"}], Intent.UNCLEAR, "The log shows what happened, but not why."),
    ],
)
def test_intent_has_its_reason(
    changes: list[dict[str, object]], intent: Intent, reason: str, rules: RuleSet
) -> None:
    """Searches, pages and persistence are deliberate; a short or blocked visit is likely an accident; in doubt unclear."""
    found = only(rules, *changes)

    assert found.intent is intent
    assert any(reason in one for one in found.intent_reasons)


def test_what_many_ask_for_at_once_is_no_ones_own_act(rules: RuleSet) -> None:
    """Ten devices in the same minute, each time: a program. Nine, or one that comes back alone, are judged by themselves."""
    many = [{"subject": f"pc-{n}", "at": n} for n in range(10)]
    alone = {"subject": "pc-3", "at": 500}

    def kinds(*changes: dict[str, object]) -> dict[str, Intent]:
        return {one.subject: one.intent for one in incidents(table(*changes), rules, binding)}

    assert set(kinds(*many).values()) == {Intent.BACKGROUND}
    assert set(kinds(*many[:9]).values()) == {Intent.ACCIDENTAL}
    assert kinds(*many, alone)["pc-3"] is Intent.UNCLEAR


def test_pages_that_only_send_on_are_not_counted(rules: RuleSet) -> None:
    """One page behind a chain of redirections is one page, and no proof of intent."""
    chain = [{**PAGE, "url_path": f"/{n}", "at": n, **SENT_ON} for n in range(3)]

    assert only(rules, *chain, {**PAGE, "at": 4}).intent is Intent.ACCIDENTAL


def test_what_was_reached_commonest_first(rules: RuleSet) -> None:
    """At most ten details, the commonest first, then by the alphabet; searches and devices in their own words."""
    hosts = [{"destination_domain": f"h{n:02}.example", "at": n} for n in range(12)]
    found = only(
        rules,
        *hosts,
        {"destination_domain": "h11.example"},
        {"search_query": "odds", "destination_domain": "s.example"},
    )

    assert found.details == ("h11.example", *(f"h{n:02}.example" for n in range(9)))
    assert only(rules, {"search_query": "odds"}).details == ("search: “odds”",)
    assert only(rules, DEVICE).details == ("Example Stick",)
    assert only(rules, DEVICE).evidence == ("matched: storage",)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (
            {"log_class": "cloud", "email_to_address": "J.Marsh@mail.example,x@other.example,y@mail.example"},
            "@mail.example, @other.example",
        ),
        (
            {"log_class": "auth", "event_action": "group-member-added", "user_group": "Domain Admins"},
            "Domain Admins",
        ),
        ({"log_class": "auth", "event_action": "logged-on", "user_group": "Staff"}, "logged-on"),
        (
            {"log_class": "cloud", "rule_name": "Pupil records", "network_application": "Exchange"},
            "Pupil records",
        ),
        ({"log_class": "phone", "phone_number": "09061234567", "event_action": "outbound"}, "09061234567"),
    ],
)
def test_what_befell_an_account(rules: RuleSet, change: dict[str, object], detail: str) -> None:
    """Where mail went, without the person; the rights that were given; the school's own rule; a number."""
    nothing = {**DEVICE, "device_name": None}
    assert only(rules, {**nothing, **change}).details == (detail,)


def test_masked_rules_withhold_what_was_reached(data: Path, tmp_path: Path) -> None:
    """Neither details nor evidence name what may be illegal."""
    text = (
        (data / "own" / "gambling-site.yml")
        .read_text(encoding="utf-8")
        .replace("theme: gambling", "theme: illegal\n  mask: true")
    )
    (tmp_path / "gambling-site.yml").write_text(text, encoding="utf-8")
    found = only(load_rules([tmp_path]), {}, {"search_query": "odds"})

    assert found.details == ("not shown; ask the Designated Safeguarding Lead",)
    assert found.evidence == ("on the list gambling (source: one, two)",)
    assert "bets" not in found.model_dump_json().replace("gambling", "")


def test_matches_that_were_never_enriched(rules: RuleSet) -> None:
    """Without subject, role, level or hours an incident still tells what is known."""
    bare = dict.fromkeys(
        ("subject", "subject_kind", "role", "log_level", "in_school_hours", "visibility", "date")
    )
    found = only(rules, bare)

    assert (found.subject, found.subject_kind, found.role, found.clauses) == (
        "unknown",
        "address",
        "unknown",
        (),
    )
    assert (found.day, found.visibility, found.in_school_hours) == (date(2026, 9, 15), "event", False)


def test_no_matches_and_unknown_rules(rules: RuleSet) -> None:
    """No matches give no incidents; a match of a rule that is not there is an error that names it."""
    assert incidents(table(), rules, binding) == []
    with pytest.raises(NotFoundError, match="there is no rule other"):
        incidents(table({"rule": "other"}), rules, binding)


changes = st.fixed_dictionaries(
    {
        "at": st.integers(0, 4000),
        "subject": st.sampled_from(("kim", "lee")),
        "event_outcome": st.sampled_from(("allowed", "blocked", None)),
        "log_level": st.sampled_from((None, 1, 2, 3, 4)),
        "visibility": st.sampled_from(("url", "host", "dns")),
        "url_path": st.sampled_from(("/", "/a", None)),
        "source_offset": st.integers(0, 10**6),
    }
)


@settings(max_examples=40, deadline=None)
@given(
    pair=st.lists(changes, min_size=1, max_size=25).flatmap(
        lambda one: st.tuples(st.just(one), st.permutations(one))
    )
)
def test_the_order_of_matches_changes_nothing(
    pair: tuple[list[dict[str, object]], list[dict[str, object]]], rules: RuleSet
) -> None:
    """Shuffled, the same matches give the same incidents; and visits, events and blocks add up as counted plainly."""
    given_changes, shuffled = pair
    found = incidents(table(*given_changes), rules, binding)

    assert found == incidents(table(*shuffled), rules, binding)
    for one in found:
        mine = [change for change in given_changes if change["subject"] == one.subject]
        times = sorted(int(str(change["at"])) for change in mine)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert one.events == len(mine)
        assert one.visits == 1 + sum(gap >= 300 for gap in gaps)
        assert one.blocked == sum(change["event_outcome"] == "blocked" for change in mine)


def judged(rules: RuleSet, matches: pl.DataFrame, *clauses: Clause, **aup: object) -> list[Incident]:
    """Return the incidents where these clauses bind staff, the gambling rule's own block changed so."""
    changed = [replace(rule, aup=rule.aup.model_copy(update=aup)) for rule in rules]
    calendar = SchoolCalendar(
        parse_half_terms({"2026-autumn-1": [date(2026, 9, 1), date(2026, 10, 23)]}), LONDON
    )
    policy = Policy(id="ours", title="Ours", clauses=clauses)

    def bound(_rule: str, role: str) -> tuple[Clause, ...]:
        return clauses if role == "staff" else ()

    return incidents(matches, RuleSet(tuple(changed)), bound, hours_of([policy], calendar))


def test_a_clause_sets_level_and_route(rules: RuleSet) -> None:
    """For those whom it binds the clause's level and route count, the highest and most pressing of several."""
    clauses = (clause("A", level="low", route="conduct"), clause("B", level="high", route="safeguarding"))
    staff = table({"rule": "gambling-site", "role": "staff"})
    pupil = table({"rule": "gambling-site", "role": "pupil"})

    assert [(i.severity, i.route) for i in judged(rules, staff, *clauses)] == [(4, "safeguarding")]
    assert [(i.severity, i.route) for i in judged(rules, staff, *clauses[:1])] == [(2, "conduct")]
    assert [(i.severity, i.route, i.clauses) for i in judged(rules, pupil, *clauses)] == [(3, "conduct", ())]


@pytest.mark.parametrize(
    ("hours", "at", "bears"),
    [
        ("08:30-15:30", 0, True),
        ("11:00-12:00", 0, False),
        ("08:30-15:30", 5 * 86_400, False),  # a Sunday
        ("school", 0, True),
        ("outside", 0, False),
    ],
)
def test_a_clause_binds_in_its_hours(hours: str, at: int, bears: bool, rules: RuleSet) -> None:
    """Out of its hours the incident stands, and bears on no clause."""
    found = judged(
        rules,
        table({"rule": "gambling-site", "role": "staff", "at": at, "date": None}),
        clause("A", hours=hours),
    )

    assert [incident.clauses for incident in found] == [("A",) if bears else ()]


@pytest.mark.parametrize(("role", "there"), [("staff", True), ("pupil", False), ("unknown", False)])
def test_a_rule_of_conduct_needs_a_clause_that_binds(role: str, there: bool, rules: RuleSet) -> None:
    """Nobody is reported for what no clause asks of him; nor is somebody unknown."""
    found = judged(rules, table({"rule": "gambling-site", "role": role}), clause("A"), only_bound=True)

    assert bool(found) is there


def test_time_spent_is_an_estimate_and_makes_the_incident(rules: RuleSet) -> None:
    """Two visits, of four minutes and of none, come to six minutes; seven are asked for in vain."""
    visits = table(*({"rule": "gambling-site", "role": "staff", "at": at} for at in (0, 120, 240, 3_600)))
    asked = judged(rules, visits, clause("A"), at_least=AtLeast(minutes=6))

    assert asked[0].details[0].startswith("about 6 minutes (an estimate")
    assert judged(rules, visits, clause("A"), at_least=AtLeast(minutes=7)) == []


def test_only_what_stands_behind_incidents_is_kept(rules: RuleSet) -> None:
    """Matches that made no incident are not kept: the least, for the shortest."""
    matches = table(
        {"rule": "gambling-site", "role": "staff", "subject": "a.okafor"},
        {"rule": "gambling-site", "role": "pupil", "subject": "b.ng"},
    )
    found = judged(rules, matches, clause("A"), only_bound=True)

    assert of_incidents(matches, found)["subject"].to_list() == ["a.okafor"]
