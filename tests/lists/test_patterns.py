"""Many texts looked for at once."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.lists.patterns import Patterns

LETTERS = "ab é\u0142\U0001f600"


@given(
    st.lists(st.text(LETTERS, min_size=1, max_size=4), unique=True, max_size=8),
    st.lists(st.none() | st.text(LETTERS, max_size=12), max_size=8),
    st.integers(0, 3),
)
def test_as_plainly_looked_for(patterns: list[str], texts: list[str | None], first: int) -> None:
    """Each pattern is met in just those texts that hold it, in slices of a column too."""
    column = pl.Series(texts, dtype=pl.String)[first:]
    found = Patterns(pl.Series(patterns, dtype=pl.String)).within(column)
    expected = [(n, one) for n, text in enumerate(texts[first:]) for one in patterns if one in (text or "")]
    assert sorted(found.rows()) == sorted(expected)
    assert found.schema == {"row": pl.get_index_type(), "pattern": pl.String}
