"""Entries of a school's own lists that do more than their writer meant, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from aup_monitor.core.hosts import canonical_host
from aup_monitor.lists.suffixes import is_public_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Doubt(NamedTuple):
    """One entry, why it is doubtful, and what to do."""

    line: int
    text: str
    reason: str
    fix: str


_WIDE: Final = ("takes in every site below it, and anybody may make one", "name the one site that is meant")
_NARROW: Final = (
    "is a name below which anybody may make a site; the entry is of this name alone",
    "name the one site that is meant",
)
_VOID: Final = {
    "overridden": (
        "counts for nothing: an override takes it off this list",
        "name the page's own host, or undo the override: aup lists show {host}",
    ),
    "protected": (
        "counts for nothing: the protective list holds it",
        "take it out; what helps is on no other list: aup lists show {host}",
    ),
}


def doubtful_hosts(
    lines: Sequence[str], category: str, judge: Callable[[pl.Series], pl.DataFrame]
) -> Iterator[Doubt]:
    """
    Yield the doubtful entries of a list of hosts, in its order.

    Args:
        lines: the list as it lies on disk.
        category: what it lists.
        judge: what all lists say of hosts, `Lists.judge`.

    """
    entries = _entries(lines)
    said = judge(entries["host"].unique(maintain_order=True)).filter(pl.col("category") == category)
    void = dict(
        said.filter((pl.col("depth") == 0) & (pl.col("verdict") != "listed"))
        .select("value", "verdict")
        .iter_rows()
    )
    shared = set(entries.filter(is_public_suffix("host"))["host"])
    for number, text, host in entries.iter_rows():
        if host in void:
            reason, fix = _VOID[void[host]]
            yield Doubt(number, text, reason, fix.format(host=host))
        elif host in shared:
            yield Doubt(number, text, *(_WIDE if text.startswith("*.") else _NARROW))


def _entries(lines: Sequence[str]) -> pl.DataFrame:
    """Return line, text and host of each entry that is a host."""
    rows = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        host = canonical_host(text.removeprefix("*."))
        if host:
            rows.append((number, text, host))
    return pl.DataFrame(rows, schema={"line": pl.Int64, "text": pl.String, "host": pl.String}, orient="row")


def cancelled(terms: pl.DataFrame, protective: pl.DataFrame, support: pl.DataFrame) -> Iterator[str]:
    """
    Yield the terms, as written, that find nothing: people who look for help write just that.

    All are `terms.TERM_SCHEMA`; only themes that protective terms are for are ever cancelled.
    """
    of_help = protective.select("pattern", "theme")
    any_kind = support.select("pattern").join(protective.select("theme").unique(), how="cross")
    said = pl.concat([of_help, any_kind])
    yield from terms.join(said, on=["pattern", "theme"], how="semi", maintain_order="left")["term"]
