"""A Squid log of any length, the same every time: a school's day with a few listed sites in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

START = 1_788_760_800.0  # Monday 7 September 2026, 06:00 UTC
LISTED = ("www.bet365.com", "nordvpn.com", "www.torproject.org", "www.croxyproxy.com")
MEDIA = ("text/html", "image/png", "application/javascript", "text/css", "application/json")
RESULTS = ("TCP_MISS/200", "TCP_HIT/200", "TCP_REFRESH_HIT/304", "TCP_DENIED/403", "TCP_TUNNEL/200")


def write_squid_log(path: Path, lines: int, seed: int = 1) -> None:
    """Write so many lines, about 134 bytes each, over ten hours; one in 20,000 is of a listed site."""
    chance = np.random.default_rng(seed)
    hosts = [f"site{n}.example.{'org' if n % 3 else 'co.uk'}" for n in range(4000)]
    pages = [f"/l/{n % 97}/{n}.html" for n in range(20_000)]
    users = [f"user{n}" for n in range(600)]
    with path.open("w", encoding="ascii") as file:
        for first in range(0, lines, 50_000):
            size = min(50_000, lines - first)
            times = START + (np.arange(first, first + size) * (36_000 / lines))
            draw = chance.integers(0, 1 << 30, (size, 6))
            file.writelines(_line(times[n], draw[n], hosts, pages, users) for n in range(size))


def _line(moment: float, draw: np.ndarray, hosts: list[str], pages: list[str], users: list[str]) -> str:
    a, b, c, d, e, f = (int(x) for x in draw)
    host = LISTED[b % len(LISTED)] if a % 20_000 == 0 else hosts[a % len(hosts)]
    result = RESULTS[c % len(RESULTS)]
    client = f"10.20.{d % 8}.{d % 250}"
    peer = f"HIER_DIRECT/198.51.{e % 100}.{e % 250}"
    if result.startswith("TCP_TUNNEL"):
        return f"{moment:.3f} {f % 60_000:6d} {client} {result} {e % 90_000} CONNECT {host}:443 {users[d % 600]} {peer} -\n"
    url = f"http://{host}{pages[b % len(pages)]}"
    return f"{moment:.3f} {f % 9000:6d} {client} {result} {e % 90_000} GET {url} {users[d % 600]} {peer} {MEDIA[f % 5]}\n"
