"""
What others read of a capture: nDPI, the two JA4 programs of FoxIO, and tshark.

    monday.pcap.out                                   nDPI (`ndpiReader -v 2`), one line a flow
    ja4-python-expected__monday.pcap.json             FoxIO's ja4.py, of `ja4__monday.pcap`
    ja4-rust-expected__ja4__insta@monday.pcap.snap    FoxIO's ja4 in Rust

tshark is run on the capture itself. Each reading is one value, of one connection, known by its two ends.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ends = frozenset[tuple[str, int]]
"""Address and port of both sides, whoever asked."""

DNS_NAME, SERVER_NAME, HTTP_HOST, JA4, PROTOCOL = "DNS name", "server name", "HTTP host", "JA4", "protocol"
FIELDS: Final = (DNS_NAME, SERVER_NAME, HTTP_HOST, JA4, PROTOCOL)
NDPI, FOXIO_PYTHON, FOXIO_RUST, TSHARK = "nDPI", "JA4 in Python", "JA4 in Rust", "tshark"

LOCAL_TALK: Final = frozenset({137, 138, 1900, 3702, 5353, 5355})
"""UDP ports on which devices of one network find each other; not asked for, and not read by us."""

_FLOW: Final = re.compile(
    r"^\s+\d+\s+(?P<transport>TCP|UDP)\s+(?P<one>\S+):(?P<one_port>\d+) (?:<->|->) (?P<other>\S+):(?P<other_port>\d+) "
)
_PROTOCOL: Final = re.compile(r"\[proto: (?:[A-Z]+:)?[\d.]+/([^\]]+)\]")
_NAME: Final = re.compile(r"\[Hostname/SNI: ([^\]]*)\]")
_JA4: Final = re.compile(r"\[JA4: ([^\]]*)\]")

_GUESSED: Final = "[Confidence: Match by port]"
"""nDPI saw nothing that tells the protocol, and took the port's."""

_NAME_OF: Final = {
    "DNS": DNS_NAME,
    "TLS": SERVER_NAME,
    "QUIC": SERVER_NAME,
    "DTLS": SERVER_NAME,
    "HTTP": HTTP_HOST,
}
"""Which field a host name of nDPI's is, by the first word of its protocol."""


@dataclass(frozen=True)
class Reading:
    """One value that another program read."""

    by: str
    field: str
    ends: Ends
    value: str
    part: bool = False
    """Whether they saw only a part of what tells it: a TLS connection without its ClientHello."""


def ends(one: str, one_port: int | str, other: str, other_port: int | str) -> Ends:
    """Return both sides of a connection, addresses in canonical text."""
    return frozenset({(_address(one), int(one_port)), (_address(other), int(other_port))})


def _address(text: str) -> str:
    return str(ip_address(text.strip("[]")))


def beside(capture: Path) -> Iterator[Reading]:
    """Yield what the files beside a capture say of it."""
    out = capture.with_name(capture.name + ".out")
    if out.exists():
        yield from _ndpi(out.read_text(encoding="utf-8", errors="replace"))
    name = capture.name.removeprefix("ja4__")
    python = capture.with_name(f"ja4-python-expected__{name}.json")
    if python.exists() and (text := python.read_text(encoding="utf-8")).strip():
        yield from _foxio_python(json.loads(text))
    rust = capture.with_name(f"ja4-rust-expected__ja4__insta@{name}.snap")
    if rust.exists():
        yield from _foxio_rust(list(yaml.safe_load_all(rust.read_text(encoding="utf-8")))[-1] or [])


def ndpi_words(capture: Path) -> list[str]:
    """Return the protocols that nDPI names in a capture, each once, in the order of its file."""
    out = capture.with_name(capture.name + ".out")
    if not out.exists():
        return []
    lines = out.read_text(encoding="utf-8", errors="replace").splitlines()
    words = (_PROTOCOL.search(line) for line in lines if _FLOW.match(line))
    return list(dict.fromkeys(found.group(1) for found in words if found))


def _ndpi(text: str) -> Iterator[Reading]:
    for line in text.splitlines():
        flow, protocol = _FLOW.match(line), _PROTOCOL.search(line)
        if flow is None or protocol is None:
            continue
        ports = {int(flow["one_port"]), int(flow["other_port"])}
        if flow["transport"] == "UDP" and ports & LOCAL_TALK:
            continue
        sides = ends(flow["one"], flow["one_port"], flow["other"], flow["other_port"])
        name, ja4 = _NAME.search(line), _JA4.search(line)
        first = protocol[1].split(".")[0]
        if _GUESSED not in line:
            yield Reading(
                NDPI, PROTOCOL, sides, protocol[1], part=first in {"TLS", "DTLS", "QUIC"} and not ja4
            )
        field = _NAME_OF.get(first)
        if field and name and name[1]:
            yield Reading(NDPI, field, sides, name[1])
        if ja4:
            yield Reading(NDPI, JA4, sides, ja4[1])


def _foxio_python(streams: list[dict[str, Any]]) -> Iterator[Reading]:
    for stream in streams:
        sides = ends(stream["src"], stream["srcport"], stream["dst"], stream["dstport"])
        if stream.get("domain"):
            yield Reading(FOXIO_PYTHON, SERVER_NAME, sides, stream["domain"])
        # A second ClientHello, which a server may ask for, is JA4.2; an event has the first one's.
        if ja4 := stream.get("JA4.1") or stream.get("JA4"):
            yield Reading(FOXIO_PYTHON, JA4, sides, ja4)


def _foxio_rust(streams: list[dict[str, Any]]) -> Iterator[Reading]:
    for stream in streams:
        sides = ends(stream["src"], stream["src_port"], stream["dst"], stream["dst_port"])
        if stream.get("tls_server_name"):
            yield Reading(FOXIO_RUST, SERVER_NAME, sides, stream["tls_server_name"])
        if stream.get("ja4"):
            yield Reading(FOXIO_RUST, JA4, sides, stream["ja4"])


def has_tshark() -> bool:
    """Tell whether tshark can be run."""
    return shutil.which("tshark") is not None


_COLUMNS: Final = (
    "frame.protocols",
    "ip.src",
    "ipv6.src",
    "ip.dst",
    "ipv6.dst",
    "tcp.srcport",
    "udp.srcport",
    "tcp.dstport",
    "udp.dstport",
    "dns.qry.name",
    "tls.handshake.extensions_server_name",
    "http.host",
)


def tshark(capture: Path) -> Iterator[Reading]:
    """Yield what tshark reads, each value of a connection once."""
    fields = [word for column in _COLUMNS for word in ("-e", column)]
    ran = subprocess.run(
        ["tshark", "-n", "-r", str(capture), "-Y", " or ".join(_COLUMNS[-3:]), "-T", "fields",
         "-E", "separator=/t", "-E", "aggregator=|", *fields],
        capture_output=True, text=True, check=False, errors="replace",
    )  # fmt: skip
    yield from dict.fromkeys(
        reading for line in ran.stdout.splitlines() for reading in _tshark(line.split("\t"))
    )


def _tshark(values: list[str]) -> Iterator[Reading]:
    layers, ipv4, ipv6, to_ipv4, to_ipv6, tcp, udp, to_tcp, to_udp, *found = values
    inner = [layer for layer in layers.split(":") if layer in {"ip", "ipv6"}][-1:]
    source, target = (
        part.split("|")[-1] for part in ((ipv6, to_ipv6) if inner == ["ipv6"] else (ipv4, to_ipv4))
    )
    ports = (tcp or udp).split("|")[-1], (to_tcp or to_udp).split("|")[-1]
    if not all((source, target, *ports)) or (not tcp and {int(port) for port in ports} & LOCAL_TALK):
        return
    sides = ends(source, ports[0], target, ports[1])
    for field, text in zip((DNS_NAME, SERVER_NAME, HTTP_HOST), found, strict=True):
        for value in filter(None, text.split("|")):
            if field != HTTP_HOST or tcp:
                yield Reading(TSHARK, field, sides, value)
