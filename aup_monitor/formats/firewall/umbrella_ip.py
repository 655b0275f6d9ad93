r"""
Cisco Umbrella IP log, the CSV that Umbrella puts into an S3 bucket: what the roaming client sent to suspect addresses.

    "2026-01-12 08:45:01","elm-lib-04","10.20.4.31","50123","192.0.2.7","443","Malware"

Seven fields, each in quotes.
Reference: https://docs.umbrella.com/deployment-umbrella/docs/log-formats-and-versioning (iplogs)

What it fills: time (UTC), the computer that has the client (the identity), or the account where the identity is one with an
address, client and server with ports, categories.

The outcome is unknown: the log does not say what was done.

Lacks: transport, verdict, rule. Caveats: what sort of thing the identity is the log does not say; only the roaming client,
which is a computer's, writes here.

Checked on 4 real lines against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.fields import address, port

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = ("time", "identity", "source", "source_port", "server", "server_port", "categories")
_HEADER: Final = r'(?i)^"?timestamp"?,'
_MAIL: Final = r"([^()\s,@]+@[^()\s,]+)"


_LOOKS: Final = r'^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", ?"[^"]*", ?"[0-9A-Fa-f:.]+", ?"\d*", ?"[0-9A-Fa-f:.]+", ?"\d*", ?"[^"]*"$'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the log is in UTC
    """Turn lines into events; see the module's page."""
    moment = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return (
        lines.with_columns(pl.col("line").str.replace_all('", "', '","', literal=True))
        .pipe(cells, "line", _NAMES)
        .with_columns(pl.col("identity").str.extract(_MAIL).alias("account"))
        .select(
            "offset",
            moment.dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
            pl.lit("Cisco").alias("observer_vendor"),
            pl.lit("Umbrella").alias("observer_product"),
            pl.lit("unknown").alias("event_outcome"),
            address("source").alias("source_ip"),
            port("source_port").alias("source_port"),
            pl.when(pl.col("account").is_null()).then("identity").alias("host_name"),
            split_account("account").struct.field("user_name", "user_domain"),
            address("server").alias("destination_ip"),
            port("server_port").alias("destination_port"),
            pl.col("categories").alias("rule_category"),
            _reject(),
            pl.col("line").str.contains(_HEADER).alias(SKIP),
        )
    )


def _reject() -> pl.Expr:
    wrong = ~pl.col("line").str.contains(_LOOKS) & ~pl.col("line").str.contains(_HEADER)
    return pl.when(wrong).then(pl.lit("not the fields of Umbrella's IP log")).alias(REJECT)


FORMAT: Final = Format(
    name="umbrella-ip",
    log_class="firewall",
    title="Cisco Umbrella IP log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
