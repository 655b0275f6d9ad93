"""
Packet capture: pcap and pcapng files, as tcpdump, Wireshark, dumpcap and firewalls write them, compressed or not.

    sudo tcpdump -i eth0 -w monday.pcap
    aup ingest monday.pcap

A capture has what no log has: each connection, whatever it is, with the name that its client gives. References:
https://www.tcpdump.org/linktypes.html, RFC 1035 (DNS), RFC 8446 (TLS), RFC 9000 (QUIC), RFC 9112 (HTTP), RFC 2131 (DHCP).

What it fills: a connection is one event, on its first packet: both ends with their ports, transport, how long it took, payload
bytes either way, and what it is (`network_protocol`, `network_application`, and in `event_reason` by what it was recognised). TLS and QUIC: server name, JA4, the newest version and the first
protocol that the client offers, and whether it sent an Encrypted ClientHello. A question for a name is one event, with the code and the
answers of its answer and how long that took. Each HTTP request is one event; the first has the bytes of its connection. A DHCP
acknowledgement is a lease. `offset` is the number of the packet in the file, from 0.

Outcome: allowed where the server agreed or sent anything, and for NOERROR; blocked for REFUSED; else unknown.

Understood below IP: Ethernet, VLAN, QinQ, PPPoE, MPLS, cooked captures, raw IP, loopback; IP in IP and GRE count as what is inside.
Fragments of IP are put together; so are ClientHellos, DNS messages and request heads over several segments.

Lacks: the account and, behind a router, the device. Caveats:
- What is encrypted stays so. Of what is not, nothing is kept but these columns: no bodies, no cookies, no credentials, of TXT records only
  their size.
- Several browsers send something that looks like an Encrypted ClientHello with every connection (GREASE): it says that a name may be hidden, not that one is.
- mDNS, LLMNR, NetBIOS names, SSDP, and what is sent to groups or to all is skipped; so are packets that are no IP.
- A connection that is quiet for 10 minutes (UDP: 2) and goes on is another one; so is one that lasts for more than a million packets.
- A capture that begins in the middle of a connection may take its server for the client.
- A file that grew is read again from its beginning; a connection that was told is not told again, with what came later.
- A capture that ends inside a packet has that packet as a reject, even if the rest of it is written later.
- Of what one side says in DNS over TCP the first 16 kB are read. Of several requests in one packet the first is told.

A capture holds what people did on the network: keep it no longer than it is needed (UK GDPR, storage limitation).
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from aup_monitor.capture.packets import looks_captured, read_packets
from aup_monitor.capture.rows import SCHEMA
from aup_monitor.core.format import Format
from aup_monitor.core.schema import EVENT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from aup_monitor.core.format import Context


def sniff(head: bytes) -> float:
    """Return 1 for a file that begins as captures do."""
    return float(looks_captured(head))


def read(file: IO[bytes], context: Context, after: int) -> Iterator[pl.DataFrame]:  # noqa: ARG001 - captures are in UTC
    """Yield the rows of packets whose number is above `after` (`core.format.Read`)."""
    # Imported here: who reads logs need not wait for what only packets need (cryptography, dnspython).
    from aup_monitor.capture.extract import Extractor  # noqa: PLC0415 - see above

    extractor = Extractor(after)
    for packets in read_packets(file):
        rows = extractor.take(packets)
        if len(rows):
            yield rows
    rows = extractor.finish()
    if len(rows):
        yield rows


FORMAT: Final = Format(
    name="pcap",
    log_class="capture",
    title="Packet capture (pcap, pcapng)",
    sniff=sniff,
    doc=__doc__,
    read=read,
    fills=tuple(name for name in SCHEMA if name in EVENT_SCHEMA),
)
