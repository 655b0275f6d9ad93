"""
DNS messages: what was asked, and what the answer told.

dnspython reads the messages; a message that was read before but for its number is not read again. Told of an answer: addresses and names
as they are; of HTTPS and SVCB records the priority, the target, the protocols and whether there is a key for Encrypted
ClientHello; of TXT, NULL and other records that may hold anything only their size. References: RFC 1035, RFC 9460.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.svcbbase

if TYPE_CHECKING:
    from dns.rdata import Rdata

PORT: Final = 53
LOCAL_PORTS: Final = (5353, 5355)
"""mDNS and LLMNR: devices that ask each other."""
MOST_ANSWERS: Final = 50
"""How many records of an answer are told."""
HEADER: Final = 12
REMEMBERED: Final = 16_384
"""Messages whose reading is remembered."""

_COUNTS: Final = Struct(">6H")
_OPCODE: Final = 0x7800
_ANSWER: Final = 0x8000
_TOLD: Final = frozenset(
    dns.rdatatype.from_text(name) for name in ("A", "AAAA", "CNAME", "DNAME", "PTR", "NS", "MX", "SRV", "SOA")
)
_SERVICES: Final = frozenset({dns.rdatatype.HTTPS, dns.rdatatype.SVCB})


class BadMessageError(ValueError):
    """A message that does not decode; the text says why."""


class Message(NamedTuple):
    """A message with one question."""

    answer: bool
    name: str
    """Lower case, without the final dot; `.` for the root."""
    kind: str
    code: str | None
    answers: str | None
    question: bytes
    """The question as it went over the wire, in lower case, which its answer repeats."""


def looks_dns(payload: bytes) -> bool:
    """Tell whether bytes may be a message that asks or answers one question; cheap."""
    if len(payload) < HEADER + 5:
        return False
    _, flags, questions, answers, authorities, more = _COUNTS.unpack_from(payload)
    if flags & (_OPCODE | 0x40) or questions != 1:
        return False
    return (flags & _ANSWER or not (answers or authorities)) and answers + authorities + more < 512


def message_of(payload: bytes) -> tuple[int, Message]:
    """
    Return a message's number and what it says.

    Raises:
        BadMessageError: it does not decode.

    """
    read = _message(payload[2:])
    if isinstance(read, str):
        raise BadMessageError(read)
    return payload[0] << 8 | payload[1], read


@lru_cache(REMEMBERED)
def _message(body: bytes) -> Message | str:
    """Return what a message without its number says, or why it does not decode."""
    wire = b"\0\0" + body
    try:
        name, length = dns.name.from_wire(wire, HEADER)
    except (dns.exception.DNSException, ValueError, IndexError):
        return "the name in the DNS question does not decode"
    end = HEADER + length + 4
    if end > len(wire):
        return "the DNS question is cut short"
    flags = wire[2] << 8 | wire[3]
    kind = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(wire[end - 4] << 8 | wire[end - 3]))
    text = name.to_text(omit_final_dot=True).lower() or "."
    question = wire[HEADER:end].lower()
    if not flags & _ANSWER:
        return Message(False, text, kind, None, None, question)
    code = dns.rcode.to_text(dns.rcode.Rcode.make(flags & 15))
    return Message(True, text, kind, code, _answers(wire), question)


def _answers(wire: bytes) -> str | None:
    """Return the records of an answer, joined by a comma, up to the first that does not decode."""
    if not wire[6] and not wire[7]:
        return None
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True, keyring=False)
        told = [_told(data) for records in message.answer for data in records]
    except (dns.exception.DNSException, ValueError, IndexError):
        return None
    return ",".join(told[:MOST_ANSWERS]) or None


def _told(data: Rdata) -> str:
    if data.rdtype in _TOLD:
        return data.to_text().removesuffix(".").lower()
    if data.rdtype in _SERVICES:
        return _service(cast("dns.rdtypes.svcbbase.SVCBBase", data))
    return f"{dns.rdatatype.to_text(data.rdtype)} {len(data.to_wire() or b'')} bytes"


def _service(data: dns.rdtypes.svcbbase.SVCBBase) -> str:
    """Return a service binding: `HTTPS 1 . alpn=h3+h2 ech`."""
    keys = dns.rdtypes.svcbbase.ParamKey
    protocols = data.params.get(keys.ALPN)
    parts = [dns.rdatatype.to_text(data.rdtype), str(data.priority), data.target.to_text()]
    if protocols is not None:
        parts.append("alpn=" + "+".join(one.decode("ascii", "replace") for one in protocols.ids))
    if keys.ECH in data.params:
        parts.append("ech")
    return " ".join(parts)
