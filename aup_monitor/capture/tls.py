"""
The ClientHello: what a client says in clear before a TLS connection is encrypted.

RFC 8446 (TLS 1.3), RFC 5246 (1.2) and before, RFC 6347 and RFC 9147 (DTLS), RFC 6066 (server name), RFC 7301 (ALPN),
RFC 9849 (Encrypted ClientHello). Nothing else of a connection is read: no certificate, no session, no payload.

Caveats:

- With Encrypted ClientHello the server name seen here is that of the host that takes the connection in, not of the
  site. Browsers also send an ECH extension that encrypts nothing (GREASE, RFC 9849 section 6.2), made to look the
  same: `Hello.ech` says that a name may be hidden, never that it is.
- A server name is the client's own word. Who writes another name than that of the site is not found out here.

"""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import Struct, error, unpack
from typing import TYPE_CHECKING, Final

from aup_monitor.capture.ja4 import ALPN, SERVER_NAME, Offer, ja4, newest
from aup_monitor.core.hosts import canonical_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.capture.ja4 import Transport

SIGNATURE_ALGORITHMS: Final = 0x000D
SUPPORTED_VERSIONS: Final = 0x002B
ENCRYPTED_HELLO: Final = frozenset({0xFE0D, 0xFFCE})
"""ECH (RFC 9849), and ESNI, the draft before it that hid only the server name."""

VERSIONS: Final = {
    0x0300: "3.0",  # SSL
    0x0301: "1.0",
    0x0302: "1.1",
    0x0303: "1.2",
    0x0304: "1.3",
    0xFEFF: "1.0",
    0xFEFD: "1.2",
    0xFEFC: "1.3",
}

LONGEST: Final = 0x201FF
"""Bytes that a ClientHello can have at most, were all its parts as long as their length fields allow."""

_RECORD: Final = Struct(">BHH")
_DTLS_RECORD: Final = Struct(">BHHHIH")
_DTLS_MESSAGE: Final = Struct(">B3sH3s3s")
_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_START: Final = re.compile(rb"\x16\x03[\x00-\x04].{2}\x01[\x00-\x02].{2}\x03[\x00-\x04]", re.DOTALL)
_PREAMBLE: Final = 4096


@dataclass(frozen=True, slots=True)
class Hello:
    """What a ClientHello says of its connection."""

    server_name: str | None = None
    """Host name in lower case without a final dot, non-ASCII as punycode, odd bytes as `\\xff`; None: it names none."""
    alpn: tuple[str, ...] = ()
    """Protocols that the client offers to speak inside, most wanted first: `h2`, `http/1.1`."""
    version: str | None = None
    """The newest version that the client offers: `1.3`. SSL 3.0 is `3.0`; None: an unknown one, or not seen."""
    ech: bool = False
    """Whether there is an Encrypted ClientHello; GREASE looks the same."""
    ja4: str | None = None
    """None where the message is cut or broken: a fingerprint of a part is that of no program."""
    cut: bool = False
    """Whether bytes are missing. A cut hello that has no server name (yet) doesn't mean that the client gave none."""


def client_hello(stream: bytes) -> Hello | None:
    """
    Read the ClientHello in the first bytes that a client sent over TCP; never raises.

    The message may be spread over several TLS records. It may follow a short talk in clear, as after STARTTLS, a SOCKS
    greeting, HTTP's CONNECT or the first packet of a remote desktop: look here whenever the stream holds `16 03`.

    Args:
        stream: the bytes from the first of the connection on, as many as there are.

    Returns:
        The hello; with `cut` true when more bytes would help; None where there is no ClientHello.

    """
    start = 0
    if not b"\x16\x03".startswith(stream[:2]) or not stream:
        found = _START.search(stream, 0, _PREAMBLE)
        if found is None:
            return None
        start = found.start()
    message = _message(stream, start)
    return Hello(cut=True) if message == b"" else parse_hello(message, "t") if message else None


def dtls_hello(datagram: bytes) -> Hello | None:
    """
    Read the ClientHello in a DTLS datagram; never raises.

    A message in several fragments is read as far as its first one goes, and is `cut`.

    Returns:
        The hello; None where the datagram isn't the start of a ClientHello.

    """
    try:
        kind, version, _, _, _, length = _DTLS_RECORD.unpack_from(datagram)
        message, size, _, offset, part = _DTLS_MESSAGE.unpack_from(datagram, _DTLS_RECORD.size)
    except error:
        return None
    if kind != _HANDSHAKE or version >> 8 not in {0xFE, 0x01} or message != _CLIENT_HELLO or any(offset):
        return None
    start = _DTLS_RECORD.size + _DTLS_MESSAGE.size
    end = min(_DTLS_RECORD.size + length, start + int.from_bytes(part))
    return parse_hello(bytes([message]) + size + datagram[start:end], "d")


def parse_hello(handshake: bytes, transport: Transport) -> Hello | None:
    """
    Read a bare handshake message: type, three bytes of length, body; never raises.

    Args:
        handshake: the message, or its beginning.
        transport: `t` TCP, `q` QUIC, `d` DTLS (without the fields that DTLS puts between length and body).

    Returns:
        The hello; None where the message is none.

    """
    length = int.from_bytes(handshake[1:4])
    body = handshake[4 : 4 + length]
    if not handshake or handshake[0] != _CLIENT_HELLO or length > LONGEST or not _plausible(body, transport):
        return None
    offer = Offer()
    cut = len(handshake) < 4 + length
    whole = _read(body, offer, cookie=transport == "d") and not cut
    return Hello(
        server_name=host_name(offer.server_name),
        alpn=tuple(_printable(name) for name in offer.alpn),
        version=_version(offer) if whole or offer.versions else None,
        ech=not ENCRYPTED_HELLO.isdisjoint(offer.extensions),
        ja4=ja4(offer, transport) if whole else None,
        cut=cut,
    )


def _message(stream: bytes, start: int) -> bytes | None:
    """Return the first handshake message (or its beginning) out of the records from `start` on; None: no handshake."""
    message = b""
    while len(stream) - start >= _RECORD.size:
        kind, version, length = _RECORD.unpack_from(stream, start)
        if kind != _HANDSHAKE or version >> 8 != 3 or not length:
            return message or None
        start += _RECORD.size
        message += stream[start : start + length]
        if len(message) >= 4 + int.from_bytes(message[1:4]):
            break
        start += length
    return message


def _plausible(body: bytes, transport: Transport) -> bool:
    return not body or body[0] == 3 or (transport == "d" and body[0] in {0xFE, 0x01})


def _read(body: bytes, offer: Offer, *, cookie: bool) -> bool:
    """Fill `offer` as far as the bytes go; tell whether they go to the end."""
    try:
        _fill(body, offer, cookie=cookie)
    except (error, IndexError):
        return False
    return True


def _fill(body: bytes, offer: Offer, *, cookie: bool) -> None:
    """Fill `offer`; raise `IndexError` or `struct.error` where the bytes end too soon."""
    (offer.legacy_version,) = unpack(">H", body[:2])
    at = 34  # after the version and the random
    at = _after(body, at, 1)  # session
    if cookie:
        at = _after(body, at, 1)
    end = _after(body, at, 2)
    offer.ciphers = _numbers(body[at + 2 : end])
    at = _after(body, end, 1)  # compression
    if at == len(body):
        return  # a hello without extensions ends here
    end = at + 2 + int.from_bytes(body[at : at + 2])
    at += 2
    while at < end:
        kind, length = unpack(">HH", body[at : at + 4])
        at += 4
        offer.extensions.append(kind)
        if at + length > min(end, len(body)):
            raise IndexError
        if take := _EXTENSIONS.get(kind):
            take(body[at : at + length], offer)
        at += length


def _after(body: bytes, at: int, width: int) -> int:
    """Return where a vector ends whose length stands at `at` in `width` bytes."""
    end = at + width + int.from_bytes(body[at : at + width])
    if end > len(body) or at + width > len(body):
        raise IndexError
    return end


def _numbers(data: bytes) -> tuple[int, ...]:
    return unpack(f">{len(data) // 2}H", data[: len(data) & ~1])


def _take_server_name(data: bytes, offer: Offer) -> None:
    length = int.from_bytes(data[3:5])
    if data[2:3] == b"\0" and len(data) >= 5 + length:
        offer.server_name = data[5 : 5 + length]


def _take_alpn(data: bytes, offer: Offer) -> None:
    names = []
    at = 2
    while at < len(data):
        names.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    offer.alpn = tuple(names)


def _take_signature_algorithms(data: bytes, offer: Offer) -> None:
    offer.signature_algorithms = _numbers(data[2:])


def _take_versions(data: bytes, offer: Offer) -> None:
    offer.versions = _numbers(data[1:])


_EXTENSIONS: Final[dict[int, Callable[[bytes, Offer], None]]] = {
    SERVER_NAME: _take_server_name,
    ALPN: _take_alpn,
    SIGNATURE_ALGORITHMS: _take_signature_algorithms,
    SUPPORTED_VERSIONS: _take_versions,
}


def _version(offer: Offer) -> str | None:
    """Return the newest version in plain figures; drafts of 1.3 (`7f..`, Facebook's `fb..`) count as 1.3."""
    if any(v >> 8 in {0x7F, 0xFB} for v in offer.versions):
        return "1.3"
    return VERSIONS.get(newest(offer))


def host_name(raw: bytes | None) -> str | None:
    """Return a server name as a host; one that is no host name stays as it was sent, its odd bytes escaped."""
    if not raw:
        return None
    if not raw.isascii():
        try:
            host = canonical_host(raw.decode())
        except UnicodeDecodeError:
            host = None
        if host:
            return host
    return _printable(raw).lower().removesuffix(".") or None


def _printable(raw: bytes) -> str:
    r"""Return the text of bytes that come from a stranger: what isn't plain ASCII is written `\x00`."""
    if raw.isascii() and (text := raw.decode()).isprintable() and "\\" not in text:
        return text
    return "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x5C else f"\\x{b:02x}" for b in raw)
