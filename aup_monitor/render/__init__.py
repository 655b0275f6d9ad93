"""
A document as html, pdf, csv or json: pure functions, so that the same document gives the same bytes.

To add a renderer, write `to_<name>.py` with a function from document to bytes and add its line to `RENDERERS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aup_monitor.render import to_csv, to_html, to_json, to_pdf
from aup_monitor.render.to_json import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport


@dataclass(frozen=True)
class Renderer:
    """A way to print a document."""

    name: str
    suffix: str
    """What follows the report's reference in a file's name."""
    render: Callable[[HalfTermReport], bytes]


RENDERERS: Final[dict[str, Renderer]] = {
    "html": Renderer("html", ".html", to_html.render),
    "pdf": Renderer("pdf", ".pdf", to_pdf.render),
    "csv": Renderer("csv", ".incidents.csv", to_csv.incidents),
    "figures": Renderer("figures", ".figures.csv", to_csv.figures),
    "json": Renderer("json", ".json", to_json.render),
}

__all__ = ["RENDERERS", "Renderer", "load"]
