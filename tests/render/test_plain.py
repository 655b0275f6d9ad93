"""Hostile and foreign text becomes harmless and printable, and says what it left out."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import matplotlib as mpl
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.ft2font import FT2Font

from aup_monitor.render import plain

if TYPE_CHECKING:
    from types import ModuleType

COVERED = [chr(code) for code in range(0x20, 0x2600) if re.match(f"[{plain._COVERED}]", chr(code))]
GRAPHIC = [char for char in COVERED if unicodedata.category(char) not in {"Cn", "Cf"}]


def test_clean_drops_controls_and_direction_marks() -> None:
    """NUL, bell and right-to-left override vanish; line ends and tabs become spaces."""
    assert plain.clean("a\x00b\x07 \u202egnp.exe\r\n\tz\u00a0z") == "ab gnp.exe   z z"


def test_clean_keeps_every_script() -> None:
    """HTML shows Arabic and Chinese as they are."""
    assert plain.clean("بحث 漢字 é") == "بحث 漢字 é"


def test_long_text_is_cut_with_a_note() -> None:
    """Five thousand characters become four hundred and the number of those left out."""
    assert plain.clean("x" * 5_000) == "x" * 400 + "... (4,600 more characters)"


def test_printable_names_a_script_that_the_fonts_lack() -> None:
    """What cannot be drawn is named, never dropped."""
    assert (
        plain.printable("see بحث عن or 漢 or 😀") == "see [Arabic script] or [East Asian script] or [symbol]"
    )
    assert plain.printable("Łukasz Ŵyn Ωmega Жук cafe\u0301") == "Łukasz Ŵyn Ωmega Жук café"


def test_breakable_lets_long_names_wrap() -> None:
    """A long host name may break after its dots and within endless labels; short words stay whole."""
    host = "a-very-long-host-name.example.com/" + "a" * 30
    broken = plain.breakable(host)
    assert broken.replace("\u200b", "") == host
    assert max(map(len, broken.split("\u200b"))) <= 10
    assert plain.breakable("responsibilities") == "responsibilities"


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=60))
def test_printable_holds_only_what_fonts_draw(text: str) -> None:
    """Whatever a log holds, only covered characters reach the PDF and the charts."""
    assert re.fullmatch(f"[{plain._COVERED}]*", plain.printable(text))


def test_typst_draws_all_that_is_covered() -> None:
    """PDF/UA-1 refuses a character without a glyph; none of ours is one."""
    text = " ".join(GRAPHIC).replace("\\", "\\u{5c}").replace('"', '\\"')
    source = f'#set document(title: "t")\n#set text(font: "Libertinus Serif")\n#text("{text}")'
    made = typst.compile(source.encode(), ignore_system_fonts=True, pdf_standards="ua-1")
    assert made.startswith(b"%PDF")


def test_matplotlib_draws_all_that_is_covered() -> None:
    """Its own DejaVu Sans, plain and bold, has a glyph for each."""
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        known = FT2Font(f"{mpl.get_data_path()}/fonts/ttf/{name}").get_charmap()
        assert [char for char in GRAPHIC if ord(char) not in known] == []


def test_reworded_reaches_every_text(documents: ModuleType) -> None:
    """Each string of a document passes through, however deep; all else stays."""
    before = documents.document(2)
    after = plain.reworded(before, lambda text: text if text in {"half-termly", *STATUSES} else f"<{text}>")
    assert after.incidents[0].confidence_reasons[0] == f"<{before.incidents[0].confidence_reasons[0]}>"
    assert after.glossary[0][0].startswith("<")
    assert after.school.sites[0] == "<Main site>"
    assert (after.total, after.made_at, after.period.start) == (
        before.total,
        before.made_at,
        before.period.start,
    )


STATUSES = {"watched", "watched, no data", "not observable", "not yet watched"}
