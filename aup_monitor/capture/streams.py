"""The first bytes that one side of a TCP connection sent, in their order, however its segments came."""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 16_384
"""Bytes of a side that are put together: a ClientHello is rarely a tenth of it, and a request's head should be no longer."""
WRAP: Final = 1 << 32
_HALF: Final = 1 << 31


class Stream:
    """One side's first bytes."""

    __slots__ = ("_ahead", "_next", "data")

    def __init__(self, begin: int | None = None) -> None:
        self._next = begin
        """Sequence number of the byte that is due; None: whatever comes first is the first."""
        self._ahead: dict[int, bytes] = {}
        self.data = b""
        """The bytes up to the first gap."""

    def add(self, sequence: int, payload: bytes) -> bool:
        """Take a segment; say whether there are more bytes now. What was sent twice counts once."""
        if self._next is None:
            self._next = sequence
        if len(self.data) >= MOST_BYTES or not payload:
            return False
        before = len(self.data)
        if not self._append(sequence, payload):
            if len(self._ahead) < 32:
                self._ahead.setdefault(sequence, payload)
            return False
        while self._ahead:
            fitting = [number for number in self._ahead if self._behind(number) >= 0]
            if not fitting:
                break
            for number in fitting:
                self._append(number, self._ahead.pop(number))
        return len(self.data) > before

    @property
    def full(self) -> bool:
        """Whether no more is taken."""
        return len(self.data) >= MOST_BYTES

    def _behind(self, sequence: int) -> int:
        """Return how far a segment begins before the byte that is due; negative: there is a gap."""
        distance = ((self._next or 0) - sequence) % WRAP
        return distance if distance < _HALF else distance - WRAP

    def _append(self, sequence: int, payload: bytes) -> bool:
        behind = self._behind(sequence)
        if behind < 0:
            return False
        fresh = payload[behind:]
        self.data += fresh
        self._next = ((self._next or 0) + len(fresh)) % WRAP
        return True
