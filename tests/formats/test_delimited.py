"""Cells come out of delimited lines as Python's own reader of CSV finds them."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.delimited import cells

NAMES = ["a", "b", "c"]


def read(*lines: str) -> list[dict[str, str | None]]:
    """Return the first three cells of each line."""
    frame = pl.LazyFrame({"line": lines}, schema={"line": pl.String})
    return cells(frame, "line", NAMES).select(NAMES).collect().to_dicts()


def written(row: list[str], *, all_quoted: bool) -> str:
    """Return a row as one line of CSV."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL, lineterminator="").writerow(
        row
    )
    return text.getvalue()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    rows=st.lists(
        st.tuples(st.lists(st.text("ab ,\"'=", max_size=6), min_size=2, max_size=5), st.booleans()),
        max_size=6,
    )
)
def test_cells_are_those_of_pythons_reader(rows: list[tuple[list[str], bool]]) -> None:
    """Lines with all cells in quotes, with some or with none, side by side."""
    found = read(*(written(row, all_quoted=quoted) for row, quoted in rows))
    expected = [
        {name: (cell or None) for name, cell in zip(NAMES, [*row, None, None, None], strict=False)}
        for row, _ in rows
    ]
    assert found == expected


@pytest.mark.parametrize("line", ['"a","b', '"a","', '"', '""', '","', '"a""', 'a"b,c', '"a"x"b"'])
def test_a_line_cut_off_still_gives_a_row(line: str) -> None:
    """Quotes that do not pair lose no line."""
    assert len(read(line)) == 1
