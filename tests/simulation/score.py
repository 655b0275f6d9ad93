"""What the product made of a week, held against the labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.incident import Incident
    from tests.simulation.stories import Story

SEVERE: Final = 3
"""A severe story counts as found only by an incident of this severity or a graver one."""
ACCUSES: Final = 2
"""Incidents below this severity are for information, and accuse nobody."""
GRAVE: Final = 4
"""The severity that severe stories should have, and by which the safeguarding lead is told at once."""


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
    return "\n".join([*lines, "", *_beneath(scores)])


def _beneath(scores: Sequence[Score]) -> list[str]:
    """Return what stands beneath the table: how grave, how often, how much noise."""
    days = sum(score.user_days for score in scores) / 1000
    severities = Counter(one.severity for score in scores for one in score.incidents)
    levels: Counter[int] = sum((Counter(score.levels) for score in scores), Counter())
    events = max(1, sum(levels.values()))
    severe = [(score, story) for score in scores for story in score.stories if story.severe]
    graded = sum(
        any(_explains(story, one) and one.severity >= GRAVE for one in score.incidents)
        for score, story in severe
    )
    return [
        f"severe stories told at severity {GRAVE} or 5: {graded} of {len(severe)}",
        "incidents per 1,000 users and day: "
        + ", ".join(f"severity {n}: {severities[n] / days:.2f}" for n in range(5, 0, -1)),
        f"events: {events:,}; marked as noise (levels 1 and 2): "
        f"{(levels[1] + levels[2]) / events:.1%}; "
        + ", ".join(f"level {n}: {levels[n] / events:.1%}" for n in sorted(levels)),
    ]


def counted(scores: Sequence[Score]) -> str:
    """Return what was missed by kind and what was false by theme: numbers, and none of the words or sites."""
    expected = Counter(story.kind for score in scores for story in score.stories)
    missed = Counter(story.kind for score in scores for story in score.missed)
    false = Counter(one.theme for score in scores for one in score.false)
    kinds = ", ".join(f"{kind} {count} of {expected[kind]}" for kind, count in missed.most_common())
    themes = ", ".join(f"{theme} {count}" for theme, count in false.most_common())
    return "\n".join(["", f"missed by kind: {kinds or 'none'}", f"false by theme: {themes or 'none'}"])


def shown(scores: Sequence[Score], most: int = 200) -> str:
    """Return what was missed and what was false, in words."""
    lines = [counted(scores), "", "missed:"]
    lines += [
        f"  {story.kind}{' (severe)' if story.severe else ''}: {story.told}"
        for score in scores
        for story in score.missed
    ][:most]
    lines.append("false:")
    false = Counter(
        f"{one.theme}, {one.rule} ({one.severity}, {one.confidence}, {one.intent}, {one.role}): {', '.join(one.details[:3])}"
        for score in scores
        for one in score.false
    )
    lines += [f"  {count} x {what}" for what, count in false.most_common(most)]
    return "\n".join(lines)
