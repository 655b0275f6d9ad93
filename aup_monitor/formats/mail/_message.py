"""What traces of messages have in common: columns found by their names, lists of recipients, and whose message it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.formats.delimited import cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_COLUMNS = 100
"""A line that names more is no header of a trace."""


def column_names(header: str | None) -> list[str]:
    """Return the names that a header line gives, in lower case; none if there are too many."""
    names = [] if header is None else [name.strip().strip('"').strip().lower() for name in header.split(",")]
    return names if len(names) <= MOST_COLUMNS else []


def by_name(lines: pl.LazyFrame, names: Sequence[str], wanted: Mapping[str, str]) -> pl.LazyFrame:
    """
    Add a String column for each wanted name; null where the header does not name it.

    Args:
        lines: a frame with the column `line`, which is cells parted by commas.
        names: what the header calls the cells.
        wanted: our name -> theirs, or several parted with `|`, of which the first there counts.

    """
    ours: dict[int, str] = {}
    for name, theirs in wanted.items():
        places = [names.index(one) for one in theirs.split("|") if one in names]
        if places:
            ours[places[0]] = name
    titles = [ours.get(place, f"_cell{place}") for place in range(len(names))]
    absent = [pl.lit(None, pl.String).alias(name) for name in wanted if name not in ours.values()]
    return lines.pipe(cells, "line", titles).with_columns(absent)


def plain_addresses(column: str) -> pl.Expr:
    """Return the addresses of a list parted by `;` or `,`, each once, joined by a comma."""
    listed = pl.col(column).str.replace_all(";", ",", literal=True).str.split(",")
    bare = listed.list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
    joined = bare.list.unique(maintain_order=True).list.join(",")
    return pl.when(joined != "").then(joined)


def own_account(direction: str, sender: str, recipients: str) -> pl.Expr:
    """Return the school's own person: who sent it, or, of a message that came in, who alone it was for."""
    alone = pl.when(~pl.col(recipients).str.contains(",", literal=True)).then(pl.col(recipients))
    return (
        pl.when(pl.col(direction).is_in(["outbound", "internal"]))
        .then(pl.col(sender))
        .when(pl.col(direction) == "inbound")
        .then(alone)
    )
