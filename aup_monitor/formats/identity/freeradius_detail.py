"""
Accounting detail of FreeRADIUS (`radacct/192.0.2.5/detail-20260112`), also radsecproxy's and Cistron's.

A record runs over several lines; a blank line ends it:

    Mon Jan 12 08:45:02 2026
        Acct-Status-Type = Start
        User-Name = "amina.k"
        Calling-Station-Id = "00-53-0A-0B-0C-0D"
        Framed-IP-Address = 192.168.7.21
        Timestamp = 1768207502

Reference: https://networkradius.com/doc/current/raddb/mods-available/detail.html

What it fills: the event stands on the record's line `Timestamp`. Time (less `Acct-Delay-Time`), start, interim or stop
(`event_action`), account, the address that the session was given, the device's hardware address, how long the session took and its
bytes, and the access point or switch as the observer. A computer's account is the device's name. Start and interim report say that
the address is held from then on; a stop, that it was held for as long as the session took.

What it lacks: pages, sites. Many access points do not know the address at the start; then only interim reports and stops tell it.

Caveats:

- Records of log-ons (`auth-detail`, `reply-detail`), which may hold passwords, and of a device that switches on or off, are skipped.
- Of two addresses, IPv4 and IPv6, the first counts.
- A record of more than 256 lines, one that was cut off, and one without `Timestamp` make no event.

Checked on real lines: 4 records of a FreeRADIUS 3.2 that the tests start where it is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware
from aup_monitor.formats.identity._quoted import unquoted
from aup_monitor.formats.identity._sessions import STATUSES, STOP, held, octets, whose
from aup_monitor.formats.pieces import groups

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

LOOKBACK: Final = 256

_HEAD: Final = r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$"
_LINE: Final = r"^\s+(?<_key>[A-Za-z][A-Za-z0-9.-]*)(?::\d+)? (?:[:+]?=) (?<_value>.*)$"
_KEYS: Final = (
    *("Acct-Status-Type", "User-Name", "Calling-Station-Id", "Framed-IP-Address", "Framed-IPv6-Address"),
    *("NAS-Identifier", "NAS-IP-Address", "Acct-Session-Time", "Acct-Delay-Time", "Timestamp"),
    *("Acct-Input-Octets", "Acct-Output-Octets", "Acct-Input-Gigawords", "Acct-Output-Gigawords"),
)

_LOOKS: Final = rf"{_HEAD}|^\t[A-Z][A-Za-z0-9-]+ (?:[:+]?=) \S"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - `Timestamp` counts seconds of UTC
    """Turn lines into events; see the module's page."""
    read = _records(lines).with_columns(_last().alias("_last"))
    ends = pl.when("_last").then("_record").alias("_ended")
    return (
        read.with_columns(ends)
        .join(_said(read), left_on="_ended", right_on="_record", how="left", maintain_order="left")
        .with_columns(pl.col("Acct-Status-Type").replace_strict(STATUSES, default=None).alias("_status"))
        .with_columns((pl.col("_last") & pl.col("_status").is_not_null()).alias("_event"))
        .with_columns(_time().alias("timestamp"), f.number("Acct-Session-Time").alias("_seconds"))
        .pipe(whose, "User-Name")
        .select(
            "offset",
            pl.when("_event").then("timestamp").alias("timestamp"),
            pl.lit("auth").alias("log_class"),
            pl.col("_status").alias("event_action"),
            pl.when(pl.col("_status") == STOP)
            .then(pl.lit("unknown"))
            .otherwise(pl.lit("allowed"))
            .alias("event_outcome"),
            (pl.col("_seconds") * 1_000_000_000).alias("event_duration"),
            pl.lit("FreeRADIUS").alias("observer_product"),
            pl.coalesce("NAS-Identifier", "NAS-IP-Address").alias("observer_name"),
            pl.coalesce(f.address("Framed-IP-Address"), f.address("Framed-IPv6-Address")).alias("source_ip"),
            hardware("Calling-Station-Id").alias("source_mac"),
            *("host_name", "user_name", "user_domain"),
            octets("Acct-Input-Octets", "Acct-Input-Gigawords").alias("source_bytes"),
            octets("Acct-Output-Octets", "Acct-Output-Gigawords").alias("destination_bytes"),
            *held("_status", "_seconds"),
            _reject(),
            (~pl.col("_event") & _known()).alias(SKIP),
        )
    )


def _records(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add the number of the record that each line is of, where it began, and its attribute."""
    head = pl.col("line").str.contains(_HEAD)
    return (
        groups(lines.with_row_index("_row"), "line", _LINE)
        .with_columns(pl.col("_row").cast(pl.Int64), head.alias("_head"))
        .with_columns(
            pl.col("_head").cast(pl.Int64).cum_sum().alias("_record"),
            pl.when("_head").then("_row").forward_fill().alias("_began"),
        )
    )


def _said(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return what each record says, the first of an attribute counting."""
    wanted = lines.select("_record", "_key", "_value").filter(pl.col("_key").is_in(_KEYS))
    return (
        wanted.with_columns(unquoted("_value").alias("_value"))
        .group_by("_record", maintain_order=True)
        .agg(pl.col("_value").filter(pl.col("_key") == key).first().alias(key) for key in _KEYS)
    )


def _last() -> pl.Expr:
    """Tell the line that ends a record, if the record began near enough to be seen from any block."""
    return ((pl.col("_key") == "Timestamp") & (pl.col("_row") - pl.col("_began") <= LOOKBACK)).fill_null(
        False
    )


def _time() -> pl.Expr:
    delay = f.number("Acct-Delay-Time").fill_null(0)
    seconds = f.number("Timestamp") - pl.when(delay < 86_400).then(delay).otherwise(0)
    return pl.when(seconds.is_between(0, 4_102_444_800)).then(seconds * 1_000_000).cast(TIME)


def _known() -> pl.Expr:
    return pl.col("_head") | pl.col("_key").is_not_null()


def _reject() -> pl.Expr:
    return (
        pl.when(~_known())
        .then(pl.lit("neither the time of a record nor an attribute of one"))
        .when(pl.col("_event") & pl.col("timestamp").is_null())
        .then(pl.lit("the time is not understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="freeradius-detail",
    log_class="auth",
    title="FreeRADIUS accounting detail",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
