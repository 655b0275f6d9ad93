"""
What Microsoft's Network Policy Server says in either of its forms, once each attribute is a column.

The server logs a request, which names the device, and its answer, which does not; `Class` is the same in both. The answer is the
event, and takes the device from its request, if that is among the `LOOKBACK` lines before.

Reference: https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc771748(v=ws.10)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware
from aup_monitor.formats.identity._sessions import STATUSES, held, octets, whose
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

LOOKBACK: Final = 256
ATTRIBUTES: Final = (
    *("Packet-Type", "User-Name", "SAM-Account-Name", "Calling-Station-Id", "Framed-IP-Address", "Class"),
    *("Computer-Name", "NP-Policy-Name", "Reason-Code", "Acct-Status-Type", "Acct-Delay-Time"),
    *("Acct-Session-Time", "Acct-Input-Octets", "Acct-Output-Octets", "NAS-Identifier"),
    *("Acct-Input-Gigawords", "Acct-Output-Gigawords"),
)
_TYPES: Final = {"2": "Access-Accept", "3": "Access-Reject"}
_OUTCOMES: Final = {
    "Access-Accept": "allowed",
    "Access-Reject": "blocked",
    "Start": "allowed",
    "Interim-Update": "allowed",
}


def events(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """
    Return a format's answer.

    Args:
        lines: in the file's order, with `offset`, `_local` (local time, naive), `_whole` (Boolean) and `ATTRIBUTES` (String).
        context: whose zone the times are in.

    """
    kind = pl.col("Packet-Type").replace_strict(_TYPES, default=None, return_dtype=pl.String)
    status = (
        pl.when(pl.col("Packet-Type") == "4").then("Acct-Status-Type").replace_strict(STATUSES, default=None)
    )
    return (
        lines.with_columns(
            _account().alias("_account"), kind.alias("_answer"), status.alias("_status"), *_delayed(context)
        )
        .pipe(_asked)
        .pipe(whose, "_account")
        .with_columns(pl.coalesce("_answer", "_status").alias("event_action"))
        .select(
            "offset",
            "timestamp",
            pl.lit("auth").alias("log_class"),
            pl.when(pl.col("_answer").is_not_null()).then("Reason-Code").alias("event_code"),
            "event_action",
            pl.col("event_action")
            .replace_strict(_OUTCOMES, default="unknown", return_dtype=pl.String)
            .alias("event_outcome"),
            (f.number("Acct-Session-Time") * 1_000_000_000).alias("event_duration"),
            pl.lit("Microsoft").alias("observer_vendor"),
            pl.lit("Network Policy Server").alias("observer_product"),
            pl.col("Computer-Name").alias("observer_name"),
            f.address("Framed-IP-Address").alias("source_ip"),
            hardware(pl.coalesce("Calling-Station-Id", "_device")).alias("source_mac"),
            *("host_name", "user_name", "user_domain"),
            octets("Acct-Input-Octets", "Acct-Input-Gigawords").alias("source_bytes"),
            octets("Acct-Output-Octets", "Acct-Output-Gigawords").alias("destination_bytes"),
            pl.col("NP-Policy-Name").alias("rule_name"),
            *held("_status", "_seconds"),
            pl.when(~_read())
            .then(pl.lit("not an event of the Network Policy Server, or cut off"))
            .alias(REJECT),
            (_read() & pl.col("event_action").is_null()).alias(SKIP),
        )
    )


def _delayed(context: Context) -> list[pl.Expr]:
    """Return the time less the delay that the access point counted, and the session's seconds."""
    delay = f.number("Acct-Delay-Time").fill_null(0)
    late = pl.duration(seconds=pl.when(delay < 86_400).then(delay).otherwise(0))
    return [
        (utc_of_local(pl.col("_local"), context.zone) - late).alias("timestamp"),
        f.number("Acct-Session-Time").alias("_seconds"),
    ]


def _account() -> pl.Expr:
    """Return the account; one that is a path of the directory is taken only where there is no other."""
    sam = pl.col("SAM-Account-Name")
    return pl.coalesce(pl.when(~sam.str.contains("/", literal=True)).then(sam), "User-Name")


def _asked(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Give an answer the device, and if need be the account, of the newest request with its `Class`."""
    asks = (pl.col("Packet-Type") == "1") & pl.col("Class").is_not_null()
    recent = (pl.col("_row") - pl.col("_asked_at") <= LOOKBACK) & pl.col("Class").is_not_null()
    answers = pl.when(recent & pl.col("_answer").is_not_null())
    path = pl.col("SAM-Account-Name").str.replace(r"^.*/", "")
    return (
        lines.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("_row"))
        .with_columns(
            pl.when(asks).then("_row").alias("_asked_at"),
            pl.when(asks).then("Calling-Station-Id").alias("_device"),
            pl.when(asks).then("_account").alias("_asker"),
        )
        .with_columns(pl.col("_asked_at", "_device", "_asker").forward_fill().over("Class"))
        .with_columns(
            answers.then("_device").alias("_device"),
            pl.coalesce("_account", answers.then("_asker"), path).alias("_account"),
        )
    )


def _read() -> pl.Expr:
    return (
        pl.col("_whole") & pl.col("timestamp").is_not_null() & pl.col("Packet-Type").is_not_null()
    ).fill_null(False)
