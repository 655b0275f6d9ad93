r"""
Audit log of the Windows DHCP server, IPv4 and IPv6 (`DhcpSrvLog-Mon.log`, `DhcpV6SrvLog-Mon.log`).

Lines look like these, below a preamble that explains the numbers:

    10,01/12/26,08:45:02,Assign,192.168.7.21,LIB-PC-04.school.example,00530A0B0C0D,,3096562285,0,,,,0x4D53465420352E30,MSFT 5.0,,,,0
    11002,01/12/26,08:45:03,DHCPV6 Request,2001:db8:7::21,LIB-PC-04.school.example,,14,000100012AB3C4D500530A0B0C0D,,,,,

Reference: https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd183591(v=ws.10)

What it fills: the time, the server's number of the event (`event_code`) and its word (`event_action`), the address, the
device's name and hardware address, the account where the server writes one. Who held the address: from a lease or renewal
(10, 11, 20, 21; 11002, 11004, 11005), and that it ended (12, 16-18, 23; 11006, 11007, 11016-11019). Of DHCPv6 the hardware
address is that in the client's DUID, where it holds one. A lease is allowed; one that was refused, or for which no address was
left, is blocked; the rest is unknown.

What it lacks: for how long a lease is (Windows gives eight days unless told otherwise, renewed at half of it).

Caveats:

- Times are the server's local ones; the date is month/day/year in every language.
- An end that the server found by itself (16-18) is logged when it cleans up, up to some hours after the lease ran out.
- Solicitations, DNS updates, clean-ups, starts and stops of the server, and its search for others (50 and up) are skipped.
- Windows keeps a file a weekday and writes it anew after a week: collect it daily.

Checked on real lines: 32 against an independent parse, of which 9 are events, and by eye on 3 more; releases are from
documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, name
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = (
    "_id",
    "_date",
    "_time",
    "_said",
    "_address",
    "_host",
    "_sixth",
    "_seventh",
    "_duid",
    "_ninth",
)
_GIVEN: Final = ("10", "11", "20", "21", "11002", "11004", "11005")
_ENDED: Final = (
    *("12", "16", "17", "18", "23"),
    *("11006", "11007", "11016", "11017", "11018", "11019"),
)
_FULL: Final = ("14", "22", "11009")
"""These name the subnet in place of an address."""
_REFUSED: Final = (*_FULL, "15", "33")
_NEITHER: Final = ("13", "36", "11014", "11015")
_NEWS: Final = (*_GIVEN, *_ENDED, *_REFUSED, *_NEITHER)

_LOOKS: Final = r"^\d{2,5},\d\d/\d\d/\d\d,\d\d:\d\d:\d\d,[^,]*,"
_HEADER: Final = (b"ID,Date,Time,Description,IP", b"Microsoft DHCP Service Activity Log")


def sniff(head: bytes) -> float:
    """Return 1 where the head names the columns, else the share of its lines that look right."""
    return 1.0 if any(mark in head for mark in _HEADER) else share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    six = pl.col("_id").str.len_bytes() > 3
    local = (pl.col("_date") + " " + pl.col("_time")).str.to_datetime(
        "%m/%d/%y %H:%M:%S", time_unit="us", strict=False
    )
    return (
        cells(lines, "line", _NAMES)
        .with_columns(
            utc_of_local(local, context.zone).alias("timestamp"),
            pl.when(six).then(hardware_of_duid("_duid")).otherwise(hardware("_sixth")).alias("source_mac"),
            pl.when(six).then("_ninth").otherwise("_seventh").alias("_account"),
            pl.when(~pl.col("_id").is_in(_FULL)).then(f.address("_address")).alias("source_ip"),
        )
        .select(
            "offset",
            "timestamp",
            pl.lit("dhcp").alias("log_class"),
            pl.col("_id").alias("event_code"),
            pl.col("_said").alias("event_action"),
            _outcome(),
            pl.lit("Microsoft").alias("observer_vendor"),
            pl.lit("DHCP Server").alias("observer_product"),
            "source_ip",
            "source_mac",
            pl.when(pl.col("_host") != "BAD_ADDRESS").then(name("_host")).alias("host_name"),
            split_account("_account").struct.field("user_name", "user_domain"),
            pl.when(pl.col("_id").is_in(_GIVEN)).then("timestamp").alias("lease_from"),
            pl.when(pl.col("_id").is_in(_ENDED)).then("timestamp").alias("lease_to"),
            _reject(),
            _skip(),
        )
    )


def _outcome() -> pl.Expr:
    return (
        pl.when(pl.col("_id").is_in(_GIVEN))
        .then(pl.lit("allowed"))
        .when(pl.col("_id").is_in(_REFUSED))
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _reject() -> pl.Expr:
    record = pl.col("line").str.contains(r"^\d+(?:,|$)")
    whole = pl.col("timestamp").is_not_null() & pl.col("_said").is_not_null()
    nobody = pl.col("_id").is_in((*_GIVEN, *_ENDED)) & pl.col("source_ip").is_null()
    return (
        pl.when(record & ~whole)
        .then(pl.lit("a number of an event without its date, time and words"))
        .when(record & nobody)
        .then(pl.lit("a lease without its address"))
        .alias(REJECT)
    )


def _skip() -> pl.Expr:
    """Tell the preamble, which is prose in the server's language, and what the server says of itself."""
    return (~_reject().is_not_null() & ~pl.col("_id").is_in(_NEWS).fill_null(False)).alias(SKIP)


FORMAT: Final = Format(
    name="windows-dhcp",
    log_class="dhcp",
    title="Windows DHCP server audit log",
    looks=_LOOKS,
    sniff=sniff,
    doc=__doc__,
    parse=parse,
)
