"""What the product made of a week, held against the labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.lists import update
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.register import services
from aup_monitor.register.connect import open_register
from tests.simulation.background import live
from tests.simulation.requests import Book
from tests.simulation.school import DAYS, School
from tests.simulation.stories import ILLEGAL, Story, plant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aup_monitor.core.incident import Incident

NOW: Final = datetime(2026, 9, 19, 8, tzinfo=UTC)
SEVERE: Final = 3
"""A severe story counts as found only by an incident of this severity or a graver one."""
ACCUSES: Final = 2
"""Incidents below this severity are for information, and accuse nobody."""

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
"""


@dataclass
class Score:
    """One week's reckoning."""

    stories: list[Story]
    incidents: list[Incident]
    user_days: int
    levels: dict[int, int]
    missed: list[Story] = field(init=False)
    false: list[Incident] = field(init=False)

    def __post_init__(self) -> None:
        self.missed = [
            story for story in self.stories if not any(_finds(one, story) for one in self.incidents)
        ]
        self.false = [
            one
            for one in self.incidents
            if _accuses(one) and not any(_explains(story, one) for story in self.stories)
        ]

    def totals(self) -> dict[str, float]:
        """Return the four figures that count."""
        return totals([self])


def totals(scores: Sequence[Score]) -> dict[str, float]:
    """Return recall of severe stories, recall, precision, and false incidents per 1,000 users and day."""
    stories = [story for score in scores for story in score.stories]
    missed = [story for score in scores for story in score.missed]
    severe = [story for story in stories if story.severe]
    accusing = sum(_accuses(one) for score in scores for one in score.incidents)
    false = sum(len(score.false) for score in scores)
    return {
        "recall_severe": round(1 - sum(story.severe for story in missed) / max(1, len(severe)), 4),
        "recall": round(1 - len(missed) / max(1, len(stories)), 4),
        "precision": round(1 - false / max(1, accusing), 4),
        "false_per_1000_user_days": round(1000 * false / max(1, sum(score.user_days for score in scores)), 3),
    }


def _accuses(incident: Incident) -> bool:
    return incident.severity >= ACCUSES and incident.theme != "support"


def _explains(story: Story, incident: Incident) -> bool:
    right = incident.theme == story.theme or incident.theme in story.also
    return right and incident.subject in story.subjects and incident.day == story.day


def _finds(incident: Incident, story: Story) -> bool:
    return _explains(story, incident) and (incident.severity >= SEVERE or not story.severe)


def measured(seed: int, folder: Path, scale: float, lists: Path | None = None) -> Score:
    """Make a school's week from a seed in a folder, let the product judge it, and reckon."""
    school, book = School(seed, scale), Book()
    live(school, book)
    stories = plant(school, book)
    workspace = _workspace(school, book, folder)
    if lists:
        update(workspace, [], lists, NOW)
    with_lists = load_rulebook(workspace)
    if with_lists.problems:
        raise SystemExit("\n".join(with_lists.problems))
    tally = ingest(workspace, items_of(workspace, []), NOW)
    if tally.rejects or tally.problems:
        raise SystemExit(f"lines were not read: {tally}")
    analyse(workspace, NOW)
    with open_register(workspace.database):
        found = [one.incident for one in services.incidents(services.Which())]
    levels = _levels(workspace)
    return Score(stories, found, len(school.people) * len(DAYS), levels)


def _workspace(school: School, book: Book, folder: Path) -> Workspace:
    (folder / "logs").mkdir(parents=True)
    book.write(folder / "logs")
    (folder / "aup.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "restricted.txt").write_text("\n".join(ILLEGAL) + "\n", encoding="utf-8")
    rows = [f"{p.account},{p.name},{p.role},{p.year or ''},main" for p in school.people]
    (folder / "people.csv").write_text(
        "\n".join(["user,name,role,year_group,site", *rows]) + "\n", encoding="utf-8"
    )
    return open_workspace(folder)


def _levels(workspace: Workspace) -> dict[int, int]:
    """Return how many events of each log level there are: what was taken for noise, and what was looked at."""
    from aup_monitor.detect.enrich import enrich
    from aup_monitor.detect.facts import load_facts
    from aup_monitor.detect.quiet import QuietHosts
    from aup_monitor.lake import Lake

    calendar = workspace.config.sites["main"].calendar()
    facts = load_facts()
    quiet = QuietHosts(load_rulebook(workspace).lookups, facts.noise.lists)
    events = enrich(Lake(workspace.lake, create=False).scan("events").drop("date"), facts, calendar, quiet)
    counted = events.group_by("log_level").len().collect(engine="streaming").sort("log_level")
    return dict(counted.iter_rows())


def table(scores: Sequence[Score]) -> str:
    """Return the figures by theme, of all weeks together."""
    stories = [story for score in scores for story in score.stories]
    missed = Counter(story.theme for score in scores for story in score.missed)
    false = Counter(one.theme for score in scores for one in score.false)
    expected = Counter(story.theme for story in stories)
    lines = [f"{'theme':18} {'expected':>8} {'found':>6} {'missed':>6} {'false':>6}"]
    lines += [
        f"{theme:18} {expected[theme]:8} {expected[theme] - missed[theme]:6} {missed[theme]:6} {false[theme]:6}"
        for theme in sorted({*expected, *false})
    ]
    days = sum(score.user_days for score in scores) / 1000
    severities = Counter(one.severity for score in scores for one in score.incidents)
    levels: Counter[int] = sum((Counter(score.levels) for score in scores), Counter())
    events = max(1, sum(levels.values()))
    lines.append("")
    lines.append(
        "incidents per 1,000 users and day: "
        + ", ".join(f"severity {n}: {severities[n] / days:.2f}" for n in range(5, 0, -1))
    )
    lines.append(
        f"events: {events:,}; marked as noise (levels 1 and 2): "
        f"{(levels[1] + levels[2]) / events:.1%}; "
        + ", ".join(f"level {n}: {levels[n] / events:.1%}" for n in sorted(levels))
    )
    return "\n".join(lines)


def shown(scores: Sequence[Score], most: int = 60) -> str:
    """Return what was missed and what was false, in words."""
    lines = ["", "missed:"]
    lines += [
        f"  {story.kind}{' (severe)' if story.severe else ''}: {story.told}"
        for score in scores
        for story in score.missed
    ][:most]
    lines.append("false:")
    false = Counter(
        f"{one.rule} ({one.severity}, {one.confidence}, {one.intent}): {', '.join(one.details[:3])}"
        for score in scores
        for one in score.false
    )
    lines += [f"  {count} x {what}" for what, count in false.most_common(most)]
    return "\n".join(lines)
