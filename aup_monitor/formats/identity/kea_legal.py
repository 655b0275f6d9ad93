"""
Forensic log of the Kea DHCP servers (hook `libdhcp_legal_log`, file `kea-legal.20260112.txt`).

A line looks like this:

    2026-01-12 08:45:02 GMT Address: 192.168.7.21 has been assigned for 1 hrs 0 mins 0 secs to a device with hardware address: hwtype=1 00:53:0a:0b:0c:0d, client-id: 01:00:53:0a:0b:0c:0d

Reference: https://kea.readthedocs.io/en/latest/arm/hooks.html#libdhcp-legal-log-so-forensic-logging

What it fills: the time, what was done (`event_action`: assigned, renewed, released, added, deleted), address and hardware
address, and who held the address from when until when. What an administrator or the partner of a cluster did counts alike.

What it lacks: names of devices, accounts. A refusal is not logged.

Caveats:

- The zone is read where it is one of the European abbreviations; else the time is the site's.
- Of DHCPv6 the hardware address is the one logged, else that in the client's DUID. Prefixes, updates without a length, and lines
  that go on from the one before are skipped, and so is what a format of the school's own adds.

From documentation; no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, later
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LINE: Final = r"^(?<_date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<_zone>[A-Za-z0-9+-]{1,6}) (?<_said>.*)$"
_ADDRESS: Final = (
    r"^(?:Address: ?|(?:Administrator|HA partner) (?<_by>added|updated|deleted) .*?address: ?)"
    r"(?<_address>[0-9A-Fa-f.:]+)(?: has been (?<_done>[a-z]+))?(?: |$)"
)
_LENGTH: Final = (
    r" for (?:(?<_days>\d+) days? )?(?<_hours>\d+) hrs? (?<_minutes>\d+) mins? (?<_seconds>\d+) secs?"
)
_BACK: Final = ("released", "declined", "deleted", "expired")

_LOOKS: Final = (
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S{1,6} (?:(?:Address|Prefix): ?[0-9A-Fa-f.:/]+ has been |"
    r"(?:Administrator|HA partner) (?:added|updated|deleted) )"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    return (
        groups(lines, "line", _LINE)
        .pipe(groups, "_said", _ADDRESS)
        .pipe(groups, "_said", _LENGTH)
        .with_columns(
            _time(context).alias("timestamp"),
            f.address("_address").alias("source_ip"),
            pl.coalesce("_done", "_by").alias("event_action"),
            _length().alias("_length"),
        )
        .select(
            "offset",
            "timestamp",
            pl.lit("dhcp").alias("log_class"),
            "event_action",
            pl.when(_gives()).then(pl.lit("allowed")).otherwise(pl.lit("unknown")).alias("event_outcome"),
            pl.lit("ISC").alias("observer_vendor"),
            pl.lit("Kea").alias("observer_product"),
            "source_ip",
            pl.coalesce(
                hardware(
                    pl.col("_said").str.extract(r"hardware address: (?:hwtype=\d+ )?([0-9A-Fa-f:]{17})")
                ),
                hardware_of_duid(pl.col("_said").str.extract(r"DUID: ([0-9A-Fa-f:]+)")),
            ).alias("source_mac"),
            pl.when(_gives()).then("timestamp").alias("lease_from"),
            _until(),
            _reject(),
            (pl.col("timestamp").is_not_null() & ~_event().fill_null(False)).alias(SKIP),
        )
    )


def _time(context: Context) -> pl.Expr:
    """Return the time by its zone's abbreviation, else as the site's."""
    naive = pl.col("_date").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    ahead = pl.col("_zone").replace_strict(f.ZONES, default=None, return_dtype=pl.Int64)
    by_name = (naive - pl.duration(hours=ahead)).dt.replace_time_zone("UTC").cast(TIME)
    return pl.coalesce(by_name, utc_of_local(naive, context.zone))


def _length() -> pl.Expr:
    """Return the seconds of a lease; null where it is for ever."""
    days, hours, minutes, seconds = (
        pl.col(name).cast(pl.Int64, strict=False) for name in ("_days", "_hours", "_minutes", "_seconds")
    )
    worded = ((days.fill_null(0) * 24 + hours) * 60 + minutes) * 60 + seconds
    counted = pl.col("_said").str.extract(r" for (\d+) seconds").cast(pl.Int64, strict=False)
    return pl.coalesce(worded, counted)


def _event() -> pl.Expr:
    named = pl.col("event_action").is_not_null() & pl.col("source_ip").is_not_null()
    return named & (pl.col("event_action") != "updated")


def _gives() -> pl.Expr:
    return (_event() & ~pl.col("event_action").is_in(_BACK)).fill_null(False)


def _until() -> pl.Expr:
    return (
        pl.when(_gives())
        .then(later(pl.col("timestamp"), pl.col("_length")))
        .when(_event() & pl.col("event_action").is_in(_BACK))
        .then("timestamp")
        .alias("lease_to")
    )


def _reject() -> pl.Expr:
    return (
        pl.when(pl.col("timestamp").is_null())
        .then(pl.lit("not a line of Kea's forensic log, or its time is not understood"))
        .when(_gives() & pl.col("_length").is_null() & pl.col("_said").str.contains(r" for \d"))
        .then(pl.lit("a lease whose length is not understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="kea-legal", log_class="dhcp", title="Kea forensic log", looks=_LOOKS, doc=__doc__, parse=parse
)
