"""Programs by which one computer is controlled from another. Support that the school has agreed to looks the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import Sign

if TYPE_CHECKING:
    from aup_monitor.capture.signs.flow import FirstBytes

_VNC: Final = re.compile(rb"RFB \d{3}\.\d{3}\n")
_ANYDESK: Final = (b"AnyDesk Client", b"AnyNet Relay")
"""Names in the certificates of its programs and of the maker's relays."""
_TEAMVIEWER_PORT: Final = 5938


def rdp(flow: FirstBytes) -> Sign | None:
    """
    Remote Desktop: a connection request of X.224 in a TPKT, with the client's cookie or offer of protocols.

    [MS-RDPBCGR] section 2.2.1.1
    """
    sent = flow.sent
    asks = (
        flow.transport == "tcp"
        and sent[:2] == b"\3\0"
        and sent[5:6] == b"\xe0"
        and sent[4:5] == bytes([max(int.from_bytes(sent[2:4]) - 5, 0) & 0xFF])
        and (b"Cookie: msts" in sent[:64] or b"\1\0\x08\0" in sent[11:128])
    )
    return Sign("rdp", "a request to control a computer by Remote Desktop") if asks else None


def vnc(flow: FirstBytes) -> Sign | None:
    """
    VNC: the server's line of version, which it sends first.

    RFC 6143 section 7.1.1
    """
    if flow.transport == "tcp" and (_VNC.match(flow.answered) or _VNC.match(flow.sent)):
        return Sign("vnc", "the two sides greet each other in VNC, which controls a computer")
    return None


def anydesk(flow: FirstBytes) -> Sign | None:
    """
    AnyDesk: its own name as the protocol inside TLS, or in a certificate of either side.

    Seen in captures of AnyDesk 5 and 6; the maker publishes no description.
    """
    if flow.hello is None:
        return None
    offered = any(name.startswith("anydesk/") for name in flow.hello.alpn)
    named = any(name in payload for payload in (*flow.client, *flow.server) for name in _ANYDESK)
    return Sign("anydesk", "a connection of AnyDesk, which controls a computer") if offered or named else None


def teamviewer(flow: FirstBytes) -> Sign | None:
    """
    TeamViewer: both sides' messages begin with its magic bytes, on its port or in at least two messages a side.

    Over port 443 it is known by its hosts alone. The maker publishes no description; bytes as other dissectors know them.
    """
    at = 0 if flow.transport == "tcp" else 11
    ours = [p[at : at + 2] == b"\x17\x24" for p in flow.client]
    theirs = [p[at : at + 2] in {b"\x17\x24", b"\x11\x30"} for p in flow.server]
    usual = flow.destination_port == _TEAMVIEWER_PORT and ours[:1] == [True]
    if usual or (sum(ours) >= 2 and sum(theirs) >= 2):
        return Sign("teamviewer", "messages in the form of TeamViewer's, which controls a computer")
    return None
