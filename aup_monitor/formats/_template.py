r"""
The log of an invented filter: copy this file to begin a format of your own, and write its page here.

Lines look like this:

    2026-01-12 10:03:17|192.168.7.21|GREENFIELD\a.khan|BLOCK|https://casino.example/play?id=7|Gambling

Reference: https://example.org/filter/log-format (the vendor's document, or the place in its source)

What it fills: the time (local, in the site's zone), the client's address, account and domain, the filter's verdict, the
address of the page and its parts, and the filter's category.

What it lacks: bytes, method, media type, browser, referrer.

Caveats:

- Lines that begin with `#` are comments.

Checked on real lines: none; this filter does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import account, address, outcome
from aup_monitor.formats.pieces import cut
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

# What a line surely of this log looks like, and a line of no other: it recognises files, and finds lines in mixed ones.
_LOOKS: Final = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\|[^|]+\|[^|]*\|(?:ALLOW|BLOCK|WARN)\|"
_FIELDS: Final = ("_time", "_client", "_user", "_verdict", "_url", "_category")


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    comment = pl.col("line").str.starts_with("#")
    naive = pl.col("_time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return (
        # Cut a line once, then look at its pieces.
        cut(lines.with_columns(comment.alias(SKIP)), "line", "|", _FIELDS)
        .with_columns(account("_user").alias("_user"))
        .with_columns(
            utc_of_local(naive, context.zone).alias("timestamp"),
            split_account("_user").alias("_account"),
        )
        .pipe(split_url, "_url")
        .select(
            "offset",
            "timestamp",
            pl.lit("web").alias("log_class"),
            pl.col("_verdict").alias("event_action"),
            outcome(pl.col("_verdict"), allowed="allow", blocked="block").alias("event_outcome"),
            pl.lit("Example").alias("observer_vendor"),
            address("_client").alias("source_ip"),
            pl.col("_account").struct.field("user_name", "user_domain"),
            pl.col("_url").alias("url_full"),
            *("url_scheme", "url_domain", "destination_port", "url_path", "url_query"),
            account("_category").alias("rule_category"),
            SKIP,
            _reject(),
        )
    )


def _reject() -> pl.Expr:
    """Return why a line is bad, in words that a person can act on; null for an event."""
    return (
        pl.when(SKIP)
        .then(None)
        .when(pl.col("_category").is_null())
        .then(pl.lit("not the six fields of the filter's log"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("the time is not one"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="template",
    log_class="web",
    title="Log of an invented filter",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
