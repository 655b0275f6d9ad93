"""The share of lines that a format knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.format import Context, share_of_lines


@pytest.mark.parametrize(
    ("head", "share"),
    [
        (b"", 0.0),
        (b"\n\n", 0.0),
        (b"a1", 1.0),  # the only line counts though it may be cut
        (b"a1\nb2\nzz", 1.0),  # the last one does not
        (b"a1\nzz\nb2\nzz\n", 0.5),
        (b"a1\n\n\n\nzz\n", 0.5),  # blank lines do not
        (b"a1\r\na2\r\n", 1.0),
        (b"\xff1\n", 1.0),
        (b"a1\n" * 50 + b"zz\n" * 50, 1.0),  # the first fifty are enough
    ],
)
def test_share(head: bytes, share: float) -> None:
    """Of the whole lines that are not blank, those that the expression fits to the end."""
    assert share_of_lines(head, r"^.\d$") == share


@given(st.binary(max_size=300))
def test_any_bytes_have_a_share(head: bytes) -> None:
    """Whatever a file begins with, the share is from nought to one."""
    assert 0 <= share_of_lines(head, "a") <= 1


def test_context_has_the_schools_zone() -> None:
    """Where nobody says otherwise, local times are those of the United Kingdom."""
    assert Context() == Context(zone="Europe/London", reference=None, header=None)
