"""Datagrams that IP cut into fragments, put together again (RFC 791, RFC 8200); where fragments overlap, the first counts."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from struct import Struct, error
from typing import Final, NamedTuple

MOST_DATAGRAMS: Final = 512
"""Unfinished datagrams that are remembered; past it the oldest is forgotten."""
LONGEST: Final = 65_535
PATIENCE: Final = 30_000_000
"""Microseconds after which what is missing of a datagram does not come any more."""

_V4: Final = Struct(">BBHHHBBH4s4s")
_V6: Final = Struct(">IHBB16s16s")
_EXTENSIONS: Final = frozenset({0, 43, 60, 135})
_FRAGMENT: Final = 44


class _Part(NamedTuple):
    key: tuple[bytes, bytes, int, int]
    offset: int
    more: bool
    payload: bytes


@dataclass(slots=True)
class _Datagram:
    began: int
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int | None = None


class Fragments:
    """What has been seen of datagrams that are not whole yet."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[bytes, bytes, int, int], _Datagram] = OrderedDict()

    def add(self, packet: bytes, time: int) -> bytes | None:
        """
        Take a fragment, and return the datagram if it is whole now; never raises.

        Args:
            packet: from its IP header to its last byte.
            time: when it was captured, microseconds.

        Returns:
            The datagram behind an IP header without options; None where parts are missing.

        """
        part = _part(packet)
        if part is None:
            return None
        datagram = self._open.get(part.key)
        if datagram is None or time - datagram.began > PATIENCE:
            self._open[part.key] = datagram = _Datagram(time)
            self._open.move_to_end(part.key)
            if len(self._open) > MOST_DATAGRAMS:
                self._open.popitem(last=False)
        datagram.parts.setdefault(part.offset, part.payload)
        if not part.more:
            datagram.size = part.offset + len(part.payload)
        whole = _whole(datagram)
        if whole is None:
            return None
        del self._open[part.key]
        return _packet(part.key, whole)


def _part(packet: bytes) -> _Part | None:
    try:
        return _part_v4(packet) if packet[0] >> 4 == 4 else _part_v6(packet)
    except (error, IndexError):
        return None


def _part_v4(packet: bytes) -> _Part:
    first, _, total, number, cut, _, protocol, _, source, destination = _V4.unpack_from(packet)
    payload = packet[(first & 15) * 4 : total or None]
    return _Part((source, destination, protocol, number), (cut & 0x1FFF) * 8, bool(cut & 0x2000), payload)


def _part_v6(packet: bytes) -> _Part | None:
    _, total, protocol, _, source, destination = _V6.unpack_from(packet)
    at, end = _V6.size, _V6.size + total
    while protocol in _EXTENSIONS:
        protocol, at = packet[at], at + (packet[at + 1] + 1) * 8
    if protocol != _FRAGMENT:
        return None
    protocol, cut = packet[at], int.from_bytes(packet[at + 2 : at + 4])
    number = int.from_bytes(packet[at + 4 : at + 8])
    return _Part((source, destination, protocol, number), cut & 0xFFF8, bool(cut & 1), packet[at + 8 : end])


def _whole(datagram: _Datagram) -> bytes | None:
    """Return the bytes of a datagram; None where there is a gap, or too many of them."""
    if datagram.size is None or datagram.size > LONGEST:
        return None
    whole = bytearray()
    for offset in sorted(datagram.parts):
        if offset > len(whole):
            return None
        whole += datagram.parts[offset][len(whole) - offset :]
    return bytes(whole[: datagram.size]) if len(whole) >= datagram.size else None


def _packet(key: tuple[bytes, bytes, int, int], payload: bytes) -> bytes:
    source, destination, protocol, _ = key
    if len(source) == 4:
        total = len(payload) + _V4.size
        return (
            _V4.pack(0x45, 0, total if total <= LONGEST else 0, 0, 0, 64, protocol, 0, source, destination)
            + payload
        )
    return _V6.pack(6 << 28, len(payload), protocol, 64, source, destination) + payload
