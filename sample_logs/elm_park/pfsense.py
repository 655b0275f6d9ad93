"""
The guests' firewall: pfSense's filterlog in syslog's form of RFC 5424.

Reference: https://docs.netgate.com/pfsense/en/latest/monitoring/raw-filter-log-format.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elm_park.book import PFSENSE
from elm_park.chance import dice

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.book import Book


@dataclass(frozen=True)
class Flow:
    """The first packet of a connection."""

    source: str
    target: str
    port: int
    transport: str = "tcp"
    action: str = "pass"
    interface: str = "igb1.30"


def packet(book: Book, moment: datetime, flow: Flow) -> None:
    """Write a packet down."""
    luck = dice("packet", moment, flow)
    tracker = 1535324496 if flow.action == "pass" else 1000000103
    number = 6 if flow.transport == "tcp" else 17
    length = 60 if flow.transport == "tcp" else luck.randrange(76, 1300)
    tail = (
        f"0,S,{luck.randrange(10**9)},,64240,,mss;sackOK;TS;nop;wscale" if number == 6 else str(length - 20)
    )
    text = (
        f"{146 if flow.action == 'pass' else 5},,,{tracker},{flow.interface},match,{flow.action},in,4,0x0,,63,"
        f"{luck.randrange(60_000)},0,DF,{number},{flow.transport},{length},{flow.source},{flow.target},"
        f"{luck.randrange(32_768, 60_999)},{flow.port},{tail}"
    )
    when = moment.isoformat(timespec="microseconds")
    line = f"<134>1 {when} fw-guest.elmpark.example filterlog 92653 - - {text}"
    book.add(PFSENSE, moment, line)
