"""The spreadsheet files hold every incident and number, and no formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.render.to_csv import FIGURES, INCIDENTS, _cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport


def lines(file: bytes) -> list[dict[str, str]]:
    """Return a file's lines by column, read as a spreadsheet reads them."""
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", ["ordinary", "quiet", "hostile"])
def test_one_line_for_each_incident(
    rendered: Callable[[str, str], bytes], sample: Callable[[str], HalfTermReport], name: str
) -> None:
    """The references are those of the document in its order; physical lines are as many, and a header."""
    file = rendered(name, "csv")
    incidents = sample(name).incidents
    assert [line["reference"] for line in lines(file)] == [incident.reference for incident in incidents]
    assert file.count(b"\r\n") == len(incidents) + 1
    assert file.count(b"\n") == len(incidents) + 1
    assert file.decode("utf-8-sig").splitlines()[0].split(",") == list(INCIDENTS)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    """Whatever a log holds, no spreadsheet takes it for a formula."""
    assert not str(_cell(text)).lstrip().startswith(("=", "+", "-", "@"))


def test_formulas_become_text(rendered: Callable[[str, str], bytes]) -> None:
    """A formula keeps its words, after an apostrophe."""
    attacked = next(line for line in lines(rendered("hostile", "csv")) if "HYPERLINK" in line["detail"])
    assert attacked["detail"] == '\'=HYPERLINK("http://bad.example","x")'
    assert (attacked["person"], attacked["title"], attacked["action"]) == ("'@SUM(1)", "'+1", "'-1")


def test_long_names_are_whole(rendered: Callable[[str, str], bytes]) -> None:
    """The data file holds what a page had to cut."""
    assert any(len(line["detail"]) > 5_000 for line in lines(rendered("hostile", "csv")))


def test_figures_hold_every_number(
    rendered: Callable[[str, str], bytes], sample: Callable[[str], HalfTermReport]
) -> None:
    """Weeks add up to the total; clauses, intents and severities are as in the document."""
    document, figures = sample("ordinary"), lines(rendered("ordinary", "figures"))
    assert tuple(figures[0]) == FIGURES
    assert sum(int(line["count"] or 0) for line in figures if line["figure"] == "week") == document.total
    clauses = [(line["label"], int(line["count"])) for line in figures if line["figure"] == "clauses"]
    assert clauses == [(count.label, count.count) for count in document.clauses]


def test_no_logs_is_an_empty_cell(rendered: Callable[[str, str], bytes]) -> None:
    """A week without logs has no number; a quiet week has nought."""
    by_week = {
        (line["label"], line["severity"]): line["count"] for line in lines(rendered("ordinary", "figures"))
    }
    assert by_week["2026-09-14", "5"] == ""
    assert by_week["2026-08-31", "5"] == "0"
    assert {line["count"] for line in lines(rendered("dark", "figures"))} == {""}
