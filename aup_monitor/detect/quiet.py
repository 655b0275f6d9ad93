"""
Hosts that nobody goes to: advertising, tracking, content networks, updates and telemetry, by the lists of them.

Which lists, and how little an event of theirs tells, is in `rules/facts/noise.yml` (`lists`). A host counts where a list
that people wrote by hand holds it, or two others do: one downloaded list alone may hold half the web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.lookup import Lookup

SURE: Final = r"(^|,)(starter-|own\d*-)|,"
"""What the sources say of a host that counts: one of ours or the school's, or several."""


class QuietHosts:
    """
    Knows the log level of hosts that nobody goes to; each distinct host is looked up once.

    Args:
        lookups: lists by name; those that are not there say nothing.
        levels: the log level of each list's hosts; of two, the lower counts.

    """

    def __init__(self, lookups: Mapping[str, Lookup], levels: Mapping[str, int]) -> None:
        chosen = sorted((level, name) for name, level in levels.items() if name in lookups)
        self._lists = [(level, lookups[name]) for level, name in chosen]
        self._known: dict[str, int | None] = {}

    def level(self, host: str) -> pl.Expr:
        """Return the log level of each host of a column, Int8; null for one that people may go to."""
        return pl.col(host).map_batches(self._levels, return_dtype=pl.Int8, is_elementwise=True)

    def learn(self, hosts: pl.Series) -> None:
        """Look up those hosts that are new, all at once; `level` would ask the lists batch by batch."""
        distinct = hosts.unique().drop_nulls()
        new = (
            distinct.filter([host not in self._known for host in distinct]).sort()
            if len(distinct)
            else distinct
        )
        if len(new):
            self._known |= dict.fromkeys(new)
            for level, lookup in reversed(self._lists):
                found = lookup.find(new).filter(pl.col("sources").str.contains(SURE))
                self._known |= dict.fromkeys(found["value"], level)

    def _levels(self, hosts: pl.Series) -> pl.Series:
        self.learn(hosts)
        distinct = hosts.unique().drop_nulls()
        quiet = {host: level for host in distinct if (level := self._known[host]) is not None}
        return hosts.replace_strict(quiet, default=None, return_dtype=pl.Int8)


NOWHERE: Final = QuietHosts({}, {})
"""Knows no such hosts."""
