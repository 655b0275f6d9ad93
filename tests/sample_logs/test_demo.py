"""The demo school: its files are those that its generator writes, and its breaches, and nothing else, are found."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import pytest
import yaml

from aup_monitor.core.incident import State
from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.coverage import coverage, gaps
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.incident import Incident
    from aup_monitor.core.tally import Tally

pytestmark = pytest.mark.xdist_group("demo-logs")  # the work that its tests share is done once

SAMPLES = Path(__file__).parents[2] / "sample_logs"
DEMO = SAMPLES / "demo"
NOW = datetime(2026, 10, 24, 9, tzinfo=UTC)
AUTUMN = (date(2026, 9, 2), date(2026, 10, 23))
BY_HAND = {"aup.toml", "decisions.yml", "self_reports.yml"}


class Analysed(NamedTuple):
    """The demo, read and judged."""

    workspace: Workspace
    tally: Tally
    incidents: dict[tuple[str, str, date], Incident]


def given(name: str) -> Any:
    """Return one of the demo's lists."""
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """Return the demo in a workspace of its own, as `aup demo` lays it out."""
    folder = tmp_path_factory.mktemp("elm") / "park"
    shutil.copytree(DEMO, folder)
    for name, changed in given("MTIMES.yml").items():
        seconds = datetime.fromisoformat(str(changed)).timestamp()
        os.utime(folder / name, (seconds, seconds))
    workspace = open_workspace(folder)
    tally = ingest(workspace, items_of(workspace, [str(folder / "logs")]), NOW)
    problems = analyse(workspace, NOW).problems
    assert not problems
    with open_register(workspace.database):
        found = [recorded.incident for recorded in services.incidents()]
    return Analysed(workspace, tally, {(one.rule, one.subject, one.day): one for one in found})


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each generated file's path and content; of compressed ones, what is in them."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if name not in BY_HAND:
            content = path.read_bytes()
            yield name, gzip.decompress(content) if path.suffix == ".gz" else content


def test_the_generator_writes_what_is_committed(tmp_path: Path) -> None:
    """Run again, it gives the same files; after a change: python sample_logs/make_demo.py."""
    subprocess.run([sys.executable, SAMPLES / "make_demo.py", tmp_path], check=True)
    made, kept = dict(contents(tmp_path)), dict(contents(DEMO))
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


def test_the_demo_is_small_and_its_archives_carry_no_time() -> None:
    """Under six megabytes and sixty files; the gzip headers say nothing of when they were made."""
    files = [path for path in DEMO.rglob("*") if path.is_file()]
    assert len(files) <= 60
    assert sum(path.stat().st_size for path in files) < 6_000_000
    assert {path.read_bytes()[4:8] for path in files if path.suffix == ".gz"} == {bytes(4)}


def test_every_log_file_says_when_it_was_changed() -> None:
    """MTIMES.yml names each log file, since git does not keep their times."""
    logs = {str(path.relative_to(DEMO)) for path in (DEMO / "logs").rglob("*") if path.is_file()}
    assert set(given("MTIMES.yml")) == logs


def test_every_line_is_accounted_for(analysed: Analysed) -> None:
    """All files are read without a problem, and just the planted bad lines are rejected, each in its log."""
    tally = analysed.tally
    assert (tally.problems, tally.notes) == ([], [])
    assert tally.lines == tally.events + tally.rejects + tally.skipped
    assert 60_000 <= tally.lines <= 100_000
    rejects = Lake(analysed.workspace.lake).scan("rejects").collect()
    folders = rejects["source_file"].str.extract(r"logs/(\w+)/", 1)
    planted: dict[str, int] = {}
    for log, count in given("PLANTED.yml")["bad_lines"].items():
        folder = log.partition("-")[0]
        planted[folder] = planted.get(folder, 0) + count
    assert dict(folders.value_counts().iter_rows()) == planted


def test_each_planted_breach_is_found_and_nothing_else(analysed: Analysed) -> None:
    """Each planted (rule, subject, day) is an incident, and there is no other: nobody is accused by chance."""
    planted = {
        (one["rule"], one["subject"], day) for one in given("PLANTED.yml")["incidents"] for day in one["days"]
    }
    assert set(analysed.incidents) - planted == set()
    assert planted - set(analysed.incidents) == set()


def test_the_outcome_is_as_planted(analysed: Analysed) -> None:
    """What filter and firewall stopped is told from what they let through."""
    for one in given("PLANTED.yml")["incidents"]:
        for day in one["days"]:
            found = analysed.incidents[one["rule"], one["subject"], day]
            blocked = {0: "none", found.events: "all"}.get(found.blocked, "some")
            assert blocked == one["blocked"], (one["rule"], one["subject"], day)


def test_the_first_packs_each_have_a_breach(analysed: Analysed) -> None:
    """The demo shows every theme that the first rules watch."""
    themes = {incident.theme for incident in analysed.incidents.values()}
    assert themes >= {"gambling", "bypass", "anonymiser", "adult", "usb", "software", "malware", "phishing"}


def test_innocent_things_are_in_the_logs_and_are_no_incident(analysed: Analysed) -> None:
    """Help, health, look-alike names, approved devices and machines' own business are there, and accuse nobody."""
    events = Lake(analysed.workspace.lake).scan("events").collect()
    accused = {(subject, day) for _, subject, day in analysed.incidents}
    for one in given("PLANTED.yml")["innocent"]:
        names = pl.any_horizontal(pl.col("user_name", "source_ip").eq_missing(one["subject"]))
        device = pl.col("host_name").str.to_lowercase().eq_missing(one["subject"])
        shown = pl.col(one["column"]).str.contains(one["value"], literal=True)
        assert events.filter((names | device) & shown & (pl.col("date") == one["day"])).height, one
        assert (one["subject"], one["day"]) not in accused, one


def test_a_lone_accident_is_told_from_weeks_of_bets(analysed: Analysed) -> None:
    """One blocked visit is likely accidental; the same site at lunch for weeks is not."""
    once = analysed.incidents["gambling_site", "24dbrennan", date(2026, 9, 18)]
    bets = analysed.incidents["gambling_site", "d.lister", date(2026, 9, 15)]
    assert once.intent == "likely accidental"
    assert bets.intent != "likely accidental"
    assert bets.visits > 1


def test_missing_days_are_named(analysed: Analysed) -> None:
    """The day without web logs and the day without DNS logs each have their sentence, and no other day has."""
    lines = coverage(analysed.workspace, Lake(analysed.workspace.lake), *AUTUMN)
    missing = {line.log_class: line.missing for line in lines if line.missing}
    assert missing == {"web": (date(2026, 9, 29),), "dns": (date(2026, 10, 8),)}
    said = " ".join(gaps(lines, sites={"main": "Elm Park School"}))
    assert "Tuesday 29 September" in said
    assert "Thursday 8 October" in said


def test_a_school_day_has_its_rhythm(analysed: Analysed) -> None:
    """Lessons are busy, weekends nearly silent, nights and holidays empty of people."""
    web = Lake(analysed.workspace.lake).scan("events").filter(pl.col("log_class") == "web").collect()
    local = web.with_columns(local=pl.col("timestamp").dt.convert_time_zone("Europe/London"))
    hours = dict(local.group_by(pl.col("local").dt.hour()).len().iter_rows())
    weekend = local.filter(pl.col("local").dt.weekday() >= 6)
    assert hours[9] > 20 * hours.get(20, 1)
    assert not {0, 1, 2, 3, 4, 5} & set(hours)
    assert weekend.height < local.height / 100
    assert local.filter(pl.col("date").is_between(date(2026, 7, 18), date(2026, 9, 1))).is_empty()


def test_roles_follow_people_and_networks(analysed: Analysed) -> None:
    """Accounts have the role of the list of people; on networks without accounts the network gives it."""
    role = {subject: incident.role for (_, subject, _), incident in analysed.incidents.items()}
    assert role["d.lister"] == "staff"
    assert role["gov.dhartley"] == "governor"
    assert role["ext.mwallis"] == "contractor"
    assert role["24dbrennan"] == "pupil"
    assert role["10.30.130.23"] == "visitor"


def test_decisions_name_incidents_and_follow_the_rules(analysed: Analysed) -> None:
    """Each decision of the demo is of an incident that is there, by somebody on the staff."""
    staff = {"c.whitfield", "m.okonkwo", "r.osei"}
    for one in given("decisions.yml"):
        assert (one["rule"], one["subject"], one["day"]) in analysed.incidents, one
        assert State(one["state"])
        assert one["by"] in staff


def test_self_reports_fit_their_incidents(analysed: Analysed) -> None:
    """The self-reports that explain something have just one incident of that account on that day."""
    for report in given("self_reports.yml"):
        own = (report["account"], report["when"].date())
        explained = [rule for rule, subject, day in analysed.incidents if (subject, day) == own]
        assert len(explained) == int(report.get("explains", False)), report


def test_everybody_in_the_logs_is_on_the_list(analysed: Analysed) -> None:
    """No account is in the logs that people.csv does not name."""
    people = pl.read_csv(DEMO / "people.csv")
    seen = Lake(analysed.workspace.lake).scan("events").select("user_name").unique().collect()["user_name"]
    assert set(seen.drop_nulls()) <= set(people["user"])
    assert people["user"].n_unique() == len(people)
