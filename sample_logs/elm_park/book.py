"""What all machines wrote, put into files as rotation would: one a week for each log, the older ones compressed."""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from elm_park.term import AUTUMN, LONDON

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Log:
    """One machine's log."""

    name: str
    rotated: str
    """Path of a finished week's file, with the Sunday's date as `{0:%Y%m%d}`."""
    live: str
    """Path of the last week's file, which is not yet compressed."""
    header: str = ""
    """Lines that every file begins with."""


_ZEEK_SSL: Final = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tssl\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tcipher\tserver_name\tresumed\testablished"
    "\tja4\n#types\ttime\tstring\taddr\tport\taddr\tport\tstring\tstring\tstring\tbool\tbool\tstring\n"
)
SQUID: Final = Log("squid", "squid/access.log-{0:%Y%m%d}.gz", "squid/access.log")
PIHOLE: Final = Log("pihole", "pihole/pihole-{0:%Y%m%d}.log.gz", "pihole/pihole.log")
PFSENSE: Final = Log("pfsense", "pfsense/filter-{0:%Y%m%d}.log.gz", "pfsense/filter.log")
FORTIGATE: Final = Log("fortigate", "fortigate/fortigate-{0:%Y%m%d}.log.gz", "fortigate/fortigate.log")
ZEEK_SSL: Final = Log("zeek-ssl", "zeek/ssl-{0:%Y%m%d}.log.gz", "zeek/ssl.log", _ZEEK_SSL)
ZEEK_DNS: Final = Log("zeek-dns", "zeek/dns-{0:%Y%m%d}.log.gz", "zeek/dns.log")
WINDOWS: Final = Log("windows", "windows/winlogbeat-{0:%Y%m%d}.ndjson.gz", "windows/winlogbeat.ndjson")


class Book:
    """Collects lines in any order."""

    def __init__(self) -> None:
        self._lines: dict[Log, list[tuple[datetime, bytes]]] = defaultdict(list)

    def add(self, log: Log, moment: datetime, line: str | bytes) -> None:
        """Write a line down; bytes are what a fault left."""
        self._lines[log].append((moment, line.encode() if isinstance(line, str) else line))

    def write(self, folder: Path) -> dict[str, datetime]:
        """Write all files, and return when each was changed last, by path."""
        changed = {}
        for log, lines in self._lines.items():
            for sunday, content in _weeks(log, lines).items():
                live = sunday > AUTUMN[1]
                path = (log.live if live else log.rotated).format(sunday)
                _write(folder / path, content, compressed=not live)
                changed[path] = _rotation(sunday, live=live)
        return dict(sorted(changed.items()))


def _weeks(log: Log, lines: list[tuple[datetime, bytes]]) -> dict[date, bytes]:
    """Return each week's content by its Sunday, lines by time."""
    weeks: dict[date, list[bytes]] = defaultdict(list)
    for moment, line in sorted(lines, key=lambda pair: pair[0]):
        day = moment.astimezone(LONDON).date()
        weeks[day + timedelta(days=6 - day.weekday())].append(line)
    head = log.header.encode()
    return {sunday: head + b"\n".join(found) + b"\n" for sunday, found in weeks.items()}


def _write(path: Path, content: bytes, *, compressed: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if compressed else content)


def _rotation(sunday: date, *, live: bool) -> datetime:
    """Return when the file was written last: at rotation, or on the evening before the demo's morning."""
    day = AUTUMN[1] if live else sunday
    return datetime(day.year, day.month, day.day, 23, 59, 30, tzinfo=LONDON)
