"""The reference page of a described format, made of its description."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.custom_format import CustomFormat

_KINDS: Final = {
    "csv": "cells, a header names them",
    "keyvalue": "pairs of key=value",
    "json": "one JSON object a line",
    "regex": "lines of one pattern",
    "squid": "Squid's own logformat",
}
_CHANGE: Final = """\
To change it, put this into aup.toml and edit it there; it then takes the place of the shipped one. `aup formats custom`
explains the settings."""


def page(name: str, spec: CustomFormat, *, about: str = "", settings: str = "") -> str:
    """
    Return the page: what is read, what fills which column, how the time and the outcome are written.

    Args:
        name: what a user types.
        spec: the description.
        about: what to say first.
        settings: the description as text, for one that ships and may be changed.

    """
    parts = [
        f"{spec.title or name}: {_KINDS[spec.kind]}.",
        about.strip(),
        "\n".join(_filled(spec, shown=bool(settings))).strip(),
        "\n".join(f"Reference: {address}" for address in spec.reference),
        f"Checked: {spec.checked}." if spec.checked else "",
        f"{_CHANGE}\n\n{indent(settings, '    ')}" if settings else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _filled(spec: CustomFormat, *, shown: bool) -> Iterator[str]:
    """Yield what fills which column; patterns only where the whole description is not shown."""
    if spec.kind == "squid":
        yield from ("The directive:", "", f"    {spec.logformat}", "")
        yield "What each code fills is as in the format `squid`; see https://www.squid-cache.org/Doc/config/logformat/"
        yield ""
    if spec.pattern and not shown:
        yield from ("The pattern of a line:", "", f"    {spec.pattern}", "")
    if spec.time:
        yield "What it fills:"
        yield ""
        zone = f", zone {spec.time.zone}" if spec.time.zone else ""
        yield f"- timestamp: {' and '.join(spec.time.columns).replace('|', ' or ')}, written as {' or '.join(spec.time.formats)}{zone}"
    yield from (f"- {column}: {source.replace('|', ' or ')}" for column, source in spec.filled.items())
    yield from _outcome(spec)
    yield ""


def _outcome(spec: CustomFormat) -> Iterator[str]:
    if spec.outcome:
        allowed, blocked = (
            ", ".join(words) or "no word" for words in (spec.outcome.allowed, spec.outcome.blocked)
        )
        yield f"- event_outcome: {spec.outcome.column}; allowed for {allowed}; blocked for {blocked}; else unknown"
    elif spec.kind != "squid":
        yield "- event_outcome: unknown, always; no column says it"
