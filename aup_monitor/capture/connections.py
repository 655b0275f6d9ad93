"""What is known of one connection, from its first packet to its last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aup_monitor.capture import dns, http, tls
from aup_monitor.capture.flows import ACK, FIN, RST, SYN
from aup_monitor.capture.layers import TCP, UDP
from aup_monitor.capture.quic import looks_initial, version_of
from aup_monitor.capture.streams import WRAP, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.capture.flows import Ends
    from aup_monitor.capture.quic import Initials
    from aup_monitor.capture.tls import Hello

KEPT_PAYLOADS: Final = 8
"""First payloads of a connection by which its application is known."""
KEPT_BYTES: Final = 512
"""Bytes of each that are kept, until the connection is told."""
MOST_LOOKS: Final = 64
"""Packets that are looked at for the rest of a ClientHello or a DNS message."""
_TLS: Final = b"\x16\x03"
_KNOWN_PORTS: Final = 1024


class Segment(NamedTuple):
    """A payload: of which packet, when, from which side, and where in its side's stream."""

    number: int
    time: int
    client: bool
    sequence: int
    payload: bytes


class First(NamedTuple):
    """The first packet that was seen of a connection."""

    ends: Ends
    number: int
    time: int
    upward: bool
    """Whether it went from the lower end to the higher."""
    flags: int
    sequence: int

    @property
    def opens(self) -> bool:
        """Whether a client asks for a new connection with it."""
        return self.ends.protocol == TCP and self.flags & (SYN | ACK) == SYN


class Connection:
    """One connection: who, when, how much, and its first bytes until it is told."""

    __slots__ = (
        "_head",
        "_looks",
        "_seen",
        "_sent",
        "client_is_low",
        "ends",
        "flags",
        "hello",
        "last_time",
        "messages",
        "number",
        "payloads",
        "protocol",
        "requests",
        "sizes",
        "syn",
        "time",
        "told",
    )

    def __init__(self, first: First) -> None:
        self.ends = first.ends
        self.number = first.number
        """Number of the packet that began it."""
        self.time = self.last_time = first.time
        self.syn = first.sequence if first.opens else None
        self.client_is_low = _client_is_low(first)
        self.sizes = [0, 0]
        self.flags = [0, 0]
        """Payload bytes, and joined TCP flags, from the lower end and from the higher."""
        self.payloads: list[tuple[bool, bytes]] = []
        """The first payloads: whether the client sent it, and its beginning."""
        self.hello: Hello | None = None
        self.protocol: str | None = None
        self.requests: list[Segment] = []
        """Heads of HTTP requests, each with the packet that it began in."""
        self.messages = 0
        """DNS messages that were read in it."""
        self.told = False
        """Whether it has its row already, though it goes on."""
        self._head: Segment | None = None
        self._sent: dict[bool, Stream] = {}
        self._seen: set[tuple[bool, int]] = set()
        self._looks = 0

    @property
    def over(self) -> bool:
        """Whether both sides ended it, or one broke it off."""
        low, high = self.flags
        return bool((low & FIN and high & FIN) or (low | high) & RST)

    @property
    def answered(self) -> bool:
        """Whether the server agreed to it, or sent anything."""
        server = 1 if self.client_is_low else 0
        agreed = self.ends.protocol == TCP and self.flags[server] & (SYN | ACK) == SYN | ACK
        return agreed or self.sizes[server] > 0

    @property
    def hungry(self) -> bool:
        """Whether more packets than the first are needed, for what began and is not whole yet."""
        if self._head is not None:
            return True
        cut = self.hello is not None and self.hello.cut
        return self._looks < MOST_LOOKS and (cut or self.protocol == "dns")

    @property
    def undecided(self) -> int | None:
        """Number of the first packet whose row may still change."""
        if not self.told:
            return self.number
        return self._head.number if self._head else None

    @property
    def settled(self) -> bool:
        """Whether nothing that comes can say more: it is encrypted, and what it says in clear was seen whole."""
        return self.hello is not None and not self.hello.cut

    def grow(self, last_time: int, sizes: tuple[int, int], flags: tuple[int, int]) -> None:
        """Count a batch's packets."""
        self.last_time = last_time
        self.sizes[0] += sizes[0]
        self.sizes[1] += sizes[1]
        self.flags[0] |= flags[0]
        self.flags[1] |= flags[1]

    def take(self, segment: Segment, initials: Initials) -> Iterator[Segment]:
        """Look at a payload; yield the DNS messages that it completes."""
        if self.ends.protocol != TCP:
            self._keep(segment)
            if segment.client and self.ends.protocol == UDP and self._looks < MOST_LOOKS:
                self._take_datagram(segment.payload, initials)
            return
        self._take_head(segment)
        if (segment.client, segment.sequence) in self._seen or self._looks >= MOST_LOOKS:
            return
        self._looks += 1
        self._seen.add((segment.client, segment.sequence))
        self._keep(segment)
        if dns.PORT in (self.ends.low_port, self.ends.high_port):
            yield from self._take_dns(segment)
        elif segment.client and (self.hello is None or self.hello.cut):
            self._take_segment(segment)

    def finish(self, initials: Initials) -> None:
        """Take what is there of a ClientHello and of a request's head, since nothing more comes."""
        if self.hello is None and self.protocol == "quic":
            self.hello = initials.finish(self.number)
        self._end_head()

    def _keep(self, segment: Segment) -> None:
        if len(self.payloads) < KEPT_PAYLOADS:
            self.payloads.append((segment.client, segment.payload[:KEPT_BYTES]))

    def _stream(self, client: bool) -> Stream:
        if client not in self._sent:
            begin = (self.syn + 1) % WRAP if client and self.syn is not None else None
            self._sent[client] = Stream(begin)
        return self._sent[client]

    def _take_segment(self, segment: Segment) -> None:
        if not self._sent and segment.payload[:2] == _TLS and self.syn in (None, segment.sequence - 1):
            # Nearly every connection begins with a whole ClientHello, for which no stream is needed.
            self.hello = tls.client_hello(segment.payload)
            if self.settled:
                self.protocol = "tls"
                return
        stream = self._stream(client=True)
        if not stream.add(segment.sequence, segment.payload) or b"\x16" not in stream.data:
            return
        hello = tls.client_hello(stream.data)
        if hello is not None:
            self.hello, self.protocol = hello, "tls"

    def _take_datagram(self, payload: bytes, initials: Initials) -> None:
        if self.hello is not None and not self.hello.cut:
            return
        self._looks += 1
        if looks_initial(payload):
            self.protocol = "quic"
            self.hello = initials.add(self.number, payload) or self.hello
        elif payload[:1] == b"\x16":
            self.hello = tls.dtls_hello(payload) or self.hello
            self.protocol = "dtls" if self.hello else self.protocol
        elif self.protocol is None and version_of(payload) is not None:
            self.protocol = "quic"

    def _take_head(self, segment: Segment) -> None:
        """Gather the head of a request, which may be spread over segments."""
        head = self._head
        if head is not None and segment.client == head.client:
            if segment.sequence == (head.sequence + len(head.payload)) % WRAP:
                self._head = head._replace(payload=head.payload + segment.payload)
            elif segment.sequence != head.sequence:
                self._end_head()
        if self._head is None and http.begins_request(segment.payload) and segment.client:
            self._head = segment
        if self._head is not None and http.ended(self._head.payload):
            self._end_head()

    def _end_head(self) -> None:
        if self._head is not None and http.LINE.match(self._head.payload):
            self.requests.append(self._head._replace(payload=self._head.payload[: http.LONGEST]))
            self.protocol = self.protocol or "http"
        self._head = None

    def _take_dns(self, segment: Segment) -> Iterator[Segment]:
        """Yield the messages that a segment completes (RFC 1035 section 4.2.2: two bytes of length before each)."""
        stream = self._stream(segment.client)
        before, at = len(stream.data), 0
        if not stream.add(segment.sequence, segment.payload):
            return
        while at + 2 <= len(stream.data):
            end = at + 2 + int.from_bytes(stream.data[at : at + 2])
            message = stream.data[at + 2 : end]
            if not dns.looks_dns(message):
                return
            self.protocol = "dns"
            if before < end <= len(stream.data):
                self.messages += 1
                yield segment._replace(payload=message)
            at = end


def _client_is_low(first: First) -> bool:
    """Tell which end asked: who sent the first packet, unless that packet answers, or comes from a known port."""
    ends, upward = first.ends, first.upward
    if ends.protocol == TCP and first.flags & SYN:
        return upward != bool(first.flags & ACK)
    source, destination = (ends.low_port, ends.high_port) if upward else (ends.high_port, ends.low_port)
    return upward != (source < _KNOWN_PORTS <= destination)
