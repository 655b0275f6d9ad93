"""What happens on any day: lessons, e-mail, telephones at lunch, machines that call home. None of it breaks a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from elm_park import pfsense, pihole, zeek
from elm_park.book import SQUID
from elm_park.chance import address_of, dice
from elm_park.fortigate import Station
from elm_park.people import ENTRY
from elm_park.sites import (
    ELSEWHERE,
    LEARNING,
    MACHINES,
    OWN_DEVICE_ADS,
    OWN_DEVICE_NAMES,
    PUPILS_ASK,
    STAFF_ASK,
    STAFF_TUNNELS,
    TUNNELS,
    UPDATES,
    WIRELESS,
)
from elm_park.squid import Browser
from elm_park.term import (
    INSET,
    LESSONS,
    NO_DNS,
    NO_WEB,
    OWN_DEVICES,
    STAFF_DAY,
    SUMMER,
    WEEKEND,
    ZEEK,
    later,
    moment,
)
from elm_park.windows import Computer, Device

if TYPE_CHECKING:
    from datetime import date, datetime
    from random import Random

    from elm_park.people import Person
    from elm_park.school import School
    from elm_park.term import Window

PHONES: Final = tuple(f"10.30.{1 + n % 4}.{20 + n}" for n in range(44))
"""Pupils' and staff's own devices."""
GUESTS: Final = tuple(f"10.30.130.{20 + n}" for n in range(10))
KEYBOARD: Final = Device("046D", "C31C", "6&549A665&0&2", "USB Input Device", "HIDClass")
HEADSET: Final = Device("047F", "C036", "6&1B2C3D4&0&1", "Plantronics Headset", "Media")
WEBCAM: Final = Device("046D", "0825", "5B3AF710", "HD Webcam C270", "Camera")
SCHOOL_STICK: Final = Device(
    "0951", "1666", "60A44C413FAE", "Kingston DataTraveler", maker="Ven_Kingston&Prod_DataTraveler"
)
"""The encrypted stick that the school hands out, which aup.toml approves by its model."""
PROGRAMS: Final = (
    ("Google Chrome", "140.0.7339.81", "Google LLC"),
    ("Microsoft Edge", "140.0.3485.54", "Microsoft Corporation"),
    ("Microsoft 365 Apps for enterprise - en-gb", "16.0.19127", "Microsoft Corporation"),
    ("Mozilla Firefox (x64 en-GB)", "142.0.1", "Mozilla"),
    ("GeoGebra Classic 6", "6.0.886", "International GeoGebra Institute"),
    ("Python 3.13.7 (64-bit)", "3.13.7150", "Python Software Foundation"),
    ("Audacity 3.7.5", "3.7.5", "Audacity Team"),
    ("Hazel Maths 4.2", "4.2.0.118", "Hazel Learning Ltd"),
    ("Zoom Workplace (64-bit)", "6.5.11", "Zoom"),
)
"""All approved: the last but one by aup.toml, the others by the list that ships."""


def web(school: School, day: date) -> None:
    """Squid: computers of staff and pupils."""
    luck = dice("web", day)
    if day == NO_WEB:
        return
    thin = day <= SUMMER[1]
    pupils = school.pupils(8, 9, 10, 11) if thin else school.pupils()
    present = [] if day == INSET else luck.sample(pupils, k=26 if thin else 48)
    for person in present:
        _session(Browser(school.book, person, luck), moment(luck, day, LESSONS))
    for person in luck.sample(school.staff(), k=9 if thin else 20):
        _session(Browser(school.book, person, luck), moment(luck, day, STAFF_DAY))
    for person in luck.sample(school.staff(), k=6):
        _machine(Browser(school.book, person, luck), moment(luck, day, STAFF_DAY))


def _session(browser: Browser, now: datetime) -> None:
    """Log on, look for something, read it, perhaps go elsewhere."""
    luck, pupil = browser.luck, browser.person.role == "pupil"
    if luck.random() < 0.15:
        size = luck.randrange(3_800, 4_100)
        line = f"{now.timestamp():.3f}      0 {browser.person.wired} TCP_DENIED/407 {size} CONNECT www.google.com:443 - HIER_NONE/- text/html"
        browser.book.add(SQUID, now, line)
        now = later(now, luck, 0.2, 2)
    for _ in range(luck.randrange(1, 4)):
        chosen = luck.random()
        if chosen < 0.4:
            now = browser.search(now, luck.choice(PUPILS_ASK if pupil else STAFF_ASK))
        elif chosen < 0.6:
            browser.tunnel(now, luck.choice(TUNNELS if pupil else TUNNELS + STAFF_TUNNELS))
            now = later(now, luck, 5, 60)
        site = luck.choice(LEARNING if luck.random() < (0.85 if pupil else 0.5) else ELSEWHERE)
        now = browser.visit(now, site, luck.choice(site.paths))
    if luck.random() < 0.4:
        browser.tunnel(now, luck.choice(MACHINES))


def _machine(browser: Browser, now: datetime) -> None:
    """Call home, as computers do."""
    browser.tunnel(now, browser.luck.choice(MACHINES))
    if browser.luck.random() < 0.3:
        browser.get(later(now, browser.luck, 1, 9), browser.luck.choice(UPDATES))


def quiet_web(school: School, day: date) -> None:
    """Squid at a weekend: a few machines that were left on, and somebody with marking to do."""
    luck = dice("web", day)
    for person in luck.sample(school.staff(), k=3):
        _machine(Browser(school.book, person, luck), moment(luck, day, WEEKEND))
    if luck.random() < 0.4:
        _session(Browser(school.book, luck.choice(school.staff()), luck), moment(luck, day, WEEKEND))


def wireless(school: School, day: date) -> None:
    """FortiGate: laptops of staff, tablets of pupils."""
    luck = dice("wireless", day)
    if day == NO_WEB:
        return
    pupils = [] if day == INSET else luck.sample(school.pupils(), k=26)
    for person in (*luck.sample(school.staff(), k=18), *pupils):
        _station(Station(school.book, person), luck, day)


def _station(station: Station, luck: Random, day: date) -> None:
    windows: tuple[Window, ...] = LESSONS if station.person.year in ENTRY else STAFF_DAY
    now = moment(luck, day, windows)
    for host, category in luck.sample(WIRELESS, k=luck.randrange(2, 6)):
        if day != NO_DNS and luck.random() < 0.35:
            station.name(now, host, category)
        now = later(now, luck, 0.05, 1)
        station.web(now, host, category)
        now = later(now, luck, 5, 120)
    if luck.random() < 0.5:
        app = luck.choice(
            (("Microsoft.Teams", "Collaboration"), ("Microsoft.365", "Cloud.IT"), ("YouTube", "Video/Audio"))
        )
        station.app(now, *app, "pass", ("teams.microsoft.com", 443, 6))
    if luck.random() < 0.6:
        station.traffic(later(now, luck, 1, 5), ("time.apple.com", 123, 17), "NTP")


def own_devices(school: School, day: date) -> None:
    """Pi-hole, pfSense and (for a fortnight) Zeek: telephones and visitors, of whom only addresses are known."""
    luck = dice("own", day)
    if day == INSET:
        return
    for client in (*luck.sample(PHONES, k=26), *luck.sample(GUESTS, k=4)):
        for _ in range(luck.randrange(1, 3)):
            _phone(school, luck, client, moment(luck, day, OWN_DEVICES))
    for _ in range(12):
        _scan(school, luck, moment(luck, day, (("00:01", "23:58", 1),)))


def _phone(school: School, luck: Random, client: str, now: datetime) -> None:
    """Wake up, ask for names, connect to some of them."""
    heard = ZEEK[0] <= now.date() <= ZEEK[1]
    for name in luck.sample(OWN_DEVICE_NAMES, k=luck.randrange(3, 8)):
        now = later(now, luck, 0.05, 6)
        if now.date() != NO_DNS:
            pihole.query(school.book, now, client, name, luck.choice(("A", "A", "AAAA", "HTTPS")))
        if heard:
            zeek.question(school.book, now, client, name)
            zeek.handshake(school.book, later(now, luck, 0.03, 0.3), client, name)
        if luck.random() < 0.3:
            flow = pfsense.Flow(client, address_of(name), 443, luck.choice(("tcp", "udp")))
            pfsense.packet(school.book, later(now, luck, 0.03, 0.3), flow)
    if now.date() != NO_DNS:
        pihole.blocked(school.book, later(now, luck, 0.1, 3), client, luck.choice(OWN_DEVICE_ADS))


def _scan(school: School, luck: Random, now: datetime) -> None:
    """Be scanned from outside, as every address on the internet is; the school's own devices have no part in it."""
    port = luck.choice((22, 23, 80, 445, 1194, 3389, 5900, 8080))
    stranger = f"198.51.100.{luck.randrange(1, 255)}"
    pfsense.packet(school.book, now, pfsense.Flow(stranger, "203.0.113.10", port, "tcp", "block", "igb0"))


def computers(school: School, day: date) -> None:
    """Windows: log-ons, what is plugged in, what is installed. All approved."""
    luck = dice("computers", day)
    people: list[Person] = luck.sample(school.staff(), k=7)
    people += [] if day == INSET else luck.sample(school.pupils(), k=5)
    for person in people:
        now = moment(luck, day, STAFF_DAY)
        computer = Computer(school.book, person.computer, person)
        computer.logged_on(now)
        now = later(now, luck, 5, 90)
        chosen = luck.random()
        if chosen < 0.35:
            Computer(school.book, person.computer, None).plug(now, luck.choice((KEYBOARD, HEADSET, WEBCAM)))
        elif chosen < 0.55 and person.role == "staff":
            computer.plug(now, SCHOOL_STICK)
        elif chosen < 0.8:
            computer.install(now, *luck.choice(PROGRAMS))
        else:
            driver = "\\SystemRoot\\System32\\drivers\\mpfilter.sys"
            Computer(school.book, person.computer, None).service(now, "Platform Filter Driver", driver)
