"""Fragments: put together in any order, of both versions of IP, with a bound to what is remembered."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, fragment6
from scapy.packet import Packet, Raw

from aup_monitor.capture.fragments import MOST_DATAGRAMS, PATIENCE, Fragments

CONTENT = bytes(range(256)) * 9


def parts(version: int, number: int = 77) -> list[bytes]:
    """Return a datagram of 2.3 kB in fragments."""
    inside = UDP(sport=53, dport=4000) / Raw(CONTENT)
    if version == 4:
        return [
            bytes(p) for p in fragment(IP(src="192.0.2.1", dst="192.0.2.2", id=number) / inside, fragsize=640)
        ]
    packet = IPv6(src="2001:db8::1", dst="2001:db8::2") / IPv6ExtHdrFragment(id=number) / inside
    return [bytes(p) for p in fragment6(packet, 700)]


def whole(packet: bytes) -> Packet:
    """Return a datagram as scapy reads it."""
    return (IP if packet[0] >> 4 == 4 else IPv6)(packet)


@pytest.mark.parametrize("version", [4, 6])
def test_they_make_the_datagram_in_any_order(version: int) -> None:
    """The last that was missing gives the whole, whatever came first or twice."""
    for seed in range(20):
        given_ = parts(version) + parts(version)[:1]
        random.Random(seed).shuffle(given_)
        held = Fragments()
        found = [made for part in given_ if (made := held.add(part, 0))]
        assert len(found) == 1
        assert bytes(whole(found[0])[UDP].payload) == CONTENT


def test_two_datagrams_do_not_mix() -> None:
    """The number that a sender gives its datagrams keeps them apart."""
    held = Fragments()
    found = [
        made
        for pair in zip(parts(4, 1), parts(4, 2), strict=True)
        for part in pair
        if (made := held.add(part, 0))
    ]
    assert [bytes(whole(made)[UDP].payload) for made in found] == [CONTENT, CONTENT]


def test_what_is_missing_for_long_does_not_come() -> None:
    """A number is used again later; and what never becomes whole is forgotten in the end."""
    held, (first, *rest) = Fragments(), parts(4)
    held.add(first, 0)
    assert [held.add(part, PATIENCE + 1) for part in rest] == [None] * len(rest)
    for number in range(MOST_DATAGRAMS * 2):
        held.add(parts(4, number)[0], 0)
    assert len(held._open) <= MOST_DATAGRAMS


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_no_bytes_are_too_strange(packets: list[bytes]) -> None:
    """Whatever stands where a fragment should, nothing raises."""
    held = Fragments()
    for packet in packets:
        held.add(packet, 0)
