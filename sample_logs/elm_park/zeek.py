"""Zeek's ssl.log (tab-separated) and dns.log (JSON), https://docs.zeek.org/en/master/script-reference/log-files.html."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from elm_park.book import ZEEK_DNS, ZEEK_SSL
from elm_park.chance import address_of, dice, token

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.book import Book

BROWSER: Final = "t13d1516h2_8daaf6152771_d8a2da3f94cd"
"""JA4 of an ordinary browser."""
PHONE: Final = "t13d2014h2_a09f3c656075_14788d8d241b"
TOR: Final = "t13d1816h1_796efca44d18_7ca5a9a2b6c3"


def handshake(book: Book, moment: datetime, client: str, name: str, ja4: str = PHONE) -> None:
    """Write a TLS session down."""
    luck = dice("tls", moment, client, name)
    fields = (
        f"{moment.timestamp():.6f}",
        f"C{token(f'{moment}{client}{name}', 16)}",
        client,
        str(luck.randrange(32_768, 60_999)),
        address_of(name),
        "443",
        "TLSv13",
        "TLS_AES_128_GCM_SHA256",
        name,
        "F",
        "T",
        ja4,
    )
    book.add(ZEEK_SSL, moment, "\t".join(fields))


def question(book: Book, moment: datetime, client: str, name: str) -> None:
    """Write a DNS question and its answer down."""
    luck = dice("question", moment, client, name)
    values = {
        "ts": round(moment.timestamp(), 6),
        "uid": f"C{token(f'{moment}{client}{name}', 16)}",
        "id.orig_h": client,
        "id.orig_p": luck.randrange(32_768, 60_999),
        "id.resp_h": "10.30.0.2",
        "id.resp_p": 53,
        "proto": "udp",
        "trans_id": luck.randrange(65_536),
        "query": name,
        "qtype": 1,
        "qtype_name": "A",
        "rcode": 0,
        "rcode_name": "NOERROR",
        "answers": [address_of(name)],
        "rejected": False,
    }
    book.add(ZEEK_DNS, moment, json.dumps(values, separators=(",", ":")))
