"""What was searched for, read from an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import RuleError
from aup_monitor.core.schema import MATCH_SCHEMA, conform
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.searches import SEARCH, Search, asked_from, counted_once, searches

if TYPE_CHECKING:
    from collections.abc import Callable

    Table = Callable[..., pl.DataFrame]

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
        ("www.google.com", "/search", "q=cats&udm=2", "cats"),
        ("www.google.co.uk", "/search", "q=cats&tbm=isch", "cats"),
        ("translate.google.com", "/", "sl=pl&tl=en&text=chc%C4%99&op=translate", "chcę"),
        ("www.bing.com", "/images/search", "q=x&form=HDRSC2", "x"),
        ("www.bing.com", "/copilotsearch", "q=x", "x"),
        ("copilot.microsoft.com", "/", "q=x+y", "x y"),
        ("chatgpt.com", "/", "q=write+my+essay", "write my essay"),
        ("gemini.google.com", "/app", "q=x", "x"),
        ("www.perplexity.ai", "/search/new", "q=x", "x"),
        ("chatgpt.com", "/c/0a1b", "", None),
        ("search.brave.com", "/videos", "q=x", "x"),
        ("www.ecosia.org", "/search", "q=x", "x"),
        ("www.startpage.com", "/sp/search", "query=x", "x"),
        ("www.qwant.com", "/", "q=x&t=web", "x"),
        ("www.baidu.com", "/s", "wd=x", "x"),
        ("swisscows.com", "/en/web", "query=x", "x"),
        ("music.youtube.com", "/search", "q=x", "x"),
        ("www.youtube.com", "/hashtag/x", "", "x"),
        ("www.instagram.com", "/explore/tags/x/", "", "x"),
        ("www.instagram.com", "/explore/search/keyword/", "q=%23x", "#x"),
        ("www.pinterest.co.uk", "/search/pins/", "q=x&rs=typed", "x"),
        ("x.com", "/search", "q=x&src=typed_query", "x"),
        ("www.tumblr.com", "/search/x%20y", "", "x y"),
        ("www.ebay.co.uk", "/sch/i.html", "_nkw=x", "x"),
        ("giphy.com", "/search/x", "", "x"),
        ("vimeo.com", "/search", "q=x", "x"),
        ("www.dailymotion.com", "/search/x/top-results", "", "x"),
        ("www.roblox.com", "/discover/", "Keyword=x", "x"),
        ("store.steampowered.com", "/search/", "term=x", "x"),
        ("play.google.com", "/store/search", "q=x&c=apps", "x"),
        ("apps.apple.com", "/gb/search", "term=x", "x"),
        ("www.bbc.co.uk", "/search", "q=x", "x"),
        ("www.gov.uk", "/search/all", "keywords=x", "x"),
        ("www.kidrex.org", "/results/", "q=x", "x"),
        ("www.urbandictionary.com", "/define.php", "term=x", "x"),
        ("www.google.com", "/search", "q=%20+", None),
        ("www.google.com", "/search", "", None),
        ("192.0.2.1", "/search", "q=x", None),
    ],
)
def test_an_address_tells_its_search(host: str, path: str, query: str, text: str | None) -> None:
    """Each engine's own parameter, decoded; other addresses and other people's hosts tell none."""
    found = ENGINES.search(host, path, query)

    assert found == (None if text is None else Search(text, typing=False))


@pytest.mark.parametrize(
    ("host", "path", "query"),
    [
        ("www.google.com", "/complete/search", "q=ho"),
        ("www.bing.com", "/AS/Suggestions", "qry=ho&cvid=1"),
        ("api.bing.com", "/qsonhs.aspx", "q=ho"),
        ("duckduckgo.com", "/ac/", "q=ho"),
        ("suggestqueries-clients6.youtube.com", "/complete/search", "q=ho"),
        ("completion.amazon.co.uk", "/api/2017/suggestions", "prefix=ho"),
        ("autosug.ebay.co.uk", "/autosug", "kwd=ho"),
        ("store.steampowered.com", "/search/suggest", "term=ho"),
    ],
)
def test_typing_is_not_yet_a_search(host: str, path: str, query: str) -> None:
    """A request for suggestions is told apart, so that a half-typed word is not taken for a search."""
    assert ENGINES.search(host, path, query) == Search("ho", typing=True)


def test_a_page_from_results_tells_the_search() -> None:
    """A page opened from a results page tells what was searched for; an engine's own pages and its suggestions do not."""
    askers = {
        "https://www.google.com/search?q=how+to+x": "how to x",
        "https://WWW.Bing.com:443/search?q=y#top": "y",
        "https://www.google.com/": None,
        "https://www.google.com/complete/search?q=ho": None,
        "https://a.example/search?q=z": None,
        "-": None,
    }
    frame = pl.DataFrame({"http_request_referrer": [*askers, None], "url_domain": "b.example"})
    own = pl.DataFrame(
        {
            "http_request_referrer": "https://www.google.com/search?q=x",
            "url_domain": ["www.google.com", "ogs.google.com", "consent.google.co.uk", None],
        }
    )
    asked = asked_from(ENGINES)

    assert frame.select(asked).to_series().to_list() == [*askers.values(), None]
    assert own.select(asked).to_series().to_list() == [None, None, None, "x"]


def opened(table: Table, *events: dict[str, object]) -> pl.DataFrame:
    """Return matches of pages, of the rule `words` unless they say another, as enrichment leaves them."""
    rules = pl.Series("rule", [event.get("rule", "words") for event in events], pl.String)
    plain = ({"subject": "bfox", **{k: v for k, v in event.items() if k != "rule"}} for event in events)
    frame = conform(table(*plain).with_columns(rules).lazy(), MATCH_SCHEMA)
    own = searches(ENGINES).struct.field("text")
    return frame.with_columns(pl.coalesce(own, asked_from(ENGINES)).alias("search_query")).collect()


RESULTS = "https://www.google.com/search?q=How+to+x"
SEARCHED = {"url_domain": "www.google.com", "url_path": "/search", "url_query": "q=how+to+X"}


def page(host: str, **more: object) -> dict[str, object]:
    """Return a page opened from the results."""
    return {"url_domain": host, "http_request_referrer": RESULTS, **more}


def test_what_only_the_asker_tells_counts_once(table: Table) -> None:
    """Of several pages from one search the first tells it, for each subject; another search is another."""
    found = opened(
        table,
        page("a.example"),
        page("b.example"),
        page("c.example", subject="akhan"),
        page("d.example", http_request_referrer="https://www.bing.com/search?q=other"),
    )
    once = counted_once(found, {"words"}, ENGINES)

    assert once["url_domain"].to_list() == ["a.example", "c.example", "d.example"]
    assert once["search_query"].to_list() == ["How to x", "How to x", "other"]


def test_a_search_that_was_logged_is_not_told_again(table: Table) -> None:
    """Pages from its results add nothing to it, before or after; each logged search stays."""
    found = opened(table, page("a.example"), SEARCHED, page("b.example"), SEARCHED)

    assert counted_once(found, {"words"}, ENGINES)["url_domain"].to_list() == ["www.google.com"] * 2


def test_a_rule_of_pages_keeps_the_page(table: Table) -> None:
    """A rule that reads no searches met the page: its match stays, and shows the page rather than the search."""
    found = opened(table, SEARCHED, page("a.example", rule="site"), page("b.example", rule="site"))
    once = counted_once(found, {"words"}, ENGINES)

    assert once["url_domain"].to_list() == ["www.google.com", "a.example", "b.example"]
    assert once["search_query"].to_list() == ["how to X", None, None]
    assert counted_once(found.clear(), {"words"}, ENGINES).is_empty()


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
