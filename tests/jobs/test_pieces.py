"""A busy day judged in pieces, and quiet days judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.jobs import analyse
from aup_monitor.lake import Lake

if TYPE_CHECKING:
    from school import School


@pytest.mark.parametrize(
    ("together", "events", "piece"), [(1, 10**6, 10**6), (60, 0, 1), (60, 2, 2), (2, 3, 10**6)]
)
def test_however_days_are_cut_the_incidents_are_the_same(
    school: School, monkeypatch: pytest.MonkeyPatch, together: int, events: int, piece: int
) -> None:
    """One day or sixty at a time, whole or event by event: the same incidents and the same matches."""
    before = [one.incident for one in school.incidents()]
    matches = Lake(school.workspace.lake).scan("matches").sort(pl.all()).collect()
    assert before
    monkeypatch.setattr(analyse, "TOGETHER", together)
    monkeypatch.setattr(analyse, "EVENTS_TOGETHER", events)
    monkeypatch.setattr(analyse, "PIECE", piece)

    school.analyse(everything=True)

    assert [one.incident for one in school.incidents()] == before
    assert Lake(school.workspace.lake).scan("matches").sort(pl.all()).collect().equals(matches)


def test_pieces_hold_each_event_once(school: School) -> None:
    """Cut into twos, a day's events are all there, and no piece is larger."""
    lake = Lake(school.workspace.lake)
    for site, day, count, _ in lake.units().iter_rows():
        pieces = [piece.collect() for piece in lake.pieces(site, [day], 2)]
        assert sum(map(len, pieces)) == count
        assert max(map(len, pieces)) <= 2
