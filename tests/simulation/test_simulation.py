"""The examiner is sound: the same week from a seed, every line read, every theme planted, the reckoning right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.incident import Confidence, Incident, Intent
from aup_monitor.detect.themes import themes
from tests.simulation.background import live
from tests.simulation.requests import Book
from tests.simulation.school import DAYS, School, material
from tests.simulation.score import Score, measured, table, totals
from tests.simulation.stories import Story, plant

if TYPE_CHECKING:
    from pathlib import Path

SMALL = 0.04


def written(seed: int, folder: Path) -> dict[str, bytes]:
    """Return the logs of a small week."""
    school, book = School(seed, SMALL), Book()
    live(school, book)
    plant(school, book)
    folder.mkdir()
    book.write(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_seed_is_a_week(tmp_path: Path) -> None:
    """The same bytes come from the same seed, others from another."""
    one, again, other = (written(seed, tmp_path / name) for seed, name in ((3, "a"), (3, "b"), (4, "c")))

    assert one == again
    assert all(one[name] != other[name] for name in one)


def test_a_small_week_is_judged_whole(tmp_path: Path) -> None:
    """Every line is read, every kind of story is planted, and the figures are shares."""
    score = measured(3, tmp_path / "school", SMALL)

    assert {story.kind for story in score.stories} == set(material("stories"))
    assert {story.theme for story in score.stories} <= set(themes())
    assert sum(score.levels.values()) > 10_000
    assert all(0 <= share <= 1 for share in list(score.totals().values())[:3])
    assert "severity 5" in table([score])


def incident(theme: str, severity: int = 3, subject: str = "27ajones1") -> Incident:
    """Return an incident of that theme."""
    moment = datetime(2026, 9, 14, 10, tzinfo=UTC)
    return Incident(
        id="0" * 16, site="main", rule="r", subject=subject, subject_kind="user", role="pupil", day=DAYS[0], title="",
        theme=theme, clauses=(), severity=severity, confidence=Confidence.HIGH, confidence_reasons=(),
        intent=Intent.UNCLEAR, intent_reasons=(), first_seen=moment, last_seen=moment, visits=1, events=1, blocked=0,
        in_school_hours=True, details=(), addresses=(), devices=(), visibility="url", rule_author="", evidence=(),
    )  # fmt: skip


def story(theme: str, *also: str, severe: bool = False) -> Story:
    """Return a label of that theme."""
    return Story(theme, theme, frozenset(also), severe, frozenset({"27ajones1"}), DAYS[0], "")


@pytest.mark.parametrize(
    ("stories", "incidents", "figures"),
    [
        ([story("gambling")], [incident("gambling")], (1, 1, 1, 0)),
        ([story("gambling")], [incident("adult")], (1, 0, 0, 100)),
        ([story("gambling", "adult")], [incident("adult")], (1, 1, 1, 0)),
        ([story("self-harm", severe=True)], [incident("self-harm", 2)], (0, 0, 1, 0)),
        ([story("gambling")], [incident("gambling", subject="other")], (1, 0, 0, 100)),
        ([story("gambling")], [incident("gambling"), incident("adult", 1)], (1, 1, 1, 0)),
        ([], [incident("support")], (1, 1, 1, 0)),
    ],
)
def test_the_reckoning(
    stories: list[Story], incidents: list[Incident], figures: tuple[float, float, float, float]
) -> None:
    """Found by theme, subject and day; severe ones only by what is grave; information and support accuse nobody."""
    found = totals([Score(stories, incidents, 10, {})])

    assert tuple(found.values()) == figures
