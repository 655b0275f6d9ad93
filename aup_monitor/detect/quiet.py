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
        self._asked: set[str] = set()
        self._levels: dict[str, int] = {}

    def level(self, host: str) -> pl.Expr:
        """Return the log level of each host of a column, Int8; null for one that people may go to."""
        return pl.col(host).map_batches(self._of, return_dtype=pl.Int8, is_elementwise=True)

    def learn(self, hosts: pl.Series) -> None:
        """Look up those hosts that are new, all at once; `level` would ask the lists batch by batch."""
        if not self._lists:
            return
        new = pl.Series(
            "value",
            [host for host in hosts.unique() if host is not None and host not in self._asked],
            pl.String,
        ).sort()
        if len(new):
            for level, lookup in reversed(self._lists):
                found = lookup.find(new).filter(pl.col("sources").str.contains(SURE))
                self._levels |= dict.fromkeys(found["value"], level)
            # Last: another thread that knows a host must find its level.
            self._asked.update(new)

    def _of(self, hosts: pl.Series) -> pl.Series:
        self.learn(hosts)
        return hosts.replace_strict(self._levels, default=None, return_dtype=pl.Int8)


NOWHERE: Final = QuietHosts({}, {})
"""Knows no such hosts."""
