"""
What single matches show of whether somebody meant it: where a page was opened from, who else asked, at what hour.

    from_search   a page opened from the results of a search engine (`rules/facts/search_engines.yml`)
    redirected    an answer that only sends on: another page or address chose where to
    crowd         how many subjects, this one too, met the same rule at the same host within the same minute
    at_night      between eleven at night and five in the morning, in the United Kingdom
"""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.noise import origin_host
from aup_monitor.detect.reference import LONDON

if TYPE_CHECKING:
    from aup_monitor.detect.searches import SearchEngines

NIGHT: Final = (time(23), time(5))
SENT_ON: Final = (301, 302, 303, 307, 308)


def signs() -> list[pl.Expr]:
    """Return the columns `from_search`, `redirected`, `crowd` and `at_night`, never null."""
    moment = pl.col("timestamp")
    hour = moment.dt.convert_time_zone(LONDON.key).dt.time()
    begins, ends = NIGHT
    together = ("site", "rule", "destination_domain", moment.dt.truncate("1m"))
    return [
        origin_host().map_batches(_of_engines, return_dtype=pl.Boolean).alias("from_search"),
        pl.col("http_response_status_code").is_in(SENT_ON).fill_null(value=False).alias("redirected"),
        pl.col("subject").n_unique().over(together).cast(pl.Int64).alias("crowd"),
        ((hour >= begins) | (hour < ends)).fill_null(value=False).alias("at_night"),
    ]


def _of_engines(hosts: pl.Series) -> pl.Series:
    known = [host for host in hosts.unique().drop_nulls() if _engines().of(host)]
    return hosts.is_in(known).fill_null(value=False)


@cache
def _engines() -> SearchEngines:
    return load_facts().engines
