r"""
Log of FreeRADIUS (`radius.log`, `auth = yes`), in its own file or in syslog, also on pfSense and OPNsense.

Lines look like these:

    Mon Jan 12 08:45:02 2026 : Auth: (4) Login OK: [amina.k] (from client ap-hall port 3 cli 00-53-0A-0B-0C-0D)
    Jan 12 08:45:03 fw radiusd[641]: (5) Login incorrect (mschap: MS-CHAP2-Response is incorrect): [SCHOOL\dai.p] (from client ap-hall port 0 via TLS tunnel)

Reference: https://networkradius.com/doc/current/raddb/radiusd.conf.html (section `log`)

What it fills: time, account, the device's hardware address (`cli`), whether the log-on was accepted, and the server's words for it
(`event_action`). A computer's account is the device's name. Where `cli` is an address, as of VPNs, it is the source.

What it lacks: the address that the device was given; accounting has it (format `freeradius-detail`).

Caveats:

- A password that the server was told to log (`auth_badpass`) is dropped here. A log-on inside a tunnel is logged twice, inside
  (`via TLS tunnel`, with the person's account) and outside.
- Times are local; syslog's has no year, which follows from the file's last change.
- Messages of anything but log-ons are skipped.

Checked on real lines: by eye on 10 of a FreeRADIUS 3.2 that the tests start where it is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware
from aup_monitor.formats.identity._sessions import whose
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import unwrap, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_OWN: Final = r"^[A-Z][a-z]{2} (?<_own>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) : (?<_level>[A-Za-z]+): (?<_told>.*)$"
_WORDS: Final = r"Login OK|Login incorrect|Invalid user|Multiple logins|Rejected in [a-z-]+"
_LOGON: Final = (
    rf"^(?:\(\d+\) +)?(?<_word>{_WORDS})(?: ?\((?<_why>.*?)\))? ?: \[(?<_account>.*)\] "
    r"\(from client (?<_client>\S+) port \d+(?: cli (?<_cli>.*?))?(?<_tunnel> via [A-Za-z ]+)?\)"
)
_BEGINS: Final = rf"^(?:\(\d+\) +)?(?:{_WORDS})\b"
_PROGRAMS: Final = ("radiusd", "freeradius")

_LOOKS: Final = (
    r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} : (?:Auth|Info|Error|Warning|Proxy|Debug|Acct|ERROR|WARNING): "
    r"|\b(?:radiusd|freeradius)(?:\[\d+\]:| \d+ \S+ \S+) "
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    own = utc_of_local(
        pl.col("_own").str.to_datetime("%b %e %H:%M:%S %Y", time_unit="us", strict=False), context.zone
    )
    ours = pl.when(pl.col("program").is_in(_PROGRAMS)).then("message")
    return (
        unwrap(groups(lines, "line", _OWN), context)
        .with_columns(
            pl.when(pl.col("_own").is_not_null()).then(own).otherwise("timestamp").alias("timestamp"),
            pl.when(pl.col("_own").is_null()).then("observer_name").alias("observer_name"),
            pl.coalesce("_told", ours).alias("_told"),
        )
        .pipe(groups, "_told", _LOGON)
        .with_columns(_without_password())
        .pipe(whose, "_account")
        .select(
            "offset",
            "timestamp",
            pl.lit("auth").alias("log_class"),
            pl.col("_word").alias("event_action"),
            pl.when(pl.col("_word") == "Login OK")
            .then(pl.lit("allowed"))
            .otherwise(pl.lit("blocked"))
            .alias("event_outcome"),
            pl.lit("FreeRADIUS").alias("observer_product"),
            "observer_name",
            f.address("_cli").alias("source_ip"),
            hardware("_cli").alias("source_mac"),
            *("host_name", "user_name", "user_domain"),
            _reject(),
            (_read() & ~_broken() & pl.col("_word").is_null()).alias(SKIP),
        )
    )


def _without_password() -> pl.Expr:
    """Return the account alone: a slash parts it from the password, but for that of a computer's `host/`."""
    account = pl.col("_account")
    return (
        pl.when(account.str.starts_with("host/"))
        .then(account.str.extract(r"^(host/[^/]*)"))
        .otherwise(account.str.extract(r"^([^/]*)"))
        .alias("_account")
    )


def _read() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & (
        pl.col("_own").is_not_null() | pl.col("program").is_not_null()
    )


def _broken() -> pl.Expr:
    begins = pl.col("_told").str.contains(_BEGINS).fill_null(False)
    return begins & pl.col("_word").is_null()


def _reject() -> pl.Expr:
    return (
        pl.when(~_read())
        .then(pl.lit("not a line of FreeRADIUS or of syslog, or its time is not understood"))
        .when(_broken())
        .then(pl.lit("a log-on that does not say whose"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="freeradius", log_class="auth", title="FreeRADIUS log", looks=_LOOKS, doc=__doc__, parse=parse
)
