"""Invented Squid lines for tests of jobs."""

from __future__ import annotations

import random
from datetime import UTC, datetime

START = datetime(2026, 9, 7, 8, tzinfo=UTC).timestamp()


def squid_lines(count: int, *, seed: int = 1, start: float = START) -> list[str]:
    """Return so many lines, ten to the second, with a bad one in every hundred."""
    chance = random.Random(seed)
    lines = []
    for n in range(count):
        host = f"site{chance.randrange(50)}.example.org"
        user = f"user{chance.randrange(20)}"
        if n % 100 == 99:
            lines.append("this line is not of the log\n")
            continue
        lines.append(
            f"{start + n / 10:.3f} {n % 900:6d} 10.0.0.{n % 250} TCP_MISS/200 {n} GET "
            f"http://{host}/page/{n} {user} HIER_DIRECT/192.0.2.{n % 250} text/html\n"
        )
    return lines
