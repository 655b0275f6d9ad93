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


def with_device_key(events: pl.LazyFrame) -> pl.LazyFrame:
    """
    Return the events with `device_key` (String), null where the event names no device; their order is kept.

    The devices are gathered first, by a pass over four columns; joined to the stream they would hold it all in memory.
    """
    numbers = pl.concat_str("device_vendor_id", "device_product_id", separator=":")
    place = pl.concat_str(pl.col("host_name").fill_null(""), "device_serial", separator="\x1f")
    known = (
        events.select(place.alias("place"), numbers.alias("numbers"))
        .drop_nulls()
        .unique()
        # A serial number that two kinds of device share says nothing of a third.
        .filter(pl.len().over("place") == 1)
        .collect()
    )
    elsewhere = place.replace_strict(
        known["place"], known["numbers"], default=UNKNOWN, return_dtype=pl.String
    )
    pair = pl.coalesce(numbers, pl.when(pl.col("device_serial").is_not_null()).then(elsewhere))
    key = pl.concat_str(pair, "device_serial", separator=":", ignore_nulls=True)
    return events.with_columns(pl.when(pair.is_not_null()).then(key).alias("device_key"))
