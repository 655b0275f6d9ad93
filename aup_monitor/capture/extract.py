"""
Packets to events: one for each connection, each question for a name, each HTTP request and each address given.

Headers are read for whole batches (`layers`), flows are sorted (`flows`), and only the few packets that say what a connection is are
looked into. Nothing of what they carry is kept beyond the columns of `rows`. The result does not depend on where batches are cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from aup_monitor.capture import dhcp, dns, http
from aup_monitor.capture.connections import Connection, First, Segment
from aup_monitor.capture.flows import flows_of, patience
from aup_monitor.capture.fragments import Fragments
from aup_monitor.capture.layers import REASONS, TCP, UDP, V4_LOW, Layers, layers_of
from aup_monitor.capture.packets import Packets, packets_of
from aup_monitor.capture.questions import ANSWER_WITHIN, Questions
from aup_monitor.capture.quic import Initials
from aup_monitor.capture.rows import BAD, LEASE, End, Rows
from aup_monitor.capture.telling import TRANSPORTS, tell

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from aup_monitor.capture.flows import Ends
    from aup_monitor.capture.packets import Numbers

MOST_OPEN: Final = 65_536
"""Connections that are followed at a time; past it those that were quiet for longest are told as they are."""
MOST_HELD: Final = 1_000_000
"""Packets after which a connection is told even if it goes on: rows wait for it."""
SOON: Final = 5_000_000
"""Microseconds after which a connection that is captured live is told, though it goes on."""
_TALK: Final = np.array([137, 138, 1900, 3702, 5353, 5355])
"""UDP ports by which devices of one network find each other: no one asked for it."""
_RAW: Final = 101


class Extractor:
    """Takes packets, batch by batch, and gives the rows of those that are decided."""

    def __init__(self, after: int = -1, *, live: bool = False) -> None:
        """
        Begin.

        Args:
            after: packets up to this one were told in an earlier reading: they are followed, not told.
            live: packets come from an interface, filtered: a connection is told `SOON` after it began, without time and bytes.

        """
        self._rows = Rows(after)
        self._live = live
        self._count = 0
        self._now = 0
        self._open: dict[Ends, Connection] = {}
        self._questions = Questions(self._rows)
        self._fragments = Fragments()
        self._initials = Initials()

    def take(self, packets: Packets, now: int = 0) -> pl.DataFrame:
        """Take the next packets, and the present time if it is known; return the rows of all packets before the first undecided one."""
        self._now = max(self._now, now)
        if len(packets):
            packets, layers = self._put_together(packets, layers_of(packets))
            self._look(packets, layers)
            self._count += len(packets)
            self._now = max(self._now, int(packets.time.max()))
        if packets.damage:
            self._rows.add(BAD, (self._count, packets.damage))
            self._count += 1
        self._close()
        return self._rows.leave(self._decided())

    def finish(self) -> pl.DataFrame:
        """Tell what is still open, and return the remaining rows."""
        for connection in self._open.values():
            self._tell(connection)
        self._open.clear()
        self._questions.give_up(None)
        return self._rows.leave(self._count)

    def _tell(self, connection: Connection) -> None:
        tell(connection, self._rows, self._initials, counted=not self._live)

    def _decided(self) -> int:
        """Return the number of the first packet whose row may still change."""
        waiting = (connection.undecided for connection in self._open.values())
        first = min((number for number in waiting if number is not None), default=self._count)
        return min(first, self._questions.first(otherwise=first))

    def _put_together(self, packets: Packets, layers: Layers) -> tuple[Packets, Layers]:
        """Let the last fragment of a datagram stand for the whole."""
        whole: list[tuple[int, bytes]] = []
        for n in np.flatnonzero(layers.fragment >= 0).tolist():
            end = int(packets.start[n] + packets.captured[n])
            datagram = self._fragments.add(
                packets.data[layers.fragment[n] : end].tobytes(), int(packets.time[n])
            )
            if datagram is not None:
                whole.append((n, datagram))
        if not whole:
            return packets, layers
        places = np.array([n for n, _ in whole])
        extra = packets_of([datagram for _, datagram in whole], packets.time[places].tolist(), _RAW)
        inner = layers_of(extra)
        inner.payload += len(packets.data)
        for name in Layers.__slots__:
            getattr(layers, name)[places] = getattr(inner, name)
        return replace(packets, data=np.concatenate([packets.data, extra.data])), layers

    def _look(self, packets: Packets, layers: Layers) -> None:
        batch = _Batch(packets, layers, self._count, packets.data.data)
        for n in np.flatnonzero(layers.reject).tolist():
            self._rows.add(BAD, (self._count + n, REASONS[layers.reject[n]]))
        udp = (layers.protocol == UDP) & (layers.reject == 0)
        leases = udp & _port(layers, dhcp.PORTS)
        for n in np.flatnonzero(leases).tolist():
            self._take_lease(batch.segment(n))
        personal = _personal(layers) & (layers.reject == 0) & ~leases & ~(udp & _port(layers, _TALK))
        look_up = np.zeros(len(packets), bool)
        for n in np.flatnonzero(personal & udp & _port(layers, (dns.PORT,))).tolist():
            segment = batch.segment(n)
            if dns.looks_dns(segment.payload):
                look_up[n] = True
                self._questions.take(segment, _ends(layers, n), "udp")
        carried = np.isin(layers.protocol, list(TRANSPORTS)) & personal & ~look_up
        self._follow(batch, np.flatnonzero(carried))

    def _follow(self, batch: _Batch, here: Numbers) -> None:
        """Give packets to their connections."""
        if not len(here):
            return
        flows = flows_of(batch.layers, here, batch.packets.time, batch.heads())
        begins = flows.order[flows.begin]
        firsts = map(
            First,
            flows.ends,
            (begins + self._count).tolist(),
            batch.packets.time[begins].tolist(),
            flows.upward[flows.begin].tolist(),
            batch.layers.flags[begins].tolist(),
            batch.layers.sequence[begins].tolist(),
        )
        lasts = batch.packets.time[flows.order[flows.end - 1]].tolist()
        order, upward = flows.order.tolist(), flows.upward.tolist()
        looked_at = np.flatnonzero(flows.looked_at)
        edges = np.searchsorted(looked_at, np.append(flows.begin, len(order))).tolist()
        spots, begin, end = looked_at.tolist(), flows.begin.tolist(), flows.end.tolist()
        for n, first in enumerate(firsts):
            connection = self._connection(first)
            connection.grow(lasts[n], flows.sizes[n], flows.flags[n])
            at = begin[n]
            for spot in (*spots[edges[n] : edges[n + 1]], end[n]):
                if connection.settled:
                    break
                while at < spot and connection.hungry:
                    self._give(connection, batch, order[at], upward[at])
                    at += 1
                if spot < end[n]:
                    self._give(connection, batch, order[spot], upward[spot])
                    at = spot + 1

    def _give(self, connection: Connection, batch: _Batch, n: int, upward: bool) -> None:
        """Let a connection look at a packet."""
        segment = batch.segment(n, client=upward == connection.client_is_low)
        if segment.payload:
            for message in connection.take(segment, self._initials):
                self._questions.take(message, _ends(batch.layers, n), "tcp")

    def _connection(self, first: First) -> Connection:
        """Return the connection that a flow's first packet belongs to."""
        known = self._open.get(first.ends)
        if known is not None:
            fresh = first.opens and first.sequence != known.syn
            if not fresh and first.time - known.last_time <= patience(first.ends.protocol, over=known.over):
                return known
            self._tell(known)
            del self._open[first.ends]
        connection = self._open[first.ends] = Connection(first)
        return connection

    def _close(self) -> None:
        """Tell the connections that nothing more is expected of, and the questions that nobody answered."""
        done = [
            c
            for c in self._open.values()
            if self._now - c.last_time > patience(c.ends.protocol, over=c.over)
            or self._count - c.number > MOST_HELD
        ]
        surplus = len(self._open) - len(done) - MOST_OPEN
        if surplus > 0:
            gone = set(map(id, done))
            left = sorted((c for c in self._open.values() if id(c) not in gone), key=lambda c: c.last_time)
            done += left[:surplus]
        for connection in done:
            self._tell(connection)
            del self._open[connection.ends]
        if self._live:
            for connection in self._open.values():
                if connection.requests or (not connection.told and self._now - connection.time > SOON):
                    self._tell(connection)
        self._questions.give_up(self._now - ANSWER_WITHIN)

    def _take_lease(self, segment: Segment) -> None:
        lease = dhcp.lease_of(segment.payload)
        if lease is None:
            return
        given = lease.action == "DHCPACK"
        ends = segment.time + lease.seconds * 1_000_000 if lease.seconds else None
        self._rows.add(
            LEASE,
            (
                segment.number,
                segment.time,
                lease.action,
                "allowed" if given else "unknown",
                lease.address,
                lease.mac,
                lease.host_name,
                segment.time if given else None,
                ends if given else segment.time,
            ),
        )


class _Batch(NamedTuple):
    """A batch's packets and their headers."""

    packets: Packets
    layers: Layers
    first: int
    """Number of the first packet."""
    data: memoryview

    def segment(self, n: int, *, client: bool = True) -> Segment:
        """Return the payload of packet `n` of the batch."""
        layers, begin = self.layers, int(self.layers.payload[n])
        payload = bytes(self.data[begin : begin + int(layers.length[n])])
        return Segment(self.first + n, int(self.packets.time[n]), client, int(layers.sequence[n]), payload)

    def heads(self) -> NDArray[np.bool_]:
        """Tell which packets begin as an HTTP request does."""
        at = np.where(self.layers.length >= 4, self.layers.payload, 0)
        first: NDArray[np.bool_] = np.isin(self.packets.data[at], _INITIALS)
        here = np.flatnonzero(first & (self.layers.protocol == TCP) & (self.layers.length >= 4))
        found = np.zeros(len(self.packets), bool)
        found[here] = [http.begins_request(bytes(self.data[b : b + 4])) for b in at[here].tolist()]
        return found


_INITIALS: Final = np.frombuffer(bytes({method[0] for method in http.METHODS}), np.uint8)


def _port(layers: Layers, ports: tuple[int, ...] | Numbers) -> NDArray[np.bool_]:
    return np.isin(layers.source_port, ports) | np.isin(layers.destination_port, ports)


def _personal(layers: Layers) -> NDArray[np.bool_]:
    """Tell which packets go to one device, not to all or to a group."""
    high, low = layers.destination_high, layers.destination_low
    four = (high == 0) & (low >> np.uint64(32) == np.uint64(0xFFFF))
    group_v4 = four & (low >= V4_LOW | np.uint64(0xE000_0000))
    group_v6 = high >> np.uint64(56) == np.uint64(0xFF)
    personal: NDArray[np.bool_] = ~(group_v4 | group_v6)
    return personal


def _ends(layers: Layers, n: int) -> tuple[End, End]:
    """Return sender and receiver of a packet."""
    return (
        End(int(layers.source_high[n]), int(layers.source_low[n]), int(layers.source_port[n])),
        End(int(layers.destination_high[n]), int(layers.destination_low[n]), int(layers.destination_port[n])),
    )
