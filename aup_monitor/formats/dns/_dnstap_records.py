"""
Records out of a Frame Streams file, and what a dnstap record says, as far as this program asks.

A file is a start frame, data frames (a length, then as many bytes) and a stop frame; a length of 0 announces a control frame.
Each data frame is one message of Protocol Buffers. Both are read by hand: the few fields that count are found in one pass, and
a length is believed only as far as the bytes go.

References: https://github.com/farsightsec/fstrm (fstrm/control.h),
https://github.com/dnstap/dnstap.pb/blob/master/dnstap.proto, https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final, NamedTuple

from aup_monitor.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT_TYPE: Final = b"protobuf:dnstap.Dnstap"
LONGEST_FRAME: Final = 1 << 20
"""What the library that writes such files takes for the most, too; a longer one is damage."""
_LONGEST_CONTROL: Final = 512
_STOP: Final = 3

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT: Final = 10

Value = int | bytes


class Damage(Exception):  # noqa: N818 - a word of the format, which its reader turns into a reject
    """What is wrong with a record, in words."""


class Policy(NamedTuple):
    """What a policy of the server did."""

    kind: str | None
    rule: str | None
    action: int | None


class Record(NamedTuple):
    """One dnstap record."""

    kind: int
    protocol: int | None
    identity: str | None
    version: str | None
    client: bytes
    client_port: int | None
    server: bytes
    server_port: int | None
    asked_at: int | None
    """Nanoseconds since 1970."""
    answered_at: int | None
    question: bytes
    answer: bytes
    policy: Policy | None


def frames(file: IO[bytes]) -> Iterator[bytes]:
    """
    Yield the data frames of a file; a last one that is not whole yet is left for the next reading.

    Raises:
        InputError: this is no Frame Streams file of dnstap.
        Damage: what comes cannot be read, so that nothing behind it can.

    """
    started = False
    while len(head := file.read(4)) == 4:
        length = int.from_bytes(head, "big")
        if length:
            if not started:
                break
            if length > LONGEST_FRAME:
                raise Damage(f"a record that says it has {length} bytes: the rest of the file cannot be read")
            frame = file.read(length)
            if len(frame) < length:
                return
            yield frame
        else:
            kind, body = _control(file)
            if kind == _STOP:
                return
            started = started or CONTENT_TYPE in body
    if not started:
        raise InputError("this is no dnstap file", fix="name its format: aup ingest --format NAME FILE")


def _control(file: IO[bytes]) -> tuple[int, bytes]:
    """Return a control frame's kind and what it holds; 0 where it is cut off."""
    length = int.from_bytes(file.read(4), "big")
    if length > _LONGEST_CONTROL:
        raise Damage("a control frame that is too long: the rest of the file cannot be read")
    body = file.read(length)
    return int.from_bytes(body[:4], "big"), body[4:]


def record_of(frame: bytes) -> Record | None:
    """
    Return what a frame says; None for one that is no message of DNS.

    Raises:
        Damage: the frame does not decode.

    """
    outer = _fields(frame)
    inner = outer.get(14)
    if not isinstance(inner, bytes):
        return None
    found = _fields(inner)
    return Record(
        kind=_number(found, 1) or 0,
        protocol=_number(found, 3),
        identity=_text(outer, 1),
        version=_text(outer, 2),
        client=_bytes(found, 4),
        client_port=_port(found, 6),
        server=_bytes(found, 5),
        server_port=_port(found, 7),
        asked_at=_time(found, 8, 9),
        answered_at=_time(found, 12, 13),
        question=_bytes(found, 10),
        answer=_bytes(found, 14),
        policy=_policy(_bytes(found, 15)),
    )


def _policy(body: bytes) -> Policy | None:
    if not body:
        return None
    found = _fields(body)
    return Policy(_text(found, 1), _text(found, 2), _number(found, 3))


def _fields(body: bytes) -> dict[int, Value]:
    """Return the fields of a message by their numbers, the last of each; numbers and bytes alone."""
    found: dict[int, Value] = {}
    at = 0
    while at < len(body):
        key, at = _varint(body, at)
        kind = key & 7
        value: Value
        if kind == _VARINT:
            value, at = _varint(body, at)
        elif kind == _BYTES:
            length, at = _varint(body, at)
            value, at = body[at : at + length], at + length
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
            value, at = int.from_bytes(body[at : at + length], "little"), at + length
        else:
            raise Damage("the record does not decode")
        if at > len(body):
            raise Damage("the record does not decode")
        found[key >> 3] = value
    return found


def _varint(body: bytes, at: int) -> tuple[int, int]:
    if at < len(body) and body[at] < 0x80:
        return body[at], at + 1
    value = shift = 0
    for place in range(at, min(at + _LONGEST_VARINT, len(body))):
        byte = body[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place + 1
        shift += 7
    raise Damage("the record does not decode")


def _number(found: dict[int, Value], field: int) -> int | None:
    value = found.get(field)
    return value if isinstance(value, int) else None


def _port(found: dict[int, Value], field: int) -> int | None:
    value = _number(found, field)
    return value if value is not None and 0 < value < 1 << 16 else None


def _bytes(found: dict[int, Value], field: int) -> bytes:
    value = found.get(field)
    return value if isinstance(value, bytes) else b""


def _text(found: dict[int, Value], field: int) -> str | None:
    text = _bytes(found, field).decode("utf-8", "replace")
    return None if text in ("", "-") else text


def _time(found: dict[int, Value], seconds: int, nanoseconds: int) -> int | None:
    """Return nanoseconds since 1970; none after the year 2200, which no clock says."""
    whole = _number(found, seconds)
    if whole is None or not 0 < whole < 7_258_118_400:
        return None
    return whole * 1_000_000_000 + min(_number(found, nanoseconds) or 0, 999_999_999)
