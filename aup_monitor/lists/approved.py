"""
Allow lists: what the school has approved, written by people.

`<folder>/lists/approved/software.txt`, `devices.txt` and `resolvers.txt`, one a line, `#` comments, whatever case:

    Microsoft Office*            a name; `*` stands for any text, `?` for one character
    0951:1666                    devices: vendor and product, as the log writes them; any serial number
    0951:1666:60A44C4252         ... or one device alone
    10.4.0.2                     the address of a name server of the school's
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.lookup import FOUND_SCHEMA

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from aup_monitor.lists.listfile import ListFile

APPROVED_SCHEMA: Final[dict[str, PolarsDataType]] = {"entry": pl.String(), "source": pl.String()}
"""A line as written (lower case) and the list that holds it."""

_FEWEST_LETTERS: Final = 2
_LONGEST: Final = 200
_DEVICE: Final = re.compile(r"^[0-9a-f]{4}:[0-9a-f]{4}(:\S+)?$")


@dataclass(frozen=True)
class ParsedApproved:
    """One file: its entries (`APPROVED_SCHEMA`) and the bad lines (line, text, reason)."""

    entries: pl.DataFrame
    problems: list[tuple[int, str, str]]


def parse_approved(file: ListFile, source: str, *, devices: bool) -> ParsedApproved:
    """Return the entries of one file."""
    good: set[str] = set()
    bad: list[tuple[int, str, str]] = []
    for number, line in enumerate(file.text.splitlines(), start=1):
        entry = re.sub(r"(^|\s)#.*$", "", line).strip().lower()
        if not entry:
            continue
        if reason := _reason(entry, devices=devices):
            bad.append((number, line, reason))
        else:
            good.add(entry)
    return ParsedApproved(
        pl.DataFrame([(e, source) for e in sorted(good)], schema=APPROVED_SCHEMA, orient="row"), bad
    )


def _reason(entry: str, *, devices: bool) -> str | None:
    """Return what is wrong with an entry, or None."""
    if len(entry) > _LONGEST:
        return f"longer than {_LONGEST} characters"
    if devices and not _DEVICE.match(entry):
        return "a device is vendor:product or vendor:product:serial, such as 0951:1666"
    if sum(character.isalnum() for character in entry) < _FEWEST_LETTERS:
        return "it would approve nearly everything"
    return None


class ApprovedList:
    """
    One allow list, ready to be asked (`core.lookup.Lookup`).

    Args:
        entries: `APPROVED_SCHEMA`.
        devices: an entry also approves what it begins, up to a colon (`0951:1666` approves each of its serials).

    """

    def __init__(self, entries: pl.DataFrame, *, devices: bool) -> None:
        sources = entries.group_by("entry").agg(
            pl.col("source").unique().sort().str.join(",").alias("sources")
        )
        self._sources = sources.sort(pl.col("entry").str.len_chars(), "entry", descending=[True, False])
        self._tail = "(?::.*)?" if devices else ""

    def find(self, values: pl.Series) -> pl.DataFrame:
        """Return the approved values; `entry` is the longest line that approves it."""
        text = pl.col("value").str.to_lowercase().str.strip_chars()
        approved = [
            pl.when(text.str.contains(self._expression(entry))).then(pl.lit(entry))
            for entry in self._sources["entry"]
        ]
        return (
            values.rename("value")
            .to_frame()
            .with_columns(entry=pl.coalesce(approved) if approved else pl.lit(None, pl.String))
            .drop_nulls("entry")
            .join(self._sources, on="entry")
            .select(*FOUND_SCHEMA)
            .sort("value")
        )

    def _expression(self, entry: str) -> str:
        """Return the glob as a regular expression over the whole value."""
        pieces = {"*": ".*", "?": "."}
        return "(?s)^" + "".join(pieces.get(c) or re.escape(c) for c in entry) + self._tail + "$"
