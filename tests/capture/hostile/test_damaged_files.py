"""Capture files that are damaged, strange or hostile: read as far as they go, every packet accounted for, no crash."""

from __future__ import annotations

import os
from struct import pack
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from aup_monitor.capture.pcap import FORMAT
from tests.capture.conversations import captures
from tests.capture.hostile.damage import (
    NANOSECONDS,
    block,
    counts,
    events,
    frames,
    mutated,
    pcap,
    pcapng,
    read,
    section,
)
from tests.capture.messages import crypto, handshake, initial, records, server_name

if TYPE_CHECKING:
    from pathlib import Path

PACKETS: Final = int(os.environ.get("MUTATED_PACKETS", "20000"))
"""A million for the long form."""
BATCH: Final = 100_000
HELLO: Final = handshake(server_name(b"library.school.example"))
CLIENT: Final = IP(src="192.0.2.7", dst="198.51.100.1")


ETHERNET_4: Final = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\x00"
ETHERNET_6: Final = ETHERNET_4[:12] + b"\x86\xdd"


def _ipv4(protocol: int, length: int) -> bytes:
    return (
        b"\x45\0"
        + length.to_bytes(2)
        + b"\0\x01\0\0\x40"
        + bytes([protocol])
        + bytes(2)
        + b"\xc0\0\x02\x07" * 2
    )


def ordinary() -> list[bytes]:
    """Return a few frames of everyday traffic: a question for a name, a TLS, a QUIC and an HTTP connection."""
    web = b"GET /page HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n"
    parts = [
        CLIENT / UDP(sport=40_000, dport=53) / DNS(id=7, qd=DNSQR(qname="www.example.org")),
        CLIENT / TCP(sport=40_001, dport=443, flags="S", seq=10),
        CLIENT / TCP(sport=40_001, dport=443, flags="PA", seq=11, ack=1) / Raw(records(HELLO)),
        CLIENT / UDP(sport=40_002, dport=443) / Raw(initial(crypto(HELLO))),
        CLIENT / TCP(sport=40_003, dport=80, flags="S", seq=20),
        CLIENT / TCP(sport=40_003, dport=80, flags="PA", seq=21, ack=1) / Raw(web),
    ]
    return [bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / part) for part in parts]


ORDINARY: Final = ordinary()


@pytest.fixture(scope="module")
def whole() -> list[dict[str, object]]:
    """Return the events of the ordinary frames."""
    found = events(read(pcap(ORDINARY)))
    assert {event.get("tls_server_name") for event in found} >= {"library.school.example"}
    return found


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_way_of_writing_a_capture(whole: list[dict[str, object]], order: str) -> None:
    """Either byte order, either unit of time, pcap and pcapng give the same events."""
    assert events(read(pcap(ORDINARY, order=order))) == whole
    assert events(read(pcap(ORDINARY, order=order, magic=NANOSECONDS))) == whole
    assert events(read(pcapng(ORDINARY, order=order))) == whole


def test_cut_at_every_byte() -> None:
    """A pcap that ends anywhere is read up to there; a packet that isn't whole is a reject or, still being written, waits."""
    content = pcap(ORDINARY)
    ends = [24]
    for frame in ORDINARY:
        ends.append(ends[-1] + 16 + len(frame))
    for end in range(24, len(content), 5):
        rows = read(content[:end])
        seen = sum(e <= end for e in ends[1:])

        assert seen <= rows.height <= seen + 1
        assert counts(rows)[1] <= 1


@pytest.mark.parametrize(
    "content", [b"\xde\xad\xbe\xef" + bytes(200), *(pcap([])[:end] for end in (1, 4, 23))]
)
def test_not_a_capture(content: bytes) -> None:
    """A file that ends inside its own header, or has none, is one reject that says so."""
    rows = read(content)

    assert counts(rows) == (0, 1, 0)
    assert "capture" in rows["reject"][0]


@pytest.mark.parametrize(
    "content", [b"", b"\xde\xad\xbe\xef" + bytes(200), b"GET / HTTP/1.1\r\n", pcap([])[:3]]
)
def test_not_taken_for_a_capture(content: bytes) -> None:
    """Other files aren't recognised as captures."""
    assert FORMAT.score(content) == 0


@pytest.mark.parametrize(
    "between",
    [
        block(0x7777, b"nobody knows"),
        block(0x0BAD, b"\0\0\0\0custom"),
        block(4, b"\x01\0\x10\0\xc0\0\x02\x07library.org\0\0\0\0\0\0"),
        block(5, bytes(12)),
        block(10, pack("<II", 0x544C534B, 4) + b"key "),
        block(1, pack("<HHI", 1, 0, 64)),
        section(),
        block(0x7777, b""),
    ],
    ids=[
        "unknown",
        "custom",
        "names",
        "statistics",
        "secrets",
        "another interface",
        "another section",
        "empty",
    ],
)
def test_unknown_blocks(whole: list[dict[str, object]], between: bytes) -> None:
    """Blocks that carry no packet change nothing."""
    assert events(read(pcapng(ORDINARY, between=between))) == whole


@pytest.mark.parametrize("length", [0, 4, 11, 13, 0xFFFFFFFC, 0xFFFFFFFF])
def test_false_block_lengths(length: int) -> None:
    """A block that lies about its length ends the reading there, and is named; what came before it is kept."""
    content = pcapng(ORDINARY[:3]) + block(6, bytes(60), length=length) + pcapng(ORDINARY[3:])
    rows = read(content)

    assert rows.height >= 3
    assert counts(rows)[1] >= 1


@pytest.mark.parametrize("claimed", [262_145, 0x7FFFFFFF, 0xFFFFFFFF])
def test_false_packet_lengths(claimed: int) -> None:
    """A record that claims gigabytes is a reject, and nothing is set aside for it."""
    content = pcap(ORDINARY) + pack("<IIII", 1, 0, claimed, claimed) + bytes(100)
    rows = read(content)

    assert counts(rows)[1] == 1
    assert rows.filter(pl.col("reject").is_not_null())["reject"].str.len_chars().min() > 0


def test_unknown_link() -> None:
    """Packets of a kind of network that isn't read are rejects with a reason, not events and not silence."""
    rows = read(pcap(ORDINARY, link=147))

    assert counts(rows)[0] == 0
    assert rows.height == len(ORDINARY)
    assert counts(rows)[1] > 0


@given(st.binary(max_size=400))
def test_any_bytes_after_a_header(data: bytes) -> None:
    """Whatever follows a good header, it is rows with words for what is wrong."""
    for head in (pcap([]), section()):
        rows = read(head + data)

        assert sum(counts(rows)) == rows.height


@pytest.mark.parametrize(
    "frame",
    [
        b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + b"\x81\0\0\x07" * 350,
        b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x88\x47" + b"\0\x01\0\xff" * 350,
        ETHERNET_4 + b"".join(_ipv4(4, 1400 - 20 * n) for n in range(70)),
        ETHERNET_4 + b"".join(_ipv4(47, 1400 - 24 * n) + b"\0\0\x08\0" for n in range(58)),
        ETHERNET_6 + b"\x60\0\0\0\x05\x50\0\x40" + bytes(32) + b"\0\0\0\0\0\0\0\0" * 170,
        ETHERNET_6 + (b"\x60\0\0\0\x05\0\x29\x40" + bytes(32)) * 34,
    ],
    ids=["vlan", "mpls", "ip in ip", "gre", "options", "6in6"],
)
def test_deep_nesting(frame: bytes) -> None:
    """Headers inside headers without end are followed so far and no further."""
    rows = read(pcap([frame, *ORDINARY]))

    assert rows.height == 1 + len(ORDINARY)


@given(st.lists(st.binary(max_size=120), max_size=12), st.sampled_from([0, 1, 101, 108, 113, 228, 229, 276]))
def test_any_frames(packets: list[bytes], link: int) -> None:
    """Frames of any bytes, on any kind of network, give a row each at most, and never raise."""
    rows = read(pcap(packets, link=link))

    assert rows.height == len(packets)
    assert rows["offset"].n_unique() == rows.height


def test_real_captures_cut_anywhere(shared: Path) -> None:
    """Every real capture, cut in the middle of a packet, is still read up to there."""
    for path in captures(shared / "samples" / "pcaps"):
        content = path.read_bytes()[:60_000]
        rows = read(content[: len(content) * 2 // 3])

        assert sum(counts(rows)) == rows.height


def test_mutated_packets(shared: Path) -> None:
    """Real packets with changed bytes: every one is an event, a reject with a reason, or skipped; none crashes the reader."""
    folders = (shared / "samples" / "pcaps", shared / "samples" / "pcaps-ja4")
    seeds = [frame for folder in folders for path in captures(folder) for frame in frames(path)[:200]]
    for seed in range(max(1, PACKETS // BATCH)):
        count = min(PACKETS, BATCH)
        rows = read(mutated(seeds, count, seed))
        rejects = rows.filter(pl.col("reject").is_not_null())

        assert rows.height == count
        assert rows["offset"].n_unique() == count
        assert (rejects["reject"].str.strip_chars() != "").all()
