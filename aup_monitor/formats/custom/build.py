"""From a description to a format."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.custom_format import names_of
from aup_monitor.core.format import SKIP, Context, Format, share_of_lines
from aup_monitor.formats.custom.columns import events
from aup_monitor.formats.custom.page import page
from aup_monitor.formats.custom.squid import plan, squid_texts
from aup_monitor.formats.custom.texts import header_cells, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.custom_format import CustomFormat
    from aup_monitor.formats.custom.squid import Plan

    Read = Callable[[pl.LazyFrame, Context], pl.LazyFrame]

_HEAD_LINES: Final = 20
"""A header further down does not help to recognise a file."""
_ENOUGH: Final = 0.6
"""The share of the columns that a header must name."""


def build(name: str, spec: CustomFormat, *, doc: str | None = None) -> Format:
    """
    Return the format that a description means; without a page it is the school's own.

    Args:
        name: what a user types.
        spec: the description.
        doc: its reference page; else one is made of the description.

    Raises:
        ConfigError: a `logformat` that says too little.

    """
    looks = spec.looks or (spec.pattern if spec.kind == "regex" else None)
    read: Read = partial(_described, spec)
    if spec.kind == "squid":
        understood = plan(name, spec)
        looks, read = looks or understood.pattern, partial(_directed, understood)
    header = _header_pattern(spec) if spec.kind == "csv" and spec.header else None
    return Format(
        name=name,
        log_class=spec.log_class,
        title=spec.title or name,
        doc=doc or page(name, spec),
        looks=looks,
        sniff=None if looks else partial(_score, spec),
        parse=partial(_parse, read, _passed_over(spec, header)),
        header=header,
        own=doc is None,
    )


def _described(spec: CustomFormat, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    return events(texts(lines, spec, context), spec, context)


def _directed(understood: Plan, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    return events(squid_texts(lines, understood), understood.spec, context)


def _parse(read: Read, over: pl.Expr | None, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; those that are to be passed over are not looked at."""
    if over is None:
        return read(lines, context)
    # Looked at once, and not copied where there is none, as in most blocks.
    marked = lines.with_columns(over.alias("_over")).collect()
    if not marked["_over"].any():
        return read(lines, context).with_columns(pl.lit(False).alias(SKIP))
    passed = marked.lazy().filter("_over").select("offset", pl.lit(True).alias(SKIP))
    parsed = read(marked.lazy().filter(~pl.col("_over")).drop("_over"), context)
    return pl.concat([parsed, passed], how="diagonal").with_columns(pl.col(SKIP).fill_null(value=False))


def _passed_over(spec: CustomFormat, header: str | None) -> pl.Expr | None:
    """Return which lines are passed over: headers, those that match `skip`, and those that do not match `only`."""
    line = pl.col("line")
    over = [line.str.contains(pattern) for pattern in (header, spec.skip) if pattern]
    over += [~line.str.contains(spec.only)] if spec.only else []
    return pl.any_horizontal(over) if over else None


def _header_pattern(spec: CustomFormat) -> str:
    """Return a regular expression of a line that names the time's column and another that is wanted, in either order."""
    mark, quote = re.escape(spec.delimiter or ","), re.escape(spec.quote)
    timed = spec.time.columns[0] if spec.time else ""
    others = [source for source in spec.sources if source not in names_of(timed)]

    def cell(sources: list[str] | tuple[str, ...]) -> str:
        return rf"{quote}? *(?:{'|'.join(map(re.escape, sources))}) *{quote}?"

    first, second = cell(names_of(timed)), cell(others or names_of(timed))
    one, other = rf"{first}{mark}(?:.*{mark})?{second}", rf"{second}{mark}(?:.*{mark})?{first}"
    return rf"(?i)(?:^|{mark})(?:{one}|{other})(?:{mark}|$)"


def _score(spec: CustomFormat, head: bytes) -> float:
    """Say how surely a file is of this format by the names of its columns."""
    if spec.kind == "csv":
        return _header_score(spec, head) if spec.header else 0.0
    keys = [share_of_lines(head, _key_pattern(spec, source)) for source in spec.sources]
    return min(keys[0], sum(keys) / len(keys)) if keys else 0.0


def _key_pattern(spec: CustomFormat, source: str) -> str:
    if spec.kind == "json":
        return rf'^\s*\{{.*"(?:{re.escape(source)}|{re.escape(source.rpartition(".")[2])})" *:'
    return rf"(?:^|{re.escape(spec.delimiter or ' ')}|>)\s*{re.escape(source)}\s*="


def _header_score(spec: CustomFormat, head: bytes) -> float:
    """Return how many of the columns a header names, and to break ties how much of the header they are."""
    pattern = _header_pattern(spec)
    lines = pl.Series(
        [line.decode("utf-8", "replace").strip("\r\n") for line in head.split(b"\n")[:_HEAD_LINES]]
    )
    headers = lines.filter(lines.str.contains(pattern)).to_list()
    names = header_cells(headers[0], spec) if headers else []
    wanted = [*(spec.time.columns if spec.time else ()), *spec.filled.values()]
    wanted += [spec.outcome.column] if spec.outcome else []
    found = [{source.lower() for source in names_of(text)} & set(names) for text in wanted]
    share = sum(map(bool, found)) / len(wanted)
    if share < _ENOUGH or not names:
        return 0.0
    return share * (3 + min(1.0, len(set().union(*found)) / len(names))) / 4
