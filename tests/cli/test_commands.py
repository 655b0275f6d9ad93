"""Each command, once well and once not: exit code, stdout and stderr apart."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import run
from school import LISTED, School, squid

from aup_monitor.cli import COMMANDS, main
from aup_monitor.core.tally import Tally
from aup_monitor.jobs.analyse import Analysis
from aup_monitor.jobs.demo import Demo

if TYPE_CHECKING:
    from collections.abc import Callable

AUP = Path(sys.executable).with_name("aup")


@dataclass(frozen=True)
class Case:
    """What is typed, and what comes of it. `REF` stands for the first incident's reference."""

    words: str
    code: int
    out: str = ""
    err: str = ""


WELL = [
    Case("init ../new --school Elm", 0, "Next: put your half-terms"),
    Case("ingest ../school/logs", 0, "1 file (1 with nothing new), 0 lines"),
    Case("analyse", 0, "Nothing to analyse: 4 days unchanged since the last analysis"),
    Case("analyse --from 2026-09-09 --to 2026-09-09 --all", 0, "1 day analysed: 2 incidents, 0 of them new"),
    Case("incidents list", 0, "\t3 Concern\t2026-09-09\tB.F.\tpupil\t"),
    Case("incidents list --severity 5", 0, "No incidents fit. Whether logs came at all: aup status"),
    Case("incidents show REF", 0, "on the list gambling as “bet365.com”"),
    Case("incidents decide REF actioned --action spoken", 0, "REF: actioned"),
    Case("self-report list", 0, "No self-reports."),
    Case(
        "self-report add --when 2026-09-09T10:45 --person Ben --what advert --action closed",
        0,
        "It may explain REF: Visited a gambling site, 2026-09-09\n  If it does: aup self-report accept SR-0001 REF\n",
    ),
    Case(
        "self-report add --when 2026-09-08T10:45 --person Ben --what advert --action closed",
        0,
        "SR-0001 written down\nNo incident in the logs fits its time.\n",
    ),
    Case("report half-term --form json --to ../out", 0, "../out/half-termly-2026-autumn-1.json\n"),
    Case(
        "report half-term 2025-summer-2 --form json --to ../out",
        0,
        "half-termly-2025-summer-2.json\n",
        "Note: no logs came in this half-term; the report says so.\n",
    ),
    Case("status", 0, "Gap: Web proxy or filter: no logs on Thursday 10 September"),
    Case("rules check", 0, " rules can be used; 0 problems, "),
    Case("rules test", 0, "0 rules tried on 0 examples; 0 came out otherwise\n"),
    Case("rules test gambling_site", 0, "1 rules tried on "),
    Case("rules explain REF", 0, "on list.gambling as “bet365.com”"),
    Case("rules list", 0, "gambling_site\tVisited a gambling site\tmedium\tgambling\t"),
    Case("rules coverage", 0, "the-learning-alliance\tTLA-GAMBLING\t"),
    Case("lists status", 0, "list.gambling\t"),
    Case(f"lists show {LISTED}", 0, "gambling\tbet365.com\t"),
    Case("lists show www.example.org", 0, "www.example.org is on no list.\n"),
    Case("lists update --from ../lists", 0, "ut1-ai\tnew\t30\t\n"),
    Case("formats", 0, "squid\tweb\tSquid"),
    Case("formats squid", 0, "Squid"),
    Case("schema", 0, "timestamp\tDatetime(time_unit='us', time_zone='UTC')\twhat\tWhen it happened, UTC\n"),
]
BADLY = [
    Case("init ../school", 2, err="there is a workspace here already\n  Next: "),
    Case(
        "ingest ../nowhere.log",
        3,
        "1 file, 0 lines",
        "Not read: ../nowhere.log: there is no such file\n  Next: ",
    ),
    Case("ingest --strict ../bad.log", 1, "1 bad line,"),
    Case("capture --interface nowhere0", 2, err="there is no interface 'nowhere0'\n  Next: one of: "),
    Case("analyse --from today", 2, err="'today' does not match the format"),
    Case("incidents list --theme gambing", 6, err="there is no theme 'gambing'\n  Next: one of: "),
    Case("incidents list --half-term 2031-autumn-1", 6, err="has no dates"),
    Case("incidents show ffffffff", 6, err="there is no incident ffffffff\n  Next: "),
    Case("incidents decide REF actioned", 1, err="actioned needs the action taken\n  Next: "),
    Case("incidents decide REF fine", 2, err="'fine' is not one of"),
    Case(
        "self-report add --when 2031-01-01T10:00 --person B --what a --action c",
        1,
        err="in the future\n  Next: ",
    ),
    Case(
        "self-report add --when 2026-09-09T10:45 --person B --what a --action c --site hill",
        2,
        err="no site 'hill'",
    ),
    Case("self-report accept SR-0099 REF", 6, err="there is no self-report 'SR-0099'\n  Next: "),
    Case("report half-term 2031-autumn-1", 6, err="2031-autumn-1 has no dates"),
    Case("report half-term --form docx", 2, err="'docx' is not one of"),
    Case("report half-term --to /proc/nowhere", 5, err="\n  Next: check that this account may write there"),
    Case("report again ../school/people.csv", 3, err="not a saved report\n  Next: "),
    Case("report again ../nowhere.json", 2, err="does not exist"),
    Case("lists show http://www.example.org/", 2, err="is no host name\n  Next: "),
    Case("lists update gambing", 6, err="no list to fetch is called 'gambing'"),
    Case("lists update --from ../nowhere", 2, err="there is no such folder or archive\n  Next: "),
    Case("lists update --from ../school/aup.toml", 4, err="this is no archive that can be read"),
    Case("lists update --from ../lists ut1-vpn", 1, "ut1-vpn\tfailed\t0\t\n", "Not updated: ut1-vpn: "),
    Case("formats squidd", 6, err="there is no format 'squidd'\n  Next: one of: "),
    Case("schema --yaml", 2, err="No such option"),
    Case("analyze", 2, err="No such command 'analyze'"),
    Case("demo ../school", 2, err="this folder is not empty and holds no demo\n  Next: "),
]


def typed(school: School, case: Case) -> list[str]:
    """Return the words of a case; `T` joins a day and a time, which the shell would have in quotes."""
    reference = school.incidents()[0].reference
    words = [word.replace("REF", reference) for word in case.words.split()]
    return [
        word.replace("T", " ") if word.startswith("20") and word[10:11] == "T" else word for word in words
    ]


@pytest.mark.parametrize("case", [*WELL, *BADLY], ids=lambda case: case.words)
def test_command(school: School, case: Case) -> None:
    """Results go to stdout and troubles to stderr, each alone; the exit code says which."""
    school.write("../bad.log", squid(9, "10:00:00", LISTED) + "no line of the log\n")
    school.write("../lists/ut1-ai.txt", "".join(f"ai{n}.example\n" for n in range(30)))
    reference = school.incidents()[0].reference
    done = run(school, *typed(school, case))
    assert case.out.replace("REF", reference) in done.out
    assert case.err.replace("REF", reference) in done.err
    assert done.code == case.code
    assert bool(done.err) == bool(case.err)
    assert "Traceback" not in done.err


def test_every_command_is_tried() -> None:
    """Each command has a case that goes well and one that does not; `demo` does below, `capture` in its own tests."""
    assert {case.words.split()[0] for case in WELL} == set(COMMANDS) - {"demo", "capture"}
    lenient = {"status", "rules"}  # what goes wrong with them is in test_bad_input
    assert {case.words.split()[0] for case in BADLY} - {"analyze"} == set(COMMANDS) - lenient


TABLES = (
    "incidents list",
    "incidents show REF",
    "self-report list",
    "status",
    "rules list",
    "rules coverage",
    "lists status",
    f"lists show {LISTED}",
    "formats",
    "formats squid",
    "schema",
)


@pytest.mark.parametrize("words", TABLES)
def test_every_table_is_json_too(school: School, words: str) -> None:
    """`--json` prints what parses, on stdout alone, with dates that parse."""
    run(
        school,
        *typed(school, Case("self-report add --when 2026-09-09T10:45 --person B --what a --action c", 0)),
    )
    done = run(school, *typed(school, Case(words, 0)), "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found
    for row in found if isinstance(found, list) else [found]:
        for key in ("day", "start", "end", "when", "first_seen"):
            assert key not in row or date.fromisoformat(row[key][:10]).year == 2026


def test_json_of_nothing_is_an_empty_list(school: School) -> None:
    """A program that asks gets [], not words."""
    assert json.loads(run(school, "incidents", "list", "--severity", "5", "--json").out) == []


def test_a_self_report_is_accepted_and_listed(school: School) -> None:
    """From the report to the incident that it explains, as the printed command says."""
    words = "self-report add --when 2026-09-09T10:45 --person Ben --what advert --action closed"
    hint = run(school, *typed(school, Case(words, 0))).out.partition("aup self-report ")[2].splitlines()[0]
    done = run(school, "self-report", *hint.split())
    assert (done.code, done.out) == (0, f"SR-0001 explains {hint.split()[-1]}\n")
    assert "SR-0001\t2026-09-09 10:45\tB.\tadvert\tclosed\t" in run(school, "self-report", "list").out


def test_a_saved_report_is_printed_again(school: School) -> None:
    """Beside the saved one, in the form asked for."""
    run(school, "report", "half-term", "--form", "json")
    saved = school.folder / "reports" / "half-termly-2026-autumn-1.json"
    done = run(None, "report", "again", str(saved), "--form", "html")
    assert (done.code, done.err) == (0, "")
    assert saved.with_suffix(".html").exists()


def test_what_was_read_and_not_analysed_shows(school: School) -> None:
    """Between ingest and analyse, status says so, and the report is refused with what to type."""
    school.log("late.log", squid(10, "10:00:00", LISTED))
    assert run(school, "ingest", str(school.folder / "logs")).code == 0
    assert "NOT ANALYSED: the logs of 1 day." in run(school, "status").out
    done = run(school, "report", "half-term")
    assert (done.code, done.out) == (1, "")
    assert "Next: aup analyse" in done.err
    assert run(school, "analyse").code == 0
    assert "NOT ANALYSED" not in run(school, "status").out


def test_no_data_shows(empty_school: School) -> None:
    """Before the first ingest, status does not look like a quiet half-term."""
    done = run(empty_school, "status")
    assert (
        "NO DATA: nothing was read for this half-term. This does not mean that nothing happened." in done.out
    )
    assert "Next: aup ingest" in done.out


def test_sources_of_the_settings(empty_school: School) -> None:
    """With no file named, what aup.toml names is read."""
    empty_school.log("access.log", squid(9, "10:00:00", LISTED))
    empty_school.settings(more='[[sources]]\npath = "logs/access.log*"\n')
    assert "1 event," in run(empty_school, "ingest").out


def test_the_workspace_is_found(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """By AUP_WORKSPACE, or upward from where one stands; `-w` goes before both."""
    monkeypatch.setenv("AUP_WORKSPACE", str(school.folder))
    assert run(None, "incidents", "list").code == 0
    monkeypatch.delenv("AUP_WORKSPACE")
    monkeypatch.chdir(school.folder / "logs")
    assert run(None, "incidents", "list").code == 0
    assert run(school.folder / "nowhere", "incidents", "list").code == 2


def test_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the reports and what to type next; what it makes is tested with its job."""
    import aup_monitor.cli.demo as command

    made = Demo(Tally(files=3), Analysis(days=2), (Path("demo/reports/half-termly.html"),))
    monkeypatch.setattr(command, "demo", lambda _folder, _progress: made)
    done = run(None, "demo", "demo")
    assert (done.code, done.err) == (0, "")
    for said in (
        "Read:     3 files",
        "demo/reports/half-termly.html",
        "aup -w demo status",
        "aup init school/",
    ):
        assert said in done.out


def test_stopped_by_hand(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C says that nothing is lost, with the shell's own number."""
    import aup_monitor.cli.analyse as command

    def stop(*_words: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "analyse", stop)
    done = run(school, "analyse")
    assert done.code == 130
    assert done.err.strip() == "Stopped. Nothing is lost: run the same command again to go on."


def test_no_words_are_help() -> None:
    """`aup` alone shows the first steps."""
    done = run(None)
    assert done.code == 2
    assert "First steps:" in done.out + done.err


SHELL = [
    (["--version"], 0, lambda out, err: out.startswith("aup-monitor ") and not err),
    (["formats", "squid"], 0, lambda out, err: "Squid" in out and not err),
    (["status"], 2, lambda out, err: not out and "Next: make one: aup init FOLDER" in err),
]


@pytest.mark.parametrize(("words", "code", "fits"), SHELL, ids=lambda value: str(value)[:20])
def test_from_a_shell(words: list[str], code: int, fits: Callable[[str, str], bool]) -> None:
    """The installed command itself: exit code, stdout and stderr."""
    done = subprocess.run([str(AUP), *words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert fits(done.stdout, done.stderr)


def test_a_pipe_that_closes_early() -> None:
    """`aup formats --json | head -c 1` ends without a traceback."""
    command = f"{AUP} formats --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[", "")


def test_main_is_what_is_installed() -> None:
    """The console script and these tests call the same function."""
    assert main.__module__ == "aup_monitor.cli"
