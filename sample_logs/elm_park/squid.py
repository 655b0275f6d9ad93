"""Squid's native access log, https://www.squid-cache.org/Doc/config/logformat/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlsplit

from elm_park.book import SQUID
from elm_park.chance import address_of
from elm_park.term import later

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from elm_park.book import Book
    from elm_park.people import Person
    from elm_park.sites import Site

TYPES: Final = {
    "css": "text/css",
    "js": "application/javascript",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
    "json": "application/json",
    "cab": "application/vnd.ms-cab-compressed",
    "exe": "application/x-msdownload",
    "mp4": "video/mp4",
}


def account(person: Person) -> str:
    """Return the account as Squid writes it: contractors log on with their whole name."""
    return f"{person.user}%40elmpark.example" if person.role == "contractor" else person.user


@dataclass(frozen=True)
class Browser:
    """One person's browser, which asks Squid."""

    book: Book
    person: Person
    luck: Random

    def line(self, moment: datetime, result: str, size: int, request: str, answer: str) -> None:
        """Write one request down; `answer` is the peer and the media type."""
        took = self.luck.randrange(9, 900) if size else 0
        who = account(self.person)
        text = (
            f"{moment.timestamp():.3f} {took:6d} {self.person.wired} {result} {size} {request} {who} {answer}"
        )
        self.book.add(SQUID, moment, text)

    def get(self, moment: datetime, url: str, media: str | None = None, *, method: str = "GET") -> None:
        """Fetch an address that Squid sees whole."""
        parts = urlsplit(url)
        kind = media or TYPES.get(parts.path.rpartition(".")[2], "text/html")
        cached = kind != "text/html" and self.luck.random() < 0.25
        peer = "HIER_NONE/-" if cached else f"HIER_DIRECT/{address_of(parts.hostname or '')}"
        result = "TCP_MEM_HIT/200" if cached else "TCP_MISS/200"
        self.line(moment, result, self.luck.randrange(400, 90_000), f"{method} {url}", f"{peer} {kind}")

    def tunnel(self, moment: datetime, host: str) -> None:
        """Open a connection that Squid does not look into."""
        size = self.luck.randrange(3_000, 900_000)
        answer = f"HIER_DIRECT/{address_of(host)} -"
        self.line(moment, "TCP_TUNNEL/200", size, f"CONNECT {host}:443", answer)

    def bump(self, moment: datetime, host: str) -> None:
        """Open a connection that Squid looks into; its requests follow."""
        self.line(moment, "NONE_NONE/200", 0, f"CONNECT {host}:443", "HIER_NONE/- -")

    def denied(self, moment: datetime, request: str) -> None:
        """Be refused a `CONNECT host:443` or a `GET address`."""
        size = self.luck.randrange(3_700, 4_200)
        self.line(moment, "TCP_DENIED/403", size, request, "HIER_NONE/- text/html")

    def visit(self, moment: datetime, site: Site, path: str) -> datetime:
        """Open a page with its parts, and return when it was there."""
        if not site.inspected:
            self.tunnel(moment, site.host)
            return later(moment, self.luck, 5, 60)
        self.bump(moment, site.host)
        moment = later(moment, self.luck, 0.05, 0.4)
        self.get(moment, f"https://{site.host}{path}")
        for part in self.luck.sample(site.parts, k=min(len(site.parts), self.luck.randrange(1, 4))):
            moment = later(moment, self.luck, 0.05, 0.8)
            self.get(moment, part)
        return later(moment, self.luck, 8, 90)

    def typed(self, moment: datetime, text: str) -> datetime:
        """Type into the search box, which asks for suggestions as it goes."""
        for length in sorted({max(3, len(text) // 2), len(text)}):
            query = quote_plus(text[:length])
            url = f"https://www.google.com/complete/search?client=chrome-omni&q={query}"
            self.get(moment, url, "application/json")
            moment = later(moment, self.luck, 0.3, 1.5)
        return moment

    def search(self, moment: datetime, text: str, *, allowed: bool = True) -> datetime:
        """Search the web, and return when the answer was there."""
        self.bump(moment, "www.google.com")
        moment = self.typed(later(moment, self.luck, 0.1, 0.5), text)
        url = f"https://www.google.com/search?q={quote_plus(text)}&source=hp"
        if allowed:
            self.get(moment, url)
        else:
            self.denied(moment, f"GET {url}")
        return later(moment, self.luck, 3, 20)
