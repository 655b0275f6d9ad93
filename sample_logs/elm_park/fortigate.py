"""
The wireless network's filter: FortiGate log messages, key=value form.

Reference: https://docs.fortinet.com/document/fortigate/7.4.0/fortios-log-message-reference
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from elm_park.book import FORTIGATE
from elm_park.chance import address_of, dice

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.book import Book
    from elm_park.people import Person

_BARE: Final = {
    "srcip",
    "dstip",
    "srcport",
    "dstport",
    "proto",
    "policyid",
    "sessionid",
    "cat",
    "sentbyte",
    "rcvdbyte",
}
_KINDS: Final = {
    "webfilter": "0317013312",
    "dns-query": "1500054000",
    "dns-response": "1501054802",
    "app-ctrl": "1059028704",
    "virus": "0211008192",
    "forward": "0000000013",
}
_LET_THROUGH: Final = ("accept", "pass", "passthrough")

Value = str | int


@dataclass(frozen=True)
class Station:
    """A laptop or tablet on the wireless network, whose user has logged on to it."""

    book: Book
    person: Person

    def _write(self, moment: datetime, kind: str, values: dict[str, Value]) -> None:
        """Write one message down, with what all have."""
        subtype = kind.partition("-")[0] if kind.startswith("dns") else kind
        who = {"user": self.person.user, "group": self.person.group, "srcip": self.person.wireless}
        head = {
            "logid": _KINDS[kind],
            "type": "traffic" if kind == "forward" else "utm",
            "subtype": subtype,
            "level": "notice" if values.get("action", "pass") in _LET_THROUGH else "warning",
            "vd": "root",
            "policyid": 12 if self.person.year else 20,
            "sessionid": dice("session", moment, values).randrange(10**5, 10**7),
        }
        text = " ".join(_pair(key, value) for key, value in {**head, **who, **values}.items())
        nanoseconds = int(moment.timestamp() * 1000) * 10**6
        self.book.add(
            FORTIGATE,
            moment,
            f'<189>date={moment:%Y-%m-%d} time={moment:%H:%M:%S} devname="fw-elmpark" devid="FGT60FTK26000417" '
            f'eventtime={nanoseconds} tz="{moment:%z}" {text}',
        )

    def _to(self, moment: datetime, host: str, port: int, transport: int = 6) -> dict[str, Value]:
        """Return the ends of a connection."""
        source = dice("port", moment, host).randrange(32_768, 60_999)
        return {"srcport": source, "dstip": address_of(host), "dstport": port, "proto": transport}

    def web(
        self, moment: datetime, host: str, category: str, action: str = "passthrough", url: str = "/"
    ) -> None:
        """Ask for a site; the connection is not looked into, so that its page is mostly not known."""
        luck = dice("bytes", moment, host)
        self._write(
            moment,
            "webfilter",
            {
                "eventtype": "ftgd_allow" if action == "passthrough" else "ftgd_blk",
                **self._to(moment, host, 443),
                "service": "HTTPS",
                "hostname": host,
                "profile": "pupils" if self.person.year else "staff",
                "action": action,
                "url": url,
                "sentbyte": luck.randrange(400, 4_000),
                "rcvdbyte": luck.randrange(900, 400_000) if action == "passthrough" else 0,
                "catdesc": category,
            },
        )

    def name(self, moment: datetime, name: str, category: str, action: str = "pass") -> None:
        """Ask for a host's address."""
        asked: dict[str, Value] = {
            **self._to(moment, name, 53, 17),
            "dstip": "10.1.0.2",
            "qname": name,
            "qtype": "A",
        }
        self._write(moment, "dns-query", {"eventtype": "dns-query", **asked})
        answer: dict[str, Value] = {"ipaddr": address_of(name), "action": action, "catdesc": category}
        self._write(moment, "dns-response", {"eventtype": "dns-response", **asked, **answer})

    def app(self, moment: datetime, app: str, category: str, action: str, to: tuple[str, int, int]) -> None:
        """Use an app that the firewall recognises; `to` is host, port and number of the transport."""
        values: dict[str, Value] = {
            "applist": "school-apps",
            "action": action,
            "appcat": category,
            "app": app,
        }
        self._write(moment, "app-ctrl", {"eventtype": "signature", **self._to(moment, *to), **values})

    def traffic(
        self, moment: datetime, to: tuple[str, int, int], service: str, action: str = "accept"
    ) -> None:
        """Open a connection; the host may be an address."""
        host, port, transport = to
        values = self._to(moment, host, port, transport)
        if host[0].isdigit():
            values["dstip"] = host
        sizes: dict[str, Value] = {"sentbyte": 5_120, "rcvdbyte": 48_002} if action == "accept" else {}
        self._write(moment, "forward", {**values, "service": service, "action": action, **sizes})

    def virus(self, moment: datetime, url: str, file: str, virus: str) -> None:
        """Fetch a file in which the firewall finds harmful software; it is stopped."""
        host = url.split("/")[2]
        found: dict[str, Value] = {"filename": file, "virus": virus, "url": url, "profile": "staff"}
        values = {
            "eventtype": "infected",
            "action": "blocked",
            "service": "HTTP",
            **self._to(moment, host, 80),
        }
        self._write(moment, "virus", {**values, **found})


def _pair(key: str, value: Value) -> str:
    return f"{key}={value}" if key in _BARE else f'{key}="{value}"'
