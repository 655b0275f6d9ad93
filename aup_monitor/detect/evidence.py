"""Why a rule hit: the selections that were true, and what a list said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.detect.tree import AllOf, AnyOf, Keyword, Listed, Node, Selected, Test, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aup_monitor.detect.columnar import Asked, Compiler
    from aup_monitor.detect.rule import Rule

_VOTE: Final = pl.Struct({"list_name": pl.String(), "list_entry": pl.String(), "list_sources": pl.String()})
EVIDENCE: Final = ("rule", "selections", "list_name", "list_entry", "list_sources")
"""The columns that evidence adds to an event."""


def asked_of(leaves: Iterable[Test | Keyword | Selected]) -> Iterator[Asked]:
    """Yield the list and the column of each test that asks a list."""
    for leaf in leaves:
        match leaf:
            case Test(_, str(column), Listed(name)):
                yield name, column


def with_evidence(
    hit: pl.DataFrame, rule: Rule, compiler: Compiler, found: Mapping[Asked, pl.DataFrame]
) -> pl.DataFrame:
    """
    Return the frame with the columns `EVIDENCE`.

    Args:
        hit: prepared cases that the rule hit.
        rule: the rule.
        compiler: makes expressions of the rule's nodes.
        found: what each list said of each column, columns `FOUND_SCHEMA`.

    """
    votes = []
    for n, (selection, asked) in enumerate(_voters(rule)):
        hit = _ask(hit, asked, found[asked], f"vote {n}")
        votes.append(pl.when(compiler.node(Selected(selection))).then(f"vote {n}"))
    true = [
        pl.when(compiler.node(node)).then(pl.lit(name)).alias(name) for name, node in rule.selections.items()
    ]
    return hit.with_columns(
        pl.lit(rule.name).alias("rule"),
        pl.concat_str(true, separator=",", ignore_nulls=True).alias("selections"),
        pl.coalesce([*votes, pl.lit(None, _VOTE)]).alias("vote"),
    ).unnest("vote")


def _ask(hit: pl.DataFrame, asked: Asked, found: pl.DataFrame, vote: str) -> pl.DataFrame:
    name, column = asked
    said = found.select(
        "value",
        pl.struct(pl.lit(name).alias("list_name"), list_entry="entry", list_sources="sources").alias(vote),
    )
    values = hit.with_columns(pl.col(column).cast(pl.String).alias("value"))
    return values.join(said, on="value", how="left", maintain_order="left").drop("value")


def _voters(rule: Rule) -> Iterator[tuple[str, Asked]]:
    """Yield the lists that speak for a match, each with its selection: those that the condition does not deny."""
    for name in dict.fromkeys(_affirmed(rule.condition)):
        for asked in dict.fromkeys(asked_of(leaves(rule.selections[name]))):
            yield name, asked


def _affirmed(node: Node) -> Iterator[str]:
    match node:
        case Selected(name):
            yield name
        case AllOf(nodes) | AnyOf(nodes):
            for inner in nodes:
                yield from _affirmed(inner)
