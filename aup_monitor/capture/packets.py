"""
Packets out of a capture file, many at a time: one buffer of bytes, and where in it each packet lies.

pcap (microseconds, nanoseconds, both byte orders, the variant with longer record headers) and pcapng (sections of both byte
orders, enhanced, simple and old packet blocks, interfaces with their own link type and clock; every other block is passed
over, as the standard asks). A record is found by the length of the one before, which is the only step done one by one.

References: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and
https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK_BYTES: Final = 4 << 20
"""How much of a file is read at a time."""
LONGEST_PACKET: Final = 1 << 20
"""No packet is longer (tcpdump keeps 262,144 bytes at most): a longer one is a damaged length."""
PADDING: Final = 64
"""Zero bytes after the last packet, so that headers can be read without a look at the end of the buffer."""
_PADDING: Final = bytes(PADDING)
NO_TIME: Final = -1
UNKNOWN_LINK: Final = -1

Numbers = NDArray[np.int64]
Octets = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Packets:
    """A stretch of packets. All arrays but `data` have one entry a packet."""

    data: Octets
    """The bytes of all of them, and `PADDING` zero bytes."""
    start: Numbers
    """Where in `data` each packet begins."""
    captured: Numbers
    """How many of its bytes are there."""
    original: Numbers
    """How many it had on the wire."""
    time: Numbers
    """Microseconds since 1970, UTC; `NO_TIME` where the file does not say."""
    link: Numbers
    """Link type, as https://www.tcpdump.org/linktypes.html numbers them; `UNKNOWN_LINK` where the file does not say."""
    damage: str | None = None
    """Why nothing after these packets can be read; None: the file goes on, or ends where it should."""

    def __len__(self) -> int:
        return len(self.start)


def packets_of(frames: Sequence[bytes], times: Sequence[int], link: int) -> Packets:
    """Return packets that are at hand, of one link type, captured whole, with their times in microseconds."""
    sizes = np.array([len(frame) for frame in frames], np.int64)
    data = np.frombuffer(b"".join((*frames, _PADDING)), np.uint8)
    starts = np.cumsum(sizes) - sizes
    return Packets(data, starts, sizes, sizes, np.array(times, np.int64), np.full(len(sizes), link))


def looks_captured(head: bytes) -> bool:
    """Tell whether a file begins as captures do."""
    return head[:4] in _PCAP or (head[:4] == _SECTION and head[8:12] in _ORDERS)


def read_packets(file: IO[bytes], block_bytes: int = BLOCK_BYTES) -> Iterator[Packets]:
    """
    Yield the packets of a capture file, in order; damage ends it and is named.

    A capture that ends inside a packet gives that packet as damage.
    """
    head = file.read(24)
    if head[:4] in _PCAP and len(head) == 24:
        walk: _Pcap | _Pcapng = _Pcap(head)
        rest = b""
    elif looks_captured(head):
        walk, rest = _Pcapng(), head
    else:
        yield _nothing("this is no packet capture: its first bytes are those of neither pcap nor pcapng")
        return
    while chunk := file.read(block_bytes):
        text = b"".join((rest, chunk, _PADDING))
        packets, used = walk.take(text)
        rest = text[used:-PADDING]
        if len(packets) or packets.damage:
            yield packets
        if packets.damage:
            return
    if rest:
        yield _nothing("the capture ends inside this packet")


_PCAP: Final[dict[bytes, tuple[str, int, int]]] = {
    b"\xd4\xc3\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\xc3\xd4": (">", 1, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1000, 16),
    b"\x34\xcd\xb2\xa1": ("<", 1, 24),
    b"\xa1\xb2\xcd\x34": (">", 1, 24),
}
"""By the first four bytes: byte order, fractions of a microsecond, bytes of a record's header."""
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
_ORDERS: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 1, 2, 3, 6
_SECTION_NUMBER: Final = 0x0A0D0D0A
_LATEST: Final = 4_102_444_800 * 1_000_000
"""2100: a later time is a damaged one."""


def _nothing(damage: str | None) -> Packets:
    none = np.empty(0, np.int64)
    return Packets(np.zeros(PADDING, np.uint8), none, none, none, none, none, damage)


def _words(data: Octets, at: Numbers, order: str) -> Numbers:
    """Return the unsigned 32-bit numbers that begin at these bytes."""
    four: NDArray[Any] = data[at[:, None] + np.arange(4)]
    return four.view(f"{order}u4").ravel().astype(np.int64)


def _sane(time: Numbers) -> Numbers:
    return np.where((time < 0) | (time > _LATEST), NO_TIME, time)


class _Pcap:
    """Records that follow each other, each with its time and length."""

    def __init__(self, head: bytes) -> None:
        self._order, self._fraction, self._header = _PCAP[head[:4]]
        # The upper bits say whether frames end in a checksum, and how long it is.
        self._link = Struct(f"{self._order}I").unpack_from(head, 20)[0] & 0x0FFF_FFFF & 0xFFFF

    def take(self, text: bytes) -> tuple[Packets, int]:
        """Return the whole packets at the beginning of the padded text, and how many bytes they take."""
        length = Struct(f"{self._order}I").unpack_from
        found, at, size, header, damage = [], 0, len(text) - PADDING, self._header, None
        while at + header <= size:
            captured = length(text, at + 8)[0]
            if captured > LONGEST_PACKET:
                damage = f"the capture is damaged: a packet of {captured:,} bytes cannot be"
                break
            end = at + header + captured
            if end > size:
                break
            found.append(at)
            at = end
        return self._packets(np.frombuffer(text, np.uint8), found, damage), at

    def _packets(self, data: Octets, found: list[int], damage: str | None) -> Packets:
        at = np.array(found, np.int64)
        octets: NDArray[Any] = data[at[:, None] + np.arange(16)]
        seconds, fraction, captured, original = octets.view(f"{self._order}u4").astype(np.int64).T
        time = _sane(seconds * 1_000_000 + fraction // self._fraction)
        link = np.full(len(at), self._link)
        return Packets(data, at + self._header, captured, np.maximum(original, captured), time, link, damage)


class _Pcapng:
    """Blocks that follow each other: sections, their interfaces, packets, and others that are passed over."""

    def __init__(self) -> None:
        self._order = "<"
        self._links: list[int] = []
        self._ticks: list[int] = []
        """Of each interface, how many ticks its clock has a second."""
        self._ahead: list[int] = []
        """Of each interface, seconds to add."""
        self._snap: list[int] = []

    def take(self, text: bytes) -> tuple[Packets, int]:
        """Return the packets in the whole blocks at the beginning of the padded text, and how many bytes those take."""
        parts: list[Packets] = []
        found: list[tuple[int, int]] = []
        at, size, damage = 0, len(text) - PADDING, None
        data = np.frombuffer(text, np.uint8)
        two = Struct(f"{self._order}2I").unpack_from
        while at + 12 <= size:
            kind, length = two(text, at)
            if kind == _SECTION_NUMBER:
                order = _ORDERS.get(text[at + 8 : at + 12])
                if order is not None and order != self._order:
                    parts.append(self._packets(data, found))
                    found, self._order = [], order
                    two = Struct(f"{order}2I").unpack_from
                    kind, length = two(text, at)
            if length < 12 or length % 4 or length > 16 * LONGEST_PACKET:
                damage = f"the capture is damaged: a block of {length:,} bytes cannot be"
                break
            if at + length > size:
                break
            if kind in (_PACKET, _OLD_PACKET, _SIMPLE_PACKET):
                if length >= (16 if kind == _SIMPLE_PACKET else 32):
                    found.append((at, kind))
            elif kind in (_INTERFACE, _SECTION_NUMBER):
                # Packets so far belong to the interfaces known so far.
                parts.append(self._packets(data, found))
                found = []
                self._describe(text[at : at + length], kind)
            at += length
        parts.append(self._packets(data, found))
        return _joined(data, parts, damage), at

    def _describe(self, block: bytes, kind: int) -> None:
        """Take in a section's beginning, which forgets its interfaces, or an interface."""
        if kind == _SECTION_NUMBER:
            self._links, self._ticks, self._ahead, self._snap = [], [], [], []
            return
        link, _, snap = Struct(f"{self._order}HHI").unpack_from(block.ljust(16, b"\0"), 8)
        options = dict(_options(block[16:-4], self._order))
        power = options.get(9, b"\x06")[:1] or b"\x06"
        base, exponent = (2, power[0] & 0x7F) if power[0] & 0x80 else (10, power[0])
        ahead = options.get(14, b"").ljust(8, b"\0")[:8]
        self._links.append(link)
        self._ticks.append(min(base**exponent, 10**12) if exponent else 1)
        self._ahead.append(Struct(f"{self._order}q").unpack(ahead)[0] % (1 << 32))
        self._snap.append(snap or LONGEST_PACKET)

    @staticmethod
    def _of(interface: Numbers, values: list[int]) -> Numbers:
        """Return each interface's value."""
        table: Numbers = np.array(values or [0], np.int64)[interface]
        return table

    def _packets(self, data: Octets, found: list[tuple[int, int]]) -> Packets:
        """Return the packets of blocks that begin at these bytes."""
        if not found:
            return _nothing(None)
        at, kind = np.array(found, np.int64).T
        simple, order = kind == _SIMPLE_PACKET, self._order
        length = _words(data, at + 4, order)
        interface = _words(data, at + 8, order)
        if order == "<":
            interface = np.where(kind == _OLD_PACKET, interface & 0xFFFF, interface)
        else:
            interface = np.where(kind == _OLD_PACKET, interface >> 16, interface)
        interface = np.where(simple, 0, interface)
        known = interface < len(self._links)
        interface = np.where(known, interface, 0)
        link = np.where(known, self._of(interface, self._links), UNKNOWN_LINK)
        ticks = np.maximum(self._of(interface, self._ticks), 1)
        stamp = (_words(data, at + 12, order).astype(np.uint64) << np.uint64(32)) | _words(
            data, at + 16, order
        ).astype(np.uint64)
        stamp = (stamp & np.uint64((1 << 63) - 1)).astype(np.int64)
        time = (
            stamp // ticks + self._of(interface, self._ahead)
        ) * 1_000_000 + stamp % ticks * 1_000_000 // ticks
        original = np.where(simple, _words(data, at + 8, order), _words(data, at + 24, order))
        captured = np.where(
            simple, np.minimum(original, self._of(interface, self._snap)), _words(data, at + 20, order)
        )
        start = at + np.where(simple, 12, 28)
        captured = np.clip(captured, 0, at + length - 4 - start)
        time = np.where(simple, NO_TIME, _sane(time))
        return Packets(data, start, captured, np.maximum(original, captured), time, link)


def _joined(data: Octets, parts: list[Packets], damage: str | None) -> Packets:
    def column(name: str) -> Numbers:
        return np.concatenate([getattr(part, name) for part in parts])

    return Packets(
        data,
        column("start"),
        column("captured"),
        column("original"),
        column("time"),
        column("link"),
        damage,
    )


def _options(text: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield the options of a block: number and value; a broken one ends them."""
    two, at = Struct(f"{order}2H"), 0
    while at + 4 <= len(text):
        kind, length = two.unpack_from(text, at)
        if kind == 0:
            return
        yield kind, text[at + 4 : at + 4 + length]
        at += 4 + (length + 3 & ~3)
