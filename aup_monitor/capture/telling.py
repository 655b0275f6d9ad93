"""A connection as rows: itself, or each HTTP request that was made in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aup_monitor.capture import http
from aup_monitor.capture.layers import AH, ESP, GRE, TCP, UDP
from aup_monitor.capture.rows import CONNECTION, REQUEST, End, Rows, seen, sign_columns
from aup_monitor.capture.signs import FirstBytes, Sign, sign_of

if TYPE_CHECKING:
    from aup_monitor.capture.connections import Connection
    from aup_monitor.capture.quic import Initials
    from aup_monitor.capture.rows import Seen
    from aup_monitor.capture.tls import Hello

TRANSPORTS: Final = {TCP: "tcp", UDP: "udp", GRE: "gre", ESP: "esp", AH: "ah", 132: "sctp"}
"""What IP carries of which a connection is made."""

_PROTOCOLS: Final = frozenset({"ssh", "rdp", "vnc", "bittorrent", "socks"})
"""Signs that are protocols, too."""


def tell(connection: Connection, rows: Rows, initials: Initials, *, counted: bool = True) -> None:
    """
    Make the rows of a connection of which no more is expected, or is waited for.

    One that was told has rows of further requests only. `counted`: whether all its packets were seen, so that its time and
    bytes are known.
    """
    connection.finish(initials)
    midway = connection.ends.protocol == TCP and connection.syn is None
    if connection.messages or (midway and not any(connection.sizes)):
        # Its DNS messages are told by themselves; and the last words of a connection that began earlier tell nothing.
        return
    found = _sign(connection)
    sign = sign_columns(found)
    protocol = connection.protocol or (
        found.application if found and found.application in _PROTOCOLS else None
    )
    outcome = _outcome(connection)
    whole = _whole(connection) if counted and not connection.told else (None, None, None)
    if not connection.requests and not connection.told:
        place = _seen(connection, connection.number, connection.time)
        told = (protocol, *sign, *_hello_columns(connection.hello))
        rows.add(CONNECTION, (*place, outcome, *whole, *told))
    for head in connection.requests:
        request = http.request(head.payload)
        if request is not None:
            place = _seen(connection, head.number, head.time)
            rows.add(REQUEST, (*place, outcome, *whole, *sign, *request))
            whole = (None, None, None)
    connection.requests.clear()
    connection.told = True


def _client_and_server(connection: Connection) -> tuple[End, End]:
    ends = connection.ends
    low = End(ends.low_high, ends.low_low, ends.low_port)
    high = End(ends.high_high, ends.high_low, ends.high_port)
    return (low, high) if connection.client_is_low else (high, low)


def _seen(connection: Connection, number: int, time: int) -> Seen:
    return seen(number, time, *_client_and_server(connection), TRANSPORTS[connection.ends.protocol])


def _outcome(connection: Connection) -> str:
    return "allowed" if connection.answered else "unknown"


def _whole(connection: Connection) -> tuple[int | None, int | None, int | None]:
    """Return duration in nanoseconds, and bytes from client and server."""
    low, high = connection.sizes
    sent, received = (low, high) if connection.client_is_low else (high, low)
    return max(connection.last_time - connection.time, 0) * 1000, sent, received


def _sign(connection: Connection) -> Sign | None:
    """Return what a connection's first bytes, or its protocol, show it to be."""
    protocol = connection.ends.protocol
    if protocol in (ESP, AH):
        return Sign("ipsec", "packets of IPsec, the tunnel of a device or between networks")
    if protocol not in (TCP, UDP):
        return None
    client, server = _client_and_server(connection)
    return sign_of(
        FirstBytes(
            "tcp" if protocol == TCP else "udp",
            client.port,
            server.port,
            tuple(payload for by_client, payload in connection.payloads if by_client),
            tuple(payload for by_client, payload in connection.payloads if not by_client),
            connection.hello,
            from_start=protocol == UDP or connection.syn is not None,
        )
    )


def _hello_columns(
    hello: Hello | None,
) -> tuple[str | None, str | None, str | None, str | None, bool | None]:
    if hello is None:
        return None, None, None, None, None
    return hello.server_name, hello.ja4, hello.version, next(iter(hello.alpn), None), hello.ech
