"""The innocent week of people at computers: browsing by Zipf's law with all that pages bring, and searches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import numpy as np

from tests.simulation.material import Site, lines, material, sites, traps
from tests.simulation.requests import row, search_path
from tests.simulation.school import SCHOOL_DAY, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tests.simulation.material import Bank
    from tests.simulation.requests import Book, Row
    from tests.simulation.school import Person, School

VISITS: Final = {"pupil": 26, "staff": 34}
"""Pages and searches of a person in a day."""
SEARCHES: Final = 0.14
ASSETS: Final = (
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("text/css", "css"),
    ("application/javascript", "js"),
    ("font/woff2", "woff2"),
    ("image/svg+xml", "svg"),
    ("application/json", "json"),
)
EVENING: Final = (16.5 * 3600, 21 * 3600)
ENGINES: Final = (
    ("www.google.co.uk", "/search?q=", "www.google.co.uk", "/complete/search?client=chrome&q="),
    ("www.google.com", "/search?hl=en&q=", "www.google.com", "/complete/search?client=gws-wiz&q="),
    ("www.bing.com", "/search?form=QBLH&q=", "www.bing.com", "/AS/Suggestions?pt=page.home&qry="),
    ("duckduckgo.com", "/?t=h_&q=", "duckduckgo.com", "/ac/?kl=uk-en&q="),
    ("www.youtube.com", "/results?search_query=", "suggestqueries-clients6.youtube.com", "/complete/search?client=youtube&q="),
    ("en.wikipedia.org", "/w/index.php?title=Special:Search&search=", "en.wikipedia.org", "/w/api.php?action=opensearch&search="),
    ("uk.search.yahoo.com", "/search?p=", "search.yahoo.com", "/sugg/gossip/gossip-uk-ura/?command="),
    ("www.ecosia.org", "/search?method=index&q=", "ac.ecosia.org", "/autocomplete?q="),
    ("www.pinterest.co.uk", "/search/pins/?q=", "", ""),
    ("www.reddit.com", "/search/?q=", "", ""),
    ("www.tiktok.com", "/search?q=", "", ""),
    ("www.amazon.co.uk", "/s?k=", "", ""),
)  # fmt: skip
"""Engines, and sites with a search of their own: where one searches, and where what is being typed goes."""
_OFTEN: Final = (0.46, 0.12, 0.14, 0.04, 0.12, 0.03, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01)
_LEET: Final = str.maketrans("oeia", "031@")


def innocent_searches(seed: int, bank: Bank = "first") -> list[str]:
    """Return everything that is searched for without harm; what only looks bad is the larger half of it."""
    plain = [frame.format(w=word) for word in lines("innocent/words") for frame in lines("innocent/frames")]
    bad_looking = traps(bank, seed)
    return [*plain, *bad_looking * max(1, len(plain) // len(bad_looking))]


def browse(school: School, book: Book, day: date, searches: Sequence[str], pages: Sequence[str]) -> None:
    """Write the pages that people open and what they search for, in the school day and, at home, in the evening."""
    chance, people = school.chance, school.people
    counts = chance.poisson([VISITS[person.role] for person in people])
    later = chance.poisson([VISITS[person.role] / 4 * person.loaned for person in people])
    for each, hours in ((counts, SCHOOL_DAY), (later, EVENING)):
        who = np.repeat(np.arange(len(people)), each)
        times = moment(day, 0) + chance.uniform(*hours, len(who))
        chosen, searching = _sites(school, len(who)), chance.random(len(who)) < SEARCHES
        for n, at, site, searches_now in zip(who, times, chosen, searching, strict=True):
            if searches_now:
                text = school.one(searches)
                search(
                    school,
                    book,
                    float(at),
                    people[n],
                    as_typed(school, text) if school.happens(0.3) else text,
                )
            else:
                _open(school, book, float(at), people[n], site, pages)

    _at_lunch(school, book, day)


def _at_lunch(school: School, book: Book, day: date) -> None:
    """Write that some pupils try a game or a network, which is blocked, and some staff look at a shop for a few minutes."""
    everyday = material("everyday")
    for person in school.people:
        at = moment(day, school.between(12.4, 13.1) * 3600)
        if person.role == "pupil" and school.happens(0.1):
            host, category = school.one(everyday["refused"])
            for n in range(int(school.chance.integers(1, 4))):
                book.request(at + 7 * n, person, host, "/", blocked=True, category=category)
        if person.role == "staff" and school.happens(0.1):
            host = school.one(everyday["lunch"])
            for n in range(5):
                book.request(at + 50 * n, person, host, f"/item/{n}", category="Shopping")


def _sites(school: School, count: int) -> list[Site]:
    """Return sites to be visited: some by Zipf's law, some by no order at all."""
    chance, every = school.chance, sites()
    often = (chance.zipf(1.25, count) - 1) % len(every)
    seldom = chance.integers(0, len(every), count)
    index = np.where(chance.random(count) < 0.6, often, seldom)
    return [every[n] for n in index]


def _open(school: School, book: Book, at: float, person: Person, site: Site, pages: Sequence[str]) -> None:
    if school.happens(0.02):
        host, _, path = school.one(pages).partition("/")
        open_page(school, book, at, person, host, path)
        return
    if site.own_time and person.role == "pupil":
        site = sites()[0]
    slug = school.one(traps(school.bank)) if school.happens(0.3) else school.one(lines("innocent/words"))
    path = f"/{school.one(('news', 'articles', 'topics', 'learn', 'p'))}/{quote(slug.replace(' ', '-'))}-{int(at) % 9973}"
    page(school, book, at, person, site, path)
    if school.happens(0.3):  # another page of the same site
        page(school, book, at + school.between(20, 90), person, site, f"{path}/more", referrer=path)


def open_page(school: School, book: Book, at: float, person: Person, host: str, path: str) -> None:
    """Write a named page, of a site that is known or not."""
    plain = Site(host, advertises=False, own_time=False, brings=(host, "fonts.gstatic.com"))
    site = next((one for one in sites() if one.host == host), plain)
    page(school, book, at, person, site, "/" + quote(path, safe="/?=&%+:,()'-"))


def as_typed(school: School, text: str) -> str:
    """Return the text as somebody types it: now and then a slip, a letter held down, figures for letters, capitals, a question."""
    way = school.chance.random()
    place = int(school.chance.integers(1, max(2, len(text) - 2)))
    ways = (
        (0.05, text[:place] + text[place : place + 2][::-1] + text[place + 2 :]),
        (0.08, text[:place] + text[place - 1] * 3 + text[place:]),
        (0.10, text[:place] + text[place + 1 :]),
        (0.12, text.translate(_LEET)),
        (0.14, text.upper()),
        (0.20, text.capitalize()),
        (0.25, text + "?"),
        (0.30, text + " uk"),
        (0.33, text + " please"),
        (0.36, text + " reddit"),
        (0.38, text + " lol"),
        (0.40, f"{text}   2026"),
    )
    return next((typed for share, typed in ways if way < share), text)


def search(school: School, book: Book, at: float, person: Person, text: str) -> str:
    """Write a search, often with what was asked for while it was typed; return where it was."""
    engine = ENGINES[int(school.chance.choice(len(ENGINES), p=_OFTEN))]
    host, start, suggests, typing = engine
    if suggests and school.happens(0.4):
        for n in range(3, len(text), max(3, len(text) // 5)):
            path = search_path(text[:n], typing)
            book.requests.append(row(at - 6 + 6 * n / len(text), person, suggests, path, "application/json", size=900,
                                     referrer=f"https://{host}/"))  # fmt: skip
    book.requests.append(row(at, person, host, search_path(text, start), "text/html", size=61_000,
                             category="Search Engines and Portals"))  # fmt: skip
    return host


def page(
    school: School,
    book: Book,
    at: float,
    person: Person,
    site: Site,
    path: str,
    *,
    referrer: str | None = None,
) -> None:
    """Write one page of a site and all that it brings."""
    chance = school.chance
    url = f"https://{site.host}{path}"
    asked_by = f"https://{site.host}{referrer}" if referrer else None
    book.requests.append(
        row(
            at,
            person,
            site.host,
            path,
            "text/html",
            referrer=asked_by,
            size=int(chance.integers(9000, 90_000)),
        )
    )
    for n in range(int(chance.poisson(4))):
        mime, ending = ASSETS[n % len(ASSETS)]
        host = site.brings[n % len(site.brings)]
        book.requests.append(
            row(at + 0.3 + n / 10, person, host, f"/a/{int(at) % 1009}-{n}.{ending}", mime, referrer=url)
        )
    if site.advertises:
        book.requests.extend(_advertised(school, at, person, url))


def _advertised(school: School, at: float, person: Person, url: str) -> list[Row]:
    """Return advertising, tracking and other people's buttons; the filter blocks some of it."""
    everyday = material("everyday")
    rows = []
    for n, host in enumerate(school.some(everyday["advertising"], 3)):
        mime = ("application/javascript", "text/html", "image/gif")[n]
        rows.append(row(at + 0.8 + n / 7, person, host, "/ads/slot", mime, referrer=url,
                        blocked=school.happens(0.2), category="Advertising"))  # fmt: skip
    rows.append(row(at + 1.1, person, school.one(everyday["tracking"]), "/collect", "image/gif", referrer=url,
                    blocked=school.happens(0.2), category="Web Analytics"))  # fmt: skip
    for kind, share, category in (
        ("widgets", 0.25, "Social Networking"),
        ("betting_advertisements", 0.03, "Advertising"),
    ):
        if school.happens(share):
            one = school.one(everyday[kind])
            rows.append(row(at + 1.3, person, one["host"], one["path"], one["mime"], referrer=url,
                            blocked=school.happens(0.1), category=category))  # fmt: skip
    return rows
