"""
File of leases of dnsmasq, and of Pi-hole and OpenWrt, whose DHCP server it is (`dnsmasq.leases`, `dhcp.leases`).

A line looks like this: until when (seconds), hardware address, address, name, identifier of the client.

    1768211102 00:53:0a:0b:0c:0d 192.168.7.21 lib-pc-04 01:00:53:0a:0b:0c:0d

Reference: https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html (`dhcp-leasefile`)

What it fills: address, hardware address and the device's name, and that the device holds the address until that time. Below a
line `duid` stand the leases of DHCPv6, with an identifier in place of the hardware address, which comes from the client's DUID.

What it lacks: since when. The file is a picture of one moment: a lease is taken to be held from the file's last change on, which
is also the event's time; one that had run out by then makes an event at its end and says nothing of who held the address.

Caveats:

- A lease without an end (0) has the file's last change as its time.
- dnsmasq rewrites the file at every change; read again, it counts as another file. The log says more: format `dnsmasq`.

Checked on real lines: by eye on 7 that a dnsmasq 2.90 wrote for a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, name
from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LATEST: Final = 4_102_444_800  # the year 2100, in seconds

_LOOKS: Final = (
    r"^(?:0|\d{9,10}) (?:(?:[0-9a-f]{2}-)?[0-9a-f]{2}(?::[0-9a-f]{2}){5} [0-9.]{7,15}|T?\d+ [0-9a-f:]+:[0-9a-f:]*) "
    r"\S+ (?:\*|[0-9a-f]{2}(?::[0-9a-f]{2})*)$|^duid (?:[0-9a-f]{2}:){9,}[0-9a-f]{2}$"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    changed = pl.lit(context.reference, TIME)
    running = pl.col("_until").is_null() | (pl.col("_until") > changed)
    seconds = f.number("_seconds")
    return (
        cut(lines, "line", " ", ["_seconds", "_mac", "_address", "_host", "_client", "_more"])
        .with_columns(
            pl.when(seconds.is_between(1, _LATEST)).then(seconds * 1_000_000).cast(TIME).alias("_until"),
            f.address("_address").alias("source_ip"),
            seconds.is_between(0, _LATEST).fill_null(False).alias("_timed"),
        )
        .with_columns(pl.min_horizontal(pl.col("_until"), changed).alias("timestamp"))
        .select(
            "offset",
            "timestamp",
            pl.lit("dhcp").alias("log_class"),
            pl.lit("lease").alias("event_action"),
            pl.lit("allowed").alias("event_outcome"),
            pl.lit("dnsmasq").alias("observer_product"),
            "source_ip",
            pl.coalesce(
                hardware(pl.col("_mac").str.replace(r"^[0-9a-f]{2}-", "")), hardware_of_duid("_client")
            ).alias("source_mac"),
            name("_host").alias("host_name"),
            pl.when(running).then("timestamp").alias("lease_from"),
            pl.when(running).then("_until").alias("lease_to"),
            _reject(),
            _own().alias(SKIP),
        )
    )


def _own() -> pl.Expr:
    """Tell the line of the server's own identifier."""
    return pl.col("line").str.contains(r"^duid [0-9a-f:]+$")


def _reject() -> pl.Expr:
    whole = pl.col("_timed") & pl.col("source_ip").is_not_null() & pl.col("_client").is_not_null()
    return (
        pl.when(~_own() & ~whole.fill_null(False))
        .then(pl.lit("not the five fields of a lease"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="dnsmasq-leases",
    log_class="dhcp",
    title="dnsmasq lease file",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
