"""DHCP: acknowledgements and releases are leases; everything else, and whatever is damaged, is nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP, DHCP

from aup_monitor.capture.dhcp import Lease, lease_of

MAC = bytes.fromhex("020000000017")


def message(kind: str, *options: tuple[str, object], **fields: str) -> bytes:
    """Return a message as scapy builds it."""
    return bytes(
        BOOTP(op=2, chaddr=MAC + bytes(10), **fields)
        / DHCP(options=[("message-type", kind), *options, "end"])
    )


def test_an_acknowledgement_is_a_lease() -> None:
    """With the device's name and the time that it was given."""
    found = message("ack", ("lease_time", 3600), ("hostname", "pc-7"), yiaddr="192.0.2.5")
    assert lease_of(found) == Lease("DHCPACK", "192.0.2.5", "02:00:00:00:00:17", "pc-7", 3600)


def test_a_release_gives_back_the_address_that_the_device_has() -> None:
    """That stands in another field than the one it was given in."""
    found = message("release", ciaddr="192.0.2.5")
    assert lease_of(found) == Lease("DHCPRELEASE", "192.0.2.5", "02:00:00:00:00:17", None, None)


def test_for_ever_is_no_time() -> None:
    """Nor is a time that is not said."""
    found = lease_of(message("ack", ("lease_time", 0xFFFF_FFFF), yiaddr="192.0.2.5"))
    assert found is not None
    assert found.seconds is None


def test_other_messages_are_nothing() -> None:
    """An offer is no lease, and an acknowledgement of settings alone gives no address."""
    for kind in ("discover", "offer", "request", "nak"):
        assert lease_of(message(kind, yiaddr="192.0.2.5")) is None
    assert lease_of(message("ack")) is None


@given(st.binary(max_size=60), st.integers(0, 260))
def test_no_bytes_are_too_strange(tail: bytes, cut: int) -> None:
    """A message that is cut, or goes on with anything, does not raise, and tells of no other address."""
    whole = message("ack", ("hostname", "pc-7"), yiaddr="192.0.2.5")
    for lease in (lease_of(whole[:cut]), lease_of(whole[:-1] + tail)):
        assert lease is None or lease.address == "192.0.2.5"
