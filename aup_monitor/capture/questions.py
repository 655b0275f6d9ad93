"""Questions for names and their answers: a question is told with its answer, or without once none is to be expected."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from aup_monitor.capture import dns
from aup_monitor.capture.rows import BAD, LOOK_UP, Seen, seen, sign_columns
from aup_monitor.capture.signs import LONGEST, MOST, FirstBytes, Sign, sign_of

if TYPE_CHECKING:
    from aup_monitor.capture.connections import Segment
    from aup_monitor.capture.rows import End, Rows

ANSWER_WITHIN: Final = 5_000_000
"""Microseconds in which an answer to a question is looked for."""
MOST_WAITING: Final = 16_384
"""Questions that wait for their answer at a time; past it the oldest is told without."""
MOST_TALKS: Final = 4096
"""Ports out of which questions come that are remembered, since many strange ones out of one port are a sign."""
_OUTCOMES: Final = {"NOERROR": "allowed", "REFUSED": "blocked"}


@dataclass(slots=True)
class _Talk:
    """What one port asks one server, question after question."""

    questions: list[bytes] = field(default_factory=list)
    sign: Sign | None = None


class _Asked(NamedTuple):
    seen: Seen
    message: dns.Message
    talk: _Talk | None = None


class Questions:
    """Those that wait for their answer."""

    def __init__(self, rows: Rows) -> None:
        """Begin; what is told goes into these rows."""
        self._rows = rows
        self._waiting: OrderedDict[tuple[object, ...], _Asked] = OrderedDict()
        self._talks: OrderedDict[tuple[object, ...], _Talk] = OrderedDict()

    def take(self, segment: Segment, ends: tuple[End, End], transport: str) -> None:
        """Take a DNS message that went from the first end to the second."""
        try:
            number, message = dns.message_of(segment.payload)
        except dns.BadMessageError as exc:
            self._rows.add(BAD, (segment.number, str(exc)))
            return
        client, server = (ends[1], ends[0]) if message.answer else ends
        key = (client, server, transport, number, message.question)
        asked = self._waiting.pop(key, None)
        place = seen(segment.number, segment.time, client, server, transport)
        if message.answer:
            took = segment.time if asked is not None else None
            self._tell(asked or _Asked(place, message), message, took)
            return
        if asked is not None:
            self._tell(asked)
        talk = self._talk(client, server, segment.payload) if transport == "udp" else None
        self._waiting[key] = _Asked(place, message, talk)

    def first(self, otherwise: int) -> int:
        """Return the number of the first packet that waits for its answer."""
        return next((asked.seen.offset for asked in self._waiting.values()), otherwise)

    def give_up(self, before: int | None) -> None:
        """Tell the questions of before that time, and those that are too many, without an answer; `None`: all."""
        while self._waiting:
            key, asked = next(iter(self._waiting.items()))
            fresh = before is not None and asked.seen.timestamp >= before
            if fresh and len(self._waiting) <= MOST_WAITING:
                return
            del self._waiting[key]
            self._tell(asked)

    def _talk(self, client: End, server: End, question: bytes) -> _Talk:
        """Remember a question among those before it out of the same port, and look whether together they are a sign."""
        talk = self._talks.setdefault((client, server), _Talk())
        self._talks.move_to_end((client, server))
        if len(self._talks) > MOST_TALKS:
            self._talks.popitem(last=False)
        if talk.sign is None:
            talk.questions = [*talk.questions[1 - MOST :], question[:LONGEST]]
            if len(talk.questions) > 1:
                talk.sign = sign_of(FirstBytes("udp", client.port, server.port, tuple(talk.questions)))
        return talk

    def _tell(self, asked: _Asked, answer: dns.Message | None = None, time: int | None = None) -> None:
        code = answer.code if answer else None
        took = None if time is None else max(time - asked.seen.timestamp, 0) * 1000
        self._rows.add(
            LOOK_UP,
            (
                *asked.seen,
                _OUTCOMES.get(code or "", "unknown"),
                took,
                *sign_columns(asked.talk.sign if asked.talk else None),
                asked.message.name,
                asked.message.kind,
                code,
                answer.answers if answer else None,
            ),
        )
