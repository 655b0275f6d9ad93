"""
Files of leases of the Kea DHCP servers (`kea-leases4.csv`, `kea-leases6.csv`).

The first line names the columns; a lease is written again whenever it changes:

    address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
    192.168.7.21,00:53:0a:0b:0c:0d,01:00:53:0a:0b:0c:0d,3600,1768211102,1,0,0,lib-pc-04,0,,0

Reference: https://kea.readthedocs.io/en/latest/arm/dhcp4-srv.html#memfile-basic-storage-for-leases

What it fills: when the device last spoke (`expire` less `valid_lifetime`) as the time, the state as `event_action`, address,
hardware address and the device's name, and that it holds the address from that time until `expire`.

What it lacks: accounts, and when an address was given back: Kea then writes a length of 0, which makes an event without an end.

Caveats:

- Kea rewrites the file every hour without what is out of date (`kea-leases4.csv.2`). Read after that, it counts as another file.
- Of DHCPv6 the hardware address is the one written, else that in the client's DUID. Delegated prefixes (type 2) are skipped.
- A declined address (state 1) is nobody's.

Checked on real lines: 7 of Kea's own tests, by hand, and by eye on 4 that a kea-dhcp4 2.2 wrote for a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, later, name
from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_COLUMNS: Final = (
    *("address", "hwaddr", "duid", "valid_lifetime", "expire", "lease_type", "hostname", "state"),
)
_STATES: Final = {
    "0": "active",
    "1": "declined",
    "2": "expired-reclaimed",
    "3": "released",
    "4": "registered",
}
_MOST: Final = 64
"""More columns than Kea has; a header line that names more is no header."""

_LOOKS: Final = (
    r"^address,(?:hwaddr|duid),|^[0-9.]{7,15},[0-9a-f:]*,[0-9a-f:]*,\d+,\d{9,10},\d+,[01],[01],"
    r"|^[0-9a-f:]+:[0-9a-f:]*,[0-9a-f:]+,\d+,\d{9,10},\d+,\d+,[012],\d+,\d+,"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    names = (context.header or "").rstrip("\r\n").split(",")[:_MOST]
    places = [f"_{place}" for place in range(len(names) + 1)]
    known = [
        (pl.col(places[names.index(column)]) if column in names else pl.lit(None, pl.String)).alias(column)
        for column in _COLUMNS
    ]
    return (
        cut(lines, "line", ",", places)
        .select("offset", "line", *known, pl.col(places[len(names) - 1]).is_not_null().alias("_whole"))
        .with_columns(
            f.number("valid_lifetime").alias("_length"),
            f.number("expire").alias("_expire"),
            f.address("address").alias("source_ip"),
        )
        .with_columns(_since().alias("timestamp"))
        .select(
            "offset",
            "timestamp",
            pl.lit("dhcp").alias("log_class"),
            pl.col("state").replace(_STATES).alias("event_action"),
            pl.when(pl.col("state") == "0")
            .then(pl.lit("allowed"))
            .otherwise(pl.lit("unknown"))
            .alias("event_outcome"),
            pl.lit("ISC").alias("observer_vendor"),
            pl.lit("Kea").alias("observer_product"),
            "source_ip",
            pl.coalesce(hardware("hwaddr"), hardware_of_duid("duid")).alias("source_mac"),
            name(pl.col("hostname").str.replace_all("&#x2c", ",", literal=True)).alias("host_name"),
            *_lease(),
            _reject(),
            (_header() | _prefix()).alias(SKIP),
        )
    )


def _since() -> pl.Expr:
    """Return when the client last spoke."""
    seconds = pl.col("_expire") - pl.col("_length")
    return pl.when(seconds.is_between(0, 4_102_444_800)).then(seconds * 1_000_000).cast(TIME)


def _lease() -> list[pl.Expr]:
    held = (pl.col("_length") > 0) & (pl.col("state") != "1")
    return [
        pl.when(held).then("timestamp").alias("lease_from"),
        pl.when(held).then(later(pl.col("timestamp"), pl.col("_length"))).alias("lease_to"),
    ]


def _header() -> pl.Expr:
    return pl.col("line").str.starts_with("address,")


def _prefix() -> pl.Expr:
    return (pl.col("_whole") & (pl.col("lease_type") == "2")).fill_null(False)


def _reject() -> pl.Expr:
    good = pl.col("_whole") & pl.col("source_ip").is_not_null() & pl.col("timestamp").is_not_null()
    return (
        pl.when(~_header() & ~_prefix() & ~good.fill_null(False))
        .then(pl.lit("not the columns that the file's first line names"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="kea-leases",
    log_class="dhcp",
    title="Kea lease file",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    header=b"address,",
)
