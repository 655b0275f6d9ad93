"""What the sample captures hold, read slowly and plainly by scapy, and what nDPI and FoxIO's JA4 program read in them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet, Padding
from scapy.utils import PcapReader

from aup_monitor.capture.quic import Initials
from aup_monitor.capture.tls import Hello, client_hello, dtls_hello

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ends = tuple[str, int, str, int]
"""Source address and port, destination address and port."""

FLOW: Final = re.compile(r"\t\d+\t(?:TCP|UDP) (\S+):(\d+) <?-> (\S+):(\d+) \[")


class Reading(NamedTuple):
    """What another program says of one connection."""

    ends: Ends
    server_name: str | None
    ja4: str | None


def hellos(path: Path) -> dict[Ends, Hello]:
    """Return the ClientHello of each TCP direction and UDP flow of a capture that has one."""
    segments: dict[Ends, list[tuple[int, bytes]]] = defaultdict(list)
    initials = Initials()
    found: dict[Ends, Hello] = {}
    with PcapReader(str(path)) as packets:
        for packet in packets:
            for ends, layer, payload in _payloads(packet):
                if isinstance(layer, TCP):
                    segments[ends].append((layer.seq, payload))
                elif ends not in found and (hello := initials.add(ends, payload) or dtls_hello(payload)):
                    found[ends] = hello
    return found | {ends: hello for ends, part in segments.items() if (hello := client_hello(joined(part)))}


def joined(segments: list[tuple[int, bytes]]) -> bytes:
    """Return a direction's first bytes without a gap; the first segment seen may be a later one."""
    near = segments[0][0]
    in_order = sorted(((seq - near + 2**31) % 2**32, data) for seq, data in segments)
    stream = b""
    for seq, data in in_order:
        offset = seq - in_order[0][0]
        if offset > len(stream):
            break
        stream += data[len(stream) - offset :]
    return stream


def ndpi(capture: Path) -> list[Reading]:
    """Return nDPI's reading of TLS, DTLS and QUIC connections, from the text beside a capture."""
    text = capture.with_name(f"{capture.name}.out").read_text(errors="replace")
    found = []
    for line in text.splitlines():
        flow = FLOW.match(line)
        ja4 = re.search(r"\[JA4: ([^\]]*)\]", line)
        name = re.search(r"\[Hostname/SNI: ([^\]]*)\]", line)
        if flow and (ja4 or (name and re.search(r"\[proto: [^/]*/\S*(?:TLS|QUIC)", line))):
            source, sport, destination, dport = flow.groups()
            ends = (_address(source), int(sport), _address(destination), int(dport))
            found.append(Reading(ends, name and name[1].lower(), ja4 and ja4[1]))
    return found


def foxio(capture: Path) -> list[Reading]:
    """Return the expected output of FoxIO's own programs (Python and Rust) for a capture, as far as it is there."""
    name = capture.name.removeprefix("ja4__")
    python = capture.with_name(f"ja4-python-expected__{name}.json")
    rust = capture.with_name(f"ja4-rust-expected__ja4__insta@{name}.snap")
    found = []
    for row in json.loads(python.read_text()) if python.exists() else []:
        ends = (row["src"], int(row["srcport"]), row["dst"], int(row["dstport"]))
        found.append(Reading(ends, row.get("domain") or None, row.get("JA4.1")))
    for row in yaml.safe_load(rust.read_text().split("---")[2]) if rust.exists() else []:
        ends = (row["src"], row["src_port"], row["dst"], row["dst_port"])
        found.append(Reading(ends, row.get("tls_server_name"), row.get("ja4")))
    return [reading for reading in found if reading.ja4]


def captures(folder: Path) -> list[Path]:
    """Return the captures of a folder, without the readings beside them."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".pcap", ".pcapng"})


def _payloads(packet: Packet) -> Iterator[tuple[Ends, Packet, bytes]]:
    for kind in (TCP, UDP):
        layer = packet.getlayer(kind)
        under = layer and layer.underlayer
        while under and not isinstance(under, IP | IPv6):  # IPv6 headers between
            under = under.underlayer
        if layer and under:
            padding = bytes(packet[Padding]) if Padding in packet else b""
            payload = bytes(layer.payload).removesuffix(padding)
            if payload:
                yield (_address(under.src), layer.sport, _address(under.dst), layer.dport), layer, payload


def _address(text: str) -> str:
    return str(ip_address(text.strip("[]")))
