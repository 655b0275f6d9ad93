"""QUIC's Initial packets: the RFCs' own vectors, real captures, every order and cut, and hostile bytes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture.quic import MOST_BYTES, Initials, looks_initial, version_of
from aup_monitor.capture.tls import Hello, parse_hello
from tests.capture.conversations import hellos
from tests.capture.messages import SALT_2, alpn, crypto, handshake, initial, server_name, vector, versions

if TYPE_CHECKING:
    from pathlib import Path

# RFC 9001 appendix A.2 and RFC 9369 appendix A.2: the same frame, in either version.
FRAME: Final = bytes.fromhex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0000000"
    "10000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e0005000501000000000033"
    "00260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305"
    "0306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
    "75300901100f088394c8f03e51570806048000ffff"
)
DESTINATION: Final = bytes.fromhex("8394c8f03e515708")
RFC_9001: Final = {"destination": DESTINATION, "number": 2}
RFC_9369: Final = {
    "destination": DESTINATION,
    "number": 2,
    "version": 0x6B3343CF,
    "salt": SALT_2,
    "label": "quicv2",
    "first": 0xD3,
}

MESSAGE: Final = handshake(
    server_name(b"library.school.example"), alpn(b"h3"), versions(0x0304), (0x0039, bytes(900))
)
WHOLE: Final = parse_hello(MESSAGE, "q")
KEY: Final = ("192.0.2.7", 50_000, "198.51.100.1", 443)


@pytest.mark.parametrize(
    ("parts", "start", "end"),
    [
        (
            RFC_9001,
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
            "e221af44860018ab0856972e194cd934",
        ),
        (
            RFC_9369,
            "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
            "a18b2faa745b6fe189cf772a9f84cbfc",
        ),
    ],
    ids=["version 1", "version 2"],
)
def test_vectors(parts: dict[str, object], start: str, end: str) -> None:
    """The packets of the RFCs are read; that they are made right here shows in their first bytes and their tag."""
    packet = initial(FRAME, **parts)
    hello = Initials().add(KEY, packet)

    assert (packet[:32].hex(), packet[-16:].hex(), len(packet)) == (start, end, 1200)
    assert (hello.server_name, hello.alpn, hello.version, hello.cut) == (
        "example.com",
        ("alpn",),
        "1.3",
        False,
    )
    assert hello.ja4.startswith("q13d0211an_")


@pytest.mark.parametrize(
    ("name", "server", "first_alpn"),
    [
        ("quic-v2.pcapng", "test", "h3"),
        ("quic-29.pcap", "localhost", "h3-29"),
        ("quic-mvfst-27.pcapng", "graph.facebook.com", "h3-fb-05"),
        ("quic-mvfst-exp.pcap", "video.fmct2-3.fna.fbcdn.net", "h3-fb-05"),
        ("quic_t50.pcap", "fonts.googleapis.com", "h3-T050"),
        ("quic_t51.pcap", "www.google.com", "h3-T051"),
        ("quic_q43.pcap", "dns.google.com", None),
        ("quic_q46.pcap", "play.google.com", None),
        ("quic_frags_different_dcid.pcapng", "cdnjs.cloudflare.com", "h3"),
        ("quic_frags_ch_in_multiple_packets.pcapng", None, "h3-34"),
    ],
)
def test_real_versions(shared: Path, name: str, server: str | None, first_alpn: str | None) -> None:
    """Captures of each version that was ever in wide use, among them hellos in several packets."""
    found = list(hellos(shared / "samples" / "pcaps" / f"ndpi__{name}").values())

    assert [(hello.server_name, next(iter(hello.alpn), None)) for hello in found] == [(server, first_alpn)]


def test_forced_negotiation(shared: Path) -> None:
    """Clients that name a reserved version are read, too."""
    found = hellos(shared / "samples" / "pcaps" / "ndpi__quic_interop_V.pcapng")

    assert len(found) == 63
    assert {hello.server_name for hello in found.values()} >= {
        "cloudflare-quic.com",
        "quic.rocks",
        "nghttp2.org",
    }


def test_unreadable(shared: Path) -> None:
    """Packets whose keys cannot be derived are passed over."""
    assert hellos(shared / "samples" / "pcaps" / "ndpi__quic-mvfst-22_decryption_error.pcap") == {}


@given(st.lists(st.integers(1, len(MESSAGE) - 1), max_size=12, unique=True), st.integers(1, 4), st.randoms())
def test_any_pieces_in_any_order(cuts: list[int], datagrams: int, chance: object) -> None:
    """However the hello is cut into frames and packets, and in whatever order they come, it reads the same."""
    ends = [0, *sorted(cuts), len(MESSAGE)]
    frames = [crypto(MESSAGE[a:b], a) for a, b in itertools.pairwise(ends)]
    chance.shuffle(frames)
    initials = Initials()
    packets = [initial(b"\x01".join(frames[n::datagrams]), number=n) for n in range(datagrams)]
    heard = next(filter(None, (initials.add(KEY, packet) for packet in packets)))

    assert heard == WHOLE
    assert len(initials) == 0


def test_several_packets_in_a_datagram() -> None:
    """Coalesced packets are read, and 0-RTT, Handshake and unknown packets beside them passed over."""
    half = len(MESSAGE) // 2
    first = initial(crypto(MESSAGE[:half]), size=800)
    second = initial(crypto(MESSAGE[half:], half), number=1, size=800)
    early = b"\xd0" + (1).to_bytes(4) + vector(b"8 octets", 1) + b"\0" + b"\x40\x20" + bytes(32)

    assert Initials().add(KEY, first + early + second + b"\x40short header") == WHOLE


def test_frames_before_it() -> None:
    """Acknowledgements, pings and padding may stand before the hello."""
    acknowledged = bytes.fromhex("02 05 4040 02 01 00 01 00 01") + bytes.fromhex("03 05 00 00 00 01 02 03")

    assert Initials().add(KEY, initial(b"\0\0\x01" + acknowledged + crypto(MESSAGE))) == WHOLE


def test_another_connection_id_on_the_way() -> None:
    """The client's later packets carry the server's connection id, and keep the keys of the first."""
    initials = Initials()
    half = len(MESSAGE) // 2

    assert initials.add(KEY, initial(crypto(MESSAGE[:half]))) is None
    assert (
        initials.add(KEY, initial(crypto(MESSAGE[half:], half), destination=b"its own", keyed=b"8 octets"))
        == WHOLE
    )


def test_after_a_retry() -> None:
    """After the server's Retry, which is passed over, keys come from the connection id that it gave."""
    initials = Initials()
    half = len(MESSAGE) // 2
    retry = b"\xf0" + (1).to_bytes(4) + b"\0" + vector(b"retried", 1) + bytes(40)

    assert initials.add(KEY, initial(crypto(MESSAGE[:half]))) is None
    assert initials.add(KEY, retry) is None
    assert (
        initials.add(KEY, initial(crypto(MESSAGE), destination=b"retried", token=b"token" * 9, number=1))
        == WHOLE
    )


def test_another_version_on_the_same_ports() -> None:
    """A client that starts again in another version is read from the start; the old beginning is forgotten."""
    initials = Initials()
    initials.add(KEY, initial(crypto(b"\x01\0\x04\0" + bytes(600))))
    again = initial(crypto(MESSAGE), version=0x6B3343CF, salt=SALT_2, label="quicv2", first=0xD3)

    assert initials.add(KEY, again) == WHOLE


@given(st.integers(0, 1199))
def test_cut_at_capture(end: int) -> None:
    """A datagram cut by the capture tells what it holds, and never a wrong name."""
    initials = Initials()
    hello = initials.add(KEY, initial(FRAME, **RFC_9001)[:end]) or initials.finish(KEY)

    assert hello is None or hello.server_name in {None, "example.com"}
    assert end < 400 or hello.server_name == "example.com"


def test_unfinished() -> None:
    """What was heard of a hello that never became whole can be asked for once, and is cut."""
    initials = Initials()
    initials.add(KEY, initial(crypto(MESSAGE[:200])))
    hello = initials.finish(KEY)

    assert (hello.server_name, hello.cut, hello.ja4) == ("library.school.example", True, None)
    assert initials.finish(KEY) is None


def test_memory_is_bounded() -> None:
    """The connection quiet for longest is forgotten; a stream that never ends stops being kept."""
    initials = Initials(most=3)
    for key in (1, 2, 3, 1, 4):
        initials.add(key, initial(crypto(MESSAGE[:100])))
    for number in range(1, 400):
        initials.add(1, initial(crypto(bytes(1000), 1000 + number), number=number))
    held = sum(len(piece) for piece in initials._connections[1].pieces.values())

    assert len(initials) == 3
    assert held <= MOST_BYTES
    assert initials.finish(2) is None
    assert initials.finish(1) is not None


def test_looks() -> None:
    """Initial packets are told from other QUIC and from other UDP without decrypting."""
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01"
    google = b"\x0d" + bytes(8) + b"Q043" + bytes(20)

    assert looks_initial(initial(FRAME, **RFC_9001))
    assert looks_initial(initial(FRAME, **RFC_9369))
    assert looks_initial(google)
    assert version_of(google) == int.from_bytes(b"Q043")
    assert version_of(b"\xc0\x1a\x2a\x3a\x4a" + bytes(20)) == 0x1A2A3A4A
    assert version_of(b"\xc0\x00\x00\x00\x02" + bytes(20)) is None
    assert not looks_initial(b"\xe0" + (1).to_bytes(4) + bytes(20))
    assert not any(
        looks_initial(data) for data in (b"", query, b"\x80\x60" + bytes(40), b"\x40" + bytes(1199))
    )


def test_google_hello() -> None:
    """Google's own hello is a table; a broken one gives no name."""
    value = b"play.example.org"
    table = b"PAD\0" + (4).to_bytes(4, "little") + b"SNI\0" + (4 + len(value)).to_bytes(4, "little")
    chlo = b"CHLO" + b"\x02\0\0\0" + table + b"----" + value
    header = b"\x0d" + bytes(8) + b"Q043" + bytes(13)

    assert Initials().add(KEY, header + chlo) == Hello(server_name="play.example.org")
    assert Initials().add(KEY, header + chlo[:20]) == Hello(cut=True)
    assert Initials().add(KEY, header + b"REJ\0") is None


def test_google_hello_in_an_encrypted_packet() -> None:
    """Version Q050 wraps Google's hello in an Initial packet, in frames of its own kind."""
    salt = bytes.fromhex("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45")
    value = b"play.example.org"
    chlo = b"CHLO\x01\0\0\0SNI\0" + len(value).to_bytes(4, "little") + value
    packet = initial(b"\x08" + crypto(chlo)[1:], version=int.from_bytes(b"Q050"), salt=salt)

    assert Initials().add(KEY, packet) == Hello(server_name="play.example.org")


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xc0\0\0\0\x01", b"\xd0\x6b\x33\x43\xcf", b"\xc3Q050", b"\x0d12345678Q043CHLO"]),
)
def test_any_bytes(data: bytes, head: bytes) -> None:
    """No bytes raise, with whatever header, and none is remembered unless it opens."""
    initials = Initials()
    initials.add(KEY, head + data)
    looks_initial(head + data)
    version_of(data)
    initials.finish(KEY)

    assert len(initials) == 0


@given(st.lists(st.tuples(st.integers(0, 1199), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_bytes(changes: list[tuple[int, int]]) -> None:
    """A packet that was tampered with never raises."""
    packet = bytearray(initial(FRAME, **RFC_9001))
    for at, value in changes:
        packet[at] = value
    hello = Initials().add(KEY, bytes(packet))

    assert hello is None or isinstance(hello, Hello)


@given(st.binary(max_size=60))
def test_any_frames(frames: bytes) -> None:
    """Frames of any kind inside a packet that opens never raise."""
    initials = Initials()
    hello = initials.add(KEY, initial(frames, size=64)) or initials.finish(KEY)

    assert hello is None or isinstance(hello, Hello)
