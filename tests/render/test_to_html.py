"""The HTML page is whole by itself, harmless, and fit for assistive technology."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport

SAMPLES = ("ordinary", "quiet", "dark", "hostile")
TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "footer", "section", "div", "p",
    "span", "h1", "h2", "h3", "ul", "ol", "li", "b", "strong", "br", "bdi", "figure", "figcaption", "table", "caption",
    "colgroup", "col", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
    "svg", "desc", "g", "defs", "path", "use", "clippath", "rect", "pattern",
}  # fmt: skip
Read = Any
"""A function from a sample's name to its parsed page, see `conftest.py`."""


@pytest.mark.parametrize("name", SAMPLES)
def test_only_known_elements(read: Read, name: str) -> None:
    """No script, frame, form, image or anything else that data could smuggle in."""
    assert {element.tag for element in read(name).elements} <= TAGS


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_fetched_or_linked(read: Read, name: str) -> None:
    """Every link leads within the page; nothing has a source; no style imports."""
    page = read(name)
    ids = {element.attributes.get("id") for element in page.elements}
    for element in page.elements:
        assert not {"src", "srcset", "action", "data", "poster", "background"} & element.attributes.keys()
        assert not [key for key in element.attributes if key.startswith("on")]
        for key in ("href", "xlink:href"):
            if key in element.attributes:
                assert element.attributes[key].startswith("#")
                assert element.attributes[key][1:] in ids
        for place in re.findall(
            r"url\(([^)]*)\)", element.attributes.get("style", "") + element.text * (element.tag == "style")
        ):
            assert place.startswith("#")
    assert "@import" not in "".join(element.text for element in page.all("style"))


@pytest.mark.parametrize("name", SAMPLES)
def test_ids_are_unique(read: Read, name: str) -> None:
    """Three charts on one page share no id."""
    ids = [element.attributes["id"] for element in read(name).elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SAMPLES)
def test_landmarks_and_language(read: Read, name: str) -> None:
    """British English, one main, one header and footer, and a skip link that comes first."""
    page = read(name)
    assert page.all("html")[0].attributes["lang"] == "en-GB"
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav", "h1")] == [1] * 5
    assert [title.inside[-1].tag for title in page.all("title") if title.inside[-1].tag != "svg"] == ["head"]
    skip = page.all("a")[0]
    assert skip.attributes["href"] == "#" + page.all("main")[0].attributes["id"]


@pytest.mark.parametrize("name", SAMPLES)
def test_headings_step_by_one(read: Read, name: str) -> None:
    """No heading level is skipped on the way down, and the first is the only h1."""
    levels = [int(element.tag[1]) for element in read(name).elements if re.fullmatch(r"h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", SAMPLES)
def test_tables_have_captions_and_scopes(read: Read, name: str) -> None:
    """Each table says what it is, and each of its headers what it heads."""
    page = read(name)
    for table in page.all("table"):
        assert any(table in caption.inside and caption.text.strip() for caption in page.all("caption"))
    assert {element.attributes.get("scope") for element in page.all("th")} <= {"col", "row"}


@pytest.mark.parametrize("name", SAMPLES)
def test_pictures_have_names_and_descriptions(read: Read, name: str) -> None:
    """Each chart is an image with a title and its numbers in words."""
    page = read(name)
    ids = {element.attributes.get("id"): element for element in page.elements}
    for picture in page.all("svg"):
        assert picture.attributes["role"] == "img"
        for key in picture.attributes["aria-labelledby"].split():
            assert ids[key].text.strip()
            assert ids[key].inside[-1] is picture


@pytest.mark.parametrize("name", ["ordinary", "hostile"])
def test_every_incident_is_one_line(read: Read, sample: Callable[[str], HalfTermReport], name: str) -> None:
    """The list holds each incident once, gravest first, its severity in words and as a number."""
    page = read(name)
    table = next(element for element in page.all("table") if element.attributes.get("class") == "incidents")
    heads = [
        element.text
        for element in page.all("th")
        if table in element.inside and "row" in element.attributes.values()
    ]
    expected = [f"{line.severity}{line.severity_label}{line.reference}" for line in sample(name).incidents]
    assert ["".join(head.split()) for head in heads] == ["".join(line.split()) for line in expected]


def test_hostile_text_is_text(read: Read, rendered: Callable[[str, str], bytes]) -> None:
    """Markup in data is shown as it was written, without control or direction characters."""
    page = rendered("hostile", "html").decode()
    assert "<script" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)
    title = next(
        element for element in read("hostile").all("p") if element.attributes.get("class") == "school"
    )
    assert "<script>alert(1)</script>" in title.text
    assert "{{ 7*7 }}" in title.text
    assert "a" * 401 not in page
    assert "--accent: #1d4f73;" in page


def test_no_data_is_said_boldly(read: Read, rendered: Callable[[str, str], bytes]) -> None:
    """Without logs the front page says so above all, and shows no nought."""
    alarm = next(
        element for element in read("dark").all("section") if element.attributes.get("class") == "alarm"
    )
    assert "No logs reached us" in alarm.text
    numbers = [
        element.text
        for element in read("dark").all("b")
        if any(one.attributes.get("class") == "front" for one in element.inside)
    ]
    assert numbers == ["?"] * 6
    assert b"No incident was raised" not in rendered("dark", "html")


def test_quiet_is_said_plainly(read: Read, rendered: Callable[[str, str], bytes]) -> None:
    """With logs and no incident the page shows noughts, and a sentence in each empty section."""
    page = rendered("quiet", "html").decode()
    assert not [
        element for element in read("quiet").all("section") if element.attributes.get("class") == "alarm"
    ]
    for sentence in (
        "No incident was raised in this half-term.",
        "No one reported an accidental access",
        "No gap is known",
        "No decision is wanted of you.",
        "There is no earlier half-term with data to compare with.",
    ):
        assert sentence in page


def test_long_lists_go_on_at_the_back(
    sample: Callable[[str], HalfTermReport], rendered: Callable[[str, str], bytes]
) -> None:
    """Page 2 names the first gaps and self-reports and says where the others are; none is lost."""
    page, document = rendered("busy", "html").decode(), sample("busy")
    assert all(page.count(gap) == 1 for gap in document.gaps)
    assert all(page.count(line.reference) == 1 for line in document.self_reports)
    assert "14 more are listed" in page
    assert "8 more are listed" in page


def test_unfinished_period_is_said(documents: Any) -> None:
    """A report made before the half-term is over warns that its numbers will grow."""
    from aup_monitor.render.to_html import render

    document = documents.document(1)
    early = document.model_copy(update={"period": document.period.model_copy(update={"finished": False})})
    assert b"not yet over" in render(early)
    assert b"not yet over" not in render(document)
