"""DNS messages: as dnspython reads them, only what is told of them is kept, and none is too hostile."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path

import dns.message
import dns.name
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture import dns as told
from aup_monitor.capture import pcap
from aup_monitor.core.format import Context

THEIRS = sorted(
    p
    for p in (Path(__file__).parents[3] / "shared" / "samples").glob("pcaps*/*")
    if p.suffix in {".pcap", ".pcapng"}
)
LABEL = st.from_regex(rb"[a-zA-Z0-9_-]{1,20}", fullmatch=True)


def reply(name: str, kind: str, *records: str) -> bytes:
    """Return an answer with these records."""
    message = dns.message.make_response(dns.message.make_query(name, kind))
    if records:
        message.answer.append(dns.rrset.from_text(dns.name.from_text(name), 60, "IN", kind, *records))
    return message.to_wire()


def said(wire: bytes) -> told.Message:
    """Return what a message says."""
    assert told.looks_dns(wire)
    return told.message_of(wire)[1]


def test_a_question_and_its_answer() -> None:
    """Name in lower case, type, code, answers; the answer repeats the question."""
    asked = dns.message.make_query("WWW.Example.org", "AAAA")
    asked.id = 4660
    number, message = told.message_of(asked.to_wire())
    assert (number, message[:5]) == (4660, (False, "www.example.org", "AAAA", None, None))
    answer = said(reply("WWW.Example.org", "AAAA", "2001:DB8::1"))
    assert answer[:5] == (True, "www.example.org", "AAAA", "NOERROR", "2001:db8::1")
    assert answer.question == message.question


ECH = base64.b64encode(b"\x00\x0c\xfe\x0d\x00\x08" + bytes(8)).decode()


@pytest.mark.parametrize(
    ("kind", "record", "wanted"),
    [
        ("TXT", '"all that a tunnel hides" "in texts"', "TXT 33 bytes"),
        ("NULL", "\\# 5 0102030405", "NULL 5 bytes"),
        ("HTTPS", f'1 . alpn="h3,h2" ipv4hint=192.0.2.1 ech="{ECH}"', "HTTPS 1 . alpn=h3+h2 ech"),
        ("HTTPS", "0 other.example.", "HTTPS 0 other.example."),
        ("SVCB", '2 r.example. alpn="dot"', "SVCB 2 r.example. alpn=dot"),
        ("CNAME", "Other.Example.", "other.example"),
        ("MX", "10 mail.example.", "10 mail.example"),
        ("DNSKEY", "257 3 13 " + base64.b64encode(bytes(64)).decode(), "DNSKEY 68 bytes"),
    ],
)
def test_what_is_told_of_records(kind: str, record: str, wanted: str) -> None:
    """Names and addresses as they are, services in short, and of what may hold anything only its size."""
    assert said(reply("a.example", kind, record)).answers == wanted


@given(
    st.lists(LABEL, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(["A", "AAAA", "CNAME", "TXT", "NS", "PTR"]), st.integers(0, 255)),
        max_size=6,
    ),
)
def test_the_short_way_reads_what_dnspython_reads(
    labels: list[bytes], records: list[tuple[str, int]]
) -> None:
    """Plain answers are read without building a message; the two ways agree."""
    name = b".".join(labels).decode()
    texts = {
        "A": "192.0.2.{}",
        "AAAA": "2001:db8::{:x}",
        "CNAME": "c{}.example.",
        "TXT": '"{}"',
        "NS": "n{}." + name + ".",
        "PTR": "p{}.example.",
    }
    message = dns.message.make_response(dns.message.make_query(name, "A"))
    for kind, number in records:
        message.answer.append(
            dns.rrset.from_text(dns.name.from_text(name), 60, "IN", kind, texts[kind].format(number))
        )
    wire = message.to_wire()
    short = told._plain_answers(wire, 12 + len(name) + 2 + 4, len(records)) if records else None
    assert short == (told._answers(wire) if records else None)


@pytest.mark.skipif(not THEIRS, reason="the captures of others are not here")
def test_the_short_way_agrees_on_real_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all answers in captures of others, those that are read in short are as dnspython reads them."""
    plain, compared = told._plain_answers, []

    def both(wire: bytes, at: int, count: int) -> str | None:
        short = plain(wire, at, count)
        if short is not None:
            compared.append((short, told._answers(wire)))
        return short

    monkeypatch.setattr(told, "_plain_answers", both)
    told._message.cache_clear()
    for path in THEIRS:
        with path.open("rb") as file:
            list(pcap.read(file, Context(), -1))
    assert len(compared) > 100
    assert [pair for pair in compared if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (b"\xc0\x0c\0\x01\0\x01", "the name in the DNS question does not decode"),
        (b"\x3fabc\0\0\x01\0\x01", "the name in the DNS question does not decode"),
        (b"\x03abc\x00\0", "the DNS question is cut short"),
        (b"\x85abcde\0\0\x01\0\x01", "the name in the DNS question does not decode"),
    ],
)
def test_a_question_that_does_not_decode_says_why(question: bytes, reason: str) -> None:
    """A pointer to itself, a label past the end, a question that is cut, a kind of label that there is not."""
    wire = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0" + question
    with pytest.raises(told.BadMessageError, match=reason):
        told.message_of(wire)


def test_a_name_is_told_however_strange() -> None:
    """The root, and bytes that are no letters."""
    head = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0"
    assert said(head + b"\0\0\x02\0\x01").name == "."
    assert said(head + b"\x04a.\xff \0\0\x01\0\x01").name == "a\\.\\255\\032"


@given(st.binary(max_size=200), st.integers(0, 11), st.integers(0, 255))
def test_no_bytes_are_too_strange(tail: bytes, place: int, value: int) -> None:
    """Whatever a message holds, it is read or refused with its reason; never endlessly."""
    wire = bytearray(b"\0\x07\x81\x80\0\x01\0\x03\0\0\0\0\x01a\0\0\x01\0\x01" + tail)
    wire[place] = value
    if told.looks_dns(bytes(wire)):
        with suppress(told.BadMessageError):
            number, message = told.message_of(bytes(wire))
            assert number == wire[0] << 8 | wire[1]
            assert message.name
