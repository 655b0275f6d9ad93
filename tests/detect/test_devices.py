"""The key by which the list of approved devices knows a device."""

from __future__ import annotations

import polars as pl
import pytest

from aup_monitor.core.schema import EVENT_SCHEMA, conform
from aup_monitor.detect.devices import with_device_key

Event = dict[str, str | None]


def keys(*events: Event) -> list[str | None]:
    """Return the key of each event."""
    frame = conform(pl.LazyFrame(events, schema_overrides={"device_vendor_id": pl.String}))
    found = with_device_key(frame)
    assert list(found.collect_schema()) == [*EVENT_SCHEMA, "device_key"]
    return found.collect()["device_key"].to_list()


def device(
    vendor: str | None, product: str | None, serial: str | None, host: str | None = "LAPTOP-07"
) -> Event:
    """Return an event of a device."""
    return {
        "device_vendor_id": vendor,
        "device_product_id": product,
        "device_serial": serial,
        "host_name": host,
    }


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (device("0951", "1666", "60A44C4252"), "0951:1666:60A44C4252"),
        (device("0951", "1666", None), "0951:1666"),
        (device(None, None, "60A44C4252"), "0000:0000:60A44C4252"),
        (device("0951", None, "60A44C4252"), "0000:0000:60A44C4252"),
        (device(None, None, None), None),
        (device("0951", None, None), None),
        (device(None, None, "60A44C4252", host=None), "0000:0000:60A44C4252"),
    ],
)
def test_the_key_of_one_event(given: Event, key: str | None) -> None:
    """What the event bears makes the key; zeros stand for numbers that it lacks, and nothing makes nothing."""
    assert keys(given) == [key]


def test_the_same_stick_has_one_key_in_all_its_events() -> None:
    """An event that gives the serial number alone gets the numbers of the other event of that computer."""
    found = keys(device(None, None, "60A44C4252"), device("0951", "1666", "60A44C4252"))
    assert found == ["0951:1666:60A44C4252"] * 2


def test_another_computers_stick_lends_no_numbers() -> None:
    """Makers give serial numbers twice; a stick on another computer may be another stick."""
    found = keys(device(None, None, "1234567890"), device("0951", "1666", "1234567890", host="LAPTOP-08"))
    assert found == ["0000:0000:1234567890", "0951:1666:1234567890"]


def test_a_serial_number_of_two_kinds_of_device_is_not_trusted() -> None:
    """Where two devices share a serial number, an event without numbers could be either, so it is neither."""
    found = keys(
        device("0951", "1666", "1234567890"),
        device("0781", "5567", "1234567890"),
        device(None, None, "1234567890"),
    )
    assert found[2] == "0000:0000:1234567890"


def test_no_events_are_no_keys() -> None:
    """An empty day stays empty."""
    assert with_device_key(pl.LazyFrame(schema=EVENT_SCHEMA)).collect().is_empty()
