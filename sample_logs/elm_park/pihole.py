"""
The guests' resolver: Pi-hole, whose queries dnsmasq writes (https://docs.pi-hole.net/ftldns/).

A syslog server keeps the finished weeks, with whole times; the last week is Pi-hole's own file, whose times have no year.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from elm_park.book import PIHOLE
from elm_park.chance import address_of
from elm_park.term import LONDON

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.book import Book

OWN_FILE: Final = date(2026, 10, 19)
"""From this day on the lines are those of Pi-hole's own file."""
PROCESS: Final = "dnsmasq[633]:"


def message(book: Book, moment: datetime, text: str) -> None:
    """Write down what dnsmasq says."""
    local = moment.astimezone(LONDON)
    if local.date() >= OWN_FILE:
        book.add(PIHOLE, moment, f"{local:%b} {local.day:2d} {local:%H:%M:%S} {PROCESS} {text}")
    else:
        book.add(PIHOLE, moment, f"{local.isoformat(timespec='microseconds')} dns-guest {PROCESS} {text}")


def query(book: Book, moment: datetime, client: str, name: str, kind: str = "A") -> None:
    """Ask for a name, and get an answer from above."""
    message(book, moment, f"query[{kind}] {name} from {client}")
    message(book, moment, f"forwarded {name} to 10.1.0.2")
    if kind == "A":
        message(book, moment + timedelta(milliseconds=24), f"reply {name} is {address_of(name)}")


def blocked(book: Book, moment: datetime, client: str, name: str, by: str = "gravity blocked") -> None:
    """Ask for a name that is on one of Pi-hole's lists."""
    message(book, moment, f"query[A] {name} from {client}")
    message(book, moment, f"{by} {name} is 0.0.0.0")
