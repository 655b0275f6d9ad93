"""Charts say the same in picture and in words, and nought never looks like no data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from aup_monitor.core.document import Count
from aup_monitor.render.charts import MOST_BARS, bar_chart, bar_text, shortened, week_chart, week_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport

COLOUR = "#1d4f73"


def counts(number: int) -> list[Count]:
    """Return so many counts, commonest first."""
    return [Count(label=f"Clause {place}", count=number - place, previous=place) for place in range(number)]


def test_weeks_in_words_hold_every_number(sample: Callable[[str], HalfTermReport]) -> None:
    """Each week is told with its total and severities; a week without logs says so."""
    weeks = sample("ordinary").weeks
    text = week_text(weeks)
    assert "Week of 14 Sep: no logs." in text
    for week in weeks:
        if week.data:
            assert f"Week of {week.label}: {sum(week.counts)} (" in text


def test_nought_is_not_no_logs(sample: Callable[[str], HalfTermReport]) -> None:
    """A quiet week and a week without logs differ in words and in the picture."""
    quiet, dark = sample("quiet").weeks, sample("dark").weeks
    assert "none" in week_text(quiet)
    assert "no logs" not in week_text(quiet)
    assert week_text(dark).count("no logs") == len(dark)
    assert "<pattern" in week_chart(dark, COLOUR).svg
    assert week_chart(quiet, COLOUR).svg.count("<pattern") == 2, "the key's two hatches alone"


def test_bars_in_words_hold_every_number() -> None:
    """Even counts that the picture puts together are told one by one."""
    assert bar_text("By clause", counts(2)) == (
        "By clause. Clause 0: 2 (0 the half-term before); Clause 1: 1 (1 the half-term before)."
    )
    assert bar_text("By clause", counts(30)).count("Clause ") == 30


def test_many_bars_end_in_one_for_the_rest() -> None:
    """The picture keeps its size and its total."""
    bars = shortened(counts(30))
    assert len(bars) == MOST_BARS
    assert bars[-1][0] == "24 others together"
    assert sum(count for _, count, _ in bars) == sum(count.count for count in counts(30))
    assert shortened(counts(3)) == [("Clause 0", 3, 0), ("Clause 1", 2, 1), ("Clause 2", 1, 2)]


@pytest.mark.parametrize("name", ["ordinary", "quiet", "dark", "hostile"])
def test_svg_is_bare(sample: Callable[[str], HalfTermReport], name: str) -> None:
    """A picture is one XML element without text, comments, metadata, scripts or outside references."""
    document = sample(name)
    for chart in (week_chart(document.weeks, COLOUR), bar_chart("themes", "Themes", document.themes, COLOUR)):
        root = ET.fromstring(chart.svg)  # noqa: S314 - we drew it
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {"svg", "g", "defs", "style", "path", "use", "clipPath", "rect", "pattern"}
        assert "<!--" not in chart.svg
        assert all(place.startswith("#") for place in re.findall(r'href="([^"]*)"', chart.svg))
        assert all(name.startswith(f"{chart.name}-") for name in re.findall(r'\bid="([^"]*)"', chart.svg))
        assert set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", chart.svg)) <= set(
            re.findall(r'\bid="([^"]*)"', chart.svg)
        )


def test_machine_settings_change_nothing(sample: Callable[[str], HalfTermReport]) -> None:
    """A user's own matplotlib settings leave the picture alone, and are left alone."""
    weeks = sample("ordinary").weeks
    before = week_chart(weeks, COLOUR)
    with mpl.rc_context(
        {"axes.facecolor": "red", "font.size": 30, "svg.fonttype": "none", "axes.linewidth": 9}
    ):
        assert week_chart(weeks, COLOUR) == before
        assert mpl.rcParams["font.size"] == 30


def test_labels_are_never_formulas() -> None:
    """Dollar signs and unknown scripts in a label are drawn or named, not interpreted."""
    for label in ("costs $5 to $10", "$\\frac{1}{2}$", "漢字", "x" * 500, ""):
        assert bar_chart("bars", "Bars", [Count(label=label, count=1)], COLOUR).svg.startswith("<svg")


def test_no_bars_and_all_noughts_draw() -> None:
    """Nothing to show is still a picture."""
    assert bar_chart("bars", "Bars", [], COLOUR).svg
    assert bar_chart("bars", "Bars", [Count(label="a", count=0, previous=0)], COLOUR).svg
    assert week_chart((), COLOUR).svg
