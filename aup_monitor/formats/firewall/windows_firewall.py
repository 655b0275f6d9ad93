r"""
Windows Defender Firewall log, `pfirewall.log`, of Windows XP to 11 and the servers.

    #Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype ...
    2026-01-14 10:14:09 DROP TCP 10.20.4.31 203.0.113.9 61930 6881 52 S 1 0 64240 - - - SEND 4242

Reference: https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/configure-logging

What it fills: the time (local to the computer; `#Time Format: Local`), both ends, ports (TCP and UDP), transport, bytes of the
packet, and what was done: ALLOW, OPEN and OPEN-INBOUND are allowed, DROP is blocked, CLOSE is unknown.

What it lacks: accounts, programs, names of servers, and the computer's own name: give each computer a folder or file of its
own. A line in which packets are said to be lost (INFO-EVENTS-LOST) is passed over.

Caveats: the packet of a line with RECEIVE came from outside, so that the source is then the other computer. As delivered Windows
logs nothing; switch it on for dropped packets at least.
Checked on 14 real lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.formats import fields as f
from aup_monitor.formats.pieces import cut
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_COLUMNS: Final = ("date", "time", "action", "protocol", "src", "dst", "src_port", "dst_port", "size", "more")


_LOOKS: Final = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:ALLOW|DROP|OPEN|OPEN-INBOUND|CLOSE|INFO-EVENTS-LOST) \S+ \S+ \S+ \S+ "


def sniff(head: bytes) -> float:
    """Return 1 where the software is named or the columns are this firewall's, else the share of its lines."""
    if (
        b"#Software: Microsoft Windows Firewall" in head
        or b"#Fields: date time action protocol src-ip dst-ip" in head
    ):
        return 1.0
    return share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    comment = pl.col("line").str.starts_with("#") | (pl.col("line").str.strip_chars() == "")
    known = cut(lines, "line", " ", _COLUMNS).with_columns(comment.alias("comment"), _time(context.zone))
    has_ports = pl.col("network_transport").is_in(["tcp", "udp"])
    lost = pl.col("action") == "INFO-EVENTS-LOST"
    return known.with_columns(f.transport("protocol").alias("network_transport")).select(
        "offset",
        "timestamp",
        pl.lit("firewall").alias("log_class"),
        pl.col("action").alias("event_action"),
        f.outcome(pl.col("action"), "allow|open|open-inbound", "drop").alias("event_outcome"),
        pl.lit("Microsoft").alias("observer_vendor"),
        pl.lit("Windows Firewall").alias("observer_product"),
        f.address("src").alias("source_ip"),
        pl.when(has_ports).then(f.port("src_port")).alias("source_port"),
        f.address("dst").alias("destination_ip"),
        pl.when(has_ports).then(f.port("dst_port")).alias("destination_port"),
        "network_transport",
        f.number("size").alias("source_bytes"),
        _reject(),
        (pl.col("comment") | (lost & pl.col("timestamp").is_not_null())).fill_null(value=False).alias(SKIP),
    )


def _time(zone: str) -> pl.Expr:
    naive = (pl.col("date") + " " + pl.col("time")).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    return utc_of_local(naive, zone).alias("timestamp")


def _reject() -> pl.Expr:
    return (
        pl.when("comment")
        .then(None)
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no date and time at its beginning"))
        .when((pl.col("action") != "INFO-EVENTS-LOST").fill_null(value=True) & pl.col("size").is_null())
        .then(pl.lit("fewer columns than the firewall writes"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="windows-firewall",
    log_class="firewall",
    title="Windows Defender Firewall log",
    sniff=sniff,
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
