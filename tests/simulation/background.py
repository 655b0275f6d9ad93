"""The innocent week: browsing by Zipf's law with all that pages bring, searches, computers by themselves, telephones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tests.simulation.requests import NAMES, WEB, search_path
from tests.simulation.school import DAYS, material, moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School

VISITS = {"pupil": 18, "staff": 26}
ASSETS = ("image/jpeg", "image/png", "text/css", "application/javascript", "font/woff2")
SCHOOL_DAY = (8.5 * 3600, 15.5 * 3600)


def live(school: School, book: Book) -> None:
    """Write five ordinary days."""
    everyday, innocent = material("everyday"), material("innocent")
    searches = _searches(innocent)
    for day in DAYS:
        book.web.append(_browsing(school, day, everyday, searches))
        book.web.append(_by_themselves(school, day, everyday))
        book.names.append(_telephones(school, book, day, everyday))
        _firewall(school, book, day)
        _log_ons(school, book, day)


def _searches(innocent: dict[str, Any]) -> np.ndarray:
    framed = [frame.format(w=word) for word in innocent["words"] for frame in innocent["frames"]]
    return np.array([*framed, *innocent["traps"] * 2])


def _frame(columns: dict[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=schema)


def _browsing(school: School, day: date, everyday: dict[str, Any], searches: np.ndarray) -> pl.DataFrame:
    """Return the pages that people open, and what each brings."""
    chance, people = school.chance, school.people
    counts = chance.poisson([VISITS[person.role] for person in people])
    who = np.repeat(np.arange(len(people)), counts)
    times = moment(day, 0) + chance.uniform(*SCHOOL_DAY, len(who))
    sites = everyday["sites"]
    is_staff = np.array([person.role == "staff" for person in people])[who]
    at_home = np.array([site.get("home", False) for site in sites])
    site = (chance.zipf(1.25, len(who)) - 1) % len(sites)
    site = np.where(at_home[site] & ~is_staff, 0, site)
    search = chance.random(len(who)) < 0.14
    number = chance.integers(0, 100_000, len(who))
    rows: list[tuple[object, ...]] = []
    for n in range(len(who)):
        person, at = people[who[n]], float(times[n])
        if search[n]:
            _search(rows, at, person, str(chance.choice(searches)), chance)
        else:
            _page(rows, at, person, sites[site[n]], int(number[n]), everyday, chance)
    return pl.DataFrame(rows, schema=WEB, orient="row")


def _row(
    at: float, person: Person, host: str, path: str, mime: str, *, blocked: bool = False
) -> tuple[object, ...]:
    return (at, person.address, person.account, host, path, mime, blocked, 3870 if blocked else 18_520)


def _search(
    rows: list[tuple[object, ...]], at: float, person: Person, text: str, chance: np.random.Generator
) -> None:
    """Write a search, sometimes with what was asked for while it was typed."""
    if chance.random() < 0.4:
        for n in range(3, len(text), max(3, len(text) // 4)):
            path = search_path(text[:n], "/complete/search?client=chrome&q=")
            rows.append(
                _row(at - 6 + 6 * n / len(text), person, "www.google.co.uk", path, "application/json")
            )
    rows.append(_row(at, person, "www.google.co.uk", search_path(text), "text/html"))


def _page(
    rows: list[tuple[object, ...]],
    at: float,
    person: Person,
    site: dict[str, Any],
    number: int,
    everyday: dict[str, Any],
    chance: np.random.Generator,
) -> None:
    rows.append(_row(at, person, site["host"], f"/topic-{number % 97}/page-{number}", "text/html"))
    for n in range(int(chance.poisson(3))):
        host, mime = site["brings"][n % len(site["brings"])], ASSETS[n % len(ASSETS)]
        rows.append(_row(at + 0.3 + n / 10, person, host, f"/a/{number % 1009}-{n}.bin", mime))
    if site.get("advertises"):
        _advertised(rows, at, person, everyday, chance)


def _advertised(
    rows: list[tuple[object, ...]],
    at: float,
    person: Person,
    everyday: dict[str, Any],
    chance: np.random.Generator,
) -> None:
    """Write advertising, tracking and other people's buttons; the filter blocks some of it."""
    for n in range(2):
        host = str(chance.choice(everyday["advertising"]))
        rows.append(
            _row(
                at + 0.8 + n / 7,
                person,
                host,
                "/ads/slot",
                "text/html" if n else "application/javascript",
                blocked=chance.random() < 0.2,
            )
        )
    host = str(chance.choice(everyday["tracking"]))
    rows.append(_row(at + 1.1, person, host, "/collect", "image/gif", blocked=chance.random() < 0.2))
    for kind, share in (("widgets", 0.25), ("betting_advertisements", 0.03)):
        if chance.random() < share:
            one = everyday[kind][int(chance.integers(0, len(everyday[kind])))]
            rows.append(_row(at + 1.3, person, one["host"], one["path"], one["mime"]))


def _by_themselves(school: School, day: date, everyday: dict[str, Any]) -> pl.DataFrame:
    """Return what computers fetch without anybody."""
    chance, people = school.chance, school.people
    count = 10 * len(people)
    who, what = chance.integers(0, len(people), count), chance.integers(0, len(everyday["background"]), count)
    times = moment(day, 0) + chance.uniform(7 * 3600, 18 * 3600, count)
    chosen = [everyday["background"][n] for n in what]
    return _frame(
        {
            "time": times,
            "address": [people[n].address for n in who],
            "user": [None] * count,
            "host": [one["host"] for one in chosen],
            "path": [one["path"] for one in chosen],
            "mime": [one["mime"] for one in chosen],
            "blocked": [False] * count,
            "bytes": [4410] * count,
        },
        WEB,
    )


def _telephones(school: School, book: Book, day: date, everyday: dict[str, Any]) -> pl.DataFrame:
    """Return what telephones ask the name server: by themselves, and in bursts for pages."""
    chance = school.chance
    rows: list[tuple[object, ...]] = []
    for person in (person for person in school.people if person.phone):
        book.leases.append((moment(day, 8.2 * 3600 + chance.uniform(0, 900)), person))
        alone = moment(day, 0) + chance.uniform(*SCHOOL_DAY, int(chance.poisson(40)))
        asked = chance.choice(everyday["phones"], len(alone))
        rows += [
            (float(at), person.phone_address, str(host), "A") for at, host in zip(alone, asked, strict=True)
        ]
        for at in moment(day, 0) + chance.uniform(*SCHOOL_DAY, int(chance.poisson(6))):
            _burst(rows, float(at), person, everyday, chance)
    return pl.DataFrame(rows, schema=NAMES, orient="row")


def _burst(
    rows: list[tuple[object, ...]],
    at: float,
    person: Person,
    everyday: dict[str, Any],
    chance: np.random.Generator,
) -> None:
    site = everyday["sites"][int(chance.zipf(1.25) - 1) % len(everyday["sites"])]
    hosts = [site["host"], *site["brings"]]
    if site.get("advertises"):
        hosts += [str(host) for host in chance.choice(everyday["advertising"], 4, replace=False)]
        hosts += [str(host) for host in chance.choice(everyday["tracking"], 3, replace=False)]
        if chance.random() < 0.1:
            hosts.append(str(chance.choice([one["host"] for one in everyday["betting_advertisements"]])))
    rows.extend((at + n * 0.25, person.phone_address, host, "A") for n, host in enumerate(hosts))


def _firewall(school: School, book: Book, day: date) -> None:
    """Write some ordinary connections."""
    chance = school.chance
    for _ in range(len(school.people)):
        person = school.people[int(chance.integers(0, len(school.people)))]
        port = int(chance.choice([443, 443, 443, 80, 123, 3478]))
        proto = 17 if port in {123, 3478} else 6
        at = moment(day, float(chance.uniform(*SCHOOL_DAY)))
        book.traffic(at, person, {"dstip": f"192.0.2.{int(chance.integers(1, 250))}", "dstport": port, "proto": proto,
                                  "service": "HTTPS", "duration": 12, "sentbyte": 2000, "rcvdbyte": 30_000})  # fmt: skip


def _log_ons(school: School, book: Book, day: date) -> None:
    """Write that people log on at their computers and telephones, now and then after a mistake."""
    chance = school.chance
    for person in school.people:
        at = moment(day, 8.3 * 3600 + chance.uniform(0, 1800))
        log_on(book, at, person.computer, person.account)
        if person.phone:
            if chance.random() < 0.05:
                book.log_on(at - 12, person.account, person.phone_mac, good=False)
            book.log_on(at, person.account, person.phone_mac, good=True)


def log_on(book: Book, at: float, computer: str, account: str) -> None:
    """Write that somebody logged on at a computer (Windows event 4624, interactive)."""
    book.windows_event(
        at, f"{computer}.elmfield.example", "Microsoft-Windows-Security-Auditing", 4624,
        {"SubjectUserName": f"{computer}$", "TargetUserName": account, "TargetDomainName": "ELMFIELD", "LogonType": "2",
         "WorkstationName": computer, "IpAddress": "127.0.0.1"},
    )  # fmt: skip
