"""
What a list may name besides a host: a network, one port of an address, or a part of a site.

    192.0.2.0/24            a network: every address in it
    192.0.2.7:9001          one port of an address (`[2001:db8::7]:9001`); says nothing of its other ports
    host.example/club       a page, and whatever lies below it; says nothing of the rest of the site

Each has one canonical text, which stands in the index beside the names and can be confused with none of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import canonical_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NETWORK: Final = r"^[0-9a-fA-F.:]+/\d{1,3}$"
PORT: Final = r"^(?:[a-z0-9]+://)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$"
PAGE: Final = r"^(?i:https?://)?[^/\s]+\.[^/\s]+/\S"

MET_SCHEMA: Final = {"value": pl.String(), "name": pl.String(), "depth": pl.Int16()}
"""A value as asked, an entry's text that it would meet, and how far above the value that stands; pages and ports: -1."""

_Met = tuple[str, str, int]
_V4: Final = r"^\d{1,3}(?:\.\d{1,3}){3}$"
_V6: Final = r"^\[?[0-9a-fA-F.:]*:[0-9a-fA-F.:]*\]?$"
_PLAIN_PORT: Final = r"^\d{1,3}(?:\.\d{1,3}){3}:[1-9]\d{0,4}$"


def canonical_network(text: str) -> str | None:
    """Return a network, its host bits cleared (`192.0.2.7/24` -> `192.0.2.0/24`), or None; one address is written bare."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    whole = network.prefixlen == network.max_prefixlen
    # Shorter than this would be a sixteenth of all there is: a slip of a list's maker, never meant.
    return None if network.prefixlen < 5 else str(network.network_address) if whole else str(network)


def canonical_port(text: str) -> str | None:
    """Return `address:port` (`[address]:port` for IPv6) without scheme, or None."""
    address, _, port = text.rpartition("://")[2].rpartition(":")
    try:
        ip, number = ip_address(address.strip("[]")), int(port)
    except ValueError:
        return None
    if not 0 < number < 65536:
        return None
    return f"{ip}:{number}" if ip.version == 4 else f"[{ip}]:{number}"


def canonical_page(text: str) -> str | None:
    """Return `host/path` without scheme, port, fragment and final slash, or None; the path's case is kept."""
    host, _, path = re.sub(r"^[a-z]+://", "", text, flags=re.IGNORECASE).partition("/")
    name = canonical_host(host)
    path = re.sub(r"//+", "/", path.partition("#")[0]).strip("/")
    return f"{name}/{path}" if name and path and not re.match(NETWORK, f"{name}/{path}") else None


class Places:
    """
    The networks, ports and pages of an index, ready to be asked which of them a value is in.

    Args:
        entries: all the entries' texts; names and addresses are passed over.

    """

    def __init__(self, entries: pl.Series) -> None:
        odd = entries.filter(entries.str.contains_any(["/", ":"])).unique()
        is_network = odd.str.contains(NETWORK)
        self._page_entries = odd.filter(odd.str.contains(PAGE) & ~is_network)
        self._port_entries = odd.filter(odd.str.contains(PORT))
        self._networks: dict[int, dict[int, set[int]]] = {4: defaultdict(set), 6: defaultdict(set)}
        for text in odd.filter(is_network):
            network = ip_network(text)
            self._networks[network.version][network.prefixlen].add(int(network.network_address))

    def above(self, values: pl.Series) -> list[pl.DataFrame]:
        """Return frames of `MET_SCHEMA`: what each value meets. A kind that no list holds costs nothing."""
        asked = [
            (not self._page_entries.is_empty(), PAGE, self._below_pages),
            (not self._port_entries.is_empty(), PORT, self._at_ports),
            (bool(self._networks[4]), _V4, self._in_v4),
            (bool(self._networks[6]), _V6, self._in_v6),
        ]
        return [find(values.filter(values.str.contains(pattern))) for held, pattern, find in asked if held]

    def _below_pages(self, values: pl.Series) -> pl.DataFrame:
        """Return the listed pages that an address of the web is, or lies below."""
        asked = _met(_pages(values))
        return asked.filter(pl.col("name").is_in(self._page_entries.implode()))

    def _at_ports(self, values: pl.Series) -> pl.DataFrame:
        """Return the listed ports that a value is; what is written as a list writes it need not be parsed."""
        plain = values.str.contains(_PLAIN_PORT)
        asked = pl.concat(
            [
                values.filter(plain)
                .to_frame("value")
                .select("value", name="value", depth=pl.lit(-1, pl.Int16)),
                _met(_ports(values.filter(~plain))),
            ]
        )
        return asked.filter(pl.col("name").is_in(self._port_entries.implode()))

    def _in_v4(self, values: pl.Series) -> pl.DataFrame:
        """Return every network that an IPv4 address is in: whole columns of numbers, one length after another."""
        parts = pl.col("value").str.split_exact(".", 3).struct
        bytes_ = [parts.field(f"field_{n}").cast(pl.Int64, strict=False) for n in range(4)]
        asked = values.to_frame("value").with_columns(
            number=bytes_[0] * 2**24 + bytes_[1] * 2**16 + bytes_[2] * 2**8 + bytes_[3]
        )
        asked = asked.filter(pl.all_horizontal(byte.is_between(0, 255) for byte in bytes_))
        found = [_met(())]
        for length, starts in sorted(self._networks[4].items()):
            held = pl.Series(sorted(starts), dtype=pl.Int64)
            size = 2 ** (32 - length)
            inside = asked.with_columns(start=pl.col("number") // size * size).filter(
                pl.col("start").is_in(held.implode())
            )
            found.append(
                _met(
                    (value, str(IPv4Network((start, length))), 32 - length)
                    for value, _, start in inside.iter_rows()
                )
            )
        return pl.concat(found)

    def _in_v6(self, values: pl.Series) -> pl.DataFrame:
        """Return every network that an IPv6 address is in."""
        return _met(self._v6_networks(values))

    def _v6_networks(self, values: pl.Series) -> Iterator[_Met]:
        for value in values:
            try:
                address = int(IPv6Address(value.strip("[]")))
            except ValueError:
                continue
            for length, starts in self._networks[6].items():
                start = address >> (128 - length) << (128 - length)
                if start in starts:
                    yield value, str(IPv6Network((start, length))), 128 - length


def _met(rows: Iterable[_Met]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), MET_SCHEMA, orient="row")


def _pages(values: pl.Series) -> Iterator[_Met]:
    """Yield each page and all that it lies below on its site."""
    for value in values:
        page = canonical_page(value)
        while page and "/" in page:
            yield value, page, -1
            page = re.sub(r"(?:\?.*|/[^/?]*)$", "", page)


def _ports(values: pl.Series) -> Iterator[_Met]:
    """Yield each `address:port`."""
    for value in values:
        if port := canonical_port(value):
            yield value, port, -1
