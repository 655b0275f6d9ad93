"""Time zones by their IANA names, as settings and options give them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def known_zone(zone: str) -> str:
    """Return the name of a time zone; raises `ValueError` where there is none of it."""
    try:
        ZoneInfo(zone)
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ) as exc:  # OSError: a folder of zones, such as `Europe`
        raise ValueError(f"{zone!r} is no IANA time zone; write for example Europe/London") from exc
    return zone


Zone = Annotated[str, AfterValidator(known_zone)]
