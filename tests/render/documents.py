"""Invented reports of an invented school, from no data at all to five thousand incidents."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Final

from aup_monitor.core.document import (
    ClauseCount,
    ClauseLine,
    Count,
    Decision,
    HalfTermReport,
    IncidentLine,
    ListVersion,
    Period,
    Provenance,
    School,
    SelfReportLine,
    SeverityCount,
    SourceCoverage,
    WeekCount,
)
from aup_monitor.core.incident import SEVERITIES

START: Final = date(2026, 9, 1)
END: Final = date(2026, 10, 23)
MADE: Final = datetime(2026, 10, 23, 16, 5, tzinfo=timezone(timedelta(hours=1)))
STATES: Final = ("new", "triaged", "false positive", "inadvertent", "actioned", "closed")

# severity, title, clause, heading, theme, detail, outcome, visibility
KINDS: Final = (
    (5, "Searches that suggest someone may need help", "2.1", "Welfare and safety", "welfare",
     "search of a welfare term (words kept for the DSL)", "not blocked", "full address"),
    (4, "Use of a tool to get round the filter", "4.3", "Getting round the filter", "bypass",
     "vpn.example.net", "partly blocked", "site name only"),
    (4, "Software installed without permission", "6.2", "Installing software", "software",
     "remote-desk.exe", "not known", "computer event"),
    (3, "Gambling", "4.5", "Gambling and betting", "gambling",
     "bets.example.com", "blocked", "full address"),
    (3, "USB stick without encryption", "6.4", "Removable media", "media",
     "USB stick, 64 GB", "not known", "computer event"),
    (2, "Games in lesson time", "5.1", "Use in lessons", "games",
     "play.example.org", "not blocked", "look-up only"),
    (2, "Personal web mail for school work", "3.2", "Electronic mail", "mail",
     "mail.example.com", "not blocked", "site name only"),
    (1, "Streaming in school hours", "5.2", "Streaming and bandwidth", "streaming",
     "video.example.com", "not blocked", "look-up only"),
)  # fmt: skip
WEIGHTS: Final = (1, 3, 2, 6, 3, 10, 4, 8)
INTENTS: Final = (
    ("deliberate", ("typed the search", "came back on another day")),
    ("likely accidental", ("one visit of four seconds", "followed an advertisement")),
    ("unclear", ("only the name of the site is known",)),
)
PEOPLE: Final = (("A.K.", "pupil"), ("T.W.", "pupil"), ("R.O.", "pupil"), ("M.B.", "staff"),
                 ("LIB-PC-07", "unknown"), ("J.S.", "visitor"))  # fmt: skip


def incident(number: int, kind: int, day: date, *, seed: random.Random) -> IncidentLine:
    """Return one incident of a kind."""
    severity, title, clause, _, theme, detail, outcome, visibility = KINDS[kind]
    person, role = seed.choice(PEOPLE)
    intent, reasons = seed.choice(INTENTS)
    state = seed.choice(STATES) if severity < 5 else "actioned"
    done = "Spoken to by the head of year" if severity < 5 else "Passed to the DSL the same hour"
    minute = seed.randrange(50)
    return IncidentLine(
        reference=f"{number * 2654435761 % 2**32:08x}",
        day=day,
        time=f"{seed.randrange(9, 15):02}:{minute:02}-{seed.randrange(15, 17)}:{minute + 9:02}",
        site="Main site",
        person=person,
        role=role,
        severity=severity,
        severity_label=SEVERITIES[severity],
        title=title,
        clauses=(clause,),
        theme=theme,
        detail=detail,
        events=seed.randrange(1, 200),
        visits=seed.randrange(1, 9),
        outcome=outcome,
        confidence=seed.choice(("high", "medium", "low")),
        confidence_reasons=("name from the proxy's log-in", f"log shows the {visibility}"),
        intent=intent,
        intent_reasons=reasons,
        state=state,
        action="" if state in {"new", "triaged"} else done,
        decided_by="" if state in {"new", "triaged"} else "P.D.",
        visibility=visibility,
        rule=f"{theme}-visit",
        rule_author="aup-monitor",
    )


def incidents(count: int) -> tuple[IncidentLine, ...]:
    """Return incidents spread over the half-term, gravest first; the third week has none."""
    seed = random.Random(2026)
    days = [START + timedelta(days=shift) for shift in range(52) if shift // 7 != 2]
    days = [day for day in days if day.weekday() < 5]
    kinds = [0, *seed.choices(range(len(KINDS)), WEIGHTS, k=count)][:count]
    made = [incident(number, kind, seed.choice(days), seed=seed) for number, kind in enumerate(kinds, 1)]
    return tuple(sorted(made, key=lambda line: (-line.severity, line.day, line.time, line.reference)))


def weeks(lines: tuple[IncidentLine, ...], dark: frozenset[int] = frozenset()) -> tuple[WeekCount, ...]:
    """Return the incidents by week; `dark` are the weeks that no log reached."""
    made = []
    for place in range(8):
        monday = date(2026, 8, 31) + timedelta(weeks=place)
        by_level = Counter(line.severity for line in lines if monday <= line.day < monday + timedelta(days=7))
        levels = tuple(by_level[level] for level in range(1, 6))
        label = f"{monday.day} {('Aug', 'Sep', 'Oct')[monday.month - 8]}"
        made.append(WeekCount(start=monday, label=label, counts=levels, data=place not in dark))
    return tuple(made)


def counted(values: list[str], before: int | None) -> tuple[Count, ...]:
    """Return values counted, commonest first, each with the half-term before."""
    found = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        Count(label=label, count=count, previous=None if before is None else max(count - before, 0))
        for label, count in found
    )


def clause_counts(lines: tuple[IncidentLine, ...]) -> tuple[ClauseCount, ...]:
    """Return the incidents by clause."""
    heading = {kind[2]: kind[3] for kind in KINDS}
    found = Counter(clause for line in lines for clause in line.clauses).most_common()
    return tuple(
        ClauseCount(clause=clause, label=f"{clause} {heading[clause]}", count=count, previous=count + 2)
        for clause, count in sorted(found, key=lambda pair: (-pair[1], pair[0]))
    )


def source(label: str, seen: int, **changes: object) -> SourceCoverage:
    """Return how much one kind of log showed."""
    fields = {
        "log_class": "web", "label": label, "site": "Main site", "formats": ("squid",), "days_expected": 38,
        "days_seen": seen, "missing": (), "events": 1_204_311, "rejects": 12, "with_user": 0.934, "with_url": 0.31,
    }  # fmt: skip
    return SourceCoverage.model_validate(fields | changes)


COVERAGE: Final = (
    source("Web proxy or filter", 33, missing=tuple(date(2026, 9, day) for day in range(14, 19))),
    source("Name look-ups (DNS)", 38, log_class="dns", formats=("dnsmasq",), with_user=None, with_url=None),
    source("Firewall", 31, log_class="firewall", formats=("fortigate",), with_user=0.997, with_url=None,
           missing=(*(date(2026, 9, day) for day in range(14, 19)), date(2026, 10, 5), date(2026, 10, 9))),
    source("Windows computers", 38, log_class="endpoint", formats=("evtx",), events=88_210, with_url=None),
)  # fmt: skip
GAPS: Final = (
    "The web filter sent no log from 14 September to 18 September; nothing is known of web use that week.",
    "Phones on mobile data are not seen at all.",
    "On 69 of 100 web requests only the site's name was seen, not the page or the search.",
    "iPads are shared: their incidents name a device, not a person.",
)
SELF_REPORTS: Final = (
    SelfReportLine(reference="S-014", when="9 Sep, 11:20", person="M.B.", what="Opened a link in a scam message",
                   action="Password changed; device checked", matched="matches incident 9e3779b1"),
    SelfReportLine(reference="S-015", when="1 Oct, 14:02", person="A.K.", what="A gambling advertisement filled the screen",
                   action="Thanked; site blocked", matched="no logged event found"),
)  # fmt: skip
CLAUSES: Final = (
    *(ClauseLine(clause=kind[2], heading=kind[3], status="watched", note="") for kind in KINDS),
    ClauseLine(clause="1.4", heading="Sharing a password", status="not observable",
               note="A log shows that an account was used, not by whom. Ask, and watch for log-ins in two places."),
    ClauseLine(clause="3.6", heading="Photographs of pupils", status="not observable",
               note="A camera leaves no trace in a network log."),
    ClauseLine(clause="6.6", heading="Printing", status="watched, no data", note="No print server sends its log."),
    ClauseLine(clause="7.1", heading="Use of generative tools", status="not yet watched", note="No rule exists yet."),
)  # fmt: skip
GLOSSARY: Final = (
    ("Incident", "What one person or device did on one day under one rule. It is a question, not a verdict."),
    ("Blocked", "The filter or the firewall stopped it, so the page was not seen."),
    ("DNS", "The look-up of a site's name. It shows that a device asked, not that a person read."),
    ("Self-report", "An accidental access that the person told us of, as the policy asks."),
)
PROVENANCE: Final = Provenance(
    program="aup-monitor 0.1.0", rules=64, rules_hash="b2:5f1c90aa41d7e3c2", policies=("Example policy, 2026",),
    lists=(ListVersion(name="Gambling (example)", date="2026-10-20", entries=24_310, licence="CC BY-SA 4.0",
                       hash="b2:0a11"),
           ListVersion(name="Proxies and VPNs (example)", date="2026-10-21", entries=9_120, licence="MIT", hash="b2:77fe")),
    problems=("rules/local/old.yml: no such field",),
)  # fmt: skip


def document(count: int, **changes: object) -> HalfTermReport:
    """Return a report with so many incidents, and with any field changed."""
    lines = incidents(count)
    levels = Counter(line.severity for line in lines)
    fields: dict[str, object] = {
        "reference": "HT-2026-autumn-1",
        "school": School(name="St Example's School", sites=("Main site", "Sixth form house")),
        "period": Period(
            name="2026-autumn-1", label="Autumn term 2026, first half", start=START, end=END, school_days=38,
            previous_label="Summer term 2026, second half", finished=True,
        ),
        "made_at": MADE,
        "policies": ("Staff acceptable use policy, 2026", "Pupil acceptable use policy, 2026"),
        "summary": (
            f"The rules raised {count} incidents in this half-term; {levels[5]} asked for action at once.",
            "Most were low level: games and streaming in lesson time.",
            "Five school days of web logs are missing, so what happened in that week is not known.",
            "Two decisions are wanted of you; they are on page 2.",
        ),
        "no_data": False,
        "total": count,
        "total_previous": count + 6,
        "severities": tuple(
            SeverityCount(label=name, count=levels[level], previous=levels[level] + 1, severity=level)
            for level, name in SEVERITIES.items()
        ),
        "clauses": clause_counts(lines),
        "themes": counted([line.theme for line in lines], 1),
        "roles": counted([line.role for line in lines], 1),
        "intents": counted([line.intent for line in lines], 2),
        "weeks": weeks(lines, frozenset({2})),
        "actions": tuple(Count(label=state, count=sum(line.state == state for line in lines)) for state in STATES),
        "coverage": COVERAGE,
        "gaps": GAPS,
        "self_reports": SELF_REPORTS,
        "decisions": (
            Decision(text="Ask the supplier of the filter why its log stopped for a week?", references=()),
            Decision(
                text="Meet the two pupils who used a tool to get round the filter, with their parents?",
                references=tuple(line.reference for line in lines if line.severity == 4)[:2],
            ),
        ),
        "incidents": lines,
        "clause_lines": CLAUSES,
        "glossary": GLOSSARY,
        "provenance": PROVENANCE,
    }  # fmt: skip
    return HalfTermReport.model_validate(fields | changes)


def ordinary() -> HalfTermReport:
    """Return an ordinary half-term: 35 incidents, one week of logs missing."""
    return document(35)


def busy() -> HalfTermReport:
    """Return a half-term with more of everything than page 2 has room for."""
    decisions = tuple(
        Decision(text=f"Agree to change number {place}?", references=()) for place in range(1, 4)
    )
    gaps = tuple(f"Gap number {place}: the switch in block {place} sends no log." for place in range(1, 21))
    reports = tuple(
        SELF_REPORTS[0].model_copy(update={"reference": f"S-{place:03}"}) for place in range(1, 13)
    )
    coverage = (*COVERAGE, *COVERAGE[:2])
    return document(60, decisions=decisions, gaps=gaps, self_reports=reports, coverage=coverage)


def quiet() -> HalfTermReport:
    """Return a half-term whose logs all arrived and showed nothing."""
    return document(
        0, weeks=weeks(()), summary=("No incident was raised in this half-term.", "Every log arrived."),
        gaps=(), self_reports=(), decisions=(), coverage=COVERAGE[1:2], total_previous=None,
        severities=tuple(SeverityCount(label=name, count=0, severity=level) for level, name in SEVERITIES.items()),
    )  # fmt: skip


def dark() -> HalfTermReport:
    """Return a half-term of which no log arrived at all."""
    school_days = [START + timedelta(days=shift) for shift in range(53)]
    missing = tuple(day for day in school_days if day.weekday() < 5)
    nothing = {
        "days_expected": 39,
        "missing": missing,
        "events": 0,
        "rejects": 0,
        "with_user": None,
        "with_url": None,
    }
    return document(
        0, no_data=True, weeks=weeks((), frozenset(range(8))),
        summary=("No log reached us, so this report cannot say what happened.",),
        gaps=("No log of any kind arrived from 1 September to 23 October.",), self_reports=(),
        decisions=(Decision(text="Ask the network team today why no log arrives?", references=()),),
        coverage=(source("Web proxy or filter", 0, **nothing),),
    )  # fmt: skip


def hostile() -> HalfTermReport:
    """Return a report with attacks in its texts: markup, formulas, direction marks, NULs, endless names."""
    attack = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'{{ 7*7 }} #panic("typst") $x^2$ \u202egnp.exe\x00\x07'
    endless = "a" * 5_000 + ".example.com"
    attacks: tuple[dict[str, object], ...] = (
        {"detail": attack, "title": attack, "person": attack, "action": attack, "rule": attack},
        {"detail": endless, "site": endless, "theme": endless, "clauses": (endless,)},
        {
            "detail": '=HYPERLINK("http://bad.example","x")',
            "person": "@SUM(1)",
            "title": "+1",
            "action": "-1",
        },
        {"detail": "https://bad.example.net/path", "title": "javascript:alert(1)"},
        {"detail": "بحث عن كلمة 漢字 😀 e\u0301", "person": "Łukasz Ŵyn Ωmega Жук"},
        {
            "detail": "two\nlines\r\nand\ta tab",
            "title": "&amp; &lt; \\n #let x = 1 // */ [[a]] _b_ *c*",
        },
    )
    pairs = zip(incidents(len(attacks)), attacks, strict=True)
    lines = tuple(line.model_copy(update=changes) for line, changes in pairs)
    return document(
        6, incidents=lines, summary=(attack, endless), gaps=(attack,), glossary=((attack, endless),),
        school=School(name=attack, sites=(endless,), colour="#fff;}</style><script>alert(2)</script>"),
        themes=(Count(label=attack, count=3), Count(label=endless, count=1)), clauses=(),
        decisions=(Decision(text=attack, references=(attack,)),),
    )  # fmt: skip
