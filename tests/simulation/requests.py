"""What the school's logs would hold of the week, kept as rows, and written in the forms that products write."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

import polars as pl

from tests.simulation.school import ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.school import Person

WEB: Final = {
    "time": pl.Float64(),
    "address": pl.String(),
    "user": pl.String(),
    "host": pl.String(),
    "path": pl.String(),
    "mime": pl.String(),
    "blocked": pl.Boolean(),
    "bytes": pl.Int64(),
}
"""A request through the proxy, which opens https; null user: nobody logged on."""
NAMES: Final = {"time": pl.Float64(), "address": pl.String(), "host": pl.String(), "kind": pl.String()}
"""A question to the name server of the wireless network."""
AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"


@dataclass
class Book:
    """Everything that is logged."""

    web: list[pl.DataFrame] = field(default_factory=list)
    names: list[pl.DataFrame] = field(default_factory=list)
    leases: list[tuple[float, Person]] = field(default_factory=list)
    firewall: list[tuple[float, str]] = field(default_factory=list)
    windows: list[tuple[float, str]] = field(default_factory=list)
    radius: list[tuple[float, str]] = field(default_factory=list)
    _web: list[tuple[object, ...]] = field(default_factory=list)
    _names: list[tuple[object, ...]] = field(default_factory=list)

    def request(
        self, at: float, who: Person, host: str, path: str, mime: str, *, blocked: bool = False
    ) -> None:
        """Log one request of a person at his or her computer."""
        self._web.append(
            (at, who.address, who.account, host, path, mime, blocked, 3870 if blocked else 48_211)
        )

    def question(self, at: float, address: str, host: str, kind: str = "A") -> None:
        """Log one question for a name."""
        self._names.append((at, address, host, kind))

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

    def windows_event(
        self, at: float, computer: str, provider: str, code: int, data: dict[str, object]
    ) -> None:
        """Log one event of a computer, as evtx_dump writes it."""
        time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        system = {"Provider": {"#attributes": {"Name": provider}}, "EventID": code,
                  "TimeCreated": {"#attributes": {"SystemTime": time}}, "Computer": computer}  # fmt: skip
        self.windows.append(
            (at, json.dumps({"Event": {"System": system, "EventData": data}}, separators=(",", ":")))
        )

    def log_on(self, at: float, account: str, mac: str, *, good: bool) -> None:
        """Log one log-on to the wireless network."""
        time = datetime.fromtimestamp(at, ZONE).strftime("%a %b %d %H:%M:%S %Y")
        what = "Login OK" if good else "Login incorrect (mschap: MS-CHAP2-Response is incorrect)"
        cli = mac.upper().replace(":", "-")
        self.radius.append(
            (at, f"{time} : Auth: (7) {what}: [{account}] (from client ap-hall port 3 cli {cli})")
        )

    def write(self, folder: Path) -> None:
        """Write every log into the folder, each in the order of time."""
        web = pl.concat([*self.web, pl.DataFrame(self._web, schema=WEB, orient="row")]).sort(
            "time", maintain_order=True
        )
        web.select(_squid()).write_csv(folder / "access.log", include_header=False, quote_style="never")
        names = pl.concat([*self.names, pl.DataFrame(self._names, schema=NAMES, orient="row")])
        told = pl.DataFrame(
            [(at, _lease(p)) for at, p in self.leases],
            schema={"time": pl.Float64, "text": pl.String},
            orient="row",
        )
        lines = pl.concat([names.select("time", _question()), told.select("time", "text")]).sort(
            "time", maintain_order=True
        )
        lines.select(_dnsmasq()).write_csv(folder / "dnsmasq.log", include_header=False, quote_style="never")
        os.utime(folder / "dnsmasq.log", (lines["time"].max(), lines["time"].max()))
        for name, rows in (
            ("fortigate.log", self.firewall),
            ("windows.json", self.windows),
            ("radius.log", self.radius),
        ):
            (folder / name).write_text("".join(f"{line}\n" for _, line in sorted(rows)), encoding="utf-8")


_BARE: Final = {"date", "time", "srcip", "dstip"}


def search_path(text: str, start: str = "/search?q=") -> str:
    """Return the path of an engine's address for a search."""
    return start + quote_plus(text)


def _squid() -> pl.Expr:
    verdict = pl.when("blocked").then(pl.lit("TCP_DENIED/403")).otherwise(pl.lit("TCP_MISS/200"))
    peer = pl.when("blocked").then(pl.lit("HIER_NONE/-")).otherwise(pl.lit("HIER_DIRECT/198.51.100.7"))
    return pl.format(
        "{}     85 {} {} {} GET https://{}{} {} {} {}",
        (pl.col("time") * 1000).round().cast(pl.Int64).cast(pl.String).str.replace(r"(\d{3})$", ".$1"),
        "address", verdict, "bytes", "host", "path", pl.col("user").fill_null("-"), peer, "mime",
    )  # fmt: skip


def _question() -> pl.Expr:
    return pl.format("dnsmasq[633]: query[{}] {} from {}", "kind", "host", "address").alias("text")


def _lease(person: Person) -> str:
    return f"dnsmasq-dhcp[633]: DHCPACK(wlan0) {person.phone_address} {person.phone_mac} {person.phone}"


def _dnsmasq() -> pl.Expr:
    local = (
        pl.from_epoch((pl.col("time")).cast(pl.Int64))
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(ZONE.key)
    )
    return pl.format("{} {}", local.dt.strftime("%b %e %H:%M:%S"), "text")
