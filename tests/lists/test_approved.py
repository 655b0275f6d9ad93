"""What a school has approved, and what merely resembles it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.lists.approved import ApprovedList, parse_approved
from aup_monitor.lists.listfile import ListFile


def approved(text: str, *values: str, devices: bool = False) -> dict[str, str]:
    """Return which values a list of these lines approves, and by which entry."""
    parsed = parse_approved(ListFile(Path("x.txt"), text.encode(), "0", {}), "ours", devices=devices)
    assert parsed.problems == []
    frame = ApprovedList(parsed.entries, devices=devices).find(pl.Series(values, dtype=pl.String))
    assert frame.schema == pl.Schema(FOUND_SCHEMA)
    return dict(frame.select("value", "entry").iter_rows())


def test_names_are_whole_and_case_does_not_matter() -> None:
    """A name approves itself, not what begins with it; `*` and `?` widen it."""
    text = "Zoom\nGoogle Chrome*\nPython 3.?\n# Steam\n"
    values = [
        "ZOOM",
        "Zoombinis",
        "Google Chrome Beta",
        "My Google Chrome",
        "python 3.9",
        "python 3.11",
        "Steam",
    ]
    assert approved(text, *values) == {
        "ZOOM": "zoom",
        "Google Chrome Beta": "google chrome*",
        "python 3.9": "python 3.?",
    }


def test_the_longest_entry_speaks() -> None:
    """Of two lines that approve a value the more particular one is named."""
    assert approved("Microsoft*\nMicrosoft Office*", "Microsoft Office 2021") == {
        "Microsoft Office 2021": "microsoft office*"
    }


def test_marks_are_text() -> None:
    """What means something in a regular expression means itself here."""
    values = ["Microsoft Visual C++ 2019", "Notepad++ (64-bit)", "Notepadddd", "a.b", "axb"]
    assert approved("Microsoft Visual C++*\nNotepad++*\na.b", *values) == {
        "Microsoft Visual C++ 2019": "microsoft visual c++*",
        "Notepad++ (64-bit)": "notepad++*",
        "a.b": "a.b",
    }


def test_device_by_model_or_by_serial() -> None:
    """A model approves each of its serials; a serial approves one device; a longer product number is another model."""
    text = "0951:1666\n0781:5567:4C530001\n"
    values = [
        "0951:1666",
        "0951:1666:AB12",
        "0951:16667",
        "0781:5567",
        "0781:5567:4c530001",
        "0781:5567:4C53000199",
    ]
    assert approved(text, *values, devices=True) == {
        "0951:1666": "0951:1666",
        "0951:1666:AB12": "0951:1666",
        "0781:5567:4c530001": "0781:5567:4c530001",
    }


@pytest.mark.parametrize(
    ("line", "devices"),
    [("*", False), ("* *", False), ("?", False), ("x" * 300, False), ("Kingston", True), ("951:1666", True)],
)
def test_lines_that_would_approve_too_much_are_named(line: str, devices: bool) -> None:
    """A line that would approve everything, or is no device, is left out and named."""
    parsed = parse_approved(ListFile(Path("x.txt"), line.encode(), "0", {}), "ours", devices=devices)
    assert parsed.entries.is_empty()
    assert [number for number, _, _ in parsed.problems] == [1]


def test_nothing_approved() -> None:
    """An empty list approves nothing."""
    assert approved("# nothing yet\n", "Zoom") == {}
    assert approved("", "0951:1666", devices=True) == {}
