"""Of a search that is being typed only the last is counted; what was sent, and what stands alone, stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from aup_monitor.core.schema import MATCH_SCHEMA
from aup_monitor.detect.typeahead import SEARCHES, collapsed, typists

START = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
Typed = tuple[float, str, int]


def matches(*typed: Typed, subject: str = "a.okafor") -> pl.DataFrame:
    """Return matches: seconds after the first, the search, the log level."""
    rows = [
        {
            "timestamp": START + timedelta(seconds=at),
            "date": date(2026, 9, 15),
            "site": "main",
            "subject": subject,
            "rule": "suicide_search",
            "search_query": text,
            "log_level": level,
            "source_offset": n,
        }
        for n, (at, text, level) in enumerate(typed)
    ]
    return pl.DataFrame(rows, schema=MATCH_SCHEMA)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ([(0, "want to d", 2), (1, "want to die", 2), (2, "Want to die alone", 3)], ["Want to die alone"]),
        ([(0, "want to d", 2), (1, "want to die", 2)], ["want to die"]),
        ([(0, "want to die", 3), (1, "want to die alone", 3)], ["want to die", "want to die alone"]),
        ([(0, "want to die", 2), (0, "want to die alone", 2)], ["want to die alone"]),
        ([(0, "want to die", 2), (60, "want to die alone", 3)], ["want to die", "want to die alone"]),
        ([(0, "want to die", 2), (1, "cat pictures", 3)], ["want to die", "cat pictures"]),
    ],
)
def test_beginnings_go_and_what_was_sent_stays(typed: list[Typed], left: list[str]) -> None:
    """A beginning that was only typed, and soon gone on with, is dropped; nothing else is."""
    found = matches(*typed)

    assert collapsed(found, found.select(SEARCHES))["search_query"].to_list() == left


def test_what_was_searched_for_in_the_end_need_not_match() -> None:
    """The whole search may mean something else than its beginning: then the beginning is nothing."""
    begun, whole = matches((0, "want to die", 2)), matches((1, "want to die for my country poem", 3))

    assert collapsed(begun, whole.select(SEARCHES)).is_empty()
    assert typists(begun).to_list() == ["a.okafor"]
    assert typists(whole).to_list() == []


def test_other_peoples_typing_is_their_own() -> None:
    """What another goes on to type collapses nothing."""
    both = pl.concat([matches((0, "want to d", 2)), matches((1, "want to die", 3), subject="b.ng")])

    assert collapsed(both, both.select(SEARCHES)).equals(both)
