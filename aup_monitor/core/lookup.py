"""
How a rule asks a list: the shape that lists answer in and that detection reads.

A rule writes `destination.domain|expand: '%list.gambling%'`; detection gathers the distinct values of the column and
asks the look-up named `list.gambling` for all of them at once. How a value meets an entry (by parent domain, by word,
by exact text) belongs to the kind of list, never to the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

FOUND_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "value": pl.String(),
    "entry": pl.String(),
    "sources": pl.String(),
}
"""`value` as asked, the list's `entry` that it met, and the list's `sources` (joined by a comma) that hold it."""


class Lookup(Protocol):
    """One list, ready to be asked."""

    def find(self, values: pl.Series) -> pl.DataFrame:
        """
        Return a row for each value that is on the list, columns `FOUND_SCHEMA`, one row a value, sorted by value.

        `values` are distinct and not null; case does not matter.
        """
        ...
