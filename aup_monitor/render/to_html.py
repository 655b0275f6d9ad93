"""The report as one HTML file: no script, no network, inline style and charts; prints on A4."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aup_monitor.core.resources import resource
from aup_monitor.render.page import page
from aup_monitor.render.plain import clean, reworded

if TYPE_CHECKING:
    from aup_monitor.core.document import HalfTermReport
    from aup_monitor.render.charts import Chart


def render(document: HalfTermReport) -> bytes:
    """Return the report as a UTF-8 HTML page."""
    template = _environment().get_template("half_termly.html")
    return template.render(page=page(reworded(document, clean))).encode()


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(resource("reports", "templates"))
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["picture"] = picture
    return environment


def picture(chart: Chart) -> Markup:
    """Return a chart as an inline image with a name and a description for assistive technology."""
    body = chart.svg[chart.svg.index(">") + 1 :]
    box = chart.svg.partition('viewBox="')[2].partition('"')[0]
    head = Markup(
        '<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="{box}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        '<title id="{name}-title">{title}</title>\n<desc id="{name}-desc">{text}</desc>\n'
    ).format(name=chart.name, box=box, title=chart.title, text=chart.text)
    return head + Markup(body)  # noqa: S704 - the body is matplotlib's own, in which all text is paths
