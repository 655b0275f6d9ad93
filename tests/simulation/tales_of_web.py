"""How stories of searches and pages are told: typed in a hurry, followed by visits, blocked or not, by computer or telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.browsing import as_typed, search

if TYPE_CHECKING:
    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School

Told = tuple[str, set[str]]
"""What was done, and the subjects that it may be counted for."""
Tale = Callable[["School", "Book", "Person", float, dict[str, Any]], Told]
CATEGORIES: Final = {
    "adult": "Pornography", "age-restricted": "Tobacco", "ai-misuse": "Artificial Intelligence Technology", "anonymiser": "Proxy Avoidance",
    "bullying": "Discrimination", "bypass": "Proxy Avoidance", "cloud": "File Sharing and Storage", "dating": "Dating",
    "drugs": "Marijuana", "exploitation": "Internet Telephony", "extremism": "Extremist Groups", "gambling": "Gambling",
    "hacking": "Hacking", "hate": "Discrimination", "illegal": "Child Sexual Abuse", "mail": "Web-based Email", "malware": "Malicious Websites",
    "misinformation": "Alternative Beliefs", "personal-use": "Shopping", "piracy": "Peer-to-peer File Sharing", "remote-access": "Remote Access",
    "social": "Social Networking", "violence": "Explicit Violence", "weapons": "Weapons (Sales)", "women-and-girls": "Discrimination",
}  # fmt: skip
"""What a filter calls the sites of a theme, when it knows them."""
ILLEGAL: Final = (
    "hidden-one.example",
    "hidden-two.example",
    "hidden-three.example",
    "files.hidden-four.example",
)
"""Stands for a list of illegal content that the school holds."""


def ordinary(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> Told:
    """Tell of searches, visits, or searches and then a visit; visits alone are sometimes made by telephone."""
    searches, sites = given.get("searches", []), given.get("sites", [])
    if sites and person.phone and school.happens(0.3):
        return by_telephone(school, book, person, at, school.one(sites))
    said = []
    if searches and person.readable and (not sites or school.happens(0.6)):
        for text in school.some(searches, int(school.chance.integers(1, 5))):
            typed = as_typed(school, text)
            said.append(f"{typed} [{search(school, book, at, person, typed)}]")
            at += school.between(15, 120)
    if sites and (not said or school.happens(0.6)):
        said.append(visit(school, book, person, at, school.one(sites), given["theme"]))
    return "; ".join(said), {person.account}


def visit(
    school: School, book: Book, person: Person, at: float, host: str, theme: str, pages: int = 0
) -> str:
    """Write a visit of a few pages, blocked or not; a filter blocks what it has a category for."""
    blocked = school.happens(0.5)
    category = CATEGORIES.get(theme, "Blocked sites") if blocked or school.happens(0.5) else "Unrated"
    bare = host.removeprefix("www.")
    for n in range(pages or int(school.chance.integers(1, 6))):
        book.request(at, person, host, f"/{f'page{n}' if n else ''}", blocked=blocked, category=category)
        if not blocked:
            url = f"https://{host}/"
            book.request(
                at + 0.4, person, host, f"/static/{n}.css", "text/css", referrer=url, category=category
            )
            book.request(at + 0.5, person, f"cdn.{bare}", f"/img/{n}.jpg", "image/jpeg", referrer=url)
            book.request(
                at + 0.6,
                person,
                "www.googletagmanager.com",
                "/gtm.js",
                "application/javascript",
                referrer=url,
            )
        at += school.between(8, 60)
    return f"visited {host}{' (blocked)' if blocked else ''}"


def by_telephone(school: School, book: Book, person: Person, at: float, host: str) -> Told:
    """Tell of names that a telephone asked for, a few times over."""
    for _ in range(int(school.chance.integers(1, 4))):
        for n, name in enumerate((host, f"cdn.{host.removeprefix('www.')}", "www.gstatic.com")):
            book.question(at + n * 0.3, person.phone_address, name)
            book.question(at + n * 0.3, person.phone_address, name, "HTTPS")
        at += school.between(20, 200)
    return f"telephone asked for {host}", {str(person.phone).lower(), person.account}


def time_spent(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> Told:
    """Tell of forty to eighty minutes of one site, in lessons, a page every half minute or two."""
    host, end = school.one(given["sites"]), at + school.between(40, 80) * 60
    n = 0
    while at < end:
        book.request(at, person, host, f"/item/{n}", category=CATEGORIES.get(given["theme"]))
        book.request(at + 0.4, person, host, f"/static/{n}.css", "text/css")
        at, n = at + school.between(20, 150), n + 1
    return f"a long time at {host}", {person.account}


def long_visit(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> Told:
    """Tell of a quarter of an hour at one site."""
    host = school.one(given["sites"])
    for n in range(15):
        book.request(at, person, host, f"/view/{n}", category=CATEGORIES.get(given["theme"]))
        at += school.between(30, 100)
    return f"a quarter of an hour at {host}", {person.account}


def posting(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> Told:
    """Tell of reading a campaign's pages, and of signing or writing there."""
    host = school.one(given["sites"])
    for n in range(6):
        book.request(at + 40 * n, person, host, f"/campaign/{n}")
    for n in range(int(school.chance.integers(3, 8))):
        book.request(
            at + 260 + 50 * n, person, host, "/sign", method="POST", referrer=f"https://{host}/campaign/5"
        )
    return f"wrote at {host}", {person.account}


def downloaded(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a program that somebody fetched."""
    host, path = school.one(
        (("download.winzip-free.example", "/setup.exe"), ("cdn.gamehub.example", "/GameHubInstaller.msi"),
         ("dl.freetools.example", "/portable/tool.exe"), ("mods.blockworld.example", "/files/modloader-1.20.jar"),
         ("www.softsite.example", "/get/portable-browser.exe"), ("apk.mirror.example", "/app/game.apk"))
    )  # fmt: skip
    book.request(at, person, host, "/")
    book.request(at + 9, person, host, path, "application/x-msdownload", referrer=f"https://{host}/")
    return f"downloaded {host}{path}", {person.account}


def illegal(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a host that the school's list of illegal content names; nothing more is said of it."""
    book.request(at, person, school.one(ILLEGAL), "/", blocked=True, category=CATEGORIES["illegal"])
    return "reached a host of the school's list of illegal content", {person.account}


def many_blocked(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of one blocked site after the other."""
    for n in range(14):
        book.request(
            at + 25 * n, person, f"games{n}.playfree{n}.example", "/", blocked=True, category="Games"
        )
    return "fourteen blocked sites in six minutes", {person.account}


def bypass_then(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a blocked site, a proxy, and the same site again, which now opens."""
    from tests.simulation.material import kinds

    every = kinds(school.seed, school.bank)
    theme = school.one(("pornography", "gambling", "piracy"))
    host, proxy = school.one(every[theme]["sites"]), school.one(every["bypass-site"]["sites"])
    for n in range(2):
        book.request(at + 9 * n, person, host, "/", blocked=True, category=CATEGORIES[every[theme]["theme"]])
    search(school, book, at + 40, person, as_typed(school, school.one(every["bypass-search"]["searches"])))
    for n in range(3):
        book.request(at + 90 + 15 * n, person, proxy, f"/browse?go={n}", category="Unrated")
    return f"{host} (blocked), then {proxy}", {person.account}


TALES: Final[dict[str, Tale]] = {
    "ordinary": ordinary,
    "time": time_spent,
    "long": long_visit,
    "posting": posting,
    "download": downloaded,
    "illegal": illegal,
    "blocked": many_blocked,
    "bypass-then": bypass_then,
}
