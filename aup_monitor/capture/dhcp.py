"""
DHCP acknowledgements: which device was given which address, and until when (RFC 2131, RFC 2132).

Told are the address, the hardware address, the name that the device gives itself and how long it may keep the address. DHCP for
IPv6 names devices by an identifier that other logs do not have, and is not read.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTS: Final = (67, 68)
_MAGIC: Final = b"\x63\x82\x53\x63"
_KIND, _NAME, _SECONDS = 53, 12, 51
_ACK, _RELEASE = 5, 7
_FOREVER: Final = 0xFFFF_FFFF
_ETHERNET: Final = 1


class Lease(NamedTuple):
    """An address given to a device, or given back."""

    action: str
    """DHCPACK or DHCPRELEASE."""
    address: str
    mac: str
    host_name: str | None
    seconds: int | None
    """How long the device may keep it; None: not said, or for ever."""


def lease_of(payload: bytes) -> Lease | None:
    """Return what an acknowledgement or a release says; None for every other message, and for what is none."""
    if len(payload) < 240 or payload[236:240] != _MAGIC or payload[1] != _ETHERNET or payload[2] != 6:
        return None
    options = dict(_options(payload[240:]))
    kind = options.get(_KIND, b"")
    # The device's address now (ciaddr) on a release and on an answer to DHCPINFORM; what it is given (yiaddr) on a lease.
    address = payload[12:16] if kind == bytes([_RELEASE]) else payload[16:20]
    if kind not in (bytes([_ACK]), bytes([_RELEASE])) or not any(address):
        return None
    seconds = int.from_bytes(options.get(_SECONDS, b""))
    return Lease(
        "DHCPACK" if kind[0] == _ACK else "DHCPRELEASE",
        str(IPv4Address(address)),
        payload[28:34].hex(":"),
        options.get(_NAME, b"").rstrip(b"\0").decode("utf-8", "replace").replace("\x00", "") or None,
        seconds if 0 < seconds < _FOREVER else None,
    )


def _options(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the options: number and value; a broken one ends them."""
    at = 0
    while at < len(text) and text[at] != 255:
        if text[at] == 0:
            at += 1
            continue
        length = text[at + 1] if at + 1 < len(text) else 0
        yield text[at], text[at + 2 : at + 2 + length]
        at += 2 + length
