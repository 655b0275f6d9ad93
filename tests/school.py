"""A small invented school for tests of jobs and of the command line: four days of Squid lines, three people."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.incident import State
from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import Analysis, analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from datetime import date

    from aup_monitor.core.tally import Tally

NOW = datetime(2026, 9, 12, 9, tzinfo=UTC)
"""Saturday after the half-term's only week."""
LISTED = "www.bet365.com"
"""A well-known betting site, which the gambling list holds."""

SETTINGS = """\
school = "Elm Park School"
people = "people.csv"
expected = ["web"]

[sites.main]
name = "Elm Park"
inset_days = [2026-09-08]

[sites.main.half_terms]
"2025-summer-2" = [2026-07-13, 2026-07-17]
"2026-autumn-1" = [2026-09-07, 2026-09-11]
"""

PEOPLE = """\
user,name,role,year_group,site
akhan,Amina Khan,staff,,main
bfox,Ben Fox,pupil,9,main
"""


@dataclass(frozen=True)
class School:
    """A workspace on disk, and what one does with it."""

    folder: Path

    @property
    def workspace(self) -> Workspace:
        """The workspace, its settings read anew."""
        return open_workspace(self.folder)

    def write(self, name: str, text: str, changed: datetime = NOW) -> Path:
        """Write a file of the workspace, last changed two hours before `changed`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (changed.timestamp() - 7200,) * 2)
        return path

    def settings(self, *changes: tuple[str, str], more: str = "") -> None:
        """Write the settings with some texts replaced, and more at their end."""
        text = SETTINGS
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.write("aup.toml", text + more)

    def log(self, name: str, *lines: str, changed: datetime = NOW) -> Path:
        """Write a log into `logs/`."""
        return self.write(f"logs/{name}", "".join(lines), changed)

    def read(self, now: datetime = NOW) -> Tally:
        """Ingest all of `logs/`."""
        return ingest(self.workspace, items_of(self.workspace, [str(self.folder / "logs")]), now)

    def analyse(self, now: datetime = NOW, day: date | None = None, *, everything: bool = False) -> Analysis:
        """Analyse what was read, of one day or all."""
        return analyse(self.workspace, now, days=(day, day), everything=everything)

    def incidents(self, which: services.Which | None = None) -> list[services.RecordedIncident]:
        """Return the register's incidents."""
        with open_register(self.workspace.database):
            return services.incidents(which)

    def decide(self, reference: str, state: str, now: datetime = NOW, **why: str) -> None:
        """Decide an incident as `r.osei`."""
        with open_register(self.workspace.database):
            services.decide(reference, services.Verdict(State(state), **why), "r.osei", now)

    def trail(self) -> list[tuple[str, str, str]]:
        """Return (actor, verb, kind) of every entry of the audit trail, which must be as it was written."""
        with open_register(self.workspace.database):
            assert services.verify() == ()
            return [(e.actor, e.verb, e.what.kind) for e in services.entries(limit=1000)]


def squid(day: int, time: str, host: str, user: str = "bfox", month: int = 9) -> str:
    """Return a line of 2026 (time in UTC) of a page that somebody opened."""
    at = datetime.fromisoformat(f"2026-{month:02}-{day:02}T{time}+00:00").timestamp()
    return (
        f"{at:.3f}    120 10.20.0.5 TCP_MISS/200 5120 GET http://{host}/ {user} "
        "HIER_DIRECT/192.0.2.5 text/html\n"
    )


def start(folder: Path) -> School:
    """Make the school's workspace, with nothing read yet."""
    folder.mkdir()
    school = School(folder)
    school.settings()
    school.write("people.csv", PEOPLE)
    return school


@pytest.fixture
def empty_school(tmp_path: Path) -> School:
    """Return the school with nothing read yet."""
    return start(tmp_path / "school")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the school once: lessons on Monday, Wednesday and Friday, an inset day on Tuesday, no logs on Thursday."""
    school = start(tmp_path_factory.mktemp("template") / "school")
    school.log(
        "access.log",
        squid(7, "08:00:00", "www.example.org"),
        squid(7, "08:10:00", "www.example.org", "akhan"),
        squid(9, "09:40:00", LISTED),
        squid(9, "10:00:00", LISTED, "akhan"),
        squid(9, "10:20:00", LISTED, "akhan"),
        "this line is not of the log\n",
        squid(11, "10:00:00", LISTED),
        squid(12, "07:00:00", "www.example.org", "akhan"),
    )
    school.read()
    school.analyse()
    return school.folder


@pytest.fixture
def school(template: Path, tmp_path: Path) -> School:
    """Return a copy of the school, its logs read and analysed: three incidents."""
    return School(Path(shutil.copytree(template, tmp_path / "school")))
