"""Innocent things that look like something: help, health, names that hold other names, machines at their own business."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from elm_park import pfsense, pihole, zeek
from elm_park.chance import dice
from elm_park.everyday import PHONES, SCHOOL_STICK, WEBCAM
from elm_park.fortigate import Station
from elm_park.sites import UPDATES
from elm_park.squid import Browser
from elm_park.term import at
from elm_park.windows import Computer, Device

if TYPE_CHECKING:
    from elm_park.school import School

HELP: Final = (
    ("23fahmed", date(2026, 9, 16), "www.childline.org.uk"),
    ("d.lister", date(2026, 10, 14), "www.gamcare.org.uk"),
    ("22lmurphy", date(2026, 10, 9), "www.brook.org.uk"),
    ("24byeo", date(2026, 9, 24), "www.kooth.com"),
    ("m.okonkwo", date(2026, 9, 9), "www.iwf.org.uk"),
    ("22phughes", date(2026, 10, 20), "www.nhs.uk"),
)
MISCALLED: Final = (
    ("d.lister", date(2026, 10, 14), "www.begambleaware.org", "Gambling"),
    ("23fahmed", date(2026, 9, 16), "sexwise.org.uk", "Other Adult Materials"),
    ("24byeo", date(2026, 9, 24), "www.papyrus-uk.org", "Self-Harm"),
    ("p.raman", date(2026, 9, 22), "www.talktofrank.com", "Drug Abuse"),
    ("t.baptiste", date(2026, 10, 16), "www.iwm.org.uk", "Weapons (Sales)"),
)
"""Help and learning that the filter puts into a category of harm."""

NAMES: Final = (
    ("22phughes", date(2026, 10, 20), "www.essex.ac.uk"),
    ("22anowak", date(2026, 10, 20), "www.sussex.ac.uk"),
    ("o.sinclair", date(2026, 9, 17), "www.alphabetworksheets.example"),
    ("l.fenwick", date(2026, 9, 17), "www.torbay.gov.uk"),
    ("r.mcallister", date(2026, 9, 17), "www.tortoisetools.example"),
)
"""Names that hold the letters of something else."""

SEARCHES: Final = (
    ("22eboateng", date(2026, 9, 21), "bet365 advert analysis gcse media"),
    ("m.okonkwo", date(2026, 9, 9), "how to help a parent with a gambling addiction"),
    ("r.osei", date(2026, 9, 9), "how to stop pupils using vpns on school wifi"),
    ("24byeo", date(2026, 9, 24), "how do i know if i am gay"),
    ("23fahmed", date(2026, 9, 16), "effects of porn on relationships pshe"),
    ("p.raman", date(2026, 9, 22), "single sex education research"),
)
APPROVED_STICK: Final = Device(
    "0781", "5581", "4C530001130915117", "SanDisk Ultra", maker="Ven_SanDisk&Prod_Ultra"
)


def plant(school: School) -> None:
    """Write all of them down."""
    _places(school)
    _searches(school)
    _came_along(school)
    _networks(school)
    _computers(school)


def _places(school: School) -> None:
    for n, (user, day, host) in enumerate((*HELP, *NAMES)):
        person = school.people[user]
        Browser(school.book, person, dice("innocent", user)).tunnel(at(day, f"12:{20 + n}:15"), host)
        why = (
            "Help or health."
            if (user, day, host) in HELP
            else "An ordinary site; the name only looks like it."
        )
        school.planted.harmless(person, day, ("url_domain", host), why)
    for n, (user, day, host, category) in enumerate(MISCALLED):
        person = school.people[user]
        Station(school.book, person).web(at(day, f"12:{40 + n}:05"), host, category)
        why = f"Help or learning, which the filter files under {category}."
        school.planted.harmless(person, day, ("url_domain", host), why)


def _searches(school: School) -> None:
    for user, day, text in SEARCHES:
        person = school.people[user]
        Browser(school.book, person, dice("innocent", user, text)).search(at(day, "10:08:40"), text)
        why = "A search for help, for a lesson, or for somebody's work."
        school.planted.harmless(person, day, ("url_query", f"q={quote_plus(text)}&source"), why)
    person, day = school.people["23agreen"], date(2026, 10, 1)
    Browser(school.book, person, dice("innocent", "typing")).typed(at(day, "09:40:00"), "bet365")
    why = "Only typed into the search box, which asks for suggestions; never searched for."
    school.planted.harmless(person, day, ("url_query", "q=bet365"), why)


def _came_along(school: School) -> None:
    person, day = school.people["v.petrov"], date(2026, 9, 23)
    browser = Browser(school.book, person, dice("innocent", "advert"))
    browser.get(at(day, "13:20:10"), "https://www.skysports.com/football/news")
    browser.get(at(day, "13:20:11"), "https://ads.skybet.com/banners/leaderboard.gif")
    why = "A bookmaker's picture on a sports page: supporting content, not a visit."
    school.planted.harmless(person, day, ("url_domain", "ads.skybet.com"), why)
    browser.get(at(day, "13:31:00"), UPDATES[0])
    why = "Windows' own updates end in .exe, too."
    school.planted.harmless(person, day, ("url_path", "am_delta_patch"), why)


def _networks(school: School) -> None:
    book, planted = school.book, school.planted
    phone, day = PHONES[4], date(2026, 9, 16)
    pihole.query(book, at(day, "08:31:00"), phone, "mask.icloud.com", "HTTPS")
    pihole.query(book, at(day, "08:31:00"), phone, "mask-h2.icloud.com")
    zeek.question(book, at(day, "08:31:00"), phone, "mask.icloud.com")
    why = "Apple devices look this name up by themselves; nothing was sent through the relay."
    planted.harmless(phone, day, ("dns_question_name", "mask.icloud.com"), why)
    phone, day = PHONES[5], date(2026, 9, 18)
    pfsense.packet(book, at(day, "08:32:00"), pfsense.Flow(phone, "10.30.0.2", 853))
    planted.harmless(
        phone, day, ("destination_ip", "10.30.0.2"), "Encrypted look-ups with the school's own resolver."
    )
    person, day = school.people["w.obrien"], date(2026, 10, 13)
    Station(book, person).traffic(at(day, "07:41:00"), ("10.1.0.5", 500, 17), "IKE")
    planted.harmless(
        person, day, ("destination_ip", "10.1.0.5"), "The school's own VPN server, inside the school."
    )
    day = date(2026, 10, 15)
    pfsense.packet(
        book, at(day, "03:12:00"), pfsense.Flow("198.51.100.77", "203.0.113.10", 1194, "udp", "block", "igb0")
    )
    planted.harmless(
        "198.51.100.77", day, ("destination_ip", "203.0.113.10"), "A stranger's scan from outside."
    )


def _computers(school: School) -> None:
    for user, day, device in (
        ("j.smith", date(2026, 9, 10), APPROVED_STICK),
        ("b.lloyd", date(2026, 10, 5), SCHOOL_STICK),
        ("f.hassan", date(2026, 9, 29), WEBCAM),
    ):
        person = school.people[user]
        Computer(school.book, person.computer, person).plug(at(day, "08:15:00"), device)
        school.planted.harmless(person, day, ("device_name", device.name), "Approved, or no storage at all.")
    person, day = school.people["f.hassan"], date(2026, 9, 29)
    Computer(school.book, person.computer, person).install(
        at(day, "08:40:00"), "GeoGebra Classic 6", "6.0.886", "International GeoGebra Institute"
    )
    planted = ("package_name", "GeoGebra Classic 6")
    school.planted.harmless(person, day, planted, "On the list of approved software.")
    person, day = school.people["ifarrell"], date(2026, 10, 1)
    path = '"C:\\Program Files (x86)\\Google\\GoogleUpdater\\140.0\\updater.exe" --system --windows-service'
    Computer(school.book, person.computer, None).service(
        at(day, "08:50:00"), "GoogleUpdaterService140.0", path
    )
    why = "A browser's own updater."
    school.planted.harmless(person.computer.lower(), day, ("package_name", "GoogleUpdaterService140.0"), why)
