"""Sample documents and their renderings, each rendered once for all tests."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aup_monitor.render import RENDERERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from aup_monitor.core.document import HalfTermReport

HERE = Path(__file__).parent
VOID = {"br", "col", "img", "input", "link", "meta"}


def load_documents() -> ModuleType:
    """Return `documents.py`, which lies beside this file and in no package."""
    spec = importlib.util.spec_from_file_location("render_documents", HERE / "documents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def documents() -> ModuleType:
    """Return the module of sample documents."""
    return load_documents()


@pytest.fixture(scope="session")
def sample(documents: ModuleType) -> Callable[[str], HalfTermReport]:
    """Return a function from a sample's name to its document."""
    return cache(lambda name: getattr(documents, name)())


@pytest.fixture(scope="session")
def rendered(sample: Callable[[str], HalfTermReport]) -> Callable[[str, str], bytes]:
    """Return a function from a sample's and a renderer's name to the bytes."""
    return cache(lambda name, renderer: RENDERERS[renderer].render(sample(name)))


class Element:
    """One HTML element: tag, attributes, text within, and the elements that it lies in."""

    def __init__(self, tag: str, attributes: dict[str, str], inside: tuple[Element, ...]) -> None:
        self.tag, self.attributes, self.inside, self.text = tag, attributes, inside, ""


class Reader(HTMLParser):
    """Reads a page into its elements, in order, and refuses tags that do not nest."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Give the text to each open element."""
        for element in self.open:
            element.text += data

    def all(self, tag: str) -> list[Element]:
        """Return the elements of a tag."""
        return [element for element in self.elements if element.tag == tag]


@pytest.fixture(scope="session")
def read(rendered: Callable[[str, str], bytes]) -> Callable[[str], Reader]:
    """Return a function from a sample's name to its parsed HTML page."""
    return cache(lambda name: Reader(rendered(name, "html")))
