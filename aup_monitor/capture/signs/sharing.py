"""Programs that share files between private computers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import Sign

if TYPE_CHECKING:
    from aup_monitor.capture.signs.flow import FirstBytes

_PEER: Final = b"\x13BitTorrent protocol"
_NODE: Final = re.compile(rb"(?s)d(?:2:ip(?:6:.{6}|18:.{18}))?1:(?:[ar]d2:id20:|eli20\d)")
_TRACKER: Final = re.compile(rb"GET [^ ]{0,400}/(?:announce|scrape)[^ ]{0,400}[?&]info_hash=")
_UDP_TRACKER: Final = bytes.fromhex("0000041727101980") + bytes(4)


def bittorrent(flow: FirstBytes) -> Sign | None:
    """
    BitTorrent: between peers, to the distributed table, over uTP, and to trackers over HTTP and UDP.

    With encryption between peers the first bytes look random, and `fully_encrypted` may tell.

    https://www.bittorrent.org/beps/bep_0003.html (peers, trackers), bep_0005 (table), bep_0015 (UDP trackers), bep_0029 (uTP)
    """
    reason = _over_tcp(flow) if flow.transport == "tcp" else _over_udp(flow)
    return Sign("bittorrent", reason) if reason else None


_ASKS_TRACKER: Final = "a request to a server that knows who shares a file (BitTorrent tracker)"


def _over_tcp(flow: FirstBytes) -> str | None:
    if flow.sent.startswith(_PEER) or flow.answered.startswith(_PEER):
        return "two computers greet each other in BitTorrent"
    return _ASKS_TRACKER if _TRACKER.match(flow.sent) else None


def _over_udp(flow: FirstBytes) -> str | None:
    payloads = (*flow.client[:2], *flow.server[:2])
    if any(_NODE.match(payload) for payload in payloads):
        return "a message of BitTorrent's table of who shares what"
    if flow.client and len(flow.client[0]) == 16 and flow.client[0].startswith(_UDP_TRACKER):
        return _ASKS_TRACKER
    if _opens_utp(flow) or any(_PEER in payload for payload in payloads):
        return "two computers connect in BitTorrent's own transport (uTP)"
    return None


def _opens_utp(flow: FirstBytes) -> bool:
    """Tell whether a `ST_SYN`, numbered 1, is answered by a `ST_STATE` for the same connection."""
    first, answer = next(iter(flow.client), b""), next(iter(flow.server), b"")
    return (
        20 <= len(first) <= 64
        and first[0] == 0x41
        and first[1] <= 2
        and first[16:18] == b"\0\1"
        and len(answer) >= 20
        and answer[0] == 0x21
        and answer[2:4] == first[2:4]
        and answer[18:20] == b"\0\1"
    )
