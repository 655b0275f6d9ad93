"""
Public suffixes in columns: which names are nobody's own (`co.uk`, `github.io`), so that a list cannot take all below.

Source: the Public Suffix List (https://publicsuffix.org/list/), both its sections, as `publicsuffixlist` ships it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from publicsuffixlist import PSLFILE

from aup_monitor.core.hosts import canonical_host

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def _rules() -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the names that are suffixes, those whose every child is one (`*.ck`), and the exceptions (`!www.ck`)."""
    lines = Path(PSLFILE).read_text(encoding="utf-8").splitlines()
    rules = [line.split()[0] for line in lines if line.strip() and not line.startswith("//")]
    stars = _names(rule.removeprefix("*.") for rule in rules if rule.startswith("*."))
    exceptions = _names(rule.removeprefix("!") for rule in rules if rule.startswith("!"))
    plain = _names(rule for rule in rules if rule[0] not in "*!")
    return pl.concat([plain, stars]).unique().sort(), stars, exceptions


def _names(rules: Iterable[str]) -> pl.Series:
    names = [name for rule in rules if (name := canonical_host(rule))]
    return pl.Series(names, dtype=pl.String).sort()


def is_public_suffix(column: str) -> pl.Expr:
    """Tell, for a column of canonical names, which are a public suffix or have no dot at all."""
    plain, stars, exceptions = _rules()
    name = pl.col(column)
    parent = name.str.replace(r"^[^.]*\.", "")
    below_star = parent.is_in(stars.implode()) & ~name.is_in(exceptions.implode())
    return name.is_in(plain.implode()) | below_star | ~name.str.contains(".", literal=True)
