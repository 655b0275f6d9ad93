"""Headers as columns: as scapy reads them packet by packet, in every wrapping, and never past a packet's end."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import GRE, ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.ipsec import AH
from scapy.layers.l2 import LLC, SNAP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.packet import Padding, Raw
from scapy.utils import PcapReader

from aup_monitor.capture.layers import REASONS, layers_of
from aup_monitor.capture.packets import Packets, packets_of, read_packets

if TYPE_CHECKING:
    from scapy.packet import Packet

THEIRS = sorted((Path(__file__).parents[3] / "shared" / "samples").glob("pcaps*/*.pcap"))
V4 = IP(src="192.0.2.7", dst="198.51.100.9")
V6 = IPv6(src="2001:db8::7", dst="2001:db8::9")
INNER = UDP(sport=1234, dport=4321) / Raw(b"inside")
OUTER = IP(src="203.0.113.1", dst="203.0.113.2")


def address(high: int, low: int) -> str:
    """Return an address as text."""
    whole = high << 64 | low
    return str(ip_address(low & 0xFFFF_FFFF) if whole >> 32 == 0xFFFF else ip_address(whole.to_bytes(16)))


def seen(packets: Packets) -> list[tuple[object, ...]]:
    """Return what the columns say of each packet: protocol, ends, payload."""
    layers = layers_of(packets)
    return [
        (
            int(layers.protocol[n]),
            address(int(layers.source_high[n]), int(layers.source_low[n])),
            int(layers.source_port[n]),
            address(int(layers.destination_high[n]), int(layers.destination_low[n])),
            int(layers.destination_port[n]),
            packets.data[int(layers.payload[n]) : int(layers.payload[n] + layers.length[n])].tobytes(),
        )
        for n in range(len(packets))
    ]


def one(packet: Packet | bytes, link: int = 1) -> Packets:
    """Return a single packet."""
    return packets_of([bytes(packet)], [1], link)


WRAPPED = {
    "ethernet": Ether() / V4,
    "vlan": Ether() / Dot1Q(vlan=7) / V4,
    "qinq": Ether() / Dot1AD(vlan=7) / Dot1Q(vlan=8) / V4,
    "snap": Dot3() / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x0800) / V4,
    "pppoe": Ether() / PPPoE(sessionid=9) / PPP(proto=0x21) / V4,
    "gre": Ether() / OUTER / GRE() / V4,
    "gre with all options": Ether() / OUTER / GRE(chksum_present=1, key_present=1, seqnum_present=1) / V4,
    "ethernet in gre": Ether() / OUTER / GRE(proto=0x6558) / Ether() / V4,
    "4in4": Ether() / OUTER / V4,
    "4in6": Ether() / V6 / V4,
    "ip options": Ether() / IP(src="192.0.2.7", dst="198.51.100.9", options=[b"\x01"] * 8),
    "authentication": Ether() / V4 / AH(icv=bytes(12), nh=17, payloadlen=4),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_whatever_wraps_it_the_innermost_counts(name: str) -> None:
    """Tags, tunnels and options are walked through."""
    wanted = (17, "192.0.2.7", 1234, "198.51.100.9", 4321, b"inside")
    assert seen(one(WRAPPED[name] / INNER)) == [wanted]


@pytest.mark.parametrize(
    "between",
    [IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment(id=1)],
    ids=["hop", "destination", "atomic"],
)
def test_headers_between_ipv6_and_its_payload(between: Packet) -> None:
    """Extension headers are passed; a fragment that is the whole is none."""
    wanted = (17, "2001:db8::7", 1234, "2001:db8::9", 4321, b"inside")
    assert seen(one(Ether() / V6 / between / INNER)) == [wanted]
    assert seen(one(Ether() / OUTER / V6 / between / INNER)) == [wanted]


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (101, b""),
        (228, b""),
        (0, b"\x02\0\0\0"),
        (113, bytes(14) + b"\x08\0"),
        (276, b"\x08\0" + bytes(18)),
        (9, b"\xff\x03\0\x21"),
        (9, b"\x21"),
    ],
)
def test_other_links_than_ethernet(link: int, head: bytes) -> None:
    """Raw IP, loopback, cooked captures and PPP, in long and short form."""
    wanted = (17, "192.0.2.7", 1234, "198.51.100.9", 4321, b"inside")
    assert seen(one(head + bytes(V4 / INNER), link)) == [wanted]


def test_padding_is_no_payload() -> None:
    """What fills an Ethernet frame up is behind the length that IP tells."""
    frame = Ether() / V4 / TCP(sport=5, dport=6, flags="A") / Padding(bytes(6))
    assert seen(one(frame))[0][-1] == b""


def test_what_cannot_be_read_says_why() -> None:
    """Each kind of bad packet has its reason; what is no IP has none."""
    whole = bytes(Ether() / V4 / TCP(sport=1, dport=2))
    cut = replace(one(whole[:30]), original=np.array([len(whole)]))
    wrong = bytes(Ether() / V4 / TCP(sport=1, dport=2, dataofs=3))
    deep = bytes(Ether(type=0x8100)) + b"\0\x07\x81\0" * 40
    found = [cut, one(whole[:30]), one(wrong), packets_of([whole], [-1], 1), one(whole, 147), one(deep)]
    assert [int(layers_of(packets).reject[0]) for packets in found] == list(range(1, len(REASONS)))
    arp = one(bytes(12) + b"\x08\x06" + bytes(28))
    assert (int(layers_of(arp).reject[0]), int(layers_of(arp).protocol[0])) == (0, -1)
    assert int(layers_of(one(Ether() / V4 / ICMP())).protocol[0]) == 1


@given(
    st.lists(st.binary(max_size=120), max_size=20),
    st.sampled_from([0, 1, 9, 50, 51, 101, 113, 228, 229, 276]),
)
def test_no_bytes_are_too_strange(frames: list[bytes], link: int) -> None:
    """Whatever a packet holds, nothing is read past its end, and a payload lies inside it."""
    packets = packets_of(frames, [1] * len(frames), link)
    layers = layers_of(packets)
    carried = layers.length > 0
    ends = packets.start + packets.captured
    assert (layers.payload[carried] >= packets.start[carried]).all()
    assert (layers.payload[carried] + layers.length[carried] <= ends[carried]).all()


@pytest.mark.skipif(not THEIRS, reason="the captures of others are not here")
def test_real_packets_are_read_as_scapy_reads_them() -> None:
    """Ports and payload lengths of plain TCP and UDP over IPv4, in captures of others."""
    compared = 0
    for path in THEIRS[::8]:
        with path.open("rb") as file:
            found = [row for packets in read_packets(file) for row in seen(packets)]
        with PcapReader(str(path)) as packets:
            for row, packet in zip(found, packets, strict=True):
                for kind in (TCP, UDP):
                    if (
                        row[0] == {TCP: 6, UDP: 17}[kind]
                        and len(packet.layers()) > 2
                        and kind in packet
                        and packet.layers().count(IP) == 1
                        and packet.layers()[2] is kind
                    ):
                        told = (packet[IP].src, packet[kind].sport, packet[IP].dst, packet[kind].dport)
                        assert row[1:5] == told
                        compared += 1
    assert compared > 300
