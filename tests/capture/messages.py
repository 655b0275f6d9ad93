"""ClientHellos and QUIC packets made by hand, to test the readers of them; keys come from a library's own HKDF."""

from __future__ import annotations

import hmac
from struct import pack
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

if TYPE_CHECKING:
    from collections.abc import Iterable

SALT_1: Final = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
SALT_2: Final = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
NUMBER_SIZE: Final = 4


def vector(data: bytes, width: int) -> bytes:
    """Return bytes after their length."""
    return len(data).to_bytes(width) + data


def numbers(*values: int) -> bytes:
    """Return numbers of two bytes each."""
    return pack(f">{len(values)}H", *values)


def server_name(name: bytes) -> tuple[int, bytes]:
    """Return the extension that names the server."""
    return 0x0000, vector(b"\0" + vector(name, 2), 2)


def alpn(*names: bytes) -> tuple[int, bytes]:
    """Return the extension that lists protocols."""
    return 0x0010, vector(b"".join(vector(name, 1) for name in names), 2)


def versions(*values: int) -> tuple[int, bytes]:
    """Return the extension that lists versions."""
    return 0x002B, vector(numbers(*values), 1)


def handshake(
    *extensions: tuple[int, bytes],
    ciphers: tuple[int, ...] = (0x1301, 0x1302),
    version: int = 0x0303,
    cookie: bytes | None = None,
) -> bytes:
    """Return a ClientHello; with a cookie, even an empty one, in the shape of DTLS."""
    body = numbers(version) + bytes(range(32)) + vector(b"session", 1)
    if cookie is not None:
        body += vector(cookie, 1)
    body += vector(numbers(*ciphers), 2) + vector(b"\0", 1)
    if extensions:
        body += vector(b"".join(numbers(kind) + vector(data, 2) for kind, data in extensions), 2)
    return b"\x01" + vector(body, 3)


def records(message: bytes, size: int = 16_384) -> bytes:
    """Return a handshake message in TLS records of at most `size` bytes."""
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + vector(part, 2) for part in parts)


def crypto(data: bytes, offset: int = 0) -> bytes:
    """Return a CRYPTO frame, its numbers two bytes long."""
    return b"\x06" + numbers(0x4000 | offset, 0x4000 | len(data)) + data


def initial(  # noqa: PLR0913 - one for each part of the packet
    frames: bytes,
    *,
    destination: bytes = b"8 octets",
    keyed: bytes | None = None,
    number: int = 0,
    version: int = 1,
    salt: bytes = SALT_1,
    label: str = "quic",
    first: int = 0xC3,
    token: bytes = b"",
    size: int = 1162,
) -> bytes:
    """
    Return a client's protected Initial packet (RFC 9001 section 5).

    Args:
        frames: its content, padded to `size` bytes.
        destination: the connection id in its header.
        keyed: the connection id that its keys come from, where that is another.
        number: of the packet.
        version: number of it, in the header.
        salt: of the version.
        label: of the version.
        first: the header's first byte, unprotected; its last two bits say that the number has four bytes.
        token: as a server gave it in a Retry.
        size: bytes of content.

    """
    secret = hmac.digest(salt, destination if keyed is None else keyed, "sha256")
    secret = _expand(secret, "client in", 32)
    frames = frames.ljust(size, b"\0")
    length = NUMBER_SIZE + len(frames) + 16
    header = bytes([first]) + version.to_bytes(4) + vector(destination, 1) + vector(b"", 1) + vector(token, 1)
    header += numbers(0x4000 | length) + number.to_bytes(NUMBER_SIZE)
    nonce = int.from_bytes(_expand(secret, f"{label} iv", 12)) ^ number
    sealed = AESGCM(_expand(secret, f"{label} key", 16)).encrypt(nonce.to_bytes(12), frames, header)
    hide = Cipher(AES(_expand(secret, f"{label} hp", 16)), ECB()).encryptor().update(sealed[:16])  # noqa: S305 - as the RFC says
    shown = bytes([header[0] ^ (hide[0] & 0x0F)])
    hidden = _xor(header[-NUMBER_SIZE:], hide[1 : 1 + NUMBER_SIZE])
    return shown + header[1:-NUMBER_SIZE] + hidden + sealed


def _expand(secret: bytes, label: str, size: int) -> bytes:
    info = size.to_bytes(2) + vector(f"tls13 {label}".encode(), 1) + b"\0"
    return HKDFExpand(SHA256(), size, info).derive(secret)


def _xor(one: Iterable[int], other: Iterable[int]) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
