"""
JA4: a short text that says which program's TLS library wrote a ClientHello, whoever it was sent to.

    t13d1516h2_8daaf6152771_e5627efa2ab1

Written from the published description, https://github.com/FoxIO-LLC/ja4 (technical_details/JA4.md). Of the JA4+
family only JA4 itself, which is free for all under a BSD licence, is made here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from struct import pack
from typing import Final, Literal

Transport = Literal["t", "q", "d"]
"""What carried the ClientHello: TLS over TCP, QUIC, DTLS."""

GREASE: Final = frozenset(0x0A0A + 0x1010 * n for n in range(16))
"""Values that mean nothing and only keep servers tolerant (RFC 8701)."""

VERSIONS: Final = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
    0xFEFF: "d1",
    0xFEFD: "d2",
    0xFEFC: "d3",
}

SERVER_NAME: Final = 0x0000
ALPN: Final = 0x0010
_NOTHING: Final = "0" * 12


@dataclass(slots=True)
class Offer:
    """What a ClientHello offers, as its numbers stand on the wire and in their order."""

    legacy_version: int = 0
    ciphers: tuple[int, ...] = ()
    extensions: list[int] = field(default_factory=list)
    versions: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    alpn: tuple[bytes, ...] = ()
    server_name: bytes | None = None


def ja4(offer: Offer, transport: Transport) -> str:
    """Return the fingerprint of a whole ClientHello, 36 characters."""
    ciphers = [c for c in offer.ciphers if c not in GREASE]
    extensions = [e for e in offer.extensions if e not in GREASE]
    named = "d" if SERVER_NAME in extensions else "i"
    start = (
        f"{transport}{VERSIONS.get(newest(offer), '00')}{named}"
        f"{min(len(ciphers), 99):02}{min(len(extensions), 99):02}{_ends(offer.alpn)}"
    )
    listed = _codes(sorted(e for e in extensions if e not in {SERVER_NAME, ALPN}))
    if algorithms := _codes([a for a in offer.signature_algorithms if a not in GREASE]):
        listed += f"_{algorithms}"
    return f"{start}_{_digest(_codes(sorted(ciphers)))}_{_digest(listed)}"


def newest(offer: Offer) -> int:
    """Return the highest version offered; DTLS counts down from 0xfeff, so there the lowest number is the newest."""
    versions = [v for v in offer.versions if v not in GREASE] or [offer.legacy_version]
    return min(versions) if offer.legacy_version >= 0xFE00 else max(versions)


def _ends(alpn: tuple[bytes, ...]) -> str:
    """Return the first and the last character of the first ALPN value, of its hexadecimal text if they are odd."""
    first = alpn[0] if alpn else b""
    if not first:
        return "00"
    ends = first[:1] + first[-1:]
    text = ends.decode() if ends.isalnum() else first.hex()
    return text[0] + text[-1]


def _codes(values: list[int]) -> str:
    return pack(f">{len(values)}H", *values).hex(",", 2) if values else ""


@lru_cache(maxsize=4096)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else _NOTHING
