r"""
Cisco Identity Services Engine (ISE) in syslog: log-ons, accounting, guests.

A line looks like this (shortened):

    <181>Jan 12 08:45:02 ise1 CISE_Passed_Authentications 0000083423 1 0 2026-01-12 08:45:02.978 +00:00 0000083490 5200 NOTICE Passed-Authentication: Authentication succeeded, ConfigVersionId=16, UserName=SCHOOL\amina.k, Calling-Station-ID=00-53-0A-0B-0C-0D, NAS-IP-Address=192.0.2.5,

Reference: https://www.cisco.com/c/en/us/td/docs/security/ise/syslog/Cisco_ISE_Syslogs/m_SyslogsList.html

What it fills: the message's own time, number (`event_code`) and text (`event_action`), account, address, hardware address, the policy
that matched (`rule_name`), session time and bytes. Passed authentications are allowed, failed attempts blocked. Accounting says who
held the address: start and interim report from then on, a stop for as long as the session took; and so does a guest's log-on at
the portal (5231). A computer's account is the device's name.

What it lacks: pages. Of a message that ISE cuts into several lines (over 8 kB, or as set) the first counts: it has the time,
account and address; the others are skipped.

Caveats:

- Diagnostics, statistics, administration, and messages about neither a person nor a device are skipped.
- An account that is a hardware address (MAB), `#CTSREQUEST#` and the like are no persons.

Checked on real lines: 85 of ISE 2 and 3, of which 16 are events, against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware
from aup_monitor.formats.identity._sessions import START, STATUSES, STOP, held, octets, whose
from aup_monitor.formats.pieces import groups

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LINE: Final = r"(?:^| )(?<_machine>\S+) CISE_(?<_class>[A-Za-z_]+) \d+ \d+ (?<_segment>\d+) (?<_rest>.*)$"
_FIRST: Final = r"^(?<_time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [+-]\d\d:\d\d) \d+ (?<_code>\d+) [A-Z]+ +(?<_title>[^,]*)(?<_said>,.*)$"
_CLASSES: Final = ("Passed_Authentications", "Failed_Attempts", "RADIUS_Accounting", "Guest", "MyDevices")
_KEYS: Final = {
    "_status_word": "Acct-Status-Type",
    "_login": "UserName",
    "_radius": "User-Name",
    "_guest": "GuestUserName",
    "_station": "Calling-Station-ID",
    "_endpoint": "EndPointMACAddress",
    "_framed": "Framed-IP-Address",
    "_six": "Framed-IPv6-Address",
    "_portal": "IpAddress",
    "_policy": "AuthorizationPolicyMatchedRule",
    "_took": "Acct-Session-Time",
    "_late": "Acct-Delay-Time",
    "_in": "Acct-Input-Octets",
    "_in_more": "Acct-Input-Gigawords",
    "_out": "Acct-Output-Octets",
    "_out_more": "Acct-Output-Gigawords",
}

_LOOKS: Final = r" CISE_[A-Za-z_]+ \d{10} \d+ \d+ "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - each message has its own offset
    """Turn lines into events; see the module's page."""
    wanted = pl.when(pl.col("_class").is_in(_CLASSES)).then("_said")
    return (
        groups(lines, "line", _LINE)
        .with_columns(pl.when(pl.col("_segment") == "0").then("_rest").alias("_first"))
        .pipe(groups, "_first", _FIRST)
        .with_columns(wanted.alias("_said"))
        .with_columns(_value(key).alias(name) for name, key in _KEYS.items())
        .with_columns(*_times(), pl.coalesce("_login", "_radius", "_guest").alias("_account"), _status())
        .pipe(whose, "_account")
        .with_columns(
            hardware(pl.coalesce("_station", "_endpoint")).alias("source_mac"),
            pl.coalesce(
                f.address("_framed"), f.address("_six"), f.address("_portal"), f.address("_station")
            ).alias("source_ip"),
        )
        .select(
            "offset",
            "timestamp",
            pl.lit("auth").alias("log_class"),
            pl.col("_code").alias("event_code"),
            pl.col("_title").str.replace(r"^[^:]*: ", "").alias("event_action"),
            _outcome(),
            (pl.col("_seconds") * 1_000_000_000).alias("event_duration"),
            pl.lit("Cisco").alias("observer_vendor"),
            pl.lit("ISE").alias("observer_product"),
            pl.col("_machine").alias("observer_name"),
            *("source_ip", "source_mac", "host_name", "user_name", "user_domain"),
            octets("_in", "_in_more").alias("source_bytes"),
            octets("_out", "_out_more").alias("destination_bytes"),
            pl.col("_policy").alias("rule_name"),
            *held("_status", "_seconds"),
            _reject(),
            (_reject().is_null() & ~_event()).alias(SKIP),
        )
    )


def _value(key: str) -> pl.Expr:
    r"""Return an attribute's value; ISE writes a comma inside one as `\,`."""
    found = pl.col("_said").str.extract(rf"(?:^|[^\\]), ?{key}=((?:[^,\\]|\\.)+)")
    return (
        pl.when(found.str.contains("\\,", literal=True))
        .then(found.str.replace_all("\\,", ",", literal=True))
        .otherwise(found)
    )


def _times() -> list[pl.Expr]:
    """Return the time less the delay that the access point counted, and the session's seconds."""
    delay = f.number("_late").fill_null(0)
    late = pl.duration(seconds=pl.when(delay < 86_400).then(delay).otherwise(0))
    aware = pl.col("_time").str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f %:z", time_unit="us", time_zone="UTC", strict=False
    )
    return [(aware.cast(TIME) - late).alias("timestamp"), f.number("_took").alias("_seconds")]


def _status() -> pl.Expr:
    """Return what an accounting message says of the session; a guest's log-on counts as its start."""
    told = (
        pl.when(pl.col("_class") == "RADIUS_Accounting")
        .then("_status_word")
        .replace_strict(STATUSES, default=None)
    )
    return pl.when(pl.col("_code") == "5231").then(pl.lit(START)).otherwise(told).alias("_status")


def _outcome() -> pl.Expr:
    kind = pl.col("_class")
    going = (kind == "RADIUS_Accounting") & (pl.col("_status") != STOP)
    return (
        pl.when(kind == "Failed_Attempts")
        .then(pl.lit("blocked"))
        .when((kind == "Passed_Authentications") | going)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _event() -> pl.Expr:
    somebody = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("user_name", "host_name", "source_mac", "source_ip")
    )
    return (pl.col("_class").is_in(_CLASSES) & (pl.col("_segment") == "0") & somebody).fill_null(False)


def _reject() -> pl.Expr:
    first = pl.col("_segment") == "0"
    return (
        pl.when(pl.col("_class").is_null())
        .then(pl.lit("not a line of ISE"))
        .when(first & pl.col("timestamp").is_null() & pl.col("_class").is_in(_CLASSES))
        .then(pl.lit("a message without its time, number and text"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="cisco-ise",
    log_class="auth",
    title="Cisco ISE log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
