"""Counts of a run, and the exit code that they come to."""

from __future__ import annotations

import pytest

from aup_monitor.core.tally import Tally


def test_counts_add_up() -> None:
    """Two runs' counts, problems and notes are those of both."""
    total = Tally(files=1, lines=10, events=7, rejects=1, skipped=2, notes=["a"])
    total.add(Tally(files=2, unchanged=1, lines=5, events=5, problems=["b"]))
    assert total == Tally(3, 1, 15, 12, 1, 2, ["b"], ["a"])
    assert total.lines == total.events + total.rejects + total.skipped


def test_tallies_share_nothing() -> None:
    """A problem of one run is not another's."""
    Tally().problems.append("mine")
    assert Tally().problems == []


@pytest.mark.parametrize(
    ("tally", "strict", "code"),
    [
        (Tally(), True, 0),
        (Tally(rejects=1), False, 0),
        (Tally(rejects=1), True, 1),
        (Tally(problems=["a file"]), False, 3),
        (Tally(rejects=1, problems=["a file"]), True, 3),
        (Tally(notes=["a last line"]), True, 0),
    ],
)
def test_exit_code(tally: Tally, strict: bool, code: int) -> None:
    """A file that could not be used outweighs a bad line; a bad line counts only where it was asked for."""
    assert tally.exit_code(strict=strict) == code


def test_in_words() -> None:
    """Every count is in the sentence, thousands with a comma; unchanged files only where there are some."""
    text = str(Tally(files=2, unchanged=1, lines=1204, events=1000, rejects=4, skipped=200))
    assert text == (
        "2 files (1 with nothing new), 1,204 lines: 1,000 events, 4 bad lines, 200 comments and lines with no event"
    )
    assert "nothing new" not in str(Tally(files=2))
