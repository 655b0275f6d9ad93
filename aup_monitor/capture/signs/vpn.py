"""Virtual private networks, by the first messages of their protocols. A network that the school runs looks the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aup_monitor.capture.signs.flow import Sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aup_monitor.capture.signs.flow import FirstBytes


class _Message(NamedTuple):
    """One message of OpenVPN, of which only the beginning may be known."""

    length: int
    opcode: int
    """First byte: opcode and key number."""
    body: bytes


_CLIENT_RESETS: Final = (0x38, 0x50)
"""`P_CONTROL_HARD_RESET_CLIENT_V2`, and `V3`, which tls-crypt-v2 sends."""
_SERVER_RESET: Final = 0x40
_CONTROL, _ACK = 0x20, 0x28
_PLAIN: Final = 14
"""Length of a reset without protection: opcode, session, no acknowledgements, number 0."""
_HASHES: Final = (16, 20, 28, 32, 48, 64)
"""Lengths of the hashes that `--tls-auth` may use, MD5 to SHA-512; tls-crypt has 32 bytes, too."""
_RESETS: Final = frozenset({_PLAIN, *(_PLAIN + 8 + size for size in _HASHES)})
_ACKNOWLEDGED: Final = 12
"""The server's reset acknowledges one message (4 bytes) of the client's session (8), and is longer by that."""
_FIRST_NUMBER: Final = b"\0\0\0\1"
_TIMES: Final = range(0x5000_0000, 0x8800_0000)
"""Seconds since 1970 that a message may name, 2012 to 2042."""


def openvpn(flow: FirstBytes) -> Sign | None:
    """
    OpenVPN over UDP or TCP, with or without tls-auth and tls-crypt, and with its bytes scrambled by a constant.

    The client opens with a hard reset whose length and numbers follow from the kind of protection; the server answers
    with one that is 12 bytes longer. Patched programs change each byte by a fixed one (`scramble`): then the lengths, and
    that the first bytes differ from each other as OpenVPN's do, still tell.

    https://github.com/openvpn/openvpn-rfc (draft-openvpn), section "Network packet format"
    """
    sent, answered = list(_messages(flow, flow.client)), list(_messages(flow, flow.server))
    if not sent or not flow.from_start:
        return None
    first = sent[0]
    if first.opcode in _CLIENT_RESETS and _is_reset(first):
        return Sign("openvpn", "the client's first message opens an OpenVPN session")
    if first.length not in _RESETS or not answered or answered[0].length != first.length + _ACKNOWLEDGED:
        return None
    scramble = first.opcode ^ _CLIENT_RESETS[0]
    later = {message.opcode ^ scramble for message in (*sent[1:], *answered[1:])}
    if answered[0].opcode ^ scramble != _SERVER_RESET or not later & {_CONTROL, _ACK}:
        return None
    how = "with its bytes scrambled" if scramble else "by the lengths of its first messages"
    return Sign("openvpn", f"the two sides open an OpenVPN session, {how}")


def _messages(flow: FirstBytes, payloads: Sequence[bytes]) -> Iterator[_Message]:
    """Yield messages that begin with a payload; over TCP each has its length in front."""
    for n, payload in enumerate(payloads):
        if flow.transport == "udp":
            if payload:
                yield _Message(len(payload), payload[0], payload[1:])
            continue
        stream = b"".join(payloads) if n == 0 else payload
        length = int.from_bytes(stream[:2])
        if len(stream) > 2 and length and (n == 0 or length == len(payload) - 2):
            yield _Message(length, stream[2], stream[3 : 2 + length])


def _is_reset(message: _Message) -> bool:
    """Tell whether numbers stand where a client's first message has them."""
    body = message.body
    if message.length == _PLAIN:
        return body[8:] == bytes(5)
    crypt = _PLAIN + 8 + 32
    if message.opcode == _CLIENT_RESETS[1]:
        # tls-crypt-v2: upper bits of the number tell what the client can do; a wrapped key follows.
        return message.length > crypt and body[10:12] == b"\0\1" and _is_time(body[12:16])
    if message.length == crypt and body[8:12] == _FIRST_NUMBER and _is_time(body[12:16]):
        return True  # tls-crypt: number and time stand in clear before the hash, the rest is encrypted
    return any(
        message.length == _PLAIN + 8 + size
        and body[8 + size : 12 + size] == _FIRST_NUMBER
        and _is_time(body[12 + size : 16 + size])
        and body[-5:] == bytes(5)
        for size in _HASHES
    )


def _is_time(data: bytes) -> bool:
    return int.from_bytes(data) in _TIMES


_INITIATION, _RESPONSE, _DATA = b"\1\0\0\0", b"\2\0\0\0", b"\4\0\0\0"
_INITIATION_SIZE, _RESPONSE_SIZE = 148, 92


def wireguard(flow: FirstBytes) -> Sign | None:
    """
    WireGuard, and services built on it that pad its messages or fill its three reserved bytes (Cloudflare WARP).

    An initiation is 148 bytes that begin `01 00 00 00`; a response names the initiation's sender; data of one
    direction names one receiver, with a counter that rises.

    https://www.wireguard.com/protocol/
    """
    if flow.transport != "udp":
        return None
    first = next(iter(flow.client), b"")
    answer = next(iter(flow.server), b"")
    responded = (
        first[:1] == b"\1"
        and len(first) >= _INITIATION_SIZE
        and answer[:4] == b"\2" + first[1:4]
        and len(answer) >= _RESPONSE_SIZE
        and answer[8:12] == first[4:8]
    )
    if responded or (first[:4] == _INITIATION and len(first) == _INITIATION_SIZE):
        return Sign("wireguard", "the client's first message opens a WireGuard session")
    if any(_is_wireguard_data(payloads) for payloads in (flow.client, flow.server)):
        return Sign("wireguard", "messages in the form of WireGuard's, numbered one after another")
    return None


def _is_wireguard_data(payloads: Sequence[bytes]) -> bool:
    """Tell whether at least three messages are WireGuard's data for one receiver, in order."""
    if len(payloads) < 3 or any(p[:4] != _DATA or len(p) < 32 or len(p) % 16 for p in payloads):
        return False
    counters = [int.from_bytes(p[8:16], "little") for p in payloads]
    near = counters[-1] - counters[0] < 1_000_000
    return len({p[4:8] for p in payloads}) == 1 and counters == sorted(set(counters)) and near


def tailscale(flow: FirstBytes) -> Sign | None:
    """
    Tailscale's messages that find a way between two computers, before WireGuard begins.

    https://tailscale.com/blog/how-nat-traversal-works ; magic bytes in `disco/disco.go` of tailscale/tailscale
    """
    magic = b"TS\xf0\x9f\x92\xac"
    if flow.transport == "udp" and any(p.startswith(magic) for p in (*flow.client[:2], *flow.server[:2])):
        return Sign("tailscale", "messages that Tailscale finds its way with")
    return None


_IKE_EXCHANGES: Final = {0x10: (2, 4), 0x20: (34,)}
"""By version: main and aggressive mode of IKEv1, `IKE_SA_INIT` of IKEv2."""


def ipsec(flow: FirstBytes) -> Sign | None:
    """
    IPsec: the first message of IKE, version 1 or 2, on any port; encrypted packets between ports 4500.

    Telephones use the same for calls over Wi-Fi.

    RFC 2408 section 3.1, RFC 7296 section 3.1, RFC 3948 (port 4500)
    """
    if flow.transport != "udp":
        return None
    for payload in flow.client[:2]:
        message = payload[4:] if payload[:4] == bytes(4) else payload
        if _opens_ike(message):
            return Sign("ipsec", "the client's first message opens an IPsec session (IKE)")
    if 4500 in {flow.source_port, flow.destination_port} and any(map(_is_esp, (flow.client, flow.server))):
        return Sign("ipsec", "encrypted IPsec packets inside UDP, numbered one after another")
    return None


def _opens_ike(message: bytes) -> bool:
    return (
        len(message) >= 28
        and message[:8] != bytes(8)
        and message[8:16] == bytes(8)
        and message[18] in _IKE_EXCHANGES.get(message[17], ())
        and message[20:24] == bytes(4)
        and 28 < int.from_bytes(message[24:28]) < 10_000
        and (int.from_bytes(message[24:28]) == len(message) or len(message) >= 500)
    )


def _is_esp(payloads: Sequence[bytes]) -> bool:
    """Tell whether at least three packets have one index, that isn't 0, and numbers that rise by little."""
    packets = [p for p in payloads if p != b"\xff" and len(p) >= 32]  # a lone ff keeps the way open
    if len(packets) < 3 or packets[0][:4] == bytes(4):
        return False
    numbers = [int.from_bytes(p[4:8]) for p in packets]
    near = numbers[-1] - numbers[0] < 10_000
    return len({p[:4] for p in packets}) == 1 and numbers == sorted(set(numbers)) and near


def l2tp(flow: FirstBytes) -> Sign | None:
    """
    L2TP: a control message to tunnel 0 that begins with the attribute Message Type, `SCCRQ`.

    RFC 2661 sections 3.1 and 4.4.1
    """
    first = next(iter(flow.client), b"")
    opens = (
        flow.transport == "udp"
        and first[:2] == b"\xc8\x02"
        and int.from_bytes(first[2:4]) <= len(first)
        and first[4:12] == bytes(8)
        and first[14:20] == b"\0\0\0\0\0\1"
    )
    return Sign("l2tp", "the client's first message opens an L2TP tunnel") if opens else None


def pptp(flow: FirstBytes) -> Sign | None:
    """
    PPTP: a control message of 156 bytes with the magic number, `Start-Control-Connection-Request`.

    RFC 2637 section 2.1
    """
    opens = flow.transport == "tcp" and flow.sent.startswith(b"\0\x9c\0\1\x1a\x2b\x3c\x4d\0\1")
    return Sign("pptp", "the client's first message opens a PPTP connection") if opens else None


def sstp(flow: FirstBytes) -> Sign | None:
    """
    SSTP without the TLS around it, as seen behind a device that ends TLS.

    [MS-SSTP] section 3.2.4.1
    """
    opens = flow.transport == "tcp" and flow.sent.startswith(b"SSTP_DUPLEX_POST ")
    return Sign("sstp", "a request that opens an SSTP tunnel") if opens else None


def softether(flow: FirstBytes) -> Sign | None:
    """
    SoftEther VPN without the TLS around it. With TLS it is known by the client's fingerprint.

    https://github.com/SoftEtherVPN/SoftEtherVPN, `src/Cedar/Protocol.h`
    """
    opens = flow.transport == "tcp" and flow.sent.startswith(
        (b"POST /vpnsvc/connect.cgi ", b"POST /vpnsvc/vpn.cgi ")
    )
    return Sign("softether", "a request that opens a SoftEther session") if opens else None
