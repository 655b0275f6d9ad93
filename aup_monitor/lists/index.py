"""
The domain index: every listed name with its categories, and what it says of a host.

A host is of a category if it or a domain above it is listed. Rules of judgement, in this order:

1. a list of illegal content, which the school itself holds: nothing stands above it;
2. the protective list: a host on or below one of its names is on no other list;
3. overrides: the most specific name speaks (see `overrides.py`);
4. a word in the host's name (see `names.py`) counts where no list of its category holds the host;
5. a listed public suffix (`github.io`) speaks for itself alone, never for the sites of others below it;
6. an address is compared whole, and with the networks that it is in; `address:port` also with that very port, and an
   address of the web (`https://host/path`) with the pages that it lies below alone (see `places.py`): a rule that means the
   whole site asks for its host.

Measured on two cores with tests/lists/bench_index.py: 100,000 distinct hosts against 5 million names take 0.2 to 0.5 s.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import canonical_host, clean_host
from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.lists.catalogue import ILLEGAL, PROTECTIVE
from aup_monitor.lists.names import NAME_SCHEMA, NameWords
from aup_monitor.lists.overrides import ALL
from aup_monitor.lists.places import PAGE, Places

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

ENTRY_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "domain": pl.String(),
    "category": pl.String(),
    "source": pl.String(),
    "exact": pl.Boolean(),
}
"""One name in one list; `exact`: it speaks for itself alone."""

_ASKED_KEPT: Final = 4


class DomainIndex:
    """
    All domain lists together.

    Args:
        entries: `ENTRY_SCHEMA`, sorted; the protective list's have the category `PROTECTIVE`.
        overrides: `OVERRIDE_SCHEMA`.
        words: words in the names of hosts, `NAME_SCHEMA`.

    """

    def __init__(
        self, entries: pl.DataFrame, overrides: pl.DataFrame, words: pl.DataFrame | None = None
    ) -> None:
        self._entries = entries
        self._words = NameWords(pl.DataFrame(schema=NAME_SCHEMA) if words is None else words)
        added = overrides.filter(pl.col("action") == "add").sort("domain", maintain_order=True)
        self._added = added.select("domain", "category", "source", exact=False)
        self._removed = overrides.filter(pl.col("action") == "remove").select("domain", "category")
        self._places = Places(entries["domain"])
        self._asked: deque[tuple[pl.Series, pl.DataFrame]] = deque(maxlen=_ASKED_KEPT)

    def judge(self, values: pl.Series) -> pl.DataFrame:
        """
        Return what every list says of the hosts: (value, category, entry, source, depth, verdict).

        `verdict` is `listed`, `overridden` or `protected`; `depth` counts the labels between the host and the entry.
        The last few answers are kept, because detection asks list after list about the same hosts.
        """
        for asked, answer in list(self._asked):
            if asked.equals(values):
                return answer
        answer = self._judge(_with_parents(values.rename("value"), self._places))
        self._asked.append((values, answer))
        return answer

    def _judge(self, names: pl.DataFrame) -> pl.DataFrame:
        met = pl.concat([_met(names, self._entries, added=False), _met(names, self._added, added=True)])
        named = self._words.met(names).join(met, on=["value", "category"], how="anti")
        met = pl.concat([met, named.with_columns(exact=pl.lit(value=False), added=pl.lit(value=False))])
        removals = names.join(self._removed, left_on="name", right_on="domain")
        cut = removals.group_by("value", "category").agg(pl.col("depth").min().alias("cut"))
        cut_all = cut.filter(pl.col("category") == ALL).select("value", cut_all="cut")
        protected = met.filter(pl.col("category") == PROTECTIVE)["value"].unique()
        return (
            met.join(cut, on=["value", "category"], how="left")
            .join(cut_all, on="value", how="left")
            .select(
                "value", "category", pl.col("name").alias("entry"), "source", "depth", _verdict(protected)
            )
            .sort("value", "category", "depth", "source")
        )


def _met(names: pl.DataFrame, entries: pl.DataFrame, *, added: bool) -> pl.DataFrame:
    """
    Return the entries, which are sorted, that each host or a domain above it meets.

    They are looked up by their order: to join a few hosts with millions of names takes ten times as long.
    """
    asked, domains = names["name"].unique(), entries["domain"]
    places = pl.DataFrame(
        {"first": domains.search_sorted(asked, "left"), "end": domains.search_sorted(asked, "right")}
    ).filter(pl.col("first") < pl.col("end"))
    held = entries[places.select(pl.int_ranges("first", "end").explode()).to_series()]
    return (
        names.join(held, left_on="name", right_on="domain")
        .filter(~pl.col("exact") | (pl.col("depth") == 0))
        .with_columns(added=pl.lit(added))
    )


def _verdict(protected: pl.Series) -> pl.Expr:
    """Return the verdict of each entry met; `add` beside a `remove: [all]` of the same name stands."""
    cut = pl.col("depth") >= pl.col("cut")
    cut_all = (
        pl.when("added")
        .then(pl.col("depth") > pl.col("cut_all"))
        .otherwise(pl.col("depth") >= pl.col("cut_all"))
    )
    return (
        pl.when(pl.col("category") == ILLEGAL)
        .then(pl.lit("listed"))
        .when(pl.col("value").is_in(protected.implode()))
        .then(pl.lit("protected"))
        .when(cut.fill_null(value=False) | cut_all.fill_null(value=False))
        .then(pl.lit("overridden"))
        .otherwise(pl.lit("listed"))
        .alias("verdict")
    )


def _with_parents(values: pl.Series, places: Places) -> pl.DataFrame:
    """Return (value, name, depth): each host as asked, with its canonical name and everything above it."""
    above = places.above(values)
    on_pages = [part.filter(pl.col("value").str.contains(PAGE))["value"] for part in above]
    asked = pl.concat([values.filter(~values.str.contains(PAGE)), *on_pages]).unique()
    return pl.concat([_with_domains(asked), *above])


def _with_domains(values: pl.Series) -> pl.DataFrame:
    """Return (value, name, depth): each host, or the host of an address of the web, and every domain above it."""
    host = (
        pl.when(pl.col("value").str.contains(PAGE))
        .then(pl.col("value").str.extract(r"^(?:[A-Za-z]+://)?([^/]+)", 1))
        .otherwise("value")
        .alias("host")
    )
    level = (
        values.to_frame()
        .with_columns(host)
        .select("value", clean_host("host").alias("name"))
        .drop_nulls("name")
    )
    level = (
        _punycode(level).filter(pl.col("name").str.len_bytes() <= 253).with_columns(depth=pl.lit(0, pl.Int16))
    )
    levels = []
    while level.height:
        levels.append(level)
        is_address = pl.col("name").str.contains(r"^[0-9.]+$|:")
        level = (
            level.filter(~is_address if len(levels) == 1 else pl.lit(value=True))
            .with_columns(pl.col("name").str.splitn(".", 2).struct[1].alias("name"), pl.col("depth") + 1)
            .drop_nulls("name")
        )
    return pl.concat(levels) if levels else level


def _punycode(names: pl.DataFrame) -> pl.DataFrame:
    """Write names in letters beyond ASCII, which are rare, as the lists hold them."""
    odd = names.filter(pl.col("name").str.contains(r"[^\x00-\x7f]"))["name"].unique()
    if odd.is_empty():
        return names
    coded = {name: canonical_host(name) for name in odd}
    return names.with_columns(pl.col("name").replace(coded)).drop_nulls("name")


def shown_entry() -> pl.Expr:
    """Return the entry as it may be shown: what a list of illegal content holds is never written anywhere else."""
    return pl.when(pl.col("category") == ILLEGAL).then(pl.lit("(not shown)")).otherwise("entry")


class DomainList:
    """One category of the index, as a rule asks for it (`core.lookup.Lookup`)."""

    def __init__(self, index: DomainIndex, category: str) -> None:
        self._index = index
        self._category = category

    def find(self, values: pl.Series) -> pl.DataFrame:
        """Return the hosts of this category: the most specific entry met, and every source that lists the host."""
        wanted = "protected" if self._category == PROTECTIVE else "listed"
        return (
            self._index.judge(values)
            .filter((pl.col("category") == self._category) & (pl.col("verdict") == wanted))
            .group_by("value")
            .agg(
                shown_entry().first().alias("entry"),
                pl.col("source").unique().sort().str.join(",").alias("sources"),
            )
            .select(*FOUND_SCHEMA)
            .sort("value")
        )
