"""What a QUIC client shows, with each version and through the encryption of its first packets."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import WORLD, WORLD_V6

if TYPE_CHECKING:
    from lab import Lab

OVER_QUIC = str(Path(__file__).parent / "over_quic.py")
SITE = "www.school-test.example"

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not find_spec("aioquic"), reason="not installed: pip install aioquic"),
]


@pytest.mark.parametrize(
    ("address", "version"),
    [(WORLD, "00000001"), (WORLD_V6, "6b3343cf")],
    ids=["version 1 over IPv4", "version 2 over IPv6"],
)
def test_quic(lab: Lab, certificate: Path, address: str, version: str) -> None:
    """A QUIC connection is one event with server name, version of TLS, protocol and fingerprint, and bears no sign."""
    with lab.runs(sys.executable, OVER_QUIC, "serve", "443", str(certificate), until=443), lab.recorded():
        lab.ask(sys.executable, OVER_QUIC, "ask", address, "443", SITE, version, "h3")
    (event,) = lab.events()
    assert event == event | {
        "destination_ip": address,
        "destination_port": 443,
        "network_transport": "udp",
        "network_protocol": "quic",
        "event_outcome": "allowed",
        "tls_server_name": SITE,
        "tls_version": "1.3",
        "tls_next_protocol": "h3",
    }
    assert str(event["tls_client_ja4"]).startswith("q13d")
    assert "network_application" not in event


def test_long_name(lab: Lab, certificate: Path) -> None:
    """A name so long that the ClientHello takes more room is told whole."""
    name = ".".join(["a" * 60] * 3 + ["school-test.example"])
    with lab.runs(sys.executable, OVER_QUIC, "serve", "443", str(certificate), until=443), lab.recorded():
        lab.ask(sys.executable, OVER_QUIC, "ask", WORLD, "443", name, "00000001", "h3")
    (event,) = lab.events()
    assert event["tls_server_name"] == name


def test_look_ups_over_quic(lab: Lab, certificate: Path) -> None:
    """DNS over QUIC is recognised by its port, and on any other by the protocol that the client asks for."""
    for port in ("853", "8443"):
        with (
            lab.runs(sys.executable, OVER_QUIC, "serve", port, str(certificate), until=int(port)),
            lab.recorded(),
        ):
            lab.ask(sys.executable, OVER_QUIC, "ask", WORLD, port, SITE, "00000001", "doq")
        (event,) = lab.events()
        assert (event["network_application"], event["network_protocol"]) == ("doq", "quic")
