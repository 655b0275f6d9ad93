"""The school's colour is always readable, and its shades survive a photocopier."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.render.colour import DEFAULT, WHITE, accent, contrast, ink, lightness, shades

UNHURRIED = settings(deadline=None)  # the machine may be busy; the suite as a whole has the time limit
HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_wcags() -> None:
    """Black on white is 21 to 1, and a colour on itself 1 to 1, as WCAG defines."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@UNHURRIED
@given(HEX)
def test_any_school_colour_reads_on_white(colour: str) -> None:
    """Even a yellow badge becomes a text colour of contrast seven and more."""
    assert contrast(accent(colour), WHITE) >= 7


def test_a_dark_colour_is_kept() -> None:
    """A colour that already reads is used as the school chose it."""
    assert accent("#1D4F73") == "#1d4f73"


@pytest.mark.parametrize("text", ["", "blue", "#fff", "#12345g", "#123456;}</style>", "#123456\n"])
def test_no_colour_becomes_the_default(text: str) -> None:
    """What is no `#rrggbb` never reaches a style sheet."""
    assert accent(text) == DEFAULT


@UNHURRIED
@given(HEX)
def test_five_shades_differ_in_grey(colour: str) -> None:
    """Severities 1 to 5 darken in steps of at least fifteen of a hundred in lightness, whatever the hue."""
    levels = [lightness(shade) for shade in shades(colour)]
    assert len(levels) == 5
    assert all(paler - darker >= 15 for paler, darker in pairwise(levels))


@UNHURRIED
@given(HEX)
def test_numbers_read_on_every_shade(colour: str) -> None:
    """The number in a severity's box has WCAG AA contrast."""
    assert all(contrast(ink(shade), shade) >= 4.5 for shade in shades(colour))
