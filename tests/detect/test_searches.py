"""What was searched for, read from an address."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import RuleError
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.searches import SEARCH, Search, searches

ENGINES = load_facts().engines


@pytest.mark.parametrize(
    ("host", "path", "query", "text"),
    [
        ("www.google.co.uk", "/search", "client=x&q=how+to%20draw+a%20cat&ie=utf8", "how to draw a cat"),
        ("google.com", "/maps/search/caf%C3%A9/", "", "café"),
        ("www.google.com", "/url", "q=https://a.example/", None),
        ("google.attacker.example", "/search", "q=x", None),
        ("notgoogle.com", "/search", "q=x", None),
        ("www.bing.com", "/search", "q=%EF%BC%A1%EF%BC%A2", "AB"),
        ("duckduckgo.com", "/", "q=a%2Bb", "a+b"),
        ("uk.search.yahoo.com", "/search", "p=x", "x"),
        ("yandex.ru", "/search/", "text=%D0%B4%D0%B0", "да"),
        ("www.youtube.com", "/results", "search_query=x", "x"),
        ("www.youtube.com", "/watch", "v=x", None),
        ("en.wikipedia.org", "/w/index.php", "search=x", "x"),
        ("www.amazon.co.uk", "/s", "k=x", "x"),
        ("www.reddit.com", "/r/aww/search/", "q=x", "x"),
        ("www.tiktok.com", "/tag/x", "", "x"),
        ("open.spotify.com", "/search/x%20y/tracks", "", "x y"),
        ("www.kiddle.co", "/s.php", "q=x", "x"),
        ("www.swiggle.org.uk", "/", "q=x", "x"),
        ("www.google.com", "/search", "q=&as_q=x", "x"),
        ("www.google.com", "/search", "q=%20+", None),
        ("www.google.com", "/search", "", None),
        ("192.0.2.1", "/search", "q=x", None),
    ],
)
def test_an_address_tells_its_search(host: str, path: str, query: str, text: str | None) -> None:
    """Each engine's own parameter, decoded; other addresses and other people's hosts tell none."""
    found = ENGINES.search(host, path, query)

    assert found == (None if text is None else Search(text, typing=False))


def test_typing_is_not_yet_a_search() -> None:
    """A request for suggestions is told apart, so that a half-typed word is not taken for a search."""
    assert ENGINES.search("www.google.com", "/complete/search", "q=ho") == Search("ho", typing=True)


def test_a_column_of_addresses() -> None:
    """The expression gives a search for each event, in order, nulls for the others."""
    frame = pl.DataFrame(
        {
            "url_domain": ["www.bing.com", None, "a.example", "www.bing.com", "www.bing.com"],
            "url_path": ["/search", "/search", "/search", None, "/search"],
            "url_query": ["q=x", "q=x", "q=x", "q=x", "q=Y"],
        }
    )
    found = frame.select(searches(ENGINES).alias("found")).get_column("found")

    assert found.dtype == SEARCH
    assert [one and one["text"] for one in found] == ["x", None, None, None, "Y"]


@given(st.text(), st.text(), st.text())
def test_no_address_ends_the_search(host: str, path: str, query: str) -> None:
    """Any text is an address or is not; none is an error, and what is found is clean."""
    for name in (host, "www.google.com", "www.tiktok.com"):
        found = ENGINES.search(name, path, query)
        assert found is None or found.text == " ".join(found.text.split()) != ""


def test_broken_facts_name_their_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A missing or wrong file is a RuleError with its path and key."""
    folder = tmp_path_factory.mktemp("facts")
    with pytest.raises(RuleError, match=r"search_engines\.yml"):
        load_facts(folder)
    (folder / "search_engines.yml").write_text("- {engine: X}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"0\.hosts"):
        load_facts(folder)
