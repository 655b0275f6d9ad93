"""Segments: the bytes in their order, whatever the order, the cuts and the repeats in which they came."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture.streams import MOST_BYTES, WRAP, Stream


@given(
    st.binary(min_size=1, max_size=300), st.integers(0, WRAP - 1), st.integers(1, 20), st.integers(0, 1 << 32)
)
def test_segments_make_the_stream_again(text: bytes, begin: int, size: int, seed: int) -> None:
    """In any order, overlapping and repeated, also where sequence numbers begin again at 0."""
    chance = random.Random(seed)
    pieces = [(at, text[at : at + size + chance.randrange(3)]) for at in range(0, len(text), size)]
    pieces += pieces[::3]
    if len(pieces) < 30:
        chance.shuffle(pieces)
    stream = Stream(begin)
    for at, piece in pieces:
        stream.add((begin + at) % WRAP, piece)
    assert stream.data == text


def test_a_gap_ends_what_is_known() -> None:
    """Nothing behind a gap is told until the gap is filled."""
    stream = Stream(100)
    assert stream.add(100, b"one ")
    assert not stream.add(108, b"three")
    assert stream.data == b"one "
    assert stream.add(104, b"two ")
    assert stream.data == b"one two three"


def test_what_comes_first_is_the_first_where_the_beginning_was_not_seen() -> None:
    """A connection joined midway begins with the first segment that is seen."""
    stream = Stream()
    stream.add(7, b"ab")
    stream.add(5, b"xx")
    stream.add(9, b"cd")
    assert stream.data == b"abcd"


def test_it_does_not_grow_for_ever() -> None:
    """A long side is not followed to its end."""
    stream = Stream(0)
    for n in range(100):
        stream.add(n * 1000, bytes(1000))
    assert MOST_BYTES <= len(stream.data) < MOST_BYTES + 1000
