"""
Captive portals in syslog: pfSense (`logportalauth`), OPNsense (`captiveportal`) and CoovaChilli.

Lines look like these:

    Jan 12 08:45:02 fw logportalauth[641]: Zone: guests - ACCEPT: amina.k, 00:53:0a:0b:0c:0d, 192.168.7.21
    Jan 12 15:40:09 fw logportalauth[641]: Zone: guests - DISCONNECT: amina.k, 00:53:0a:0b:0c:0d, 192.168.7.21
    Jan 12 08:45:03 fw captiveportal[642]: AUTH dai.p (192.168.7.22) zone 0
    Jan 12 08:45:04 ap coova-chilli[643]: chilli.c: 4251: Successful UAM login from username=eve.m IP=192.168.7.23

References: https://docs.netgate.com/pfsense/en/latest/captiveportal/index.html,
https://docs.opnsense.org/manual/captiveportal.html and https://coova.github.io/CoovaChilli/

What it fills: time, the portal's word (`event_action`), account, address, hardware address where it is known, and the zone
(`rule_name`). A log-on says that the account holds the address from then on; a log-off or a time-out, that it gave it back. A log-on is
allowed; FAILURE, ERROR, DENY, a blocked device, and an aborted log-on are blocked; the rest is unknown.

What it lacks: for how long. OPNsense and CoovaChilli do not log the end of a session that runs out.

Caveats:

- A time without a year follows from the file's last change; one without a zone is in the site's.
- Where the portal asks for no name, or knows the device alone (`unauthenticated`, `anonymous@...`, a hardware address), there is no
  account. A voucher's code stands in the account's place.
- Messages about no session are skipped.

Checked on real lines: 6 of a university's pfSense against an independent parse; the others from their makers' source and manuals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware
from aup_monitor.formats.identity._sessions import whose
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PFSENSE: Final = (
    r"^(?:Zone: ?(?<_zone>.*?) - )?(?<_word>[^:]+): (?<_user>.*), ?(?<_mac>[0-9A-Fa-f:]{17})?, "
    r"(?<_ip>[0-9A-Fa-f.:]+)(?:, .*)?$"
)
_OPNSENSE: Final = (
    r"^(?<_verb>AUTH|DENY|LOGOUT|ALLOW) (?<_who>.*) \((?<_where>[0-9A-Fa-f.:]+)\) zone (?<_number>.*)$"
)
_CHILLI: Final = (
    r"(?<_login>Successful UAM login|UAM login|Client logout|Client process timed out) from username=(?<_name>.*) "
    r"IP=(?<_from>[0-9.]+)(?<_aborted> was aborted!)?"
)
_PROGRAMS: Final = "logportalauth|captiveportal|coova-chilli|chilli"
_IN: Final = r"^(?:ACCEPT|(?:USER |MACHINE )?LOGIN|(?i:voucher login) good .*|AUTH|ALLOW|Successful UAM login|CONCURRENT LOGIN - REUSING .*)$"
_OUT: Final = (
    r"^(?:.*DISCONNECT.*|LOGOUT|(?:IDLE |SESSION |HARD )?TIMEOUT|.*QUOTA.*|CONCURRENT LOGIN - TERMINATING .*"
    r"|Client logout|Client process timed out)$"
)
_NO: Final = r"^(?:FAILURE|ERROR|DENY|Blocked MAC address|UAM login|CONCURRENT LOGIN - NOT ALLOWED.*)"

_LOOKS: Final = rf"\b(?:{_PROGRAMS})(?:\[\d+\]:| \d+ \S+ \S+) "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    program = pl.col("program")
    return (
        unwrap(lines, context)
        .with_columns(
            pl.when(program == "logportalauth").then("message").alias("_of_pfsense"),
            pl.when(program == "captiveportal").then("message").alias("_of_opnsense"),
            pl.when(program.str.ends_with("chilli")).then("message").alias("_of_chilli"),
        )
        .pipe(groups, "_of_pfsense", _PFSENSE)
        .pipe(groups, "_of_opnsense", _OPNSENSE)
        .pipe(groups, "_of_chilli", _CHILLI)
        .with_columns(
            pl.coalesce("_word", "_verb", "_login").alias("event_action"),
            pl.coalesce("_user", "_who", "_name").str.strip_chars(" ").alias("_account"),
            pl.coalesce("_ip", "_where", "_from").alias("_address"),
        )
        .pipe(whose, "_account")
        .with_columns(f.address("_address").alias("source_ip"))
        .select(
            "offset",
            "timestamp",
            pl.lit("auth").alias("log_class"),
            "event_action",
            _outcome(),
            _maker().alias("observer_product"),
            "observer_name",
            "source_ip",
            hardware("_mac").alias("source_mac"),
            *("host_name", "user_name", "user_domain"),
            pl.coalesce("_zone", "_number").alias("rule_name"),
            pl.when(pl.col("event_action").str.contains(_IN)).then("timestamp").alias("lease_from"),
            pl.when(pl.col("event_action").str.contains(_OUT)).then("timestamp").alias("lease_to"),
            _reject(),
            (_read() & pl.col("event_action").is_null()).alias(SKIP),
        )
    )


def _maker() -> pl.Expr:
    return (
        pl.when(pl.col("_word").is_not_null())
        .then(pl.lit("pfSense"))
        .when(pl.col("_verb").is_not_null())
        .then(pl.lit("OPNsense"))
        .otherwise(pl.lit("CoovaChilli"))
    )


def _outcome() -> pl.Expr:
    action = pl.col("event_action")
    return (
        pl.when(action.str.contains(_IN))
        .then(pl.lit("allowed"))
        .when(action.str.contains(_NO))
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _read() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & pl.col("program").is_not_null()


def _reject() -> pl.Expr:
    nowhere = pl.col("event_action").is_not_null() & pl.col("source_ip").is_null()
    return (
        pl.when(~_read())
        .then(pl.lit("not a line of syslog, or its time is not understood"))
        .when(nowhere)
        .then(pl.lit("a session without its address"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="captive-portal",
    log_class="auth",
    title="Captive portal log (pfSense, OPNsense, CoovaChilli)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
