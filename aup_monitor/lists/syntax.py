"""
Read a list in any form that the catalogue knows: `parse_list`.

    domains       what `parse.py` reads: names, hosts files, ad blockers' and dnsmasq's rules, addresses
    squidguard    names, and pages of sites (`domains` and `urls` of http://www.squidguard.org/Doc/)
    v2fly         typed rules (https://github.com/v2fly/domain-list-community); `archive.py` resolves what they include
    cidr          networks, addresses, `address:port`, names
    csv           a table; the catalogue names the column of the host, and perhaps that of the port
    misp-json     a warning list (https://github.com/MISP/misp-warninglists)
    sdns          resolvers' stamps (https://dnscrypt.info/stamps-specifications): their hosts, or address and port
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.parse import Parsed, parse_domains, parse_places
from aup_monitor.lists.places import NETWORK, PAGE, PORT, canonical_network, canonical_page, canonical_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aup_monitor.lists.catalogue import Source

_PLACES: Final = {NETWORK: canonical_network, PORT: canonical_port}
_PAGES: Final = {PAGE: canonical_page}
_STAMP: Final = re.compile(r"^sdns://([A-Za-z0-9_-]+=*)", re.MULTILINE)
_HTML: Final = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE | re.DOTALL
)

BY_LINE: Final = frozenset({"domains", "squidguard", "v2fly", "cidr"})
"""Formats of which any whole lines are a list, too, so that a long one can be read in blocks."""


def parse_list(content: bytes, source: Source) -> Parsed:
    """
    Return the entries of a list and its bad lines; of CSV and JSON the line is the number of the row.

    Raises:
        RuleError: it is not of the source's format at all; `where` is left to the caller.

    """
    if looks_like_html(content):
        raise RuleError(
            "this is a web page, not a list",
            fix=f"open {source.url or source.file} in a browser; a filter or a sign-in page may stand before it",
        )
    match source.format:
        case "domains" | "v2fly":
            return parse_domains(content)
        case "squidguard":
            return parse_places(content, _PAGES)
        case "cidr":
            return parse_places(content, _PLACES)
        case "csv":
            return parse_places(_lines(_of_csv(content, source)), _PLACES)
        case "misp-json":
            return parse_places(_lines(_of_misp(content)), _PLACES)
        case "sdns":
            return parse_places(_lines(_of_stamps(content)), _PLACES)


def looks_like_html(content: bytes) -> bool:
    """Tell whether a file begins as a web page does."""
    return _HTML.match(content.removeprefix(b"\xef\xbb\xbf")[:2000]) is not None


def _lines(entries: Iterable[str]) -> bytes:
    return "\n".join(entry.replace("\n", " ") for entry in entries).encode()


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _of_csv(content: bytes, source: Source) -> Iterator[str]:
    """Yield a line for each row, the header's too, which is a comment."""
    rows = csv.reader(io.StringIO(_text(content).replace("\0", "")), skipinitialspace=True)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        missing = [name for name in source.columns if name.lower() not in header]
        if missing:
            raise RuleError(
                f"the table has no column {missing[0]!r}; it has {', '.join(header)[:200] or 'none'}",
                fix=f"put its present name into columns: of {source.id} in lists/catalogue.yml",
            )
        places = [header.index(name.lower()) for name in source.columns]
        yield "#"
        for row in rows:
            cells = [row[place].strip() if place < len(row) else "" for place in places]
            yield _joined(*cells)
    except csv.Error as exc:
        raise RuleError(
            f"not a table: {exc}", fix="check that it is the file that the catalogue names"
        ) from exc


def _joined(host: str, port: str | None = None) -> str:
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _of_misp(content: bytes) -> list[str]:
    """Return a line for each entry: `string` means the host alone, `hostname` all below it, too."""
    try:
        whole: Any = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise RuleError(f"not JSON: {exc}", fix="check that it is the file that the catalogue names") from exc
    entries = whole.get("list") if isinstance(whole, dict) else None
    kind = whole.get("type") if isinstance(whole, dict) else None
    if not isinstance(entries, list) or kind not in {"string", "hostname", "cidr"}:
        raise RuleError(
            "not a warning list of hosts or networks: it needs list, and type string, hostname or cidr",
            fix="check that it is the file that the catalogue names",
        )
    return [_of_misp_entry(str(entry).strip(), str(kind)) for entry in entries]


def _of_misp_entry(entry: str, kind: str) -> str:
    is_name = kind == "string" and re.search(r"[a-z]", entry) and not re.search(r"[:/]", entry)
    return f"full:{entry}" if is_name else entry


def _of_stamps(content: bytes) -> Iterator[str]:
    """Yield the host, or address and port, of each stamp in a text; one that cannot be read stands as it is."""
    for match in _STAMP.finditer(_text(content)):
        try:
            yield _of_stamp(
                base64.urlsafe_b64decode(match[1].rstrip("=") + "=" * (-len(match[1].rstrip("=")) % 4))
            )
        except (binascii.Error, IndexError, UnicodeDecodeError):
            yield match[0]


def _of_stamp(stamp: bytes) -> str:
    """
    Return what a stamp leads to.

    After the protocol's byte and eight of properties come fields that begin with their length. DNSCrypt (1) and its
    relays (0x81) give an address, at port 443 unless they say another; DNS over HTTPS, TLS and QUIC (2, 3, 4) and oblivious relays
    (0x85) give an address, which may be shared with others, hashes and then the host; oblivious targets (5) the host.
    """
    protocol, at = stamp[0], 1 if stamp[0] == 0x81 else 9
    if protocol in {1, 0x81}:
        address, _ = _field(stamp, at)
        return address if re.search(r"(?:^[^:]*|\]):\d+$", address) else f"{address}:443"
    if protocol in {2, 3, 4, 0x85}:
        _, at = _field(stamp, at)
        while stamp[at] & 0x80:  # a hash that another follows
            at += 1 + (stamp[at] & 0x7F)
        at += 1 + stamp[at]
    elif protocol != 5:
        raise IndexError(protocol)
    host = _field(stamp, at)[0]
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _field(stamp: bytes, at: int) -> tuple[str, int]:
    """Return the field that begins at a place, and the place behind it."""
    end = at + 1 + stamp[at]
    if end > len(stamp):
        raise IndexError(end)
    return stamp[at + 1 : end].decode(), end
