"""What is said of a format before it is trusted: what it fills, and on how much it was checked."""

from __future__ import annotations

import pytest

from aup_monitor.core.errors import NotFoundError
from aup_monitor.core.format import Context
from aup_monitor.formats import FORMATS
from aup_monitor.formats.endpoint import evtx, windows_json
from aup_monitor.jobs.formats import find_format, listed, page


def test_every_format_fills_something() -> None:
    """Each says the time and at least one group of columns; figures are whole and not boastful."""
    for fmt in FORMATS:
        told = listed(fmt)
        assert "timestamp" in told.columns, fmt.name
        assert told.fills, fmt.name
        assert told.real_lines >= 0


def test_a_format_that_was_checked_says_on_what() -> None:
    """The page ends with the columns and with the figures of the comparison."""
    text = page(find_format("squid"))
    told = listed(find_format("squid"))
    assert told.real_lines > 100
    assert text.endswith(
        f"Real lines in the comparison of formats: {told.real_lines:,} events of others; {told.agreement} are as "
        "another program reads them."
    )
    assert "Columns: timestamp, " in text
    assert set(told.fills) == {"who", "where", "web"}


def test_a_format_without_a_real_line_says_so() -> None:
    """What rests on documentation alone is not dressed up."""
    assert page(find_format("smoothwall")).endswith("comparison of formats: none.")


def test_the_event_log_fills_what_its_json_does() -> None:
    """EVTX and JSON are two ways to the same columns."""
    import polars as pl

    none = pl.LazyFrame(schema={"line": pl.String, "offset": pl.Int64})
    columns = windows_json.parse(none, Context()).collect_schema().names()
    assert set(evtx.FORMAT.fills) == set(columns) - {"offset", "reject", "skip"}


def test_an_unknown_format() -> None:
    """A slip is answered with the names that there are."""
    with pytest.raises(NotFoundError, match="there is no format 'squidd'"):
        find_format("squidd")
