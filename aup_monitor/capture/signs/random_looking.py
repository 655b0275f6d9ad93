"""
Connections whose very first bytes look random: Shadowsocks, VMess, obfs4, Psiphon's obfuscated SSH, and others made so.

Ordinary protocols begin with something readable or regular, so that such a beginning is itself a sign, if a weak one:
some messengers, games and BitTorrent's encryption do the same.

The tests follow M. Wu et al., "How the Great Firewall of China Detects and Blocks Fully Encrypted Traffic", USENIX
Security 2023 (https://www.usenix.org/conference/usenixsecurity23/presentation/wu-mingshi), section 4, which describes
exemptions for all that is regular. A school accuses people, so more is exempted here: short messages, those that hold their
own length or repeat bytes as random ones wouldn't, connections joined midway, and those whose answer is regular or missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import LONGEST, Sign

if TYPE_CHECKING:
    from aup_monitor.capture.signs.flow import FirstBytes

_FEWEST_BITS, _MOST_BITS = 3.4, 4.6
"""Bits set a byte, on average: outside of these bounds bytes aren't random (the paper's Ex1)."""
_PRINTABLE_FIRST: Final = 6
"""As many printable bytes at the beginning, or more, are a protocol in clear (Ex2)."""
_PRINTABLE_SHARE: Final = 0.5
_PRINTABLE_RUN: Final = 20
"""Over half printable, or more than 20 in a row (Ex3, Ex4)."""
_SHORTEST: Final = 64
"""Bytes below which chance decides these tests. Shadowsocks' first message has at least 32 of salt, 34 of header and an address."""
_SHORTEST_ANSWER: Final = 32
_SPREAD: Final = 0.88
"""Different byte values, as a share of what as many random bytes have on average; under it lie 2 in 10,000 random messages of 64 bytes."""


def fully_encrypted(flow: FirstBytes) -> Sign | None:
    """First messages of both sides that look random throughout; over TCP only."""
    if (
        flow.transport != "tcp"
        or flow.hello is not None
        or not (flow.from_start and flow.client and flow.server)
    ):
        return None
    first, answer = flow.client[0], flow.server[0]
    if len(first) < _SHORTEST or len(answer) < _SHORTEST_ANSWER:
        return None
    if _looks_random(first) and _looks_random(answer):
        return Sign(
            "fully-encrypted",
            "both sides' first messages look random, as those of tools do that hide what they are",
        )
    return None


def _looks_random(message: bytes) -> bool:
    bits = int.from_bytes(message).bit_count() / len(message)
    return (
        _FEWEST_BITS < bits < _MOST_BITS
        and not _is_readable(message)
        and not _holds_its_length(message)
        and len(set(message)) >= _SPREAD * 256 * (1 - (255 / 256) ** len(message))
    )


def _is_readable(message: bytes) -> bool:
    printable = [0x20 <= byte <= 0x7E for byte in message]
    if all(printable[:_PRINTABLE_FIRST]) or sum(printable) > _PRINTABLE_SHARE * len(message):
        return True
    run = 0
    for one in printable:
        run = run + 1 if one else 0
        if run > _PRINTABLE_RUN:
            return True
    return False


def _holds_its_length(message: bytes) -> bool:
    """Tell whether a number among the first bytes is the message's length, or is so small that it may count something."""
    if message[:2] == b"\0\0" or (len(message) < LONGEST and message[0] in {0, len(message) & 0xFF}):
        return True
    lengths = {len(message) - n for n in range(9)}
    return len(message) < LONGEST and any(
        int.from_bytes(message[at : at + size], order) in lengths
        for at in range(5)
        for size in (2, 3, 4)
        for order in ("big", "little")
    )
