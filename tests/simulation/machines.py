"""What computers do by themselves, their firewall, and who logs on at them; and the technicians' work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tests.simulation.material import material
from tests.simulation.requests import WEB
from tests.simulation.school import SCHOOL_DAY, moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School

BY_ITSELF: Final = 40
"""Requests of a computer in a day that nobody asked for."""
STICK: Final = ("0951", "1666")
"""Vendor and product of the memory sticks that the school approved."""
SECURITY: Final = "Microsoft-Windows-Security-Auditing"


def work(school: School, book: Book, day: date) -> None:
    """Write the day of the computers."""
    book.web.append(_by_themselves(school, day))
    _firewall(school, book, day)
    for person in school.people:
        _begin(school, book, day, person)
    for person in school.technicians:
        _look_after(school, book, day, person)


def _by_themselves(school: School, day: date) -> pl.DataFrame:
    """Return what computers fetch without anybody."""
    chance, people, fetched = school.chance, school.people, material("everyday")["background"]
    count = BY_ITSELF * len(people)
    often = np.array([0.02 if one.get("seldom") else 1.0 for one in fetched])
    who, what = (
        chance.integers(0, len(people), count),
        chance.choice(len(fetched), count, p=often / often.sum()),
    )
    chosen = [fetched[n] for n in what]
    columns = {
        "time": moment(day, 0) + chance.uniform(7 * 3600, 18 * 3600, count),
        "address": [people[n].address for n in who],
        "user": [None] * count,
        **{key: [one[key] for one in chosen] for key in ("host", "path", "mime")},
        "method": ["GET"] * count,
        "referrer": [None] * count,
        "blocked": [False] * count,
        "bytes": [4410] * count,
        "category": ["Information Technology"] * count,
    }
    return pl.DataFrame(columns, schema_overrides=WEB).select(list(WEB))


def _firewall(school: School, book: Book, day: date) -> None:
    """Write ordinary connections: pages, time, calls, and what the firewall refuses of printers and old programs."""
    chance = school.chance
    for _ in range(3 * len(school.people)):
        person = school.one(school.people)
        port = int(chance.choice([443, 443, 443, 443, 80, 123, 3478, 5223, 8801]))
        proto = 17 if port in {123, 3478, 8801} else 6
        at = moment(day, school.between(*SCHOOL_DAY))
        service = {443: "HTTPS", 80: "HTTP", 123: "NTP"}.get(
            port, f"{'udp' if proto == 17 else 'tcp'}/{port}"
        )
        refused = school.happens(0.03)
        book.traffic(at, person, {"dstip": f"192.0.2.{int(chance.integers(1, 250))}", "dstport": port, "proto": proto,
                                  "service": service, "duration": 12, "sentbyte": 2000, "rcvdbyte": 0 if refused else 30_000,
                                  "action": "deny" if refused else "close"})  # fmt: skip


def _begin(school: School, book: Book, day: date, person: Person) -> None:
    """Write that somebody logs on, now and then after a mistake, and starts what everybody starts."""
    at = moment(day, 8.3 * 3600 + school.between(0, 1800))
    if school.happens(0.05):
        failed_log_on(book, at - 20, person.machine, person.account)
    log_on(book, at, person)
    everyday = material("everyday")
    for image, command in school.some(everyday["ours"], 2):
        start(book, at + school.between(60, 9000), person.machine, person.account, image, command)
    if school.happens(0.03):
        install(book, at + 900, person.machine, *school.one(everyday["approved"]))
    if school.happens(0.05):
        vendor, product, name, kind, kind_id = school.one(everyday["harmless_devices"])
        plug(book, at + 400, person, f"USB\\VID_{vendor}&PID_{product}\\6&2E1A7B0&0&3", name, kind, kind_id)
    if person.role == "staff" and school.happens(0.05):  # a stick that the school approved
        plug(book, at + 500, person, f"USB\\VID_{STICK[0]}&PID_{STICK[1]}\\60A44C413FAE", "USB Mass Storage Device", "USB",
             "36FC9E60-C465-11CF-8056-444553540000")  # fmt: skip
    if school.happens(0.3):
        printed(
            book,
            at + school.between(600, 20_000),
            person,
            "worksheet.docx",
            int(school.chance.integers(1, 9)),
        )


def _look_after(school: School, book: Book, day: date, person: Person) -> None:
    """Write what a technician does all day."""
    for _ in range(6):
        at = moment(day, school.between(*SCHOOL_DAY))
        image, command = school.one(material("everyday")["technicians"])
        start(book, at, person.machine, person.account, image, command)
    for _ in range(2):
        at = moment(day, school.between(*SCHOOL_DAY))
        book.request(at, person, school.one(("learn.microsoft.com", "www.reddit.com", "community.spiceworks.com", "github.com")),
                     "/r/k12sysadmin/how-do-pupils-bypass-the-filter", "text/html")  # fmt: skip


def log_on(book: Book, at: float, person: Person, account: str | None = None) -> None:
    """Write that somebody logged on at a person's computer (Windows event 4624, interactive)."""
    data = {"SubjectUserName": f"{person.computer}$", "TargetUserName": account or person.account, "TargetDomainName": "ELMFIELD",
            "LogonType": "2", "WorkstationName": person.computer, "IpAddress": "127.0.0.1"}  # fmt: skip
    book.windows_event(at, person.machine, SECURITY, 4624, data)


def failed_log_on(book: Book, at: float, machine: str, account: str) -> None:
    """Write that a password was wrong (Windows event 4625)."""
    data = {"SubjectUserName": "-", "TargetUserName": account, "TargetDomainName": "ELMFIELD", "Status": "0xc000006d",
            "SubStatus": "0xc000006a", "LogonType": "2", "IpAddress": "127.0.0.1"}  # fmt: skip
    book.windows_event(at, machine, SECURITY, 4625, data)


def start(book: Book, at: float, machine: str, account: str, image: str, command: str) -> None:
    """Write that a program was started (Windows event 4688)."""
    data = {"SubjectUserSid": "S-1-5-21-1-2-3-1142", "SubjectUserName": account, "SubjectDomainName": "ELMFIELD",
            "NewProcessName": image, "CommandLine": command}  # fmt: skip
    book.windows_event(at, machine, SECURITY, 4688, data)


def install(book: Book, at: float, machine: str, name: str, maker: str) -> None:
    """Write that software was installed (Windows Installer's event 1033)."""
    book.windows_event(
        at,
        machine,
        "MsiInstaller",
        1033,
        {"Data": {"#text": [name, "1.0", "2057", "0", maker, "(NULL)", ""]}},
    )


def plug(book: Book, at: float, person: Person, instance: str, name: str, kind: str, kind_id: str) -> None:
    """Write that a device was plugged in (Windows event 6416)."""
    data = {"SubjectUserSid": "S-1-5-21-1-2-3-1142", "SubjectUserName": person.account, "SubjectDomainName": "ELMFIELD",
            "DeviceId": instance, "DeviceDescription": name, "ClassId": kind_id, "ClassName": kind, "VendorIds": "",
            "CompatibleIds": "", "LocationInformation": "-"}  # fmt: skip
    book.windows_event(at, person.machine, SECURITY, 6416, data)


def printed(book: Book, at: float, person: Person, document: str, pages: int) -> None:
    """Write that a document was printed (Windows event 307)."""
    data = {"Param1": "41", "Param2": document, "Param3": person.account, "Param4": f"\\\\{person.computer}", "Param5": "Copier-Hall",
            "Param6": "10.10.0.9", "Param7": "204800", "Param8": str(pages)}  # fmt: skip
    book.windows_event(at, "print1.elmfield.example", "Microsoft-Windows-PrintService", 307, data, "UserData")
