"""Pieces of a column become columns."""

from __future__ import annotations

import polars as pl

from aup_monitor.formats.pieces import cut, groups

LINES = pl.LazyFrame({"line": ["a:b:c:d", "a", "", None]}, schema={"line": pl.String})


def test_the_last_piece_holds_the_rest() -> None:
    """Fewer marks leave the last pieces null; more stay in the last piece."""
    found = cut(LINES, "line", ":", ["first", "second"]).select("first", "second").collect().rows()
    assert found == [("a", "b:c:d"), ("a", None), ("", None), (None, None)]


def test_a_line_that_does_not_match_has_no_groups() -> None:
    """Named groups become columns, null in every line that the expression does not fit."""
    found = groups(LINES, "line", r"^(?<one>\w):(?<two>\w)").select("one", "two").collect().rows()
    assert found == [("a", "b"), (None, None), (None, None), (None, None)]
