"""Analysing: what is found, what is done again and what is not, and that no decision is touched."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from school import LISTED, NOW, School, squid

from aup_monitor.core.errors import ConfigError, StoreError
from aup_monitor.core.incident import State
from aup_monitor.core.locks import locked
from aup_monitor.jobs.analyse import analyse
from aup_monitor.lake import Lake
from aup_monitor.register import services

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WEDNESDAY = date(2026, 9, 9)
LATER = NOW + timedelta(days=1)
TO_A_RESOLVER = (
    'date=2026-09-09 time=10:00:0{n} devname="fw" eventtime=178894440{n}000000000 tz="+0000" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" vd="root" srcip={ip} srcname="{name}" srcport=51022 dstip=8.8.8.8 dstport=53 proto=17 '
    'action="accept" service="DNS" sentbyte=70 rcvdbyte=120'
)
WINDOWS = Path(__file__).parents[2] / "sample_logs" / "formats" / "windows-json.json"
OUR_RULE = """\
title: Opened the betting page
name: betting_page
author: Elm Park School
level: low
date: '2026-09-01'
status: experimental
tags: [aup.gambling, kcsie.commerce]
logsource: {category: network_name}
description: Somebody opened the betting page.
falsepositives: [Everybody may]
detection:
  page: {destination.domain: www.bet365.com}
  condition: page
aup: {theme: gambling, min_log_level: 3}
"""
OVERRIDE = "overrides:\n  - {domain: bet365.com, remove: [gambling], reason: a lesson on odds}\n"


def facts(school: School) -> list[str]:
    """Return the incidents' facts, which analyses write."""
    return [i.incident.model_dump_json() for i in school.incidents(services.Which(withdrawn=True))]


def test_incidents_are_found(school: School) -> None:
    """A visit to a listed site is an incident of its person and day, under the clause that binds the role."""
    found = [
        (i.incident.subject, i.incident.role, i.incident.day, i.incident.clauses) for i in school.incidents()
    ]
    assert sorted(found) == [
        ("akhan", "staff", date(2026, 9, 9), ("TLA-GAMBLING",)),
        ("bfox", "pupil", date(2026, 9, 9), ("PUPIL-GAMBLING",)),
        ("bfox", "pupil", date(2026, 9, 11), ("PUPIL-GAMBLING",)),
    ]


def test_nothing_new_is_nothing_done(school: School) -> None:
    """A second analysis judges no day and leaves the register as it was, bar no entry in the trail."""
    before, trail = facts(school), school.trail()
    done = school.analyse(LATER)
    assert (done.days, done.unchanged, done.incidents, done.new) == (0, 4, 0, 0)
    assert str(done) == "Nothing to analyse: 4 days unchanged since the last analysis"
    assert (facts(school), school.trail()) == (before, trail)


def test_everything_again_doubles_nothing(school: School) -> None:
    """Judged again, the same days give the same incidents and as many matches; the bar is told how many days there are."""
    told: list[tuple[str, int, int]] = []
    before, matches = facts(school), Lake(school.workspace.lake).scan("matches").collect().height
    done = analyse(school.workspace, LATER, everything=True, progress=lambda *step: told.append(step))
    assert (done.days, done.incidents, done.new, done.withdrawn) == (4, 3, 0, 0)
    assert (told[0], told[-1]) == (("main/2026-09-07", 0, 4), ("", 4, 4))
    assert facts(school) == before
    assert Lake(school.workspace.lake).scan("matches").collect().height == matches


def test_decisions_stay(school: School) -> None:
    """What people decided outlives an analysis of everything, and of a day of which more became known."""
    kept, changed, _ = sorted(school.incidents(), key=lambda i: i.incident.day, reverse=True)
    school.decide(kept.reference, "false positive", reason="a lesson on odds")
    school.decide(changed.reference, "actioned", action="spoken to")
    school.log("more.log", squid(9, "13:00:00", LISTED), squid(9, "13:20:00", LISTED, "akhan"))
    school.read(LATER)
    assert school.analyse(LATER).days == 1
    school.analyse(LATER, everything=True)
    after = {i.reference: i for i in school.incidents()}
    assert after[kept.reference].state is State.FALSE_POSITIVE
    assert not after[kept.reference].changed_since_decision
    assert after[changed.reference].state is State.ACTIONED
    assert after[changed.reference].incident.events > changed.incident.events
    assert after[changed.reference].changed_since_decision
    assert school.trail()[0] == ("analysis", "record", "incidents")


def test_only_days_with_new_events_are_judged_again(school: School) -> None:
    """A late log of Thursday is one day's work."""
    school.log("late.log", squid(10, "10:00:00", LISTED))
    school.read(LATER)
    done = school.analyse(LATER)
    assert (done.days, done.unchanged, done.new) == (1, 4, 1)


CHANGES: dict[str, Callable[[School], object]] = {
    "rule": lambda school: school.write("rules/sigma/ours/betting_page.yml", OUR_RULE),
    "people": lambda school: school.write("people.csv", "user,role\nakhan,pupil\n"),
    "policy": lambda school: school.settings(("expected", 'policies = ["pupils"]\nexpected')),
    "override": lambda school: school.write("lists/overrides.yml", OVERRIDE),
    "approved software": lambda school: school.settings(more='[approved]\nsoftware = ["GeoGebra*"]\n'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_days_are_judged_by_has_changed(school: School, change: Callable[[School], object]) -> None:
    """A changed rule, list, policy, person or setting judges a day again, and the facts follow."""
    before = [i.incident for i in school.incidents()]
    change(school)
    assert school.analyse(LATER, WEDNESDAY).days == 1
    after = [i.incident for i in school.incidents()]
    assert (after == before) == (change is CHANGES["approved software"])


def test_no_longer_found(school: School) -> None:
    """A site that is taken off the list withdraws what nobody decided on, and keeps the rest, marked."""
    decided = school.incidents()[0]
    school.decide(decided.reference, "triaged")
    school.write("lists/overrides.yml", OVERRIDE)
    assert school.analyse(LATER).withdrawn == 2
    assert [(i.reference, i.changed_since_decision) for i in school.incidents()] == [
        (decided.reference, True)
    ]


def test_some_days_only(school: School) -> None:
    """First and last day are inclusive; the other days stay as they were."""
    done = school.analyse(LATER, WEDNESDAY, everything=True)
    assert (done.days, done.incidents, done.withdrawn) == (1, 2, 0)
    assert len(school.incidents()) == 3


def test_a_register_that_was_lost_is_filled_again(school: School) -> None:
    """Days count as analysed only for the register that their incidents were written to."""
    before = facts(school)
    for file in school.folder.glob("register.sqlite3*"):
        file.unlink()
    assert school.analyse(LATER).new == 3
    assert facts(school) == before


def test_a_register_from_a_backup_is_filled_again(school: School) -> None:
    """A register of the time before the newest analysis gets what that found."""
    backup = (school.folder / "register.sqlite3").read_bytes()
    school.log("late.log", squid(10, "10:00:00", LISTED))
    school.read(LATER)
    school.analyse(LATER)
    for file in school.folder.glob("register.sqlite3*"):
        file.unlink()
    (school.folder / "register.sqlite3").write_bytes(backup)
    assert school.analyse(LATER).new == 1
    assert len(school.incidents()) == 4


def test_nothing_read_is_not_nothing_found(empty_school: School) -> None:
    """Without a lake there is an error that says what to type, and no count of nought."""
    with pytest.raises(StoreError, match=r"there is no lake here yet\n  Next: aup ingest"):
        empty_school.analyse()


def test_a_damaged_memory_says_what_to_do(school: School) -> None:
    """Its remedy, followed, loses nothing."""
    memory = school.folder / "lake" / "analysed.json"
    memory.write_text("[1, 2")
    with pytest.raises(StoreError, match=r"analysed.json: this file is damaged\n  Next: delete it"):
        school.analyse()
    memory.unlink()
    assert school.analyse().days == 4
    assert json.loads(memory.read_text())


def test_two_at_once_is_refused(school: School) -> None:
    """An analysis waits for no ingest that is running; it says so."""
    with locked(school.workspace.lake / ".lock"), pytest.raises(StoreError, match="another aup command"):
        school.analyse()


def test_what_could_not_be_used_is_named(school: School) -> None:
    """A broken rule, a bad line of a list and of people.csv are named with their lines, and the rest goes on."""
    school.write("rules/sigma/ours/broken.yml", "title: [never closed\n")
    school.write("lists/own/gambling.txt", "www.example.com\nno host at all!\n")
    school.write("people.csv", "user,role\nakhan,staff\nzed,wizard\n")
    done = school.analyse(LATER)
    said = "\n".join(done.problems)
    assert done.incidents == 3
    assert len(done.problems) == 3
    for place in ("broken.yml:", "gambling.txt:2:", "people.csv:3:"):
        assert place in said


def test_events_of_a_site_that_the_settings_lack_are_an_error(school: School) -> None:
    """A renamed site's events are not left out in silence."""
    school.settings(("sites.main]", "sites.hill]"), ("sites.main.", "sites.hill."))
    with pytest.raises(ConfigError, match=r"site 'main'.*\n  Next: .*\[sites.main\]"):
        school.analyse()


def test_what_the_school_approved_is_no_incident(empty_school: School) -> None:
    """A memory stick and a program make incidents until [approved] of aup.toml names them."""
    school = empty_school
    school.log("windows.json", WINDOWS.read_text(encoding="utf-8"))
    school.read()
    school.analyse()
    before = {(i.incident.rule, detail) for i in school.incidents() for detail in i.incident.details}
    assert ("usb_storage_connected", "Acorn Pocket Stick USB Device") in before
    assert ("software_installed", "Hazel Maths 4.2") in before
    school.settings(more='[approved]\ndevices = ["1d6b:0104"]\nsoftware = ["hazel maths*"]\n')
    school.analyse(LATER)
    after = {(i.incident.rule, detail) for i in school.incidents() for detail in i.incident.details}
    assert ("usb_storage_connected", "Acorn Pocket Stick USB Device") not in after
    assert ("software_installed", "Hazel Maths 4.2") not in after
    assert ("software_installed", "Rowan Sketch") in after


def test_the_schools_own_name_server_may_ask_others(empty_school: School) -> None:
    """Whoever asks a public resolver is told of, but for the servers that [approved] of aup.toml names."""
    school = empty_school
    hosts = (("10.4.0.2", "dc01"), ("10.4.2.20", "lib-pc-07"))
    school.log(
        "fw.log", *(TO_A_RESOLVER.format(n=n, ip=ip, name=name) + "\n" for n, (ip, name) in enumerate(hosts))
    )
    school.read()
    school.analyse()
    assert sorted((i.incident.rule, i.incident.subject) for i in school.incidents()) == [
        ("outside_name_server", "dc01"),
        ("outside_name_server", "lib-pc-07"),
    ]
    school.settings(more='[approved]\nresolvers = ["10.4.0.2"]\n')
    school.analyse(LATER)
    assert [i.incident.subject for i in school.incidents()] == ["lib-pc-07"]


def requests(day: int, blocked: int, allowed: int) -> list[str]:
    """Return Squid's lines of a day, blocked ones and others."""
    line = squid(day, "10:00:00", "www.example.com")
    return [line.replace("TCP_MISS/200", "TCP_DENIED/403")] * blocked + [line] * allowed


def test_a_fall_is_judged_again_when_earlier_days_come(empty_school: School) -> None:
    """What was usual shows from logs read late, and the site's incident comes and goes with it; no other day is done again."""
    school = empty_school

    def fell(*logs: Sequence[str]) -> tuple[int, list[date]]:
        for lines in logs:
            name = f"{sum(1 for _ in (school.folder / 'logs').glob('*'))}.log"
            school.log(name, *lines)
        school.read()
        days = school.analyse(LATER).days
        return days, [i.incident.day for i in school.incidents() if i.incident.rule == "blocked_traffic_fell"]

    assert fell(requests(11, 0, 1000), [squid(10, "09:00:00", "www.example.com")]) == (2, [])
    assert fell(requests(7, 50, 950), requests(8, 50, 950), requests(9, 50, 950)) == (4, [date(2026, 9, 11)])
    assert fell(requests(7, 0, 1000), requests(8, 0, 1000)) == (4, [])


def test_a_search_told_by_the_pages_opened_from_it_is_one_search(empty_school: School) -> None:
    """Three pages from one results page that was never logged are one search; beside a logged one they are none."""
    school = empty_school
    line = '10.20.0.5 - {user} [09/Sep/2026:10:00:0{n} +0000] "GET {url} HTTP/1.1" 200 5120 "{asker}" "Mozilla/5.0"\n'
    results = "https://www.google.com/search?q=online+casino"
    pages = [
        line.format(user=user, n=n, url=f"http://page{n}.example/", asker=results)
        for user in ("bfox", "akhan")
        for n in range(1, 4)
    ]
    itself = line.format(user="akhan", n=0, url=results, asker="-")
    school.log("access.log", itself, *pages)
    school.read()
    school.analyse()
    found = [i.incident for i in school.incidents() if i.incident.rule == "gambling_search"]
    assert sorted((one.subject, one.events, one.details) for one in found) == [
        ("akhan", 1, ("search: “online casino”",)),
        ("bfox", 1, ("search: “online casino”",)),
    ]
