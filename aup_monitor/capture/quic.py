"""
QUIC: the ClientHello inside a connection's Initial packets.

Initial packets are encrypted with keys that anyone can derive who sees the packet: they keep middle boxes from
meddling, not from reading. RFC 9000 and RFC 9001 (version 1), RFC 9369 (version 2), RFC 9287 (fixed bit), the drafts
23 to 34 that were in use before, Facebook's variants of draft 27, Google's Q050, T050 and T051, and Google's older
versions, Q024 to Q046, that speak in clear. Everything after the Initial packets stays unread.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB

from aup_monitor.capture.tls import Hello, host_name, parse_hello

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Version:
    """How one version of QUIC protects and marks its Initial packets."""

    salt: bytes
    label: str = "quic"
    """First word of the labels that keys are derived with."""
    initial: int = 0
    """Packet type of an Initial; Retry is the one before it, counted round."""
    crypto: int = 0x06
    """Frame type of CRYPTO."""


_V1: Final = Version(bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"))
_V2: Final = Version(bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), label="quicv2", initial=1)
_V2_DRAFT: Final = Version(
    bytes.fromhex("a707c203a59b47184a1d62ca570406ea7ae3e5d3"), label="quicv2", initial=1
)
_DRAFT_29: Final = Version(bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899"))
_DRAFT_23: Final = Version(bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502"))
_DRAFT_22: Final = Version(bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a"))

VERSIONS: Final = {
    0x00000001: _V1,
    0x6B3343CF: _V2,
    0x709A50C4: _V2_DRAFT,
    **{0xFF000000 + n: _DRAFT_22 for n in (21, 22)},
    **{0xFF000000 + n: _DRAFT_23 for n in range(23, 29)},
    **{0xFF000000 + n: _DRAFT_29 for n in range(29, 33)},
    **{0xFF000000 + n: _V1 for n in (33, 34)},
    0xFACEB001: _DRAFT_22,  # Facebook's mvfst
    **{0xFACEB000 + n: _DRAFT_23 for n in range(2, 17)},
    # Google's Q050, T050, T051
    0x51303530: Version(bytes.fromhex("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45"), crypto=0x08),
    0x54303530: Version(bytes.fromhex("7ff579e5acd072915580304c43a2367c60488310"), crypto=0x08),
    0x54303531: Version(bytes.fromhex("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d"), crypto=0x08),
}
"""By the number in the long header."""
_RESERVED: Final = (_V1, _DRAFT_29)
"""What a client may have used that names a reserved version, to make the server name its own (RFC 9000 section 15)."""

_LONG: Final = 0x80
_IN_CLEAR: Final = frozenset(int.from_bytes(f"Q0{n}".encode()) for n in range(24, 50))
_LONGEST_ID: Final = 20
_TAG: Final = 16
_PADDING, _PING, _ACK, _ACK_ECN = 0x00, 0x01, 0x02, 0x03
_FIRST_FRAMES: Final = frozenset({_PADDING, _PING, _ACK, _ACK_ECN})

MOST_CONNECTIONS: Final = 2048
"""Unfinished connections that are remembered; past it the one that was quiet for longest is forgotten."""
MOST_BYTES: Final = 16_384
"""Bytes of a connection's CRYPTO stream that are kept; a ClientHello of today has 300 to 2,000."""
MOST_PIECES: Final = 256


def version_of(datagram: bytes) -> int | None:
    """Return the version that a datagram's first header names, if it is one of QUIC; None for short headers."""
    if len(datagram) < 14:
        return None
    if datagram[0] & _LONG:
        version = int.from_bytes(datagram[1:5])
        return version if version in VERSIONS or version in _IN_CLEAR or _is_reserved(version) else None
    # Google's header up to Q043: flags, eight bytes of connection, version.
    version = int.from_bytes(datagram[9:13])
    return version if datagram[0] & 0x09 == 0x09 and version in _IN_CLEAR else None


def looks_initial(datagram: bytes) -> bool:
    """Tell whether a datagram begins with a packet that may hold a ClientHello; cheap, nothing is decrypted."""
    version = version_of(datagram)
    return version in _IN_CLEAR or (
        version is not None and (datagram[0] >> 4) & 3 == VERSIONS.get(version, _V1).initial
    )


@dataclass(slots=True)
class _Connection:
    """What was seen of an unfinished ClientHello."""

    keys: _Keys
    pieces: dict[int, bytes] = field(default_factory=dict)
    held: int = 0
    """Bytes in the pieces."""

    def keep(self, offset: int, data: bytes) -> None:
        """Keep a piece, unless a longer one is there or the connection has had its share of memory."""
        more = len(data) - len(self.pieces.get(offset, b""))
        fits = max(offset + len(data), self.held + more) <= MOST_BYTES and len(self.pieces) < MOST_PIECES
        if more > 0 and fits:
            self.pieces[offset] = data
            self.held += more

    def stream(self) -> bytes:
        """Return the bytes from the first on, as far as there is no gap."""
        stream = b""
        for offset in sorted(self.pieces):
            if offset > len(stream):
                break
            stream += self.pieces[offset][len(stream) - offset :]
        return stream


class Initials:
    """
    Initial packets of many connections, until the ClientHello of each is whole.

    Feed it a client's datagrams (`looks_initial`) until it answers.

    Args:
        most: connections to remember at a time; each takes at most about 16 KiB.

    """

    def __init__(self, most: int = MOST_CONNECTIONS) -> None:
        self._most = most
        self._connections: OrderedDict[object, _Connection] = OrderedDict()

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, key: object, datagram: bytes) -> Hello | None:
        """
        Take in one datagram of a client; never raises.

        Args:
            key: what tells this connection and direction from others, such as addresses and ports. Connection ids
                may change on the way.
            datagram: a UDP payload, as captured. Other packets inside it (0-RTT, Handshake) are passed over, and so
                is one that isn't the client's or cannot be decrypted.

        Returns:
            The hello once it is whole, and the connection is forgotten; None until then.

        """
        if version_of(datagram) in _IN_CLEAR:
            return _chlo(datagram[max(datagram.find(b"CHLO", 0, 128), 0) :])
        connection = self._connections.get(key)
        for packet in _initials(datagram):
            connection = self._take(key, connection, packet) or connection
        if connection is None:
            return None
        hello = _hello(connection.stream())
        if hello is None or hello.cut:
            return None
        self._connections.pop(key, None)
        return hello

    def finish(self, key: object) -> Hello | None:
        """Forget a connection; return what its unfinished ClientHello told, `cut`, or None if that is nothing."""
        connection = self._connections.pop(key, None)
        return _hello(connection.stream()) if connection else None

    def _take(self, key: object, connection: _Connection | None, packet: _Initial) -> _Connection | None:
        """Decrypt one packet and keep its CRYPTO frames; None where it doesn't open."""
        frames = connection and _open(packet, connection.keys)
        if connection is None or not frames:
            # The first packet, or the first after the server's Retry or choice of another version: all anew.
            connection = _Connection(_derive(packet.version, packet.destination))
            frames = _open(packet, connection.keys)
        if not frames:
            return None
        for offset, data in _crypto(frames, packet.version.crypto):
            connection.keep(offset, data)
        self._connections[key] = connection
        self._connections.move_to_end(key)
        if len(self._connections) > self._most:
            self._connections.popitem(last=False)
        return connection


class _Initial(NamedTuple):
    """One Initial packet: its bytes from the first of its header to its last, the tag included."""

    version: Version
    destination: bytes
    number_at: int
    data: bytes
    whole: bool


class _Keys(NamedTuple):
    key: bytes
    iv: int
    mask: Cipher[ECB]


def _initials(datagram: bytes) -> Iterator[_Initial]:
    """Yield the Initial packets of a datagram; a broken header ends it."""
    while len(datagram) > 7 and datagram[0] & _LONG:
        number = int.from_bytes(datagram[1:5])
        versions = _RESERVED if _is_reserved(number) else (VERSIONS[number],) if number in VERSIONS else ()
        if not versions:
            return
        kind = ((datagram[0] >> 4) - versions[0].initial) & 3
        if kind == 3:  # Retry
            return
        at = 5 + 1 + datagram[5]
        destination = datagram[6:at]
        if len(destination) > _LONGEST_ID or at >= len(datagram):
            return
        at += 1 + datagram[at]
        if kind == 0:
            token, at = _number(datagram, at)
            at += token
        length, at = _number(datagram, at)
        if at + 4 + _TAG > len(datagram) or length < 4 + _TAG:
            return
        if kind == 0:
            whole = at + length <= len(datagram)
            for version in versions:
                yield _Initial(version, destination, at, datagram[: at + length], whole)
        datagram = datagram[at + length :]


def _derive(version: Version, destination: bytes) -> _Keys:
    """Return a client's Initial keys (RFC 9001 section 5.2)."""
    secret = hmac.digest(version.salt, destination, "sha256")
    secret = _expand(secret, "client in", 32)
    return _Keys(
        key=_expand(secret, f"{version.label} key", 16),
        iv=int.from_bytes(_expand(secret, f"{version.label} iv", 12)),
        mask=Cipher(AES(_expand(secret, f"{version.label} hp", 16)), ECB()),  # noqa: S305 - what the RFC prescribes
    )


def _expand(secret: bytes, label: str, size: int) -> bytes:
    """Return HKDF-Expand-Label (RFC 8446 section 7.1) of at most one block, which a single HMAC makes."""
    name = f"tls13 {label}".encode()
    info = size.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    return hmac.digest(secret, info + b"\x01", "sha256")[:size]


def _open(packet: _Initial, keys: _Keys) -> bytes | None:
    """Return a packet's frames; None where the keys don't fit it."""
    data, at = packet.data, packet.number_at
    mask = keys.mask.encryptor().update(data[at + 4 : at + 4 + 16])
    first = data[0] ^ (mask[0] & 0x0F)
    size = 1 + (first & 3)
    number = int.from_bytes(data[at : at + size]) ^ int.from_bytes(mask[1 : 1 + size])
    nonce = (keys.iv ^ number).to_bytes(12)
    sealed = data[at + size :]
    if not packet.whole:
        # Cut at capture, the tag is gone: read on unproven. GCM's first block of text is counted 2 (NIST SP 800-38D).
        text = Cipher(AES(keys.key), CTR(nonce + b"\0\0\0\x02")).decryptor().update(sealed)
        return text if text[0] in {*_FIRST_FRAMES, packet.version.crypto} else None
    header = bytes([first]) + data[1:at] + number.to_bytes(size)
    try:
        return AESGCM(keys.key).decrypt(nonce, sealed, header)
    except InvalidTag:
        return None


def _crypto(frames: bytes, crypto: int) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of each CRYPTO frame, up to the first frame that a client's Initial doesn't begin with."""
    while frames := frames.lstrip(b"\0"):  # padding
        kind, at = frames[0], 1
        if kind == crypto:
            offset, at = _number(frames, at)
            length, at = _number(frames, at)
            yield offset, frames[at : at + length]
            at += length
        elif kind in {_ACK, _ACK_ECN}:
            at = _after_ack(frames)
        elif kind != _PING:
            return
        frames = frames[at:]


def _after_ack(frames: bytes) -> int:
    _largest, at = _number(frames, 1)
    _delay, at = _number(frames, at)
    ranges, at = _number(frames, at)
    for _ in range(min(2 * ranges + 1 + 3 * (frames[0] == _ACK_ECN), len(frames))):
        _, at = _number(frames, at)
    return at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a variable-length integer (RFC 9000 section 16) and where it ends; past the end it is 0."""
    if at >= len(data):
        return 0, at + 1
    size = 1 << (data[at] >> 6)
    return int.from_bytes(data[at : at + size]) & ((1 << (8 * size - 2)) - 1), at + size


def _hello(stream: bytes) -> Hello | None:
    return _chlo(stream) if stream.startswith(b"CHLO") else parse_hello(stream, "q")


def _chlo(message: bytes) -> Hello | None:
    """
    Read Google's own hello: a table of tags, each with where its value ends.

    https://docs.google.com/document/d/1g5nIXAIkN_Y-7XJW5K45IblHd_L2f5LTaDUDwvZ5L6g (QUIC Crypto).
    """
    if not message.startswith(b"CHLO"):
        return None
    tags = int.from_bytes(message[4:6], "little")
    values = message[8 + 8 * tags :]
    begin = end = 0
    name = None
    for at in range(8, min(8 + 8 * tags, len(message) - 7), 8):
        begin, end = end, int.from_bytes(message[at + 4 : at + 8], "little")
        if message[at : at + 4] == b"SNI\0" and end <= len(values):
            name = values[begin:end]
    return Hello(server_name=host_name(name), cut=len(message) < 8 + 8 * tags + end)


def _is_reserved(version: int) -> bool:
    """Tell a version that only asks the server to name its own."""
    return version & 0x0F0F0F0F == 0x0A0A0A0A
