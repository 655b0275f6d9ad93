"""What a sign is looked for in, and what a sign is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from aup_monitor.capture.tls import Hello

LONGEST: Final = 512
"""Bytes of a payload that are kept for looking; a longer one is cut."""
MOST: Final = 8
"""Payloads of each direction that are kept."""


@dataclass(frozen=True)
class FirstBytes:
    """
    The beginning of one connection, or of one exchange over UDP.

    `client` is who opened it: who sent the SYN, else the sender of the first packet seen.
    """

    transport: Literal["tcp", "udp"]
    source_port: int
    """The client's port."""
    destination_port: int
    client: tuple[bytes, ...] = ()
    """Payloads of the client in order, at most `MOST` of up to `LONGEST` bytes; empty and repeated ones left out."""
    server: tuple[bytes, ...] = ()
    hello: Hello | None = None
    """The ClientHello (TLS, DTLS or QUIC), if there was one."""
    from_start: bool = True
    """Whether the connection was seen from its first packet on. Of one joined midway the first bytes mean nothing."""

    @cached_property
    def sent(self) -> bytes:
        """Return the client's first bytes together, as far as none is missing."""
        return _joined(self.client)

    @cached_property
    def answered(self) -> bytes:
        """Return the server's first bytes together, as far as none is missing."""
        return _joined(self.server)


def _joined(payloads: tuple[bytes, ...]) -> bytes:
    for n, payload in enumerate(payloads):
        if len(payload) >= LONGEST:
            return b"".join(payloads[: n + 1])
    return b"".join(payloads)


@dataclass(frozen=True, slots=True)
class Sign:
    """What a connection was recognised as."""

    application: str
    """A value of `network_application`: `openvpn`."""
    reason: str
    """By what it was recognised, in plain words, to follow the application's name after a colon."""
