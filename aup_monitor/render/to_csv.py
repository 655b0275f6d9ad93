"""
Incidents and chart numbers for a spreadsheet: UTF-8 with a byte order mark, CRLF (RFC 4180).

A value that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from aup_monitor.core.document import IncidentLine
from aup_monitor.core.incident import SEVERITIES
from aup_monitor.render.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aup_monitor.core.document import Count, HalfTermReport

INCIDENTS: Final = tuple(IncidentLine.model_fields)
FIGURES: Final = ("figure", "label", "severity", "count", "previous")
_FORMULA: Final = ("=", "+", "-", "@")


def incidents(document: HalfTermReport) -> bytes:
    """Return all incidents, one line each, gravest first."""
    return _written(INCIDENTS, ([getattr(line, name) for name in INCIDENTS] for line in document.incidents))


def figures(document: HalfTermReport) -> bytes:
    """Return every number of the charts; a count is empty where no log reached us."""
    return _written(FIGURES, _figures(document))


def _figures(document: HalfTermReport) -> Iterator[Sequence[object]]:
    known = not document.no_data
    yield "total", "All incidents", "", document.total if known else None, document.total_previous
    for line in document.severities:
        yield "severity", line.label, line.severity, line.count if known else None, line.previous
    for week in document.weeks:
        for severity in SEVERITIES:
            yield "week", week.start, severity, week.counts[severity - 1] if week.data else None, None
    for figure in ("clauses", "themes", "roles", "intents", "actions"):
        for count in getattr(document, figure):
            yield _plain_count(figure, count, known=known)


def _plain_count(figure: str, count: Count, *, known: bool) -> Sequence[object]:
    return figure, count.label, "", count.count if known else None, count.previous


def _written(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    text = tidy("; ".join(value) if isinstance(value, tuple) else str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
