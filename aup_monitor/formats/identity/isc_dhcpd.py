"""
Log of the ISC DHCP server (`dhcpd`), also on pfSense and OPNsense, in syslog.

Lines look like these:

    Jan 12 08:45:02 fw dhcpd[641]: DHCPACK on 192.168.7.21 to 00:53:0a:0b:0c:0d (lib-pc-04) via eth0
    Jan 12 15:40:09 fw dhcpd[641]: DHCPRELEASE of 192.168.7.21 from 00:53:0a:0b:0c:0d (lib-pc-04) via eth0 (found)
    Jan 12 08:45:03 fw dhcpd[642]: Reply NA: address 2001:db8:7::21 to client with duid 00:03:00:01:00:53:0a:0b:0c:0d iaid = 7 valid for 7200 seconds

Reference: https://kb.isc.org/docs/isc-dhcp-44-manual-pages-dhcpd

What it fills: `DHCPACK on` and `Reply` become events with the time, address, hardware address and the name that the device
gives itself, and say who held the address from then on; `DHCPRELEASE`, `DHCPDECLINE`, `DHCPEXPIRE` and `releases address` say that
it was given back. `DHCPNAK` and "no free leases" are blocked, a lease is allowed, the rest unknown.

What it lacks: for how long a lease of IPv4 is (the file of leases says it: format `isc-leases`), accounts.

Caveats:

- A time without a year follows from the file's last change; one without a zone is in the site's.
- Of DHCPv6 the hardware address is that in the client's DUID, where it holds one; prefixes (`PD`) are nobody's address.
- Discoveries, offers, requests, answers to an inform (`DHCPACK to`), starts, and other programs' lines (clients of DHCP
  among them) are skipped. The device chooses its name: it is no proof.
- What `dhcpd -d` prints has no time and is not read.

Checked on real lines: 29 of pfSense against an independent parse; by eye on 48 that a dhcpd 4.4.3 wrote for a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, later, name
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_FOUR: Final = (
    r"^(?<_word>DHCP(?:ACK on|NAK on|RELEASE of|DECLINE of|EXPIRE on)) (?<_four>[0-9.]+) "
    r"(?:to|from) (?<_mac>[0-9A-Fa-f:]+)(?: \((?<_host>.*)\))? via "
)
_SIX: Final = (
    r"^(?<_word6>Reply|Renew|Rebind) (?:NA|TA): address (?<_six>[0-9A-Fa-f:.]+) to client with duid "
    r"(?<_duid>[0-9A-Fa-f:]+) iaid = -?\d+ (?:static|valid for (?<_seconds>\d+) seconds)"
)
_BACK: Final = (
    r"^Client (?<_back_duid>[0-9A-Fa-f:]+) (?<_back>releases) address (?<_back_six>[0-9A-Fa-f:.]+)$"
)
_FULL: Final = (
    r"^(?<_full>DHCPDISCOVER|DHCPREQUEST) .*?from (?<_full_mac>[0-9A-Fa-f:]+) .*: network \S+: no free leases"
)
_BEGINS: Final = r"^DHCP(?:ACK on|NAK on|RELEASE of|DECLINE of|EXPIRE on) |^Reply (?:NA|TA): address "

_LOOKS: Final = (
    r"\bdhcpd(?:\[\d+\]:| \d+ \S+ \S+) (?:DHCP[A-Z]{3,8} |(?:Solicit|Request|Renew|Rebind|Release|Confirm|Information-request) "
    r"message from |(?:Reply|Advertise) (?:NA|TA|PD): |Sending |Listening on |Client [0-9a-f:]+ releases |Reusing lease |"
    r"Picking pool |Server starting |Wrote \d|Internet Systems Consortium|Copyright 20|All rights reserved|Config file: |"
    r"Database file: |PID file: |For info, |Abandoning )"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    ours = pl.when(pl.col("program") == "dhcpd").then("message")
    four = pl.when(pl.col("_ours").str.starts_with("DHCP")).then("_ours")
    six = pl.when(~pl.col("_ours").str.starts_with("DHCP")).then("_ours")
    read = (
        unwrap(lines, context)
        .with_columns(ours.alias("_ours"))
        .with_columns(four.alias("_of_four"), six.alias("_of_six"))
        .pipe(groups, "_of_four", _FOUR)
        .pipe(groups, "_of_six", _SIX)
        .pipe(groups, "_of_six", _BACK)
        .pipe(groups, "_of_four", _FULL)
        .with_columns(pl.coalesce("_four", "_six", "_back_six").alias("_address"))
        .with_columns(f.address("_address").alias("source_ip"))
    )
    return read.select(
        "offset",
        "timestamp",
        pl.lit("dhcp").alias("log_class"),
        _word().alias("event_action"),
        _outcome(),
        pl.lit("ISC").alias("observer_vendor"),
        pl.lit("ISC DHCP").alias("observer_product"),
        "observer_name",
        "source_ip",
        pl.coalesce(
            hardware("_mac"),
            hardware("_full_mac"),
            hardware_of_duid(pl.coalesce("_duid", "_back_duid")),
        ).alias("source_mac"),
        name("_host").alias("host_name"),
        pl.when(_gives()).then("timestamp").alias("lease_from"),
        _until(),
        _reject(),
        (_read() & ~_broken() & _word().is_null()).alias(SKIP),
    )


def _word() -> pl.Expr:
    """Return the server's first word where the line is an event: `DHCPACK`, `Reply`, `releases`."""
    return pl.coalesce(pl.col("_word").str.replace(" .*", ""), "_word6", "_back", "_full")


def _gives() -> pl.Expr:
    return (pl.col("_word") == "DHCPACK on") | pl.col("_word6").is_not_null()


def _until() -> pl.Expr:
    """Return when the holding ends: after the seconds of DHCPv6, or now that the address comes back."""
    ends = pl.col("_word").is_in(["DHCPRELEASE of", "DHCPDECLINE of", "DHCPEXPIRE on"])
    lasts = later(pl.col("timestamp"), pl.col("_seconds").cast(pl.Int64, strict=False))
    return (
        pl.when(pl.col("_word6").is_not_null())
        .then(lasts)
        .when(ends | pl.col("_back").is_not_null())
        .then("timestamp")
        .alias("lease_to")
    )


def _outcome() -> pl.Expr:
    refused = (pl.col("_word") == "DHCPNAK on") | pl.col("_full").is_not_null()
    return (
        pl.when(_gives())
        .then(pl.lit("allowed"))
        .when(refused)
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _read() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & pl.col("program").is_not_null()


def _broken() -> pl.Expr:
    """Tell a line that begins as a lease and does not say whose address it is."""
    begins = pl.col("_ours").str.contains(_BEGINS)
    return (begins & (_word().is_null() | pl.col("source_ip").is_null())).fill_null(False)


def _reject() -> pl.Expr:
    return (
        pl.when(~_read())
        .then(pl.lit("not a line of syslog, or its time is not understood"))
        .when(_broken())
        .then(pl.lit("a lease that does not say whose address it is"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="isc-dhcpd",
    log_class="dhcp",
    title="ISC DHCP server log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
