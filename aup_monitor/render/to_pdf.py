"""
The report as PDF/UA-1, laid out by Typst within this process, with Typst's own fonts.

Data reaches the template as JSON strings, which Typst prints as they are and never reads as markup. The clock,
the fonts and the zone are given, so the same document gives the same bytes on every machine.
https://typst.app/docs/reference/pdf/
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typst

from aup_monitor.core.resources import resource
from aup_monitor.render.page import page
from aup_monitor.render.plain import breakable, reworded

if TYPE_CHECKING:
    from aup_monitor.core.document import HalfTermReport


def render(document: HalfTermReport) -> bytes:
    """Return the report as a tagged PDF."""
    template = resource("reports", "templates", "half_termly.typ")
    data = asdict(page(reworded(document, breakable)))
    when = document.made_at
    data["date"] = {"year": when.year, "month": when.month, "day": when.day}
    return typst.compile(
        template,
        root=template.parent,
        sys_inputs={"page": json.dumps(data)},
        ignore_system_fonts=True,
        pdf_standards="ua-1",
        timestamp=int(when.timestamp()),
    )
