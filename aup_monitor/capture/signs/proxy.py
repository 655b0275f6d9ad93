"""Proxies and other carriers of connections: SOCKS, HTTP's CONNECT, SSH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aup_monitor.capture.signs.flow import Sign

if TYPE_CHECKING:
    from aup_monitor.capture.signs.flow import FirstBytes

SOCKS_PORTS: Final = frozenset({1080, 9050, 9150})
"""IANA's port of SOCKS, and those of Tor's own proxy."""

_TO_PROXY: Final = re.compile(
    rb"(?:CONNECT [^\s/]{1,255}:\d{1,5}|(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) https?://\S+) HTTP/1\.[01]\r?\n"
)
_TO_PROXY_BEGUN: Final = re.compile(rb"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) https?://\S{300,}\Z")
_SSH: Final = re.compile(rb"(?:[^\r\n]{0,250}\r?\n){0,8}SSH-(?:1|2)\.\d{1,2}-")


def socks(flow: FirstBytes) -> Sign | None:
    """
    SOCKS 4, 4a and 5: the client's greeting and the server's answer; without an answer, on a port of SOCKS only.

    RFC 1928 section 3; SOCKS 4: https://www.openssh.com/txt/socks4.protocol
    """
    if flow.transport != "tcp" or not flow.from_start:
        return None
    alone = not flow.answered and flow.destination_port in SOCKS_PORTS
    if _greets_socks5(flow.sent) and (alone or _chooses(flow.answered, flow.sent)):
        return Sign("socks", "the client greets a SOCKS 5 proxy" + ("" if alone else ", which answers"))
    if _asks_socks4(flow.sent) and (
        alone or (flow.answered[:1] == b"\0" and flow.answered[1:2] in _SOCKS4_ANSWERS)
    ):
        return Sign("socks", "the client asks a SOCKS 4 proxy for a connection")
    return None


_SOCKS4_ANSWERS: Final = (b"\x5a", b"\x5b", b"\x5c", b"\x5d")


def _greets_socks5(sent: bytes) -> bool:
    """Tell whether a client offers one to ten different methods of authentication, the usual ones among them."""
    if sent[:1] != b"\5" or len(sent) < 3:
        return False
    methods = sent[2 : 2 + sent[1]]
    whole = len(methods) == sent[1] <= 10
    return whole and len(set(methods)) == len(methods) and not {0, 1, 2}.isdisjoint(methods)


def _chooses(answered: bytes, sent: bytes) -> bool:
    """Tell whether a server takes one of the client's methods, or none of them."""
    return (
        answered[:1] == b"\5"
        and (answered[1:2] in sent[2 : 2 + sent[1]] or answered[1:2] == b"\xff")
        and len(answered) > 1
    )


def _asks_socks4(sent: bytes) -> bool:
    """Tell whether a client asks to connect, or to be connected to, a port that isn't 0."""
    return sent[:2] in {b"\4\1", b"\4\2"} and sent[2:4] != bytes(2) and b"\0" in sent[8:]


def http_proxy(flow: FirstBytes) -> Sign | None:
    """
    Recognise an HTTP request that only a proxy understands: CONNECT, or a whole address in the place of a path.

    RFC 9110 section 9.3.6, RFC 9112 section 3.2. A school's own proxy is asked in the same way.
    """
    if flow.transport == "tcp" and (_TO_PROXY.match(flow.sent) or _TO_PROXY_BEGUN.match(flow.sent)):
        return Sign("http-proxy", "a web request in the form that only a proxy is sent")
    return None


def ssh(flow: FirstBytes) -> Sign | None:
    """
    SSH, which can carry other connections: either side's line of identification.

    RFC 4253 section 4.2
    """
    if flow.transport == "tcp" and (_SSH.match(flow.sent) or _SSH.match(flow.answered)):
        return Sign("ssh", "the two sides greet each other in SSH, which can carry any other traffic")
    return None
