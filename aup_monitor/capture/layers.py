"""
The headers of packets, all packets at once: link, tunnel, IP, TCP and UDP become columns.

Understood are Ethernet (VLAN, QinQ, 802.3 with SNAP, PPPoE, MPLS), Linux' cooked captures, raw IP, loopback, PPP, IPv4, IPv6
with its extension headers, and IP inside IP or GRE (of which the innermost counts). A packet is walked header by header; packets
that stand at the same kind of header are read together, so that the work is numpy's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from aup_monitor.capture.packets import NO_TIME, Numbers, Octets, Packets

if TYPE_CHECKING:
    from collections.abc import Callable

Words = NDArray[np.uint64]

TCP, UDP, GRE, ESP, AH = 6, 17, 47, 50, 51
REASONS: Final = (
    "",
    "the packet was captured too short to hold its headers",
    "the packet is shorter than its headers say",
    "a header of the packet has a length that cannot be",
    "the packet has no time",
    "packets of this kind of link are not read",
    "the packet's headers are nested too deep",
)
_CUT, _SHORT, _WRONG, _TIMELESS, _LINK, _DEEP = range(1, 7)
_DEPTH: Final = 24
"""Headers that are followed inside each other."""

# Where a packet stands: an EtherType as it is, and these.
_DONE, _ETHERNET, _IP, _PPP, _PROTOCOL = -1, 0x10000, 0x10001, 0x10002, 0x20000
_LINKS: Final = {
    0: (4, _IP),
    1: (0, _ETHERNET),
    9: (0, _PPP),
    12: (0, _IP),
    14: (0, _IP),
    50: (0, _PPP),
    51: (0, 0x8864),
    101: (0, _IP),
    108: (4, _IP),
    228: (0, 0x0800),
    229: (0, 0x86DD),
}
"""By link type: bytes before the first header, and what it is."""
_COOKED: Final = {113: (14, 16), 276: (0, 20)}
"""By link type: where the EtherType stands, and where what follows it begins."""


@dataclass(slots=True)
class Layers:
    """One entry a packet in every column. Addresses are two 64-bit halves; IPv4 as IPv6 has it (::ffff:a.b.c.d)."""

    reject: Numbers
    """Index into `REASONS`; 0: the packet is sound."""
    protocol: Numbers
    """Number of the protocol inside IP; -1: no IP, or a fragment."""
    source_high: Words
    source_low: Words
    destination_high: Words
    destination_low: Words
    source_port: Numbers
    destination_port: Numbers
    flags: Numbers
    """TCP's: FIN 1, SYN 2, RST 4, PSH 8, ACK 16."""
    sequence: Numbers
    payload: Numbers
    """Where in the buffer the bytes inside TCP or UDP begin."""
    length: Numbers
    """How many of them were captured."""
    size: Numbers
    """How many there were on the wire."""
    fragment: Numbers
    """Where in the buffer the IP header of a fragment begins; -1: it is none."""


V4_LOW: Final = np.uint64(0xFFFF_0000_0000)


def layers_of(packets: Packets) -> Layers:
    """Return the headers of packets as columns; never raises."""
    walk = _Walk(packets)
    walk.run()
    return walk.found


def _empty(count: int) -> Layers:
    def numbers(value: int = 0) -> Numbers:
        return np.full(count, value, np.int64)

    def words() -> Words:
        return np.zeros(count, np.uint64)

    return Layers(
        reject=numbers(),
        protocol=numbers(-1),
        source_high=words(),
        source_low=words(),
        destination_high=words(),
        destination_low=words(),
        source_port=numbers(),
        destination_port=numbers(),
        flags=numbers(),
        sequence=numbers(),
        payload=numbers(),
        length=numbers(),
        size=numbers(),
        fragment=numbers(-1),
    )


@dataclass(slots=True)
class _Walk:
    """Where each packet's walk stands."""

    packets: Packets
    data: Octets = field(init=False)
    at: Numbers = field(init=False)
    end: Numbers = field(init=False)
    """After the last captured byte of the innermost header so far."""
    whole: Numbers = field(init=False)
    """The same as if all had been captured."""
    kind: Numbers = field(init=False)
    outer: Numbers = field(init=False)
    """Where the innermost IPv6 header began."""
    found: Layers = field(init=False)

    def __post_init__(self) -> None:
        packets = self.packets
        self.data = packets.data
        self.at = packets.start.copy()
        self.end = packets.start + packets.captured
        self.whole = packets.start + packets.original
        self.kind = np.full(len(packets), _DONE, np.int64)
        self.outer = packets.start.copy()
        self.found = _empty(len(packets))

    def run(self) -> None:
        """Walk all packets to their innermost header."""
        self._begin()
        for _ in range(_DEPTH):
            active = np.flatnonzero(self.kind != _DONE)
            if not len(active):
                return
            kinds = self.kind[active]
            for kind in np.unique(kinds):
                self._step(int(kind), active[kinds == kind])
        self._refuse(np.flatnonzero(self.kind != _DONE), _DEEP)

    def _begin(self) -> None:
        link = self.packets.link
        for number in np.unique(link):
            here = np.flatnonzero(link == number)
            if int(number) in _LINKS:
                ahead, kind = _LINKS[int(number)]
                here = self._need(here, ahead)
                self._go(here, ahead, kind)
            elif int(number) in _COOKED:
                kind_at, ahead = _COOKED[int(number)]
                here = self._need(here, ahead)
                self._go(here, ahead, self._u16(here, kind_at))
            else:
                self._refuse(here, _LINK)
        self._refuse(np.flatnonzero(self.packets.time == NO_TIME), _TIMELESS)

    def _step(self, kind: int, here: Numbers) -> None:
        step = _STEPS.get(kind)
        if step is None:
            # Whatever it is, it is no IP (ARP, STP), or a protocol that IP carries and nothing is read of.
            self.kind[here] = _DONE
        else:
            step(self, here)

    def _u8(self, here: Numbers, ahead: int = 0) -> Numbers:
        return self.data[self.at[here] + ahead].astype(np.int64)

    def _u16(self, here: Numbers, ahead: int = 0) -> Numbers:
        at = self.at[here] + ahead
        return (self.data[at].astype(np.int64) << 8) | self.data[at + 1]

    def _word(self, here: Numbers, ahead: int, size: int) -> NDArray[Any]:
        octets: NDArray[Any] = self.data[(self.at[here] + ahead)[:, None] + np.arange(size)]
        return octets.view(f">u{size}").ravel()

    def _need(self, here: Numbers, size: int | Numbers) -> Numbers:
        """Return those packets that hold so many more bytes, and refuse the others."""
        enough = self.at[here] + size <= self.end[here]
        if enough.all():
            return here
        lacking = here[~enough]
        cut = self.packets.captured[lacking] < self.packets.original[lacking]
        self._refuse(lacking[cut], _CUT)
        self._refuse(lacking[~cut], _SHORT)
        kept: Numbers = here[enough]
        return kept

    def _keep(self, here: Numbers, good: NDArray[np.bool_], reason: int = _WRONG) -> Numbers:
        """Return those that are good, and refuse the others."""
        if good.all():
            return here
        self._refuse(here[~good], reason)
        kept: Numbers = here[good]
        return kept

    def _refuse(self, here: Numbers, reason: int) -> None:
        self.found.reject[here] = reason
        self.found.protocol[here] = -1
        self.kind[here] = _DONE

    def _go(self, here: Numbers, ahead: int | Numbers, kind: int | Numbers) -> None:
        self.at[here] += ahead
        self.kind[here] = kind

    def ethernet(self, here: Numbers) -> None:
        """Ethernet II, or 802.3 with a length where the EtherType would be."""
        here = self._need(here, 14)
        kind = self._u16(here, 12)
        self._go(here, 14, np.where(kind < 0x600, _DONE, kind))
        snap = here[kind < 0x600]
        snap = snap[self.at[snap] + 8 <= self.end[snap]]
        snap = snap[(self._u16(snap) == 0xAAAA) & (self._u8(snap, 2) == 3)]
        self._go(snap, 8, self._u16(snap, 6))

    def vlan(self, here: Numbers) -> None:
        """802.1Q and 802.1ad."""
        here = self._need(here, 4)
        kind = self._u16(here, 2)
        self._go(here, 4, np.where(kind < 0x600, _DONE, kind))

    def mpls(self, here: Numbers) -> None:
        """Pass an MPLS label; the last one is followed by IP."""
        here = self._need(here, 4)
        last = (self._u8(here, 2) & 1).astype(bool)
        self._go(here, 4, np.where(last, _IP, 0x8847))

    def pppoe(self, here: Numbers) -> None:
        """PPPoE's session stage (RFC 2516)."""
        here = self._need(here, 6)
        self._go(here, 6, _PPP)

    def ppp(self, here: Numbers) -> None:
        """PPP (RFC 1661), with or without address and control, its protocol in one byte or two."""
        here = self._need(here, 2)
        self.at[here] += np.where(self._u16(here) == 0xFF03, 2, 0)
        here = self._need(here, 2)
        short = (self._u8(here) & 1).astype(bool)
        protocol = np.where(short, self._u8(here), self._u16(here))
        kind = np.where(protocol == 0x21, 0x0800, np.where(protocol == 0x57, 0x86DD, _DONE))
        self._go(here, np.where(short, 1, 2), kind)

    def ip(self, here: Numbers) -> None:
        """IPv4 or IPv6, as the first half byte says."""
        here = self._need(here, 1)
        version = self._u8(here) >> 4
        self.kind[here] = np.where(version == 4, 0x0800, np.where(version == 6, 0x86DD, _DONE))

    def ipv4(self, here: Numbers) -> None:
        """RFC 791; a total length of 0 is what a network card writes that is to cut the packet itself."""
        here = self._need(here, 20)
        first = self._u8(here)
        header, total = (first & 15) * 4, self._u16(here, 2)
        sound = (first >> 4 == 4) & (header >= 20) & ((total >= header) | (total == 0))
        here, header, total = self._keep(here, sound), header[sound], total[sound]
        at = self.at[here]
        self._narrow(here, np.where(total == 0, self.whole[here], at + total))
        fits = at + header <= self.end[here]
        here, header, at = self._need(here, header), header[fits], at[fits]
        cut = self._u16(here, 6)
        self.found.source_high[here] = self.found.destination_high[here] = 0
        self.found.source_low[here] = self._word(here, 12, 4).astype(np.uint64) | V4_LOW
        self.found.destination_low[here] = self._word(here, 16, 4).astype(np.uint64) | V4_LOW
        protocol = self._u8(here, 9)
        self._enter(here, header, protocol)
        self._set_aside(here[(cut & 0x3FFF) != 0], at[(cut & 0x3FFF) != 0])

    def ipv6(self, here: Numbers) -> None:
        """RFC 8200; a payload length of 0 is that of a jumbogram."""
        here = self._need(here, 40)
        here = self._keep(here, self._u8(here) >> 4 == 6)
        at, total = self.at[here], self._u16(here, 4)
        self._narrow(here, np.where(total == 0, self.whole[here], at + 40 + total))
        for name, ahead in (("source", 8), ("destination", 24)):
            getattr(self.found, f"{name}_high")[here] = self._word(here, ahead, 8)
            getattr(self.found, f"{name}_low")[here] = self._word(here, ahead + 8, 8)
        self.outer[here] = at
        self._enter(here, 40, self._u8(here, 6))

    def extension(self, here: Numbers) -> None:
        """Options, routing and the like, which only say what follows them."""
        here = self._need(here, 8)
        self._enter(here, (self._u8(here, 1) + 1) * 8, self._u8(here))

    def authentication(self, here: Numbers) -> None:
        """RFC 4302: signed, not encrypted."""
        here = self._need(here, 8)
        self._enter(here, (self._u8(here, 1) + 2) * 4, self._u8(here))

    def fragment(self, here: Numbers) -> None:
        """IPv6's fragment header; one that is the first and the last is passed over."""
        here = self._need(here, 8)
        part = (self._u16(here, 2) & 0xFFF9) != 0
        begin = self.outer[here[part]]
        self._enter(here, 8, self._u8(here))
        self._set_aside(here[part], begin)

    def gre(self, here: Numbers) -> None:
        """RFC 2784, RFC 2890 and PPTP's variant (RFC 2637)."""
        here = self._need(here, 4)
        flags, kind = self._u16(here), self._u16(here, 2)
        size = 4 + 4 * ((flags & 0xC000) != 0) + 4 * ((flags & 0x2000) != 0) + 4 * ((flags & 0x1000) != 0)
        size += 4 * ((flags & 0x87) == 0x81)
        inner = np.where(kind == 0x880B, _PPP, np.where(kind == 0x6558, _ETHERNET, kind))
        # Acknowledgements of PPTP carry nothing.
        inner = np.where(self.at[here] + size + 2 <= self.end[here], inner, _DONE)
        self._go(here, size, inner)

    def tcp(self, here: Numbers) -> None:
        """RFC 9293."""
        here = self._need(here, 20)
        header = (self._u8(here, 12) >> 4) * 4
        sound = header >= 20
        here, header = self._keep(here, sound), header[sound]
        self._ports(here)
        self.found.sequence[here] = self._word(here, 4, 4)
        self.found.flags[here] = self._u8(here, 13)
        self._inside(here, header)

    def udp(self, here: Numbers) -> None:
        """RFC 768; a length of 0 is that of a jumbogram."""
        here = self._need(here, 8)
        length = self._u16(here, 4)
        sound = (length >= 8) | (length == 0)
        here, length = self._keep(here, sound), length[sound]
        self._ports(here)
        self._narrow(here, np.where(length == 0, self.whole[here], self.at[here] + length))
        self._inside(here, 8)

    def _ports(self, here: Numbers) -> None:
        self.found.source_port[here] = self._u16(here)
        self.found.destination_port[here] = self._u16(here, 2)

    def _inside(self, here: Numbers, header: int | Numbers) -> None:
        """Take what follows the last header."""
        begin = self.at[here] + header
        self.found.payload[here] = begin
        self.found.length[here] = np.maximum(self.end[here] - begin, 0)
        self.found.size[here] = np.maximum(self.whole[here] - begin, 0)
        self.kind[here] = _DONE

    def _narrow(self, here: Numbers, end: Numbers) -> None:
        """Leave out what lies behind the end that a header tells: padding."""
        self.end[here] = np.minimum(self.end[here], end)
        self.whole[here] = np.minimum(self.whole[here], end)

    def _enter(self, here: Numbers, header: int | Numbers, protocol: Numbers) -> None:
        """Go on behind an IP header."""
        self._go(here, header, _PROTOCOL + protocol)
        self.found.protocol[here] = protocol
        self.found.size[here] = np.maximum(self.whole[here] - self.at[here], 0)

    def _set_aside(self, here: Numbers, begin: Numbers) -> None:
        """Mark a part of a datagram, whose IP header begins there: its other parts are needed first."""
        self.found.fragment[here] = begin
        self.found.protocol[here] = -1
        self.kind[here] = _DONE


_STEPS: Final[dict[int, Callable[[_Walk, Numbers], None]]] = {
    _ETHERNET: _Walk.ethernet,
    _IP: _Walk.ip,
    _PPP: _Walk.ppp,
    0x0800: _Walk.ipv4,
    0x86DD: _Walk.ipv6,
    0x8864: _Walk.pppoe,
    **dict.fromkeys((0x8100, 0x88A8, 0x9100, 0x9200), _Walk.vlan),
    **dict.fromkeys((0x8847, 0x8848), _Walk.mpls),
    _PROTOCOL + TCP: _Walk.tcp,
    _PROTOCOL + UDP: _Walk.udp,
    _PROTOCOL + GRE: _Walk.gre,
    _PROTOCOL + 4: _Walk.ipv4,
    _PROTOCOL + 41: _Walk.ipv6,
    _PROTOCOL + 44: _Walk.fragment,
    _PROTOCOL + AH: _Walk.authentication,
    **dict.fromkeys((_PROTOCOL, _PROTOCOL + 43, _PROTOCOL + 60, _PROTOCOL + 135), _Walk.extension),
}
