"""What dnsmasq says of leases, cut from the words of its lines: `DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d lib-pc-04`."""

from __future__ import annotations

from typing import Final

import polars as pl

from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, name

_WORD: Final = r"^(DHCPACK|DHCPREPLY|DHCPNAK|DHCPRELEASE|DHCPDECLINE)\(\S*\)$"
_DEVICE: Final = r"^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5,}$"
_GIVEN: Final = ("DHCPACK", "DHCPREPLY")
_BACK: Final = ("DHCPRELEASE", "DHCPDECLINE")


def leases(lines: pl.LazyFrame) -> pl.LazyFrame:
    """
    Add `_dhcp` (the word, where the line is of a lease), `_leased` (the address), the device, and from and until when.

    Args:
        lines: with `timestamp`, `program` and the first four words, `_word`, `_name`, `_from` and `_address`.

    """
    word = pl.when(pl.col("program") == "dnsmasq-dhcp").then("_word").str.extract(_WORD)
    told = word.is_not_null() & pl.col("_from").str.contains(_DEVICE)
    device = pl.when(pl.col("_dhcp").is_not_null()).then("_from").str.replace(r"^[0-9a-f]{2}-", "")
    named = pl.when(pl.col("_dhcp").is_in(_GIVEN)).then("_address")
    return (
        lines.with_columns(pl.when(told).then("_name").alias("_leased"), word.alias("_dhcp"))
        .with_columns(f.address("_leased").alias("_leased"))
        .with_columns(pl.when(pl.col("_leased").is_not_null()).then("_dhcp").alias("_dhcp"))
        .with_columns(
            pl.coalesce(hardware(device), hardware_of_duid(device)).alias("source_mac"),
            name(named.str.replace(" .*", "")).alias("host_name"),
            pl.when(pl.col("_dhcp").is_in(_GIVEN)).then("timestamp").alias("lease_from"),
            pl.when(pl.col("_dhcp").is_in(_BACK)).then("timestamp").alias("lease_to"),
        )
    )
