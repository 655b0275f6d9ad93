"""A school's week: made from a seed, put into a workspace, and given to the product to judge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.quiet import QuietHosts
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.lists import update
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register
from tests.simulation import lessons, machines, office, phones
from tests.simulation.browsing import browse, innocent_searches
from tests.simulation.material import known, lines
from tests.simulation.requests import Book
from tests.simulation.school import DAYS, School
from tests.simulation.score import Score
from tests.simulation.stories import plant
from tests.simulation.tales_of_web import ILLEGAL
from tests.simulation.written import DAMAGED, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from aup_monitor.jobs.rulebook import Rulebook
    from tests.simulation.material import Bank
    from tests.simulation.stories import Story

NOW: Final = datetime(2026, 9, 19, 8, tzinfo=UTC)
SETTINGS: Final = """\
school = "Elmfield School"
policies = ["the-learning-alliance", "connected-learning", "pupils"]
people = "people.csv"
illegal_lists = ["restricted.txt"]
[sites.main]
name = "Elmfield School"
school_hours = [08:30:00, 15:30:00]
[sites.main.half_terms]
"2026-autumn-1" = [2026-09-02, 2026-10-23]
[[sources]]
path = "logs/*"
site = "main"
[[roles]]
role = "pupil"
network = "10.60.0.0/16"
[approved]
software = ["Hazel Maths*"]
devices = ["0951:1666"]
"""


def written(school: School, folder: Path) -> list[Story]:
    """Write a school's logs of the week into a folder, and return the labels of what is planted."""
    book = Book()
    searches, pages = innocent_searches(school.seed, school.bank), known(lines("innocent/pages"), school.seed)
    for day in school.days:
        browse(school, book, day, searches, pages)
        lessons.teach(school, book, day)
        machines.work(school, book, day)
        phones.live(school, book, day)
        office.work(school, book, day)
        book.close_day()
    stories = plant(school, book)
    folder.mkdir(parents=True)
    write(book, school, folder)
    return stories


def measured(
    seed: int,
    folder: Path,
    scale: float,
    *,
    lists: Path | None = None,
    days: Sequence[date] = DAYS,
    bank: Bank = "first",
) -> Score:
    """Make a school's week, or some days, from a seed in a folder, let the product judge it, and reckon."""
    school = School(seed, scale, days, bank)
    stories = written(school, folder / "logs")
    workspace = _workspace(school, folder)
    if lists:
        update(workspace, [], lists, NOW)
    rulebook = load_rulebook(workspace)
    if rulebook.problems:
        raise SystemExit("\n".join(rulebook.problems))
    tally = ingest(workspace, items_of(workspace, []), NOW)
    if tally.problems or tally.rejects != len(DAMAGED):
        raise SystemExit(f"{len(DAMAGED)} lines are damaged, and no others: {tally} {tally.problems}")
    analyse(workspace, NOW)
    with open_register(workspace.database):
        found = [one.incident for one in services.incidents(services.Which())]
    return Score(stories, found, len(school.people) * len(days), _levels(workspace, rulebook))


def _workspace(school: School, folder: Path) -> Workspace:
    (folder / "aup.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "restricted.txt").write_text("\n".join(ILLEGAL) + "\n", encoding="utf-8")
    rows = [f"{p.account},{p.name},{p.role},{p.year or ''},main" for p in school.people]
    (folder / "people.csv").write_text(
        "\n".join(["user,name,role,year_group,site", *rows]) + "\n", encoding="utf-8"
    )
    return open_workspace(folder)


def _levels(workspace: Workspace, rulebook: Rulebook) -> dict[int, int]:
    """Return how many events of each log level there are: what was taken for noise, and what was looked at."""
    calendar = workspace.config.sites["main"].calendar()
    facts = load_facts()
    quiet = QuietHosts(rulebook.lookups, facts.noise.lists)
    events = enrich(Lake(workspace.lake, create=False).scan("events").drop("date"), facts, calendar, quiet)
    counted = events.group_by("log_level").len().collect(engine="streaming").sort("log_level")
    return dict(counted.iter_rows())
