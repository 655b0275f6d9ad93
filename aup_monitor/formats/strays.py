"""
Lines of other formats in a file: one syslog server for everything, or logs that were put together.

A line that the file's own format made nothing of, and that does not look like one of its lines, is offered to the formats
whose pattern it matches, as it stands and inside an envelope. What one of them understands is its own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP
from aup_monitor.formats.completed import completed
from aup_monitor.formats.envelope import JSON, MESSAGE, SYSLOG, enveloped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.format import Context, Format
from aup_monitor.formats.envelope import Envelope

_LAYERS: Final[tuple[Envelope | None, ...]] = (None, SYSLOG, JSON)


def adopt(  # noqa: PLR0913 - what was read, of which format, and what else it may be
    fmt: Format,
    others: Sequence[Format],
    lines: pl.DataFrame,
    earlier: pl.DataFrame,
    *,
    parsed: pl.DataFrame,
    context: Context,
) -> tuple[pl.DataFrame, Counter[str]]:
    """
    Return the rows with those of stray lines in the place of rejects and skips, and how many each format adopted.

    Args:
        fmt: the file's format.
        others: the formats that may adopt; those without `looks` do not.
        lines: the lines that were parsed, `line` and `offset`.
        earlier: lines before them that formats with `lookback` may refer to.
        parsed: the rows that the file's format made of the lines.
        context: as for any parse.

    """
    left = _idle(fmt, lines, parsed)
    found, counts = [], Counter[str]()
    for layer in _LAYERS if len(left) else ():
        text = _text(layer, left, context)
        for other in others:
            if other.looks is None or other.parse is None or not len(left):
                continue
            mine = left.filter(text.str.contains(other.looks).fill_null(value=False))
            if not len(mine):
                continue
            rows = _rows(other, layer, mine, earlier, context)
            if len(rows):
                found.append(rows)
                counts[other.name] += len(rows)
                stays = ~left["offset"].is_in(rows["offset"].implode())
                left, text = left.filter(stays), text.filter(stays)
    if not found:
        return parsed, counts
    adopted = pl.concat(found, how="diagonal")
    rest = parsed.join(adopted.select("offset"), on="offset", how="anti")
    return pl.concat([rest, adopted], how="diagonal").sort("offset"), counts


def _idle(fmt: Format, lines: pl.DataFrame, parsed: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of which no event came and which do not look like the format's own."""
    if fmt.looks is None:
        return lines.clear()
    idle = parsed.filter(pl.col(REJECT).is_not_null() | pl.col(SKIP)).select("offset")
    if not len(idle):
        return lines.clear()
    return lines.join(idle, on="offset", how="semi", maintain_order="left").filter(
        ~pl.col("line").str.contains(fmt.looks)
    )


def _text(layer: Envelope | None, lines: pl.DataFrame, context: Context) -> pl.Series:
    """Return what stands inside the envelope of each line; null where there is none."""
    if layer is None:
        return lines["line"]
    return layer.open(lines.lazy(), context).select(MESSAGE).collect()[MESSAGE]


def _rows(
    other: Format, layer: Envelope | None, mine: pl.DataFrame, earlier: pl.DataFrame, context: Context
) -> pl.DataFrame:
    """Return the rows that are no rejects of the lines that look like the other format's."""
    fmt = enveloped(other, layer) if layer else other
    before = earlier.clear()
    if other.lookback and other.looks and len(earlier):
        text = _text(layer, earlier, context)
        before = earlier.filter(text.str.contains(other.looks).fill_null(value=False))
    if fmt.parse is None:
        return mine.clear()
    rows = completed(other, fmt.parse(pl.concat([before, mine]).lazy(), context).collect())
    return rows.filter(pl.col("offset").is_in(mine["offset"].implode()) & pl.col(REJECT).is_null())
