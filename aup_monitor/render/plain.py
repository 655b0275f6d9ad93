"""
Text from logs made harmless to print: no control characters, no direction tricks, no endless names.

The PDF and the charts use fonts that ship with their libraries, so that the same document gives the same
bytes on every machine. Those fonts hold Latin, Greek and Cyrillic; PDF/UA-1 refuses a character without a
glyph, so other scripts are named instead of printed. HTML and the data files keep them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from aup_monitor.core.document import HalfTermReport

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 400
"""Most characters of one text that a page shows; the data files hold the whole."""

_COVERED: Final = (
    "\u0020-\u007e\u00a0-\u02e9\u0370-\u037e\u0384-\u04ff\u1e00-\u1efb\u1f00-\u1fff\u2010-\u2027\u2030-\u2040\u2044-\u2052"
    "\u20ac\u2116\u2122\u2190-\u2193\u2200-\u22ff\u25a0-\u25ff"
)
"""What both Libertinus Serif (Typst) and DejaVu Sans (matplotlib) can draw."""

_FOREIGN: Final = re.compile(rf"[^{_COVERED}]+(?: +[^{_COVERED}]+)*")
_LONG: Final = re.compile(r"\S{20,}")
_JOINT: Final = re.compile(r"([./_\-=&?@:]+|[^./_\-=&?@:]{8})(?=.)")
_BREAK: Final = "\u200b"
_SCRIPTS: Final = {"Cjk": "East Asian"}


def clean(text: str) -> str:
    """Return the text without control and direction characters, on one line, cut at `LIMIT` with a note."""
    line = tidy(text)
    if len(line) <= LIMIT:
        return line
    return f"{line[:LIMIT]}... ({len(line) - LIMIT:,} more characters)"


def tidy(text: str) -> str:
    """Return the text on one line without control and direction characters, uncut."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "" for char in text)


def printable(text: str) -> str:
    """Return the cleaned text with only such characters as the shipped fonts can draw."""
    composed = unicodedata.normalize("NFC", clean(text))
    return _FOREIGN.sub(_named, composed)


def breakable(text: str) -> str:
    """Return the printable text with places to wrap inside very long words."""
    return _LONG.sub(lambda word: _JOINT.sub(rf"\1{_BREAK}", word[0]), printable(text))


def _named(run: re.Match[str]) -> str:
    first = next((char for char in run[0] if unicodedata.category(char).startswith("L")), None)
    if first is None:
        return "[symbol]"
    script = unicodedata.name(first, "another").split()[0].capitalize()
    return f"[{_SCRIPTS.get(script, script)} script]"


def reworded(document: HalfTermReport, word: Callable[[str], str]) -> HalfTermReport:
    """Return the document with each of its texts passed through `word`."""
    return HalfTermReport.model_validate(_each(document.model_dump(), word))


def _each(value: Any, word: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return word(value)
    if isinstance(value, dict):
        return {key: _each(part, word) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(_each(part, word) for part in value)
    return value
