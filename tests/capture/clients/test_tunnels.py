"""What ways past a filter show: VPNs, SSH, proxies and Tor, each a real client and a real server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import ways
from lab import SCHOOL, WORLD, needs

if TYPE_CHECKING:
    from lab import Lab

CURL = ("curl", "curl")

NEEDS_TUN = pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="this machine has no /dev/net/tun")

pytestmark = pytest.mark.servers


@needs(("wireguard-go", "wireguard-go"), ("wg", "wireguard-tools"), CURL)
@NEEDS_TUN
@pytest.mark.parametrize("port", [51820, 443])
def test_wireguard(lab: Lab, port: int) -> None:
    """A WireGuard session is recognised on its own port and on that of QUIC; of the page inside nothing is seen."""
    with lab.recorded():
        ways.wireguard(lab, port)
    (event,) = lab.events()
    assert event == event | {
        "source_ip": SCHOOL,
        "destination_ip": WORLD,
        "destination_port": port,
        "network_transport": "udp",
        "network_application": "wireguard",
        "event_outcome": "allowed",
    }
    assert "network_protocol" not in event


@needs(("openvpn", "openvpn"), ("openssl", "openssl"))
@pytest.mark.parametrize(
    ("transport", "protection"), [("udp", "none"), ("udp", "tls-crypt-v2"), ("tcp", "tls-auth")]
)
def test_openvpn(lab: Lab, transport: str, protection: str) -> None:
    """An OpenVPN session is recognised by UDP and by TCP, however its first messages are protected."""
    with lab.recorded():
        ways.openvpn(lab, transport, protection)
    (event,) = lab.events()
    assert event == event | {
        "source_ip": SCHOOL,
        "destination_ip": WORLD,
        "destination_port": 443,
        "network_transport": transport,
        "network_application": "openvpn",
    }
    assert "tls_server_name" not in event


@needs(("sshd", "openssh-server"), ("ssh", "openssh-client"))
@pytest.mark.parametrize("port", [22, 443])
def test_ssh(lab: Lab, port: int) -> None:
    """SSH is recognised on its own port and on that of the web."""
    with lab.recorded():
        ways.ssh(lab, port)
    (event,) = lab.events()
    assert (event["network_application"], event["destination_port"]) == ("ssh", port)


@needs(("tinyproxy", "tinyproxy-bin"), CURL)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_http_proxy(lab: Lab, certificate: Path, scheme: str) -> None:
    """Asking a proxy outside is recognised, and the site that it is asked for is told."""
    with lab.recorded():
        ways.http_proxy(lab, certificate, scheme)
    (event,) = lab.events()
    assert event == event | {
        "destination_port": 8888,
        "network_application": "http-proxy",
        "http_request_method": "GET" if scheme == "http" else "CONNECT",
        "url_domain": WORLD,
    }
    assert ("url_path" in event) == (scheme == "http")


@needs(("microsocks", "microsocks"), CURL)
@pytest.mark.parametrize(
    ("port", "version"), [(1080, "--socks5"), (4433, "--socks5"), (4433, "--socks5-hostname")]
)
def test_socks(lab: Lab, port: int, version: str) -> None:
    """A SOCKS proxy is recognised on any port, since it answers."""
    with lab.recorded():
        ways.socks(lab, port, version)
    shown = {(event["network_application"], event["destination_port"]) for event in lab.events()}
    assert shown == {("socks", port)}


@needs(("tor", "tor"))
def test_tor(lab: Lab) -> None:
    """A Tor client that joins by a bridge is recognised by its fingerprint and the server name that it makes up."""
    with lab.recorded():
        ways.tor(lab)
    events = lab.events()
    assert {(e["network_application"], e["network_protocol"]) for e in events} == {("tor", "tls")}
    assert all(str(event["tls_server_name"]).startswith("www.") for event in events)


@needs(("ss-server", "shadowsocks-libev"), ("ss-local", "shadowsocks-libev"), CURL)
@pytest.mark.parametrize("cipher", ["chacha20-ietf-poly1305", "aes-256-gcm"])
def test_shadowsocks(lab: Lab, cipher: str) -> None:
    """Most connections of Shadowsocks show, by first messages that look random; of random bytes a few look like something else."""
    with lab.recorded():
        ways.shadowsocks(lab, cipher, times=5)
    signs = [event.get("network_application") for event in lab.events(destination_port=8388)]
    assert len(signs) == 5
    assert signs.count("fully-encrypted") >= 3


@needs(("iodined", "iodine"), ("iodine", "iodine"))
@NEEDS_TUN
def test_data_in_look_ups(lab: Lab) -> None:
    """A tunnel in look-ups is recognised once three of its questions look like data, and then goes on being."""
    with lab.recorded():
        ways.dns_tunnel(lab)
    signs = [event.get("network_application") for event in lab.events(network_protocol="dns")]
    first = signs.index("dns-tunnel")
    assert first < 10
    assert set(signs[first:]) == {"dns-tunnel"}
