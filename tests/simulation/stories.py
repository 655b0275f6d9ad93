"""What is planted: incidents of every theme, each a story over several events, with its label."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from tests.simulation.background import log_on
from tests.simulation.requests import search_path
from tests.simulation.school import DAYS, material, moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School

WORKING_SEEDS: Final = 10
EACH: Final = 8
"""Stories of each kind at full scale."""
ENGINES: Final = (
    ("www.google.co.uk", "/search?q="),
    ("www.google.com", "/search?hl=en&q="),
    ("www.bing.com", "/search?form=QBLH&q="),
    ("duckduckgo.com", "/?t=h_&q="),
    ("www.youtube.com", "/results?search_query="),
    ("uk.search.yahoo.com", "/search?p="),
)
ILLEGAL: Final = (
    "hidden-one.example",
    "hidden-two.example",
    "hidden-three.example",
    "files.hidden-four.example",
)
"""Stands for a list of illegal content that the school holds."""
MALWARE: Final = ("evil-update.example", "c2.bad-domain.example")


@dataclass(frozen=True)
class Story:
    """A label: what happened, whose it is and on which day."""

    kind: str
    theme: str
    also: frozenset[str]
    severe: bool
    subjects: frozenset[str]
    day: date
    told: str
    """What was done, in a few words, for those who look at what was missed."""


def plant(school: School, book: Book) -> list[Story]:
    """Write all stories and return their labels, in the order of their kinds."""
    kinds = {kind: _known(given, school.seed) for kind, given in material("stories").items()}
    each = max(1, round(EACH * school.scale))
    return [_plant(school, book, kind, kinds[kind]) for kind in sorted(kinds) for _ in range(each)]


def _known(given: dict[str, Any], seed: int) -> dict[str, Any]:
    """
    Return a kind's material; of the seeds to work with, up to 10, without a third of its phrases and sites.

    Whoever mends rules by what these seeds show has not seen that third; the other seeds examine with all of it.
    """
    if seed > WORKING_SEEDS:
        return given
    kept = {
        key: [text for text in given[key] if crc32(text.encode()) % 3]
        for key in ("searches", "sites")
        if key in given
    }
    return {**given, **{key: texts or given[key] for key, texts in kept.items()}}


def _plant(school: School, book: Book, kind: str, given: dict[str, Any]) -> Story:
    chance = school.chance
    crowd = {"pupil": school.pupils, "staff": school.staff}.get(given["who"], school.people)
    person = crowd[int(chance.integers(0, len(crowd)))]
    day = DAYS[int(chance.integers(0, len(DAYS)))]
    at = moment(day, float(chance.uniform(8.7 * 3600, 13.5 * 3600)))
    told, subjects = _SPECIAL.get(given.get("special", ""), _ordinary)(school, book, person, at, given)
    return Story(
        kind,
        given["theme"],
        frozenset(given.get("also", [])),
        given["severe"],
        frozenset(subjects),
        day,
        told,
    )


_Told = tuple[str, set[str]]


def _ordinary(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> _Told:
    """Tell of searches, visits, or searches and then a visit; visits alone are sometimes made by telephone."""
    chance = school.chance
    searches, sites = given.get("searches", []), given.get("sites", [])
    if sites and person.phone and chance.random() < 0.3:
        return _by_telephone(school, book, person, at, str(chance.choice(sites)))
    said = []
    if searches and (not sites or chance.random() < 0.6):
        for text in chance.choice(searches, min(len(searches), int(chance.integers(1, 4))), replace=False):
            typed = _as_typed(str(text), school)
            said.append(typed)
            host, start = ENGINES[int(chance.integers(0, len(ENGINES)))]
            book.request(at, person, host, search_path(typed, start), "text/html")
            at += float(chance.uniform(15, 120))
    if sites and (not said or chance.random() < 0.6):
        said.append(_visit(school, book, person, at, str(chance.choice(sites))))
    return "; ".join(said), {person.account}


def _as_typed(text: str, school: School) -> str:
    """Return the text as somebody types it: now and then a slip, a capital, a question mark."""
    chance = school.chance
    way = chance.random()
    if way < 0.06 and len(text) > 6:
        place = int(chance.integers(1, len(text) - 2))
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if way < 0.15:
        return text.capitalize()
    return text + ("?" if way < 0.2 else " uk" if way < 0.25 else " please" if way < 0.28 else "")


def _visit(school: School, book: Book, person: Person, at: float, host: str, pages: int = 0) -> str:
    chance = school.chance
    blocked = bool(chance.random() < 0.5)
    for n in range(pages or int(chance.integers(1, 5))):
        book.request(at, person, host, f"/{'page' if n else ''}{n or ''}", "text/html", blocked=blocked)
        if not blocked:
            book.request(at + 0.4, person, host, f"/static/{n}.css", "text/css")
            book.request(at + 0.5, person, f"cdn.{host.removeprefix('www.')}", f"/img/{n}.jpg", "image/jpeg")
        at += float(chance.uniform(8, 60))
    return f"visited {host}{' (blocked)' if blocked else ''}"


def _by_telephone(school: School, book: Book, person: Person, at: float, host: str) -> _Told:
    chance = school.chance
    for _ in range(int(chance.integers(1, 4))):
        for n, name in enumerate((host, f"cdn.{host.removeprefix('www.')}", "www.gstatic.com")):
            book.question(at + n * 0.3, person.phone_address, name)
            book.question(at + n * 0.3, person.phone_address, name, "HTTPS")
        at += float(chance.uniform(20, 200))
    return f"telephone asked for {host}", {str(person.phone).lower(), person.account}


def _time_spent(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> _Told:
    """Tell of forty to eighty minutes of one site, in lessons, a page every half minute or two."""
    chance = school.chance
    host, end = str(chance.choice(given["sites"])), at + float(chance.uniform(40, 80)) * 60
    n = 0
    while at < end:
        book.request(at, person, host, f"/item/{n}", "text/html")
        at, n = at + float(chance.uniform(20, 150)), n + 1
    return f"a long time at {host}", {person.account}


def _long_visit(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> _Told:
    """Tell of a quarter of an hour at one site."""
    chance = school.chance
    host = str(chance.choice(given["sites"]))
    for n in range(15):
        book.request(at, person, host, f"/view/{n}", "text/html")
        at += float(chance.uniform(30, 100))
    return f"a quarter of an hour at {host}", {person.account}


def _vpn(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    """Tell of a VPN's protocol through the firewall."""
    port, service = ((1194, "OPENVPN"), (51820, "WireGuard"), (500, "IKE"), (4500, "IKE"))[
        int(school.chance.integers(0, 4))
    ]
    for n in range(4):
        book.traffic(at + 300 * n, person, {"dstip": "203.0.113.77", "dstport": port, "proto": 17, "service": service,
                                            "duration": 280, "sentbyte": 900_000, "rcvdbyte": 9_000_000})  # fmt: skip
    return f"VPN protocol to port {port}", {person.account}


def _other_dns(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> _Told:
    """Tell of encrypted name service of somebody else."""
    host = str(school.chance.choice(given["sites"]))
    for n in range(5):
        book.request(
            at + 30 * n, person, host, "/dns-query?dns=AAABAAABAAAAAAAAA3d3dw", "application/dns-message"
        )
    return f"encrypted DNS at {host}", {person.account}


def _judged_by_filter(category: str, hosts: tuple[str, ...]) -> Callable[..., _Told]:
    def told(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
        host = str(school.chance.choice(hosts))
        for n in range(2):
            book.traffic(at + 20 * n, person, {"logid": "0316013056", "type": "utm", "subtype": "webfilter",
                "eventtype": "ftgd_blk", "hostname": host, "url": "/", "dstip": "203.0.113.9", "dstport": 443, "proto": 6,
                "action": "blocked", "cat": 26, "catdesc": category, "msg": "URL belongs to a denied category in policy"})  # fmt: skip
        return f"the firewall called {host} {category}", {person.account}

    return told


def _usb(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    serial = "".join(school.chance.choice(list("0123456789ABCDEF"), 12))
    book.windows_event(
        at, f"{person.computer}.elmfield.example", "Microsoft-Windows-Security-Auditing", 6416,
        {"SubjectUserSid": "S-1-5-21-1-2-3-1142", "SubjectUserName": person.account, "SubjectDomainName": "ELMFIELD",
         "DeviceId": f"USBSTOR\\Disk&Ven_SanDisk&Prod_Cruzer&Rev_1.00\\{serial}&0", "DeviceDescription": "SanDisk Cruzer USB Device",
         "ClassId": "4D36E967-E325-11CE-BFC1-08002BE10318", "ClassName": "DiskDrive", "VendorIds": "", "CompatibleIds": "",
         "LocationInformation": "-"},
    )  # fmt: skip
    return "plugged in a memory stick", {person.account, f"{person.computer}.elmfield.example".lower()}


def _installed(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    name, maker = (("Steam", "Valve"), ("qBittorrent 5.0", "The qBittorrent project"), ("AnyDesk", "AnyDesk Software GmbH"),
                   ("Opera GX Stable", "Opera"), ("NordVPN", "NordVPN"), ("Cheat Engine 7.5", "Cheat Engine"))[int(school.chance.integers(0, 6))]  # fmt: skip
    computer = f"{person.computer}.elmfield.example"
    book.windows_event(
        at,
        computer,
        "MsiInstaller",
        1033,
        {"Data": {"#text": [name, "1.0", "2057", "0", maker, "(NULL)", ""]}},
    )
    return f"installed {name}", {computer.lower(), person.account}


def _downloaded(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    host, path = (("download.winzip-free.example", "/setup.exe"), ("cdn.gamehub.example", "/GameHubInstaller.msi"),
                  ("dl.freetools.example", "/portable/tool.exe"))[int(school.chance.integers(0, 3))]  # fmt: skip
    book.request(at, person, host, "/", "text/html")
    book.request(at + 9, person, host, path, "application/x-msdownload")
    return f"downloaded {host}{path}", {person.account}


def _cleartext(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    port, service = ((21, "FTP"), (23, "TELNET"))[int(school.chance.integers(0, 2))]
    for n in range(2):
        book.traffic(at + 40 * n, person, {"dstip": "203.0.113.50", "dstport": port, "proto": 6, "service": service,
                                           "duration": 30, "sentbyte": 400_000, "rcvdbyte": 2000})  # fmt: skip
    return f"{service} to outside", {person.account}


def _illegal(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    host = str(school.chance.choice(ILLEGAL))
    book.request(at, person, host, "/", "text/html", blocked=True)
    return "reached a host of the school's list of illegal content", {person.account}


def _accounts(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    """Tell of five accounts at one computer in eight minutes; or one at two computers within a minute."""
    others = [school.pupils[int(n)] for n in school.chance.choice(len(school.pupils), 5, replace=False)]
    computer = f"{person.computer}.elmfield.example".lower()
    if school.chance.random() < 0.5:
        for n, other in enumerate(others):
            log_on(book, at + 100 * n, person.computer, other.account)
        return f"five accounts at {person.computer}", {computer, *(other.account for other in others)}
    log_on(book, at, person.computer, person.account)
    log_on(book, at + 40, others[0].computer, person.account)
    return "one account at two computers", {person.account}


def _guessing(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    for n in range(14):
        book.log_on(at + 15 * n, person.account, "02:00:5e:ff:ff:01", good=False)
    return "fourteen failed log-ons", {person.account, "02:00:5e:ff:ff:01"}


def _tunnel(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    owners = [one for one in school.people if one.phone]
    owner = owners[int(school.chance.integers(0, len(owners)))]
    letters = list(string.ascii_lowercase + string.digits)
    for n in range(400):
        label = "".join(school.chance.choice(letters, 52))
        book.question(at + n * 0.7, owner.phone_address, f"{label}.t.slowtunnel.example", "TXT")
    return "400 long names", {str(owner.phone).lower(), owner.account}


def _many_blocked(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> _Told:
    for n in range(14):
        book.request(at + 25 * n, person, f"games{n}.playfree{n}.example", "/", "text/html", blocked=True)
    return "fourteen blocked sites in six minutes", {person.account}


_SPECIAL: Final[dict[str, Callable[..., _Told]]] = {
    "time": _time_spent,
    "long": _long_visit,
    "vpn": _vpn,
    "dns": _other_dns,
    "phishing": _judged_by_filter("Phishing", ("login-microsoft.example", "paypa1.example")),
    "malware": _judged_by_filter("Malicious Websites", MALWARE),
    "usb": _usb,
    "software": _installed,
    "download": _downloaded,
    "cleartext": _cleartext,
    "illegal": _illegal,
    "accounts": _accounts,
    "guessing": _guessing,
    "tunnel": _tunnel,
    "blocked": _many_blocked,
}
