"""Whatever is wrong with what the program is given: the right exit code, and what to type next; never a traceback."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from running import run
from school import LISTED, SETTINGS, School, squid

from aup_monitor.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = "".join(squid(9, f"10:{n:02}:00", LISTED) for n in range(40))
RULE = "title: Broken\nname: broken\nlogsource: {category: proxy}\ndetection: nothing\n"
POLICY = """\
id: ours
title: Our policy
clauses:
  - {id: OURS-1, heading: Else, summary: Nothing else., binds: [all], rules: [no_such_rule], seen_in: [web]}
"""


def log(content: bytes) -> Callable[[School], object]:
    """Return what makes `logs/bad.log` of these bytes."""

    def make(school: School) -> None:
        school.log("bad.log")
        (school.folder / "logs" / "bad.log").write_bytes(content)

    return make


def locked_log(school: School) -> None:
    """Make a log that this account may not read."""
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    school.log("bad.log", LINES).chmod(0)


def newer_register(school: School) -> None:
    """Make the register one of a later version."""
    with sqlite3.connect(school.folder / "register.sqlite3") as database:
        row = ("register", "0999_later", "2030-01-01")
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", row)
    database.close()


def settings(old: str, new: str) -> Callable[[School], object]:
    """Return what replaces a text of the settings."""
    return lambda school: school.settings((old, new))


def nothing(school: School) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Case:
    """One thing that is wrong."""

    name: str
    make: Callable[[School], object]
    words: str
    code: int
    said: str


INGEST = "ingest {school}/logs/bad.log"
CASES = [
    # log files
    Case("unknown format", log(b"Dear parents,\nthe fair is on Saturday.\n" * 20), INGEST, 3, "no known format fits"),
    Case("empty file", log(b""), INGEST, 3, "the file is empty"),
    Case("blank file", log(b"\n \n\r\n"), INGEST, 3, "the file is empty"),
    Case("binary junk", log(random.Random(1).randbytes(9000)), INGEST, 3, "no known format fits"),
    Case("cut compressed file", log(gzip.compress(LINES.encode())[:-200]), INGEST, 3, "breaks off or is damaged"),
    Case("unreadable file", locked_log, INGEST, 3, "this account may not read the file"),
    Case("empty folder", lambda s: (s.folder / "logs/bad.log").mkdir(), INGEST, 3, "no file fits this path"),
    Case("no such path", nothing, "ingest {school}/nowhere.log", 3, "there is no such file"),
    Case("nothing fits the star", nothing, "ingest {school}/*.none", 3, "no file fits this path"),
    Case("another format's name", log(LINES.encode()), INGEST + " --format dnsmasq", 3, "none of its lines"),
    Case("unknown format name", nothing, INGEST + " --format squidd", 6, "there is no format 'squidd'"),
    Case("unknown site", nothing, INGEST + " --site hill", 2, "there is no site 'hill'"),
    Case("unknown zone", nothing, INGEST + " --zone Mars/Phobos", 2, "no IANA time zone"),
    Case("folder of zones", nothing, INGEST + " --zone Europe", 2, "no IANA time zone"),
    Case("no file and no source", nothing, "ingest", 2, "no [[sources]]"),
    # the workspace and its settings
    Case("no workspace", lambda s: (s.folder / "aup.toml").unlink(), "status", 2, "there is no such file"),
    Case("not TOML", lambda s: s.write("aup.toml", "school = Elm"), "status", 2, "aup.toml: this is not TOML"),
    Case("unknown key", settings("expected", "expectd"), "status", 2, "aup.toml:3: expectd: this key is not known"),
    Case("settings in another encoding", lambda s: (s.folder / "aup.toml").write_bytes(SETTINGS.encode("utf-16")),
         "status", 2, "this is not UTF-8 text"),
    Case("settings of a newer version", settings("school =", "version = 9\nschool ="), "status", 2, "version 9"),
    Case("impossible half-term", settings("2026-09-11]", "2026-09-01]"), "status", 2, "before it starts"),
    Case("half-term without dates", nothing, "report half-term 2026-spring-1", 6, "2026-spring-1 has no dates"),
    Case("no half-term at all", lambda s: s.write("aup.toml", 'school = "E"\n[sites.main]\nname = "E"\n'),
         "report half-term", 2, "no half-term has dates"),
    Case("people that there are not", lambda s: (s.folder / "people.csv").unlink(), "analyse", 3, "list of people"),
    Case("people without columns", lambda s: s.write("people.csv", "a,b\n1,2\n"), "analyse", 3, "no column user"),
    Case("a site that is gone", lambda s: s.settings(("sites.main]", "sites.a]"), ("sites.main.", "sites.a.")),
         "status", 2, "events of site 'main' were read"),
    # rules and policies
    Case("broken rule", lambda s: s.write("rules/sigma/ours/broken.yml", RULE), "rules check", 4, "broken.yml:4:"),
    Case("policy with a missing rule", lambda s: s.write("rules/policies/ours.yml", POLICY), "rules check", 4,
         "ours.yml:4: clause OURS-1"),
    Case("unknown policy", settings("expected", 'policies = ["none"]\nexpected'), "analyse", 2, "no policy 'none'"),
    Case("bad line of a list", lambda s: s.write("lists/own/gambling.txt", "no host!\n"), "rules check", 4,
         "gambling.txt:1:"),
    # the lake and the register
    Case("nothing read yet", lambda s: shutil.rmtree(s.folder / "lake"), "analyse", 5, "there is no lake here yet"),
    Case("newer lake", lambda s: s.write("lake/lake.json", json.dumps({"version": 99})), "status", 5, "newer"),
    Case("damaged lake", lambda s: s.write("lake/lake.json", "?"), "status", 5, "lake.json: this file is damaged"),
    Case("newer register", newer_register, "incidents list", 5, "a newer version of this program made the register"),
    Case("no register", lambda s: s.write("register.sqlite3", LINES), "incidents list", 5, "not a register"),
    Case("damaged memory", lambda s: s.write("lake/analysed.json", "{"), "analyse", 5, "this file is damaged"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(school: School, case: Case) -> None:
    """The message names the trouble, ends with what to type next, and goes to stderr."""
    case.make(school)
    done = run(school, *case.words.format(school=school.folder).split())
    assert done.code == case.code
    assert case.said in done.err
    assert "Traceback" not in done.err
    last = done.err.rstrip().splitlines()[-1]
    assert last.startswith("  Next: ")


def test_no_workspace_anywhere() -> None:
    """Outside every workspace, both ways to name one are shown."""
    done = run(None, "analyse")
    assert (done.code, done.out) == (2, "")
    assert "Next: make one: aup init FOLDER; or name one: aup -w FOLDER ..." in done.err


def test_a_cut_last_line_is_kept_for_later(empty_school: School) -> None:
    """Of a log that is being written the last line waits, which is a note and no error."""
    for encoding in ("utf-8", "utf-16"):
        path = empty_school.log(f"{encoding}.log")
        path.write_bytes((LINES + squid(9, "11:00:00", LISTED)[:40]).encode(encoding))
        done = run(empty_school, "ingest", str(path), now=datetime.now(UTC))
        assert done.code == 0
        assert "40 events, 0 bad lines" in done.out
        assert "the last line has no end yet" in done.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_encodings_are_read(empty_school: School, encoding: str) -> None:
    """UTF-16, a byte-order mark and stray Latin-1 letters cost no line."""
    empty_school.log("access.log")
    (empty_school.folder / "logs" / "access.log").write_bytes(LINES.replace("bfox", "bfóx").encode(encoding))
    done = run(empty_school, "ingest", str(empty_school.folder / "logs"))
    assert (done.code, done.err) == (0, "")
    assert "40 events, 0 bad lines" in done.out


def test_the_good_file_is_read_and_the_rules_that_load_are_used(school: School) -> None:
    """One bad file and one bad rule cost no other file and no other rule."""
    school.log("late.log", squid(10, "10:00:00", LISTED))
    school.log("bad.log", "Dear parents,\n" * 20)
    school.write("rules/sigma/ours/broken.yml", RULE)
    done = run(school, "ingest", str(school.folder / "logs"))
    assert done.code == 3
    assert "1 event" in done.out
    assert "bad.log: no known format fits" in done.err
    done = run(school, "analyse")
    assert done.code == 0
    assert "1 incident, 1 of them new" in done.out
    assert "Not used: " in done.err
    assert "broken.yml:4:" in done.err
    assert Lake(school.workspace.lake).scan("events").collect().height == 8
