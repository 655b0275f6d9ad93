"""
Charts as SVG with text as paths, each with the same facts in words for those who cannot see it.

Shades differ in grey and every second one is hatched, so that a photocopy reads as well as the original. A week
without any log is a hatched column that says so: it is never an empty space, which would look like nought.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from aup_monitor.core.incident import SEVERITIES
from aup_monitor.render.colour import accent, contrast, ink, shades
from aup_monitor.render.plain import printable
from aup_monitor.render.words import capital, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from aup_monitor.core.document import Count, WeekCount

NO_LOGS: Final = "no logs"
MOST_BARS: Final = 7
"""Longest bar chart; the rest becomes one bar."""

LABEL: Final = 56
"""Most characters of a bar's label."""

_GREY: Final = "#595959"
_INK: Final = "#1a1a1a"
_HATCHES: Final = {5: "", 4: "////", 3: "", 2: "\\\\\\\\", 1: ""}
_STYLE: Final = {
    "svg.fonttype": "path",
    "svg.hashsalt": "aup",
    "text.parse_math": False,
    "hatch.linewidth": 0.4,
}
_NAMELESS: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}
_DRAWING: Final = Lock()
"""matplotlib's settings belong to the whole process, so one chart is drawn at a time."""


@dataclass(frozen=True)
class Chart:
    """A picture and its words."""

    name: str
    """Unique in a document; fit for an XML id."""
    title: str
    text: str
    """Every number that the picture shows, in words."""
    svg: str
    """An `<svg>` element without XML head, comments or metadata; ids begin with the name."""


def week_chart(weeks: Sequence[WeekCount], colour: str) -> Chart:
    """Return incidents by week as columns stacked by severity, gravest at the foot."""
    with _DRAWING:
        svg = _week_svg(weeks, shades(colour))
    return Chart("weeks", "Incidents by week (beginning on Monday)", week_text(weeks), _bare(svg, "weeks"))


def bar_chart(name: str, title: str, counts: Sequence[Count], colour: str) -> Chart:
    """Return counts as level bars in their given order, each beside the half-term before."""
    with _DRAWING:
        svg = _bar_svg(shortened(counts), accent(colour))
    return Chart(name, title, bar_text(title, counts), _bare(svg, name))


def week_text(weeks: Sequence[WeekCount]) -> str:
    """Return the weeks' numbers in words."""
    return "Incidents by week. " + " ".join(f"Week of {week.label}: {_week_words(week)}." for week in weeks)


def _week_words(week: WeekCount) -> str:
    if not week.data:
        return NO_LOGS
    parts = [
        f"{week.counts[level - 1]} {name}" for level, name in SEVERITIES.items() if week.counts[level - 1]
    ]
    return f"{sum(week.counts)} ({', '.join(parts)})" if parts else "none"


def bar_text(title: str, counts: Sequence[Count]) -> str:
    """Return all the counts in words, those too that the picture puts together."""
    return f"{title}. " + "; ".join(f"{count.label}: {count.count}{_before(count)}" for count in counts) + "."


def _before(count: Count) -> str:
    return "" if count.previous is None else f" ({count.previous} the half-term before)"


def shortened(counts: Sequence[Count]) -> list[tuple[str, int, int | None]]:
    """Return label, count and earlier count of the first bars, and of all the others as one."""
    bars = [(count.label, count.count, count.previous) for count in counts]
    if len(bars) <= MOST_BARS:
        return bars
    rest = bars[MOST_BARS - 1 :]
    before = [previous for _, _, previous in rest if previous is not None]
    others = f"{plural(len(rest), 'other')} together"
    return [
        *bars[: MOST_BARS - 1],
        (others, sum(count for _, count, _ in rest), sum(before) if before else None),
    ]


def _figure(width: float, height: float) -> Figure:
    # Slow library (half a second): loaded only when a chart is drawn.
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415 - slow library
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow library

    figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor="none")
    FigureCanvasSVG(figure)
    return figure


def _font(size: float, weight: str = "normal") -> Any:
    """Return matplotlib's own DejaVu Sans by its file, for a machine may have another of that name."""
    from matplotlib import get_data_path  # noqa: PLC0415 - slow library
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - slow library

    file = "DejaVuSans-Bold.ttf" if weight == "bold" else "DejaVuSans.ttf"
    return FontProperties(fname=f"{get_data_path()}/fonts/ttf/{file}", size=size)


def _svg(figure: Figure) -> str:
    written = io.BytesIO()
    figure.savefig(written, format="svg", transparent=True, metadata=_NAMELESS)
    return written.getvalue().decode()


def _week_svg(weeks: Sequence[WeekCount], tints: tuple[str, ...]) -> str:
    import matplotlib.style  # noqa: PLC0415 - slow library

    with matplotlib.style.context(["default", _STYLE]):
        figure = _figure(174, 56)
        axes = figure.add_axes((0.005, 0.1, 0.99, 0.8))
        top = max([sum(week.counts) for week in weeks if week.data], default=0) or 1
        axes.set(xlim=(-0.6, len(weeks) - 0.4), ylim=(0, top * 1.15), yticks=[])
        for place, week in enumerate(weeks):
            _column(axes, place, week, tints)
        axes.set_xticks(
            range(len(weeks)), [week.label for week in weeks], fontproperties=_font(8), color=_INK
        )
        axes.tick_params(length=0)
        axes.spines[["left", "top", "right"]].set_visible(False)
        _legend(axes, tints)
        return _svg(figure)


def _column(axes: Axes, place: int, week: WeekCount, tints: tuple[str, ...]) -> None:
    top = axes.get_ylim()[1]
    if not week.data:
        axes.bar(place, top, 0.72, facecolor="#ffffff", edgecolor="#a6a6a6", hatch="xx", linewidth=0.6)
        label = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 2.5}
        axes.text(
            place, top / 2, NO_LOGS, ha="center", va="center", bbox=label, font=_font(8, "bold"), color=_INK
        )
        return
    foot = 0
    for level in SEVERITIES:
        _segment(axes, place, foot, (level, week.counts[level - 1]), tints)
        foot += week.counts[level - 1]
    axes.text(
        place, foot + top * 0.02, str(foot), ha="center", va="bottom", font=_font(9, "bold"), color=_INK
    )


def _segment(axes: Axes, place: int, foot: int, part: tuple[int, int], tints: tuple[str, ...]) -> None:
    level, count = part
    if not count:
        return
    tint = tints[level - 1]
    axes.bar(place, count, 0.72, bottom=foot, facecolor=tint, hatch=_HATCHES[level], **_edges(tint))
    if count / axes.get_ylim()[1] > 0.11:
        label = {"facecolor": tint, "edgecolor": "none", "pad": 1.2}
        middle = foot + count / 2
        axes.text(
            place, middle, str(count), ha="center", va="center", bbox=label, font=_font(7), color=ink(tint)
        )


def _edges(tint: str) -> dict[str, Any]:
    """Return the outline of a tint: dark round a pale one, which would else fade into the paper."""
    return {"edgecolor": _GREY if contrast(tint, "#ffffff") < 3 else "#ffffff", "linewidth": 0.5}


def _legend(axes: Axes, tints: tuple[str, ...]) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 - slow library

    keys = [
        Patch(
            facecolor=tints[level - 1],
            hatch=_HATCHES[level],
            label=f"{level} {name}",
            **_edges(tints[level - 1]),
        )
        for level, name in SEVERITIES.items()
    ]
    axes.legend(
        handles=keys, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=5, frameon=False, prop=_font(7.5),
        handlelength=1.4, handleheight=1.1, columnspacing=1.4, borderpad=0, borderaxespad=0, labelcolor=_INK,
    )  # fmt: skip


def _bar_svg(bars: Sequence[tuple[str, int, int | None]], tint: str) -> str:
    import matplotlib.style  # noqa: PLC0415 - slow library

    width, line = 84.0, 8.2
    with matplotlib.style.context(["default", _STYLE]):
        figure = _figure(width, line * max(len(bars), 1))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(line * max(len(bars), 1), 0))
        axes.set_axis_off()
        longest = max([count for _, count, _ in bars], default=0) or 1
        for place, bar in enumerate(bars):
            _bar(axes, place * line, bar, tint, 60 / longest)
        return _svg(figure)


def _bar(axes: Axes, top: float, bar: tuple[str, int, int | None], tint: str, scale: float) -> None:
    label, count, previous = bar
    text = _cut(printable(label))
    axes.text(0, top + 2.9, text, ha="left", va="baseline", font=_font(7), color=_INK)
    axes.barh(top + 5.4, count * scale, 2.9, left=0, facecolor=tint, linewidth=0)
    end = count * scale + 1.4
    axes.text(end, top + 6.3, f"{count}", ha="left", va="baseline", font=_font(7.5, "bold"), color=_INK)
    if previous is not None:
        after = end + 2.2 + 1.7 * len(str(count))
        axes.text(
            after, top + 6.3, f"before: {previous}", ha="left", va="baseline", font=_font(6), color=_GREY
        )


def _cut(label: str) -> str:
    whole = capital(label)
    return whole if len(whole) <= LABEL else f"{whole[: LABEL - 3]}..."


def _bare(svg: str, name: str) -> str:
    """Return the element alone, with ids that cannot meet those of another chart on the same page."""
    element = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    element = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", element)
    return re.sub(r"\s*\n\s*", "\n", element).strip()
