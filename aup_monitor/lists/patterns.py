"""
Many texts looked for at once in many others, by one automaton (Aho and Corasick's) that is built once.

Polars looks for many texts too, but builds its automaton for every call, which costs more than a few thousand searches do.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from ahocorasick_rs import BytesAhoCorasick


class Patterns:
    """
    What is looked for.

    Args:
        patterns: String, distinct, none empty.

    """

    def __init__(self, patterns: pl.Series) -> None:
        self._patterns = patterns
        self._automaton = BytesAhoCorasick(text.encode() for text in patterns)

    def within(self, texts: pl.Series) -> pl.DataFrame:
        """Return (row, pattern): for each text, by its row, each pattern that is in it, overlapping ones too."""
        arrow = texts.fill_null("").to_arrow()
        _, ends, letters = arrow.buffers()
        # Texts lie one behind the other, so all are read in one go; a pattern is of the text in which it begins and ends.
        places = np.frombuffer(ends, np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
        read = memoryview(letters).cast("B") if letters else b""
        found = self._automaton.find_matches_as_indexes(read, overlapping=True)
        of, first, last = np.array(found, np.int64).reshape(-1, 3).T
        row = np.searchsorted(places, first, side="right") - 1
        whole = (row >= 0) & (row < len(arrow))
        whole[whole] = last[whole] <= places[row[whole] + 1]
        held = pl.DataFrame({"row": row[whole], "of": of[whole]}).unique(maintain_order=True)
        return held.select(pl.col("row").cast(pl.get_index_type()), pattern=self._patterns.gather(held["of"]))
