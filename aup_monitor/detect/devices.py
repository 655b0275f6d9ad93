"""
The name of a device as the list of approved devices writes it: `vendor:product:serial`, such as `0951:1666:60A44C4252`.

Windows tells of one memory stick several times over, and only some of its events bear the USB numbers; the others bear
the serial number alone. Those get the numbers of the same computer's event with the same serial number, so that
a device is approved or not as a whole. Where no event has them, zeros stand in: `0000:0000:60A44C4252`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

UNKNOWN: Final = "0000:0000"
"""Vendor and product of a device whose log gives neither."""

_PLACE: Final = ("host_name", "device_serial")


def with_device_key(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the events with `device_key` (String), null where the event names no device; their order is kept."""
    numbers = pl.concat_str("device_vendor_id", "device_product_id", separator=":")
    known = (
        events.filter(numbers.is_not_null(), pl.col("device_serial").is_not_null())
        .group_by(_PLACE)
        .agg(numbers.unique().alias("_numbers"))
        # A serial number that two kinds of device share says nothing of a third.
        .filter(pl.col("_numbers").list.len() == 1)
        .with_columns(pl.col("_numbers").list.first())
    )
    elsewhere = pl.when(pl.col("device_serial").is_not_null()).then(pl.coalesce("_numbers", pl.lit(UNKNOWN)))
    pair = pl.coalesce(numbers, elsewhere)
    return (
        events.join(known, on=_PLACE, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.concat_str(pair, "device_serial", separator=":", ignore_nulls=True).alias("device_key")
        )
        .with_columns(pl.when(pair.is_not_null()).then("device_key").alias("device_key"))
        .drop("_numbers")
    )
