"""Telephones on the wireless network, which is seen by its name server, its leases, its log-ons and its firewall alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.material import material, sites
from tests.simulation.school import SCHOOL_DAY, moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School


def live(school: School, book: Book, day: date) -> None:
    """Write what telephones ask the name server: by themselves, and in bursts for pages."""
    for person in (person for person in school.people if person.phone):
        at = moment(day, 8.2 * 3600 + school.between(0, 1800))
        book.leases.append((at, person))
        if school.happens(0.05):
            book.log_on(at - 12, person.account, person.phone_mac, good=False)
        book.log_on(at, person.account, person.phone_mac, good=True)
        _alone(school, book, day, person)
        for begins in school.chance.uniform(*SCHOOL_DAY, int(school.chance.poisson(10))):
            _page(school, book, moment(day, float(begins)), person)


def _alone(school: School, book: Book, day: date, person: Person) -> None:
    chance, asked = school.chance, material("everyday")["phones"]
    for seconds in chance.uniform(*SCHOOL_DAY, int(chance.poisson(50))):
        book.question(moment(day, float(seconds)), person.phone_address, school.one(asked))
    if school.happens(0.2):
        host = school.one(material("everyday")["phones_seldom"])
        book.question(moment(day, school.between(*SCHOOL_DAY)), person.phone_address, host)
    for seconds in chance.uniform(*SCHOOL_DAY, 2):
        port, proto = school.one(((5228, "tcp"), (5223, "tcp"), (123, "udp"), (5353, "udp"), (443, "udp")))
        book.guest_packet(
            moment(day, float(seconds)), person.phone_address, "192.0.2.44", port, proto, passed=port == 443
        )


def _page(school: School, book: Book, at: float, person: Person) -> None:
    """Ask for the names of a page and of all that it brings; of each its A and its HTTPS record."""
    everyday, every = material("everyday"), sites()
    site = every[int(school.chance.zipf(1.25) - 1) % len(every)] if school.happens(0.6) else school.one(every)
    hosts = [site.host, *site.brings]
    if site.advertises:
        hosts += [*school.some(everyday["advertising"], 4), *school.some(everyday["tracking"], 3)]
        if school.happens(0.1):
            hosts.append(school.one(everyday["betting_advertisements"])["host"])
        if school.happens(0.2):
            hosts.append(school.one(everyday["widgets"])["host"])
    for n, host in enumerate(hosts):
        book.question(at + n * 0.25, person.phone_address, host)
        book.question(at + n * 0.25, person.phone_address, host, "HTTPS")
