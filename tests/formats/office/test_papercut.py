"""PaperCut's print log: pages of all copies, and no document's name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from aup_monitor.core.format import Context
from aup_monitor.formats.office.papercut import FORMAT
from aup_monitor.formats.reader import read_blocks

SAMPLE = Path(__file__).parents[3] / "sample_logs" / "formats" / "papercut.csv"


def read(content: bytes) -> pl.DataFrame:
    """Return the rows of a log."""
    return pl.concat(
        [block.frame for block in read_blocks(FORMAT, io.BytesIO(content), Context(zone="Europe/London"))]
    )


def test_the_sample() -> None:
    """Heads are skipped, pages are counted with their copies, and what has no number is a reject."""
    rows = read(SAMPLE.read_bytes())

    assert rows["skip"].to_list() == [True, True, False, False, False, False, False]
    assert rows["reject"].is_not_null().to_list() == [False] * 5 + [True, True]
    good = rows.filter(~pl.col("skip") & pl.col("reject").is_null())
    assert good["print_pages"].to_list() == [90, 1, 240]
    assert good["user_name"].to_list() == ["r.okafor", "t.marsh", "j.lee"]
    assert good["timestamp"].to_list()[2] == datetime(2026, 7, 14, 18, 30, tzinfo=UTC)


def test_numbers_that_no_printer_reaches_are_rejects() -> None:
    """Pages times copies that do not fit are no small number of pages."""
    rows = read(
        b"2026-01-14 10:14:09,r.okafor,99999999,99999999,Library printer,Worksheet,LIB-PC-07,A4,PCL6,,,"
        b"NOT DUPLEX,GRAYSCALE,120kb\n"
    )

    assert rows["print_pages"].to_list() == [None]
    assert rows["reject"].is_not_null().to_list() == [True]


def test_the_name_of_a_document_is_kept_nowhere() -> None:
    """A title may name a child."""
    rows = read(SAMPLE.read_bytes())

    assert "Letter" not in rows.write_json()
