"""What the school's logs would hold of the week, kept as rows until they are written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

import polars as pl

from tests.simulation.school import ZONE

if TYPE_CHECKING:
    from tests.simulation.school import Person

WEB: Final = {
    "time": pl.Float64(),
    "address": pl.String(),
    "user": pl.String(),
    "host": pl.String(),
    "path": pl.String(),
    "method": pl.String(),
    "mime": pl.String(),
    "referrer": pl.String(),
    "blocked": pl.Boolean(),
    "bytes": pl.Int64(),
    "category": pl.String(),
}
"""A request through a filter; null user: nobody logged on; null category: the filter's usual one."""
NAMES: Final = {"time": pl.Float64(), "address": pl.String(), "host": pl.String(), "kind": pl.String()}
"""A question to the name server of the wireless network."""
Row = tuple[object, ...]
_BARE: Final = {"date", "time", "srcip", "dstip"}


def row(
    at: float,
    who: Person,
    host: str,
    path: str,
    mime: str,
    *,
    method: str = "GET",
    referrer: str | None = None,
    blocked: bool = False,
    size: int = 18_520,
    category: str | None = None,
) -> Row:
    """Return one request of a person at his or her computer."""
    return (
        *(at, who.address, who.account, host, path, method, mime, referrer),
        *(blocked, 3870 if blocked else size, category),
    )


@dataclass
class Book:
    """Everything that is logged."""

    web: list[pl.DataFrame] = field(default_factory=list)
    names: list[pl.DataFrame] = field(default_factory=list)
    leases: list[tuple[float, Person]] = field(default_factory=list)
    firewall: list[tuple[float, str]] = field(default_factory=list)
    guests: list[tuple[float, str]] = field(default_factory=list)
    """Packets of the wireless network that its own firewall logged."""
    windows: list[tuple[float, str]] = field(default_factory=list)
    radius: list[tuple[float, str]] = field(default_factory=list)
    mail: list[tuple[float, str]] = field(default_factory=list)
    cloud: list[tuple[float, str]] = field(default_factory=list)
    calls: list[tuple[float, str]] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    questions: list[Row] = field(default_factory=list)

    def close_day(self) -> None:
        """Put the single rows into tables, which take less room."""
        self.web.append(pl.DataFrame(self.requests, schema=WEB, orient="row"))
        self.names.append(pl.DataFrame(self.questions, schema=NAMES, orient="row"))
        self.requests, self.questions = [], []

    def request(
        self,
        at: float,
        who: Person,
        host: str,
        path: str,
        mime: str = "text/html",
        *,
        method: str = "GET",
        referrer: str | None = None,
        blocked: bool = False,
        category: str | None = None,
    ) -> None:
        """Log one request of a person at his or her computer."""
        self.requests.append(
            row(
                at, who, host, path, mime, method=method, referrer=referrer, blocked=blocked,
                size=48_211, category=category,
            )
        )  # fmt: skip

    def question(self, at: float, address: str, host: str, kind: str = "A") -> None:
        """Log one question for a name."""
        self.questions.append((at, address, host, kind))

    def traffic(self, at: float, who: Person, fields: dict[str, object]) -> None:
        """Log one connection that the firewall saw."""
        local = datetime.fromtimestamp(at, ZONE)
        every: dict[str, object] = {
            "date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M:%S}", "devname": "fw-elmfield", "eventtime": int(at * 1e9),
            "tz": f"{local:%z}", "logid": "0000000013", "type": "traffic", "subtype": "forward", "level": "notice",
            "srcip": who.address, "srcport": 51022, "srcintf": "lan", "dstintf": "wan1", "action": "close",
            "user": who.account, **fields,
        }  # fmt: skip
        words = (
            f'{key}="{value}"' if isinstance(value, str) and key not in _BARE else f"{key}={value}"
            for key, value in every.items()
        )
        self.firewall.append((at, "<189>" + " ".join(words)))

    def guest_packet(self, at: float, address: str, to: str, port: int, proto: str, *, passed: bool) -> None:
        """Log one connection of a telephone, as the wireless network's firewall writes it."""
        time = datetime.fromtimestamp(at, ZONE).isoformat(timespec="milliseconds")
        number, size = (6, 60) if proto == "tcp" else (17, 92)
        end = ",0,S,1891286705,,64240,,mss" if proto == "tcp" else f",{size - 20}"
        packet = (
            "146,,,1535324496,vtnet0.60,match,"
            f"{'pass' if passed else 'block'},in,4,0x0,,63,12617,0,DF,{number},{proto},{size},{address},{to},49724,{port}{end}"
        )
        self.guests.append((at, f"<134>1 {time} fw-guest.elmfield.example filterlog 92653 - - {packet}"))

    def windows_event(
        self,
        at: float,
        computer: str,
        provider: str,
        code: int,
        data: dict[str, object],
        part: str = "EventData",
    ) -> None:
        """Log one event of a computer, as evtx_dump writes it."""
        time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        system = {"Provider": {"#attributes": {"Name": provider}}, "EventID": code,
                  "TimeCreated": {"#attributes": {"SystemTime": time}}, "Computer": computer}  # fmt: skip
        event = {"Event": {"System": system, part: data if part == "EventData" else {"Event": data}}}
        self.windows.append((at, json.dumps(event, separators=(",", ":"))))

    def log_on(self, at: float, account: str, mac: str, *, good: bool) -> None:
        """Log one log-on to the wireless network."""
        time = datetime.fromtimestamp(at, ZONE).strftime("%a %b %d %H:%M:%S %Y")
        what = "Login OK" if good else "Login incorrect (mschap: MS-CHAP2-Response is incorrect)"
        cli = mac.upper().replace(":", "-")
        self.radius.append(
            (at, f"{time} : Auth: (7) {what}: [{account}] (from client ap-hall port 3 cli {cli})")
        )


def search_path(text: str, start: str = "/search?q=") -> str:
    """Return the path of an engine's address for a search."""
    return start + quote_plus(text)
