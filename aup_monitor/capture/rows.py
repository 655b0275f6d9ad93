"""
Rows that wait until all packets up to them are decided, and leave in the order of the packets.

A packet is an event, a reject or nothing, and what it is may be known only when its connection ends. Rows leave in order and
without gaps, so that a reading that was killed goes on after its last packet and loses nothing.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP
from aup_monitor.core.schema import EVENT_SCHEMA, TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.capture.signs import Sign


class Seen(NamedTuple):
    """What every row says: packet number, microseconds, and the two ends, client first."""

    offset: int
    timestamp: int
    source_ip: str | None
    source_port: int | None
    destination_ip: str | None
    destination_port: int | None
    network_transport: str | None


class End(NamedTuple):
    """One end of a connection: both halves of its address, IPv4 as IPv6 has it, and its port, or 0."""

    high: int
    low: int
    port: int


def seen(number: int, time: int, client: End, server: End, transport: str) -> Seen:
    """Return what every row says, of a packet of a connection between these ends."""
    source, destination = _address(client.high, client.low), _address(server.high, server.low)
    return Seen(number, time, source, client.port or None, destination, server.port or None, transport)


@lru_cache(65_536)
def _address(high: int, low: int) -> str:
    """Return an address as canonical text."""
    if high == 0 and low >> 32 == 0xFFFF:
        return str(IPv4Address(low & 0xFFFF_FFFF))
    return str(IPv6Address(high << 64 | low))


def sign_columns(sign: Sign | None) -> tuple[str | None, str | None]:
    """Return `network_application` and `event_reason`."""
    return (sign.application, sign.reason) if sign else (None, None)


_SEEN: Final = Seen._fields
LOOK_UP: Final = (
    *_SEEN,
    "event_outcome",
    "event_duration",
    "network_application",
    "event_reason",
    "dns_question_name",
    "dns_question_type",
    "dns_response_code",
    "dns_answers",
)
CONNECTION: Final = (
    *_SEEN,
    "event_outcome",
    "event_duration",
    "source_bytes",
    "destination_bytes",
    "network_protocol",
    "network_application",
    "event_reason",
    "tls_server_name",
    "tls_client_ja4",
    "tls_version",
    "tls_next_protocol",
    "tls_client_hello_encrypted",
)
REQUEST: Final = (
    *_SEEN,
    "event_outcome",
    "event_duration",
    "source_bytes",
    "destination_bytes",
    "network_application",
    "event_reason",
    "http_request_method",
    "url_full",
    "url_scheme",
    "url_domain",
    "url_path",
    "url_query",
    "user_agent_original",
    "http_request_referrer",
)
LEASE: Final = (
    "offset",
    "timestamp",
    "event_action",
    "event_outcome",
    "source_ip",
    "source_mac",
    "host_name",
    LEASE_FROM,
    LEASE_TO,
)
BAD: Final = ("offset", REJECT)
KINDS: Final[dict[tuple[str, ...], dict[str, str]]] = {
    LOOK_UP: {"log_class": "capture", "network_protocol": "dns"},
    CONNECTION: {"log_class": "capture"},
    REQUEST: {"log_class": "capture", "network_protocol": "http"},
    LEASE: {"log_class": "dhcp", "network_transport": "udp", "network_protocol": "dhcp"},
    BAD: {},
}
"""The columns of each kind of row, and what all rows of it say."""

_NAMES: Final = frozenset(name for names, fixed in KINDS.items() for name in (*names, *fixed))
SCHEMA: Final[dict[str, Any]] = {
    "offset": pl.Int64(),
    REJECT: pl.String(),
    SKIP: pl.Boolean(),
    **{name: dtype for name, dtype in EVENT_SCHEMA.items() if name in _NAMES},
    LEASE_FROM: TIME,
    LEASE_TO: TIME,
}
"""The columns of every frame of rows."""


class Rows:
    """Rows by kind, until they leave."""

    def __init__(self, after: int) -> None:
        """Begin; rows of packets up to `after` were given in an earlier reading, and are dropped."""
        self._fresh: dict[tuple[str, ...], list[Sequence[object]]] = {kind: [] for kind in KINDS}
        self._held = pl.DataFrame(schema=SCHEMA)
        self._next = after + 1

    def add(self, kind: tuple[str, ...], row: Sequence[object]) -> None:
        """Keep a row; its values are those of the kind's columns."""
        self._fresh[kind].append(row)

    def leave(self, before: int) -> pl.DataFrame:
        """Return a row for each packet whose number is lower, in order; those that say nothing are marked `skip`."""
        frames = [_frame(kind, rows) for kind, rows in self._fresh.items() if rows]
        for rows in self._fresh.values():
            rows.clear()
        known = pl.concat([self._held, *frames], how="diagonal")
        if before <= self._next:
            self._held = known
            return known.clear()
        self._held = known.filter(pl.col("offset") >= before)
        told = known.filter(pl.col("offset").is_between(self._next, before - 1))
        told = told.unique("offset", keep="first", maintain_order=True)
        silent = np.ones(before - self._next, bool)
        silent[told["offset"].to_numpy() - self._next] = False
        others = pl.DataFrame(
            {"offset": np.flatnonzero(silent) + self._next, SKIP: True}, schema_overrides={SKIP: pl.Boolean}
        )
        self._next = before
        return pl.concat([told, others], how="diagonal").sort("offset")


def _frame(kind: tuple[str, ...], rows: list[Sequence[object]]) -> pl.DataFrame:
    """Return rows as columns; times are given as microseconds."""
    columns = zip(kind, zip(*rows, strict=True), strict=True)
    fixed: dict[str, Any] = {SKIP: False, **KINDS[kind]}
    return pl.DataFrame(
        [
            *(pl.Series(name, values, SCHEMA[name], strict=False) for name, values in columns),
            *(
                pl.Series(name, [value], SCHEMA[name]).new_from_index(0, len(rows))
                for name, value in fixed.items()
            ),
        ]
    )
