"""ClientHello: records and segments in any cut, names of every kind, DTLS, talk before TLS, and hostile bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture.tls import Hello, client_hello, dtls_hello, parse_hello
from tests.capture.conversations import captures, hellos
from tests.capture.messages import alpn, handshake, numbers, records, server_name, vector, versions

if TYPE_CHECKING:
    from pathlib import Path

SCHOOL: Final = handshake(
    (0x2A2A, b""),  # GREASE
    server_name(b"Library.School.example"),
    alpn(b"h2", b"http/1.1"),
    (0x000D, vector(numbers(0x0403, 0x0804), 2)),
    versions(0x3A3A, 0x0304, 0x0303),
    (0xFE0D, b"\0" * 40),
    ciphers=(0x1A1A, 0x1301, 0xC02B),
)
WHOLE: Final = Hello(
    server_name="library.school.example",
    alpn=("h2", "http/1.1"),
    version="1.3",
    ech=True,
    ja4="t13d0205h2_777cda164f4b_cb8acc968953",
)


def test_every_field() -> None:
    """A browser's hello gives name, protocols, version, ECH and fingerprint; GREASE gives nothing."""
    assert client_hello(records(SCHOOL)) == WHOLE


def test_bare_message() -> None:
    """The same message without records reads the same; QUIC's only differs in the fingerprint's first letter."""
    assert parse_hello(SCHOOL, "t") == WHOLE
    assert parse_hello(SCHOOL, "q").ja4 == f"q{WHOLE.ja4[1:]}"


@given(st.integers(1, 200))
def test_records_of_any_size(size: int) -> None:
    """However many records a client spreads its hello over, it reads the same."""
    assert client_hello(records(SCHOOL, size)) == WHOLE


@given(st.integers(1, len(records(SCHOOL)) - 1))
def test_cut_anywhere(end: int) -> None:
    """A hello that isn't whole says so, has no fingerprint, and never a piece of a name for a name."""
    hello = client_hello(records(SCHOOL)[:end])

    assert hello is not None
    assert hello.cut
    assert hello.ja4 is None
    assert hello.server_name in {None, WHOLE.server_name}


def test_cut_after_the_name() -> None:
    """A capture that keeps only the start of each packet still tells the name."""
    assert client_hello(records(SCHOOL)[:120]).server_name == "library.school.example"


def test_more_after_it() -> None:
    """What follows in the stream is left alone."""
    assert client_hello(records(SCHOOL) + b"\x14\x03\x03\0\x01\x01" + bytes(range(256))) == WHOLE


@pytest.mark.parametrize(
    "before",
    [
        b"a001 STARTTLS\r\n",
        b"\x05\x01\x00\x05\x01\x00\x03\x0blibrary.org\x01\xbb",
        b"CONNECT library.school.example:443 HTTP/1.1\r\nHost: library.school.example:443\r\n\r\n",
        b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x0b\x00\x00\x00",
    ],
    ids=["starttls", "socks", "connect", "remote desktop"],
)
def test_talk_before_it(before: bytes) -> None:
    """A hello after a short talk in clear is found, as behind a proxy."""
    assert client_hello(before + records(SCHOOL)) == WHOLE


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00",
        b"\x16\x03\x01\x00\x40\x02\x00\x00\x3c\x03\x03",
        b"\x17\x03\x03\x00\x10" + bytes(16),
        b"\x16\x03\x01\x00\x09\x01\xff\xff\xff\x03\x03\x00\x00\x00",
        b"\x16\x03\x01\x00\x09\x01\x00\x00\x05\x47\x45\x54\x20\x2f",
    ],
    ids=["nothing", "http", "another message", "server", "data", "16 MB", "no version"],
)
def test_not_a_hello(stream: bytes) -> None:
    """Streams that begin with something else have no hello."""
    assert client_hello(stream) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"Example.ORG", "example.org"),
        (b"example.org.", "example.org"),
        (b"192.0.2.7", "192.0.2.7"),
        ("bücher.example".encode(), "xn--bcher-kva.example"),
        (b"b\xfccher.example", "b\\xfccher.example"),
        (b"a\nb\\c.example", "a\\x0ab\\x5cc.example"),
        (b"\x1b[2Jx", "\\x1b[2jx"),
        (b"", None),
        (b".", None),
    ],
)
def test_server_names(sent: bytes, read: str | None) -> None:
    """Names come out as hosts; what no host name can hold is escaped, and cannot break a line or a screen."""
    assert parse_hello(handshake(server_name(sent)), "t").server_name == read


def test_no_server_name() -> None:
    """A whole hello without a name says None, and its fingerprint says `i`."""
    hello = parse_hello(handshake(versions(0x0304)), "t")

    assert (hello.server_name, hello.cut, hello.ja4[:4]) == (None, False, "t13i")


@pytest.mark.parametrize(
    ("message", "version"),
    [
        (handshake(version=0x0300), "3.0"),
        (handshake(version=0x0301), "1.0"),
        (handshake(server_name(b"x"), version=0x0302), "1.1"),
        (handshake(server_name(b"x")), "1.2"),
        (handshake(versions(0x0303, 0x0304)), "1.3"),
        (handshake(versions(0xFB1A, 0x0304)), "1.3"),
        (handshake(versions(0x7F1C)), "1.3"),
        (handshake(version=0x03E2), None),
    ],
)
def test_versions(message: bytes, version: str | None) -> None:
    """Every version from SSL 3.0 to TLS 1.3, with and without extensions; drafts of 1.3 count as 1.3."""
    assert parse_hello(message, "t").version == version


def test_a_broken_message_has_no_fingerprint() -> None:
    """An extension that claims to go past the end breaks the message; what came before it is kept."""
    broken = handshake(server_name(b"example.org"), (0x0023, b"ticket"))
    broken = broken.replace(vector(b"ticket", 2), b"\xff\xffticket")
    hello = parse_hello(broken, "t")

    assert (hello.server_name, hello.ja4, hello.cut) == ("example.org", None, False)


def test_dtls() -> None:
    """DTLS has its own headers, a cookie and versions that count down."""
    message = handshake(
        server_name(b"example.org"), versions(0xFEFD, 0xFEFC), version=0xFEFD, cookie=b"cookie"
    )
    whole = dtls_hello(_dtls(message, len(message) - 4))
    first = dtls_hello(_dtls(message[:70], len(message) - 4))

    assert (whole.server_name, whole.version, whole.ja4[:4], whole.cut) == (
        "example.org",
        "1.3",
        "dd3d",
        False,
    )
    assert (first.ja4, first.cut) == (None, True)
    assert dtls_hello(b"\x16\xfe\xfd") is None
    assert dtls_hello(records(SCHOOL)) is None


def test_ordinary_captures_have_names(shared: Path) -> None:
    """Browsers' captures: every connection has a name and a fingerprint, and none is cut."""
    for name in ("tls-sni", "tls-handshake", "browsers-x509"):
        found = hellos(shared / "samples" / "pcaps-ja4" / f"ja4__{name}.pcapng").values()

        assert found
        assert all(hello.server_name and hello.ja4 and not hello.cut for hello in found)


def test_ech_in_a_real_capture(shared: Path) -> None:
    """A browser's ECH extension is seen, and only where it is."""
    found = {
        path.name
        for path in captures(shared / "samples" / "pcaps")
        if path.name.startswith(("ndpi__tls_", "ndpi__http", "ndpi__doh"))
        and any(h.ech for h in hellos(path).values())
    }

    assert found == {"ndpi__tls_ech.pcapng"}


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """No bytes raise, whatever they are taken for."""
    for reading in (
        client_hello(data),
        dtls_hello(data),
        parse_hello(data, "t"),
        parse_hello(b"\x01" + data, "q"),
    ):
        assert reading is None or isinstance(reading, Hello)


@given(st.lists(st.tuples(st.integers(0, len(SCHOOL) + 4), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_bytes(changes: list[tuple[int, int]]) -> None:
    """No byte of a hello can be changed so that reading it raises, or gives a name that would break a line."""
    stream = bytearray(records(SCHOOL))
    for at, value in changes:
        stream[at] = value
    hello = client_hello(bytes(stream))

    assert hello is None or (hello.server_name or "").isprintable()


def _dtls(message: bytes, length: int) -> bytes:
    body = message[4:]
    part = message[:1] + length.to_bytes(3) + b"\0\0" + (0).to_bytes(3) + len(body).to_bytes(3) + body
    return b"\x16\xfe\xfd" + bytes(8) + vector(part, 2)
