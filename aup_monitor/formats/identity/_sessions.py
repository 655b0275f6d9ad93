r"""
What the logs of RADIUS servers and portals have in common: who is a person, and what a session says of an address.

Accounts of computers (`host/pc-04.school.example`, `SCHOOL\PC-04$`), hardware addresses in place of an account, and the outer
name of a tunnelled log-on (`anonymous`) are no persons.

References: https://www.rfc-editor.org/rfc/rfc2866 (accounting) and https://www.rfc-editor.org/rfc/rfc3580 (Wi-Fi and switches)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.identity._holding import name

if TYPE_CHECKING:
    from collections.abc import Mapping

START, INTERIM, STOP = "Start", "Interim-Update", "Stop"
STATUSES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("1", "Start"), START),
    **dict.fromkeys(("2", "Stop"), STOP),
    **dict.fromkeys(("3", "Interim-Update", "Alive", "Watchdog-Alive"), INTERIM),
}
"""Numbers and names of Acct-Status-Type that are about one session."""

_COMPUTER: Final = r"^(?:host/(?<of_domain>.+)|(?:[^\\]*\\)?(?<old>[^\\]+)\$)$"
_HARDWARE: Final = r"^(?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}$|^(?:[0-9A-Fa-f]{4}[.-]){2}[0-9A-Fa-f]{4}$"
_NOBODY: Final = r"^(?i:anonymous|unauthenticated|<no user-name attribute>)(?:@|$)|^#|^-?$"


def whose(lines: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Add `user_name` and `user_domain`, or `host_name` where the account is a computer's."""
    text = pl.col(column)
    somebody = ~text.str.contains(_COMPUTER) & ~text.str.contains(_HARDWARE) & ~text.str.contains(_NOBODY)
    found = text.str.extract_groups(_COMPUTER)
    return lines.with_columns(
        name(pl.coalesce(found.struct.field("of_domain"), found.struct.field("old"))).alias("host_name"),
        pl.when(somebody).then(text).alias("_person"),
    ).with_columns(split_account("_person").struct.field("user_name", "user_domain"))


def held(status: str, seconds: str) -> list[pl.Expr]:
    """
    Return `lease_from` and `lease_to` of a session's report at `timestamp`.

    A start and an interim report say that the address is held from then on; a stop, that it was held for the session's seconds.
    """
    stop = pl.col(status) == STOP
    whole = pl.col(seconds).is_between(1, 366 * 86_400)
    began = pl.col("timestamp") - pl.duration(seconds=pl.when(whole).then(seconds))
    return [
        pl.when(pl.col(status).is_in([START, INTERIM]))
        .then("timestamp")
        .when(stop)
        .then(began)
        .alias("lease_from"),
        pl.when(stop).then("timestamp").alias("lease_to"),
    ]


def octets(low: str, high: str) -> pl.Expr:
    """Return bytes, of which RADIUS counts each 4 GB in an attribute of its own."""
    count = pl.col(low).cast(pl.Int64, strict=False)
    more = pl.col(high).cast(pl.Int64, strict=False).fill_null(0)
    return pl.when((count >= 0) & more.is_between(0, 0xFFFFFF)).then(count + more * (1 << 32))
