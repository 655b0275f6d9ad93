"""
Signs of what a connection is, in its first bytes: protocols that get round a filter, control computers or share files.

Pure functions, one a protocol, each with the protocol's reference. A sign tells what is spoken, not whether it is allowed: rules
decide that, by where a connection goes to. What is known by a host's name alone is left to rules over lists of hosts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import LONGEST, MOST, FirstBytes, Sign
from aup_monitor.capture.signs.look_ups import dns_tunnel, dnscrypt, encrypted_dns
from aup_monitor.capture.signs.marks import marked
from aup_monitor.capture.signs.proxy import http_proxy, socks, ssh
from aup_monitor.capture.signs.random_looking import fully_encrypted
from aup_monitor.capture.signs.remote import anydesk, rdp, teamviewer, vnc
from aup_monitor.capture.signs.sharing import bittorrent
from aup_monitor.capture.signs.vpn import ipsec, l2tp, openvpn, pptp, softether, sstp, tailscale, wireguard

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LONGEST", "MOST", "FirstBytes", "Sign", "sign_of"]

_SIGNS: Final[tuple[Callable[[FirstBytes], Sign | None], ...]] = (
    marked,
    encrypted_dns,
    anydesk,
    softether,
    sstp,
    http_proxy,
    ssh,
    rdp,
    vnc,
    bittorrent,
    wireguard,
    tailscale,
    ipsec,
    l2tp,
    pptp,
    socks,
    dnscrypt,
    dns_tunnel,
    teamviewer,
    openvpn,
    fully_encrypted,
)
"""In the order of how sure they are; the first that fits counts."""


_OF_HELLO: Final = (marked, encrypted_dns, anydesk)
"""Those that can fit a connection that begins with a ClientHello: what follows is encrypted."""


def sign_of(flow: FirstBytes) -> Sign | None:
    """Return what the first bytes of a connection show it to be; None: nothing that is looked for here. Never raises."""
    looks = _OF_HELLO if _begins_with_hello(flow) else _SIGNS
    for look in looks:
        sign = look(flow)
        if sign is not None:
            return sign
    return None


def _begins_with_hello(flow: FirstBytes) -> bool:
    if flow.hello is None or flow.hello.cut:
        return False
    return flow.transport == "udp" or (bool(flow.client) and flow.client[0].startswith(b"\x16\x03"))
