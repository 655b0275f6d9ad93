"""The PDF is tagged, in British English, exactly two pages before the list, and the same everywhere."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from aup_monitor.render.to_pdf import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from aup_monitor.core.document import HalfTermReport

POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (Poppler) is not installed")


def structure(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Yield every element of the structure tree in reading order."""
    waiting = [pdf.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield node
            waiting.extend([node.K] if "/K" in node else [])


def text(pdf: bytes, *options: str) -> str:
    """Return the PDF's text by Poppler."""
    return subprocess.run(
        ["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


@pytest.mark.parametrize("name", ["ordinary", "quiet", "dark", "hostile"])
def test_is_tagged_and_named(rendered: Callable[[str, str], bytes], name: str) -> None:
    """PDF/UA-1: marked, with structure, language, title, and an alternative for each picture."""
    with pikepdf.open(io.BytesIO(rendered(name, "pdf"))) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert str(metadata["dc:title"]).startswith("Half-termly report of incidents: ")
        figures = [node for node in structure(pdf) if node.S == "/Figure"]
        assert figures
        assert all(str(figure.Alt) for figure in figures)


def test_alternatives_hold_the_numbers(rendered: Callable[[str, str], bytes]) -> None:
    """A screen reader hears the weeks, and which of them had no logs."""
    with pikepdf.open(io.BytesIO(rendered("ordinary", "pdf"))) as pdf:
        told = " ".join(str(node.Alt) for node in structure(pdf) if node.S == "/Figure")
    assert "Week of 14 Sep: no logs." in told
    assert "5.1 Use in lessons: 11" in told
    assert "likely accidental: " in told


@pytest.mark.parametrize("name", ["ordinary", "hostile"])
def test_every_incident_is_one_row(
    rendered: Callable[[str, str], bytes], sample: Callable[[str], HalfTermReport], name: str
) -> None:
    """The list of incidents has a header of nine columns and a row for each incident."""
    with pikepdf.open(io.BytesIO(rendered(name, "pdf"))) as pdf:
        rows = [[cell.S for cell in node.K] for node in structure(pdf) if node.S == "/TR"]
    assert rows.count(["/TH"] * 9) == 1
    assert rows.count(["/TD"] * 9) == len(sample(name).incidents)


def test_no_link_leaves_the_page(rendered: Callable[[str, str], bytes]) -> None:
    """A suspected address is text; the PDF holds no link, script or attachment."""
    with pikepdf.open(io.BytesIO(rendered("hostile", "pdf"))) as pdf:
        assert all("/Annots" not in page for page in pdf.pages)
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(pdf.Root.keys())
        assert "/JavaScript" not in pdf.Root.get("/Names", {})


@POPPLER
@pytest.mark.parametrize("name", ["ordinary", "busy"])
def test_two_pages_and_then_the_list(rendered: Callable[[str, str], bytes], name: str) -> None:
    """Page 2 ends with the signatures; page 3 begins the list, landscape."""
    pages = text(rendered(name, "pdf"), "-layout").split("\f")
    assert "St Example's School" in pages[0]
    assert "Incidents by clause" in pages[0]
    assert pages[1].lstrip().startswith("What was done")
    assert "Read and signed" in pages[1]
    assert pages[2].lstrip().startswith("All incidents, gravest first")
    with pikepdf.open(io.BytesIO(rendered(name, "pdf"))) as pdf:
        box = [float(side) for side in pdf.pages[2].MediaBox]
        assert box[2] > box[3]


@POPPLER
def test_each_reference_is_printed_once(documents: ModuleType) -> None:
    """No incident is lost or doubled on paper, and the header repeats on each page of the list."""
    document = documents.document(60, decisions=(), self_reports=())
    printed = text(render(document), "-raw")
    assert [printed.count(line.reference) for line in document.incidents] == [1] * 60
    assert printed.count("How grave") == sum("Blocked?" in page for page in printed.split("\f")) > 3


@POPPLER
def test_hostile_text_is_printed_as_text(rendered: Callable[[str, str], bytes]) -> None:
    """Typst code, markup and formulas in data are never run."""
    printed = text(rendered("hostile", "pdf"), "-raw").replace("\u200b", "").replace("\n", "")
    assert '#panic("typst")' in printed.replace(" ", "")
    assert "[[a]]_b_*c*" in printed.replace(" ", "")
    assert "[Arabic script]" in printed


@POPPLER
def test_no_data_is_said_boldly(rendered: Callable[[str, str], bytes]) -> None:
    """Without logs the first page says so and shows no nought."""
    first = text(rendered("dark", "pdf"), "-layout").split("\f")[0]
    assert "No logs reached us" in first
    assert first.count("?") == 6


def test_two_thousand_incidents_in_seconds(documents: ModuleType) -> None:
    """A very long list is printed whole, in well under a minute even on a busy machine."""
    document = documents.document(2_000)
    began = time.process_time()
    made = render(document)
    assert time.process_time() - began < 40
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert 100 < len(pdf.pages) < 250
