"""What faults left in the logs: lines cut short, junk after a power cut, a line in another encoding."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from elm_park.book import FORTIGATE, PFSENSE, PIHOLE, SQUID, WINDOWS, ZEEK_DNS, ZEEK_SSL
from elm_park.term import at

if TYPE_CHECKING:
    from elm_park.book import Log
    from elm_park.school import School

_JUNK: Final = bytes((0, 0, 0, 0, 255, 254, 129, 7, 27, 91, 0, 200))

BAD: Final[tuple[tuple[Log, date, bytes], ...]] = (
    (SQUID, date(2026, 7, 8), b"1783500131.204    118 10.20.9.17 TCP_MISS/200 91"),
    (
        SQUID,
        date(2026, 9, 10),
        b"1789030031.551     61 10.20.8.22 TCP_MISS/200 1210 GET https://www.bbc.co.uk/bi",
    ),
    (SQUID, date(2026, 10, 21), _JUNK),
    (
        SQUID,
        date(2026, 10, 22),
        "2026/10/22 12:00:03| Rotate log file stdio:/var/log/squid/access.log".encode("utf-16-le"),
    ),
    (PIHOLE, date(2026, 9, 24), b"2026-09-24T12:0"),
    (PIHOLE, date(2026, 10, 20), _JUNK * 3),
    (
        PFSENSE,
        date(2026, 9, 17),
        b"<134>1 2026-09-17T12:00:00.100000+01:00 fw-guest.elmpark.example filterlog 92653 - - 146,,,15353",
    ),
    (FORTIGATE, date(2026, 9, 25), b'<189>date=2026-09-25 time=12:00:00 devname="fw-elmp'),
    (FORTIGATE, date(2026, 10, 14), _JUNK),
    (ZEEK_SSL, date(2026, 9, 16), b"1789556400.120000\tCa1b2c3d4e5f60718\t10.30.1.24"),
    (
        ZEEK_DNS,
        date(2026, 9, 23),
        b'{"ts":1790161200.5,"uid":"Cffee00112233","id.orig_h":"10.30.2.25","id.or',
    ),
    (WINDOWS, date(2026, 10, 7), b'{"@timestamp":"2026-10-07T11:00:00.000Z","winlog":{"channel":"Secur'),
)
"""The log, the day (at noon) and the line."""


def spoil(school: School) -> dict[str, int]:
    """Put the bad lines in, and return how many each log has."""
    counts: dict[str, int] = {}
    for log, day, line in BAD:
        school.book.add(log, at(day, "12:00:00"), line)
        counts[log.name] = counts.get(log.name, 0) + 1
    return counts
