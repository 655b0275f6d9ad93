"""The small capture that ships as a sample: invented people's traffic, in addresses and names that are kept for examples."""

from __future__ import annotations

import base64
import struct
from typing import Final

import dns.message
import dns.name
import dns.rrset
from scapy.layers.inet import GRE, ICMP, IP, TCP, UDP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.packet import Packet, Raw

from tests.capture.hostile.damage import pcap
from tests.capture.messages import (
    alpn,
    crypto,
    handshake,
    initial,
    numbers,
    records,
    server_name,
    vector,
    versions,
)

MAC: Final = "02:00:00:00:00:17"
CLIENT, RESOLVER, SERVER = "192.0.2.23", "192.0.2.1", "198.51.100.7"
CLIENT_6, SERVER_6 = "2001:db8::17", "2001:db8:f::7"
FIN, SYN, RST, PUSH, ACK = "FA", "S", "RA", "PA", "A"


def ethernet(packet: Packet, *, tag: int | None = None) -> bytes:
    """Return a frame, with a VLAN's tag if it has one."""
    head = Ether(src=MAC, dst="02:00:00:00:00:01")
    return bytes(head / Dot1Q(vlan=tag) / packet if tag else head / packet)


def conversation(packet: Packet, port: int, server_port: int, *words: tuple[bool, bytes]) -> list[Packet]:
    """Return a TCP connection from the handshake to its end; each of the words is the client's (true) or the server's."""
    there, back = packet, type(packet)(src=packet.dst, dst=packet.src)
    sent, received = 1001, 5001
    said = [
        there / TCP(sport=port, dport=server_port, flags=SYN, seq=1000),
        back / TCP(sport=server_port, dport=port, flags="SA", seq=5000, ack=1001),
        there / TCP(sport=port, dport=server_port, flags=ACK, seq=sent, ack=received),
    ]
    for client, text in words:
        if client:
            said.append(
                there / TCP(sport=port, dport=server_port, flags=PUSH, seq=sent, ack=received) / Raw(text)
            )
            sent += len(text)
        else:
            said.append(
                back / TCP(sport=server_port, dport=port, flags=PUSH, seq=received, ack=sent) / Raw(text)
            )
            received += len(text)
    said.append(there / TCP(sport=port, dport=server_port, flags=FIN, seq=sent, ack=received))
    said.append(back / TCP(sport=server_port, dport=port, flags=FIN, seq=received, ack=sent + 1))
    return said


def question(name: str, kind: str, number: int) -> bytes:
    """Return a question for a name."""
    message = dns.message.make_query(name, kind)
    message.id = number
    return message.to_wire()


def answer(name: str, kind: str, number: int, *records_: str) -> bytes:
    """Return the answer with these records; none: there is no such name."""
    message = dns.message.make_query(name, kind)
    message.id = number
    reply = dns.message.make_response(message)
    reply.set_rcode(0 if records_ else 3)
    if records_:
        reply.answer.append(dns.rrset.from_text(dns.name.from_text(name), 300, "IN", kind, *records_))
    return reply.to_wire()


def looked_up(port: int, asked: bytes, told: bytes) -> list[Packet]:
    """Return a question and its answer over UDP."""
    return [
        IP(src=CLIENT, dst=RESOLVER) / UDP(sport=port, dport=53) / Raw(asked),
        IP(src=RESOLVER, dst=CLIENT) / UDP(sport=53, dport=port) / Raw(told),
    ]


def hello(name: bytes, *, encrypted: bool = False) -> bytes:
    """Return a browser's ClientHello."""
    hidden = [(0xFE0D, b"\0" * 40)] if encrypted else []
    return handshake(server_name(name), alpn(b"h2", b"http/1.1"), versions(0x0304, 0x0303), *hidden)


def acknowledgement() -> bytes:
    """Return a DHCP acknowledgement."""
    head = struct.pack(">4B", 2, 1, 6, 0) + bytes(12) + bytes([192, 0, 2, 23]) + bytes(8)
    options = [(53, b"\x05"), (51, (3600).to_bytes(4)), (12, b"library-pc-4")]
    told = b"".join(bytes([kind]) + vector(data, 1) for kind, data in options)
    return (
        head
        + bytes.fromhex(MAC.replace(":", ""))
        + bytes(10 + 64 + 128)
        + b"\x63\x82\x53\x63"
        + told
        + b"\xff"
    )


def frames() -> list[bytes]:
    """Return all frames of the sample."""
    lan, lan_6 = IP(src=CLIENT, dst=SERVER), IPv6(src=CLIENT_6, dst=SERVER_6)
    request = b"GET /sums?page=2 HTTP/1.1\r\nHost: maths.example\r\nUser-Agent: Example Browser/1.0\r\n"
    rest = b"Referer: http://portal.example/\r\nCookie: left=unread\r\n\r\n"
    secure = records(hello(b"www.example.org"))
    key = base64.b64encode(vector(b"\xfe\x0d" + vector(bytes(8), 2), 2)).decode()
    service = f'1 . alpn="h3,h2" ech="{key}"'
    large = answer("texts.example", "TXT", 9, " ".join(f'"{"x" * 200}"' for _ in range(8)))
    told = [
        *looked_up(40001, question("www.example.org", "A", 1), answer("www.example.org", "A", 1, SERVER)),
        *looked_up(
            40002, question("www.example.org", "HTTPS", 2), answer("www.example.org", "HTTPS", 2, service)
        ),
        *looked_up(40003, question("nothing.example", "AAAA", 3), answer("nothing.example", "AAAA", 3)),
        *conversation(
            lan, 50001, 443, (True, secure[:100]), (True, secure[100:]), (False, b"\x16\x03\x03" + bytes(40))
        ),
        *conversation(lan_6, 50002, 443, (True, records(hello(b"shown.example", encrypted=True)))),
        *conversation(lan, 50003, 80, (True, request), (True, rest), (False, b"HTTP/1.1 200 OK\r\n\r\n")),
        *conversation(
            IP(src=CLIENT, dst=RESOLVER),
            50004,
            53,
            (True, vector(question("long.example", "TXT", 4), 2)),
            (False, vector(answer("long.example", "TXT", 4, '"forty-two"'), 2)),
        ),
        lan / UDP(sport=50005, dport=443) / Raw(initial(crypto(hello(b"video.example")))),
        lan / UDP(sport=50006, dport=51820) / Raw(b"\x01\0\0\0" + bytes(range(144))),
        IP(src=SERVER, dst=CLIENT) / UDP(sport=51820, dport=50006) / Raw(b"\x02\0\0\0" + bytes(range(88))),
        *conversation(lan, 50007, 22, (False, b"SSH-2.0-Example\r\n"), (True, b"SSH-2.0-Client\r\n")),
        lan / TCP(sport=50008, dport=8443, flags=SYN, seq=7),
        IP(src=RESOLVER, dst=CLIENT) / UDP(sport=67, dport=68) / Raw(acknowledgement()),
        IP(src=CLIENT, dst="224.0.0.251")
        / UDP(sport=5353, dport=5353)
        / Raw(question("printer.local", "A", 0)),
        lan / ICMP(),
    ]
    cut = looked_up(40004, question("texts.example", "TXT", 9), large)
    inside = (
        IP(src=CLIENT, dst=RESOLVER) / UDP(sport=40005, dport=53) / Raw(question("tunnel.example", "A", 5))
    )
    return [
        *(ethernet(packet) for packet in told),
        ethernet(cut[0], tag=12),
        *(ethernet(part, tag=12) for part in fragment(cut[1], fragsize=600)),
        ethernet(lan / GRE() / inside),
        bytes(
            Ether(src=MAC, dst="02:00:00:00:00:01", type=0x8864)
            / PPPoE(sessionid=1)
            / PPP(proto=0x21)
            / IP(src=CLIENT, dst=RESOLVER)
            / UDP(sport=40006, dport=53)
            / Raw(question("dialled.example", "A", 6))
        ),
        bytes(Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff") / ARP(hwsrc=MAC, psrc=CLIENT, pdst=RESOLVER)),
        ethernet(
            IP(src=CLIENT, dst=RESOLVER)
            / UDP(sport=40007, dport=53)
            / Raw(numbers(7, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\x01\0\x01")
        ),
        ethernet(lan / TCP(sport=50009, dport=80, dataofs=2)),
    ]


def capture() -> bytes:
    """Return the sample as a pcap file."""
    return pcap(frames())
