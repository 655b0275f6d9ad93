"""Chance that falls the same way every time: each purpose has dice of its own, so that a change to one moves no other."""

from __future__ import annotations

import hashlib
from random import Random
from typing import Final

SEED: Final = "elm-park-1"
_OUTSIDE: Final = ("192.0.2", "198.51.100", "203.0.113")
"""Networks for documentation, RFC 5737: what stands here for the internet."""


def dice(*purpose: object) -> Random:
    """Return the dice of a purpose, such as `dice("web", day)`."""
    return Random("/".join(map(str, (SEED, *purpose))))  # noqa: S311 - it makes samples, and guards no secret


def address_of(host: str) -> str:
    """Return the address, of a documentation network, that a host always has."""
    digest = hashlib.blake2b(host.encode(), digest_size=2).digest()
    return f"{_OUTSIDE[digest[0] % 3]}.{1 + digest[1] % 254}"


def token(purpose: str, length: int = 8) -> str:
    """Return letters and digits that stand for an id in an address, always the same for a purpose."""
    return hashlib.blake2b(purpose.encode(), digest_size=16).hexdigest()[:length]
