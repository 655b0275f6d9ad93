"""Encrypted look-ups of names, and data hidden in look-ups."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.capture.signs.flow import FirstBytes

_DOT_PORT: Final = 853
_DOQ_PORTS: Final = frozenset({853, 784, 8853})
"""IANA's port, and the two that drafts of RFC 9250 used."""
_DNSCRYPT_ANSWER: Final = b"r6fnvWj8"
_DOH: Final = re.compile(
    rb"GET [^ ]{0,200}/dns-query\?(?:[^ ]{0,100}&)?dns=|"
    rb"POST [^ ]{0,200}/dns-query[? ](?s:.){0,500}application/dns-message",
    re.IGNORECASE,
)


def encrypted_dns(flow: FirstBytes) -> Sign | None:
    """
    DNS over TLS, over QUIC and over HTTPS, where its outside tells: the port, the name of the protocol, or a path in clear.

    DNS over HTTPS is otherwise known by its host alone, which rules look up.

    RFC 7858 section 3.1, RFC 9250 section 4.1.1, RFC 8484 section 4.1
    """
    if flow.hello is not None:
        quick = flow.transport == "udp"
        if "doq" in flow.hello.alpn or (quick and flow.destination_port in _DOQ_PORTS):
            return Sign("doq", "an encrypted connection for look-ups of names (DNS over QUIC)")
        if "dot" in flow.hello.alpn or flow.destination_port == _DOT_PORT:
            return Sign("dot", "an encrypted connection for look-ups of names (DNS over TLS)")
    if flow.transport == "tcp" and _DOH.match(flow.sent):
        return Sign("doh", "a web request that carries a look-up of a name (DNS over HTTPS)")
    return None


def dnscrypt(flow: FirstBytes) -> Sign | None:
    """
    DNSCrypt: the eight bytes that every answer begins with.

    https://dnscrypt.info/protocol, section "Protocol flow"
    """
    answers = flow.server if flow.transport == "udp" else tuple(p[2:] for p in flow.server)
    if any(answer.startswith(_DNSCRYPT_ANSWER) for answer in answers):
        return Sign("dnscrypt", "answers in the form of DNSCrypt, which hides look-ups of names")
    return None


_QUESTIONS: Final = 3
"""Different names out of one port; what a computer's own resolver asks goes out of a new port each time."""
_ORDINARY: Final = frozenset({1, 2, 6, 12, 28, 33, 43, 48, 64, 65})
"""Types of questions that programs ask all day: A, NS, SOA, PTR, AAAA, SRV, DS, DNSKEY, SVCB, HTTPS. They carry little data."""
_DATA: Final = re.compile(rb"[0-9a-f]{16,63}", re.IGNORECASE)
"""A label of hexadecimal data."""
_LONG_LABEL: Final = 30
_LEAST_SURPRISE: Final = 3.5
"""Bits a letter in a long label: base 32 data has about 4 or more, a run of words about 3."""


def dns_tunnel(flow: FirstBytes) -> Sign | None:
    """
    At least three questions out of one port for different names, each with a label that looks like data.

    Only questions of the types that tunnels use count (TXT, CNAME, MX, NULL, ...). What a device asks out of many ports a
    correlation rule counts.

    Form of questions: RFC 1035 section 4.1; of such names: https://github.com/iagox86/dnscat2/blob/master/doc/protocol.md
    """
    if flow.transport != "udp" or flow.destination_port != 53:
        return None
    names = {name for payload in flow.client for name in _unusual_question(payload) if _is_data(name)}
    if len(names) < _QUESTIONS:
        return None
    return Sign("dns-tunnel", "questions for names, each different, that look like hidden data")


def _unusual_question(message: bytes) -> Iterator[bytes]:
    """Yield the first question's name, if the message is a question of an unusual type."""
    if len(message) < 17 or message[2] & 0x80 or message[4:6] != b"\0\1":
        return
    labels, at = [], 12
    while at < len(message) and 0 < message[at] < 64:
        labels.append(message[at + 1 : at + 1 + message[at]])
        at += 1 + message[at]
    kind = int.from_bytes(message[at + 1 : at + 3])
    if kind and kind not in _ORDINARY:
        yield b".".join(labels)


def _is_data(name: bytes) -> bool:
    return any(_DATA.fullmatch(label) or _is_disordered(label) for label in name.split(b"."))


def _is_disordered(label: bytes) -> bool:
    if len(label) < _LONG_LABEL:
        return False
    counts = Counter(label.lower())
    return -sum(n / len(label) * math.log2(n / len(label)) for n in counts.values()) >= _LEAST_SURPRISE
