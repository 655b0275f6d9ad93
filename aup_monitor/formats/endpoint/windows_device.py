r"""
Make the columns of a device from what Windows calls it.

A device is named by its instance id: `bus\hardware\instance`, https://learn.microsoft.com/windows-hardware/drivers/install/device-instance-ids.
`USB\VID_0781&PID_5567\4C530001230509117253` has vendor, product and the device's own serial number;
`USBSTOR\Disk&Ven_SanDisk&Prod_Cruzer_Blade&Rev_1.00\4C530001230509117253&0` has names and the same serial number with
`&0` behind it; portable devices wrap either one: `SWD\WPDBUSENUM\_??_USBSTOR#Disk&...#...&0#{...}`.
An instance whose second character is `&` (`6&549A665&0&0000`) was made up by Windows for a device without a serial
number: it differs from port to port and from computer to computer. It is kept, whole, as `device_serial`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

EXTERNAL: Final = [
    *("USB", "USBSTOR", "USBPRINT", "HID", "SD", "1394", "SBP2", "PCMCIA", "WPDBUSENUMROOT"),
    *("BTHENUM", "BTHLE", "BTHLEDEVICE", "BTHHFENUM"),
]
"""Buses whose devices are plugged in or paired by a person."""

EXTERNAL_BUS_TYPES: Final = ["4", "7", "12", "13"]
"""STORAGE_BUS_TYPE of FireWire, USB, SD and MMC (ntddstor.h)."""

CLASSES: Final = {
    "36fc9e60-c465-11cf-8056-444553540000": "USB",
    "4d36e965-e325-11ce-bfc1-08002be10318": "CDROM",
    "4d36e967-e325-11ce-bfc1-08002be10318": "DiskDrive",
    "4d36e968-e325-11ce-bfc1-08002be10318": "Display",
    "4d36e96b-e325-11ce-bfc1-08002be10318": "Keyboard",
    "4d36e96c-e325-11ce-bfc1-08002be10318": "Media",
    "4d36e96d-e325-11ce-bfc1-08002be10318": "Modem",
    "4d36e96f-e325-11ce-bfc1-08002be10318": "Mouse",
    "4d36e972-e325-11ce-bfc1-08002be10318": "Net",
    "4d36e978-e325-11ce-bfc1-08002be10318": "Ports",
    "4d36e979-e325-11ce-bfc1-08002be10318": "Printer",
    "4d36e97b-e325-11ce-bfc1-08002be10318": "SCSIAdapter",
    "4d36e97d-e325-11ce-bfc1-08002be10318": "System",
    "6bdd1fc6-810f-11d0-bec7-08002be2092f": "Image",
    "71a27cdd-812a-11d0-bec7-08002be2092f": "Volume",
    "745a17a0-74d3-11d0-b6fe-00a0c90f57da": "HIDClass",
    "ca3e7ab9-b4c3-4ae6-8251-579ef933890f": "Camera",
    "e0cbf06c-cd8b-4647-bb8a-263b43f0f974": "Bluetooth",
    "eec5ad98-8080-425f-922a-dabf3de3f69a": "WPD",
}
"""Device setup classes, https://learn.microsoft.com/windows-hardware/drivers/install/system-defined-device-setup-classes-available-to-vendors."""


def instance_columns() -> list[list[pl.Expr]]:
    """Return the steps that take the instance id apart: `bare`, `enumerator`, `own_serial` and `external`."""
    return [[_bare_instance()], [_bus(), _serial()], [_external()]]


def _bare_instance() -> pl.Expr:
    r"""Return the instance id that a portable device or volume wraps (`...\_??_USBSTOR#...`), else the id itself."""
    inner = pl.col("instance").str.replace(r"^.*_\?\?_", "")
    return inner.str.replace_all("#", "\\", literal=True).alias("bare")


def _bus() -> pl.Expr:
    return pl.col("bare").str.extract(r"^([^\\]+)\\").str.to_uppercase().alias("enumerator")


def _serial() -> pl.Expr:
    own = pl.col("bare").str.extract(r"^[^\\]+\\[^\\]+\\([^\\]+)")
    made_up = own.str.contains("^.&")
    return pl.when(made_up).then(own).otherwise(own.str.replace(r"&\d+$", "")).alias("own_serial")


def _external() -> pl.Expr:
    portable = pl.col("instance").str.contains("(?i)WPDBUSENUM")
    return (
        (pl.col("enumerator").is_in(EXTERNAL) | portable).fill_null(False)
        | pl.col("bus").is_in(EXTERNAL_BUS_TYPES).fill_null(False)
    ).alias("external")


def device_columns() -> list[pl.Expr]:
    """Return the event columns of the device, given `instance_columns`."""
    plugged = pl.col("enumerator").is_in([*EXTERNAL, "SCSI"])
    serial = pl.when(plugged).then(pl.col("own_serial"))
    return [
        _usb_id("VID_").alias("device_vendor_id"),
        _usb_id("PID_").alias("device_product_id"),
        pl.coalesce(serial, pl.col("serial")).alias("device_serial"),
        _device_name().alias("device_name"),
        _device_class().alias("device_class"),
    ]


def _usb_id(prefix: str) -> pl.Expr:
    digits = f"(?i){prefix}([0-9a-f]{{4}})"
    found = [pl.col(part).str.extract(digits) for part in ("instance", "hardware")]
    return pl.coalesce(found).str.to_lowercase()


def _device_name() -> pl.Expr:
    names = pl.col("instance").str.extract("(?i)&Ven_([^&]*&Prod_[^&#\\\\]*)")
    spoken = names.str.replace("(?i)&Prod_", " ").str.replace_all("_", " ", literal=True).str.strip_chars()
    maker = pl.concat_str("maker", "name", separator=" ")
    return pl.coalesce(maker, pl.col("name"), pl.when(spoken != "").then(spoken))


def _device_class() -> pl.Expr:
    guid = pl.col("class_id").str.strip_chars("{}").str.to_lowercase()
    portable = pl.col("instance").str.contains("(?i)WPDBUSENUM")
    return pl.coalesce(
        "class",
        guid.replace(CLASSES),
        pl.when(pl.col("capacity").is_not_null()).then(pl.lit("DiskDrive")),
        pl.when(portable).then(pl.lit("WPD")),
    )
