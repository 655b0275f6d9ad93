"""Accounts are split once for each distinct one, and nothing is lost."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.accounts import split_account


def split(*texts: str | None) -> list[dict[str, str | None]]:
    """Split the accounts of a column."""
    frame = pl.LazyFrame({"user": texts}, schema={"user": pl.String})
    return frame.select(split_account("user")).unnest("user").collect().to_dicts()


def test_a_column_keeps_its_order_and_its_nulls() -> None:
    """Repeated accounts, `-`, empty texts and nulls come out where they went in."""
    rows = split("b", None, "SCHOOL\\a", "b", "-", "", "@x", "SCHOOL\\")
    assert [row["user_name"] for row in rows] == ["b", None, "a", "b", None, None, "@x", "SCHOOL\\"]
    assert [row["user_domain"] for row in rows] == [None, None, "SCHOOL", None, None, None, "x", "SCHOOL"]


def test_a_backslash_may_be_written_twice() -> None:
    """As Squid 5 does, in an account that its users log on with."""
    assert (
        split("SCHOOL\\\\alice")
        == split("SCHOOL\\alice")
        == [{"user_name": "alice", "user_domain": "SCHOOL"}]
    )


def test_an_empty_column_stays_empty() -> None:
    """No accounts give no rows."""
    assert split() == []


@settings(max_examples=50, deadline=None, derandomize=True)
@given(texts=st.lists(st.none() | st.text(max_size=12), max_size=8))
def test_any_text_gives_a_row_and_an_account_gives_a_name(texts: list[str | None]) -> None:
    """Whatever is written, a row comes out for each, and only nothing has no name."""
    rows = split(*texts)
    assert len(rows) == len(texts)
    assert all(
        (row["user_name"] is None) == (text in {None, "", "-"}) for row, text in zip(rows, texts, strict=True)
    )
