"""One canonical text for words."""

from __future__ import annotations

import polars as pl
import pytest

from aup_monitor.lists.words import decoded, normalised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Online Casino", " online casino "),
        ("online+casino!!", " online casino "),
        ("  online\tcasino\n", " online casino "),
        ("\uff30\uff4f\uff52\uff4e", " porn "),  # full-width letters
        ("ca\u200bsino", " casino "),  # an invisible character inside
        ("don't", " dont "),
        ("don\u2019t", " dont "),
        ("Yn Gymraeg: tŷ", " yn gymraeg tŷ "),
        ("ty\u0302", " tŷ "),  # the accent as a character of its own
        ("हिन्दी", " हिन्दी "),
        ("!!!", "  "),
        ("", "  "),
    ],
)
def test_normalised(text: str, expected: str) -> None:
    """Case, width, invisible characters and marks make no difference."""
    assert pl.DataFrame({"t": [text]}).select(normalised("t")).item() == expected


def test_decoded_touches_only_encoded_values() -> None:
    """`%20` left by a caller is undone; a plus sign or a percentage alone is not a code."""
    values = pl.Series(["online%20casino", "100% free", "c++", "caf%C3%A9+bar", "%ff"])
    assert decoded(values).to_list() == ["online casino", "100% free", "c++", "café bar", "\ufffd"]
