"""
The head of an HTTP/1 request (RFC 9112): what was asked for, of whom, by which program, coming from where.

Cookies, credentials, bodies and all other fields stay unread.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

METHODS: Final = (b"GET ", b"POST", b"HEAD", b"PUT ", b"DELE", b"OPTI", b"CONN", b"PATC", b"TRAC", b"PROP")
"""The first four bytes of requests."""
LONGEST: Final = 16_384
"""Bytes of a head that are read."""
MOST_TEXT: Final = 8_192
"""Bytes of one field that are kept."""
LINE: Final = re.compile(rb"([A-Z]{3,16}) ([^ \r\n]{1,8192})(?:(?: HTTP/1\.[01])?\r?\n|\Z)")
"""A request's first line, or as much of it as there is."""

_FIELD: Final = re.compile(rb"(?mi)^(host|user-agent|referer):[ \t]*([^\r\n]*?)[ \t]*\r?$")
_ABSOLUTE: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_PORT: Final = re.compile(r":\d*$")


class Request(NamedTuple):
    """One request, as the columns of an event have it."""

    method: str
    full: str | None
    scheme: str | None
    domain: str | None
    path: str | None
    query: str | None
    user_agent: str | None
    referrer: str | None


def begins_request(payload: bytes) -> bool:
    """Tell whether bytes begin as a request does."""
    return payload[:4] in METHODS


def ended(head: bytes) -> bool:
    """Tell whether a head's end is there, or as much as is read of one."""
    return b"\r\n\r\n" in head or b"\n\n" in head or len(head) >= LONGEST


def request(head: bytes) -> Request | None:
    """Return the request that bytes begin with, as far as it is there; None where they begin with none."""
    line = LINE.match(head, 0, LONGEST)
    if line is None:
        return None
    end = head.find(b"\r\n\r\n", 0, LONGEST)
    fields = {
        name.lower(): _text(value)
        for name, value in _FIELD.findall(head[line.end() : end if end >= 0 else LONGEST])
    }
    method, target = line[1].decode("ascii"), _text(line[2]) or ""
    host = fields.get(b"host")
    scheme, domain, rest = _split(method, target, host)
    path, _, query = rest.partition("#")[0].partition("?")
    full = f"{scheme}://{domain}{rest}" if scheme and domain else None
    return Request(
        method,
        full,
        scheme,
        _domain(domain),
        path or None,
        query or None,
        fields.get(b"user-agent"),
        fields.get(b"referer"),
    )


def _split(method: str, target: str, host: str | None) -> tuple[str | None, str | None, str]:
    """Return scheme, authority and the rest of what was asked for, in any of the forms of RFC 9112 section 3.2."""
    if method == "CONNECT":
        return None, target, ""
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute:
        return absolute[1].lower(), absolute[2] or host, absolute[3] or "/"
    return "http", host, "" if target == "*" else target


def _domain(authority: str | None) -> str | None:
    """Return the host of an authority without account and port, in lower case, without a final dot."""
    if not authority:
        return None
    return _PORT.sub("", authority.rpartition("@")[2]).lower().removesuffix(".") or None


def _text(raw: bytes) -> str | None:
    return raw[:MOST_TEXT].decode("utf-8", "replace").replace("\x00", "") or None
