"""Capture files cut into packets: every variant of pcap and pcapng, as scapy's readers find them, and whatever is cut off."""

from __future__ import annotations

import io
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import RawPcapNgReader, RawPcapReader

from aup_monitor.capture.packets import NO_TIME, UNKNOWN_LINK, looks_captured, packets_of, read_packets
from tests.capture.hostile.damage import AT, MICROSECONDS, NANOSECONDS, pcap
from tests.capture.sample import capture, frames

THEIRS = sorted(
    path
    for folder in ("pcaps", "pcaps-ja4")
    for path in (Path(__file__).parents[3] / "shared" / "samples" / folder).glob("*")
    if path.suffix in {".pcap", ".pcapng"}
)


def told(content: bytes, block: int = 1 << 20) -> list[tuple[bytes, int, int]]:
    """Return each packet's bytes, its length on the wire and its time."""
    found = []
    for packets in read_packets(io.BytesIO(content), block):
        for begin, size, original, time in zip(
            packets.start, packets.captured, packets.original, packets.time, strict=True
        ):
            found.append((packets.data[begin : begin + size].tobytes(), int(original), int(time)))
    return found


@pytest.mark.skipif(not THEIRS, reason="the captures of others are not here")
def test_real_captures_are_cut_as_scapy_cuts_them() -> None:
    """The same bytes and lengths, packet by packet, in pcap and pcapng files of many programs."""
    for path in THEIRS:
        content = path.read_bytes()
        reader = RawPcapNgReader if content[:4] == b"\x0a\x0d\x0d\x0a" else RawPcapReader
        with reader(str(path)) as packets:
            wanted = [(frame, about.wirelen) for frame, about in packets]
        assert [(frame, size) for frame, size, _ in told(content)] == wanted, path.name


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [MICROSECONDS, NANOSECONDS])
def test_both_byte_orders_and_clocks_of_pcap(order: str, magic: int) -> None:
    """The packets are the same, and a millisecond is one."""
    found = told(pcap(frames(), order=order, magic=magic))
    assert [frame for frame, _, _ in found] == frames()
    assert [time for _, _, time in found] == [AT * 1_000_000 + n * 1000 for n in range(len(found))]


@given(st.integers(100, 4000))
def test_blocks_do_not_matter(block: int) -> None:
    """Wherever a read ends, the packets are the same."""
    assert told(capture(), block) == told(capture())


@given(st.data())
def test_a_capture_that_was_cut_keeps_what_is_whole(data: st.DataObject) -> None:
    """What lies before the cut is read; what is cut is damage with its reason."""
    content = capture()
    cut = data.draw(st.integers(24, len(content)))
    parts = list(read_packets(io.BytesIO(content[:cut])))
    whole = told(content)
    found = told(content[:cut])
    assert found == whole[: len(found)]
    read = 24 + sum(16 + len(frame) for frame, _, _ in found)
    damage = [part.damage for part in parts if part.damage]
    assert damage == ([] if read == cut else ["the capture ends inside this packet"])


def test_a_packet_of_an_impossible_length_ends_the_reading() -> None:
    """Nothing behind it can be trusted, and the file is not read into memory to find that out."""
    content = pcap([b"first"]) + b"\0" * 8 + b"\xff\xff\xff\x7f" * 2 + b"rest" * 1000
    parts = list(read_packets(io.BytesIO(content)))
    assert sum(len(part) for part in parts) == 1
    assert "2,147,483,647" in (parts[-1].damage or "")


def test_what_is_no_capture_is_named() -> None:
    """Other first bytes are damage, not a crash."""
    parts = list(read_packets(io.BytesIO(b"1286536309.586 921 192.0.2.68 TCP_MISS/200")))
    assert [part.damage for part in parts] == [
        "this is no packet capture: its first bytes are those of neither pcap nor pcapng"
    ]
    assert not looks_captured(b"\x0a\x0d\x0d\x0a hello, world")
    assert looks_captured(capture())


def block(kind: int, body: bytes, order: str = "little") -> bytes:
    """Return a pcapng block."""
    body += bytes(-len(body) % 4)
    size = (12 + len(body)).to_bytes(4, order)  # type: ignore[arg-type] - one of two words
    return kind.to_bytes(4, order) + size + body + size  # type: ignore[arg-type] - as above


def test_pcapng_of_two_sections_with_their_own_interfaces() -> None:
    """Each section has its byte order, each interface its link and clock; packets without a time or an interface say so."""
    little = [
        block(0x0A0D0D0A, b"\x4d\x3c\x2b\x1a\x01\0\0\0" + b"\xff" * 8),
        block(
            1,
            b"\x65\0\0\0\0\0\0\0" + b"\x09\0\x01\0\x09\0\0\0" + b"\x0e\0\x08\0" + (10).to_bytes(8, "little"),
        ),
        block(0xBAD, b"whatever it is"),
        block(
            6,
            bytes(4)
            + (2_000_000_000).to_bytes(8, "little")[4:]
            + (2_000_000_000).to_bytes(4, "little")
            + (3).to_bytes(4, "little") * 2
            + b"abc",
        ),
        block(3, (2).to_bytes(4, "little") + b"de"),
        block(6, (7).to_bytes(4, "little") + bytes(8) + (1).to_bytes(4, "little") * 2 + b"f"),
    ]
    big = [
        block(0x0A0D0D0A, b"\x1a\x2b\x3c\x4d\0\x01\0\0" + b"\xff" * 8, "big"),
        block(1, b"\0\x01\0\0" + bytes(4), "big"),
        block(6, bytes(8) + (3_000_000).to_bytes(4) + (1).to_bytes(4) + (9).to_bytes(4) + b"g", "big"),
    ]
    content = b"".join((*little, *big))
    assert told(content) == [
        (b"abc", 3, 12_000_000),
        (b"de", 2, NO_TIME),
        (b"f", 1, 10_000_000),
        (b"g", 9, 3_000_000),
    ]
    links = chain.from_iterable(part.link.tolist() for part in read_packets(io.BytesIO(content), 64))
    assert list(links) == [101, 101, UNKNOWN_LINK, 1]


def test_packets_at_hand_are_the_same_as_those_of_a_file() -> None:
    """An interface's frames and a file's give one shape."""
    packets = packets_of([b"one", b"", b"three"], [1, 2, 3], 101)
    assert [
        packets.data[a : a + n].tobytes() for a, n in zip(packets.start, packets.captured, strict=True)
    ] == [b"one", b"", b"three"]
    assert packets.time.tolist() == [1, 2, 3]
    assert set(packets.link.tolist()) == {101}
    assert np.all(packets.data[-64:] == 0)
