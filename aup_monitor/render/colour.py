"""
The school's colour made fit for print: dark enough to read, and five shades that differ in grey.

Luminance and contrast are WCAG 2.2's: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
Lightness L* is CIE 1976's, in which equal steps look equal: https://www.w3.org/TR/css-color-4/#cie-lab
"""

from __future__ import annotations

import re
from typing import Final

Rgb = tuple[float, float, float]

DEFAULT: Final = "#1d4f73"
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
TEXT_CONTRAST: Final = 7.0
"""WCAG 2.2 AAA for text; AA asks 4.5."""

LIGHTNESS: Final = (92, 75, 57, 38, 17)
"""L* of severities 1 to 5: steps of seventeen and more, so that a photocopy keeps them apart."""

_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 (black) to 1 (white)."""
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def lightness(colour: str) -> float:
    """Return the CIE L* of `#rrggbb`, 0 to 100."""
    light = luminance(colour)
    return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _mix(colour: str, other: str, share: float) -> str:
    red, green, blue = (
        own * (1 - share) + new * share for own, new in zip(_rgb(colour), _rgb(other), strict=True)
    )
    return _hex((red, green, blue))


def accent(colour: str) -> str:
    """Return the colour, darkened until it reads on white; the default where it is no `#rrggbb`."""
    chosen = colour.lower() if _HEX.fullmatch(colour) else DEFAULT
    darker = (_mix(chosen, BLACK, step / 50) for step in range(51))
    return next(shade for shade in darker if contrast(shade, WHITE) >= TEXT_CONTRAST)


def _of_lightness(colour: str, target: float) -> str:
    other = WHITE if lightness(colour) < target else BLACK
    mixes = (_mix(colour, other, step / 200) for step in range(201))
    return min(mixes, key=lambda shade: abs(lightness(shade) - target))


def shades(colour: str) -> tuple[str, ...]:
    """Return five tints of a colour for severities 1 (palest) to 5 (darkest)."""
    return tuple(_of_lightness(accent(colour), target) for target in LIGHTNESS)


def ink(background: str) -> str:
    """Return black or white, whichever reads better on the background."""
    return max((BLACK, WHITE), key=lambda text: contrast(text, background))
