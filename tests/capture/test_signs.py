"""Signs of protocols in the first bytes of a connection."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture.signs import LONGEST, MOST, FirstBytes, Sign, sign_of
from aup_monitor.capture.signs.marks import marks
from aup_monitor.capture.tls import Hello
from aup_monitor.core.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TIME: Final = bytes.fromhex("6910a2f0")
SESSION, OTHER_SESSION = b"clientid", b"serverid"


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes by chance, always the same."""
    return random.Random(seed).randbytes(size)


def tcp(
    client: Sequence[bytes] = (),
    server: Sequence[bytes] = (),
    port: int = 4443,
    hello: Hello | None = None,
    *,
    from_start: bool = True,
) -> FirstBytes:
    """Return the beginning of a TCP connection."""
    return FirstBytes("tcp", 50_000, port, tuple(client), tuple(server), hello, from_start)


def udp(
    client: Sequence[bytes] = (),
    server: Sequence[bytes] = (),
    port: int = 4443,
    hello: Hello | None = None,
) -> FirstBytes:
    """Return the beginning of an exchange over UDP."""
    return FirstBytes("udp", 50_000, port, tuple(client), tuple(server), hello)


def framed(*messages: bytes) -> list[bytes]:
    """Return messages of OpenVPN as TCP carries them."""
    return [len(message).to_bytes(2) + message for message in messages]


def scrambled(messages: Sequence[bytes], key: int = 0x74) -> list[bytes]:
    """Return messages with every byte changed by the same one."""
    return [bytes(byte ^ key for byte in message) for message in messages]


def question(name: str, kind: int) -> bytes:
    """Return a question for a name."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + labels + b"\0" + kind.to_bytes(2) + b"\0\1"


def ike(version: int, exchange: int, size: int = 300) -> bytes:
    """Return the first message of a key exchange."""
    return (b"initiate" + bytes(8) + bytes([33, version, exchange, 8]) + bytes(4) + size.to_bytes(4)).ljust(
        size, b"k"
    )


PLAIN_RESET: Final = b"\x38" + SESSION + bytes(5)
AUTH_RESET: Final = b"\x38" + SESSION + noise(64) + b"\0\0\0\1" + TIME + bytes(5)
AUTH_ANSWER: Final = b"\x40" + OTHER_SESSION + noise(64, 2) + bytes(25)
AUTH_ACK: Final = b"\x28" + SESSION + noise(64, 3) + bytes(21)
CRYPT_RESET: Final = b"\x38" + SESSION + b"\0\0\0\1" + TIME + noise(37)
CRYPT2_RESET: Final = b"\x50" + SESSION + b"\x0f\0\0\1" + TIME + noise(340)
INITIATION: Final = b"\1\0\0\0" + b"mine" + noise(140)
RESPONSE: Final = b"\2\0\0\0" + b"your" + b"mine" + noise(80)
WARP_INITIATION: Final = b"\1abc" + b"mine" + noise(140)
WARP_RESPONSE: Final = b"\2abc" + b"your" + b"mine" + noise(80)
HEX_NAMES: Final = [f"{noise(12, n).hex()}.t.example.org" for n in range(5)]
TOR: Final = Hello(server_name="www.kq3xv7yz.com", version="1.3", ja4="t13d181100_796efca44d18_d41ae481755e")
BROWSER: Final = Hello(
    server_name="www.bbc.co.uk",
    alpn=("h2", "http/1.1"),
    version="1.3",
    ja4="t13d1516h2_8daaf6152771_02713d6af862",
)


def wireguard_data(count: int, counter: int = 0) -> list[bytes]:
    """Return numbered messages for one receiver."""
    return [b"\4\0\0\0your" + (counter + n).to_bytes(8, "little") + noise(80, n) for n in range(count)]


def esp(count: int) -> list[bytes]:
    """Return numbered packets of one association."""
    return [b"\xc1\2\3\4" + (n + 1).to_bytes(4) + noise(92, n) for n in range(count)]


RECOGNISED: Final[dict[str, tuple[str, FirstBytes]]] = {
    "openvpn, no protection": ("openvpn", udp([PLAIN_RESET], port=1194)),
    "openvpn, tls-auth": ("openvpn", udp([AUTH_RESET])),
    "openvpn, tls-crypt": ("openvpn", udp([CRYPT_RESET], port=53)),
    "openvpn, tls-crypt-v2": ("openvpn", udp([CRYPT2_RESET])),
    "openvpn over TCP, cut apart": ("openvpn", tcp([framed(AUTH_RESET)[0][:9], framed(AUTH_RESET)[0][9:]])),
    "openvpn, its lengths": (
        "openvpn",
        udp([b"\x38" + noise(85), b"\x20" + noise(300)], [b"\x40" + noise(97), AUTH_ACK]),
    ),
    "openvpn, scrambled": ("openvpn", udp(scrambled([AUTH_RESET, AUTH_ACK]), scrambled([AUTH_ANSWER]))),
    "openvpn over TCP, scrambled": (
        "openvpn",
        tcp(framed(*scrambled([AUTH_RESET, AUTH_ACK])), framed(*scrambled([AUTH_ANSWER])), port=443),
    ),
    "wireguard": ("wireguard", udp([INITIATION], [RESPONSE], port=51820)),
    "wireguard, not answered": ("wireguard", udp([INITIATION])),
    "wireguard, padded": ("wireguard", udp([INITIATION + noise(56)], [RESPONSE + noise(8)])),
    "wireguard, reserved bytes filled": ("wireguard", udp([WARP_INITIATION], [WARP_RESPONSE], port=2408)),
    "wireguard, under way": ("wireguard", udp(wireguard_data(4, 107))),
    "tailscale": ("tailscale", udp([b"TS\xf0\x9f\x92\xac" + noise(100)], port=41641)),
    "ipsec, IKEv2": ("ipsec", udp([ike(0x20, 34)], port=500)),
    "ipsec, IKEv1 main mode": ("ipsec", udp([ike(0x10, 2)], port=500)),
    "ipsec, IKEv1 aggressive, through NAT": ("ipsec", udp([bytes(4) + ike(0x10, 4)], port=4500)),
    "ipsec, under way": ("ipsec", udp(esp(4), port=4500)),
    "l2tp": (
        "l2tp",
        udp([bytes.fromhex("c8020014000000000000000080080000000000 01")], port=1701),
    ),
    "pptp": ("pptp", tcp([bytes.fromhex("009c00011a2b3c4d00010000") + bytes(144)], port=1723)),
    "sstp": ("sstp", tcp([b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"])),
    "softether": ("softether", tcp([b"POST /vpnsvc/connect.cgi HTTP/1.1\r\n"], port=5555)),
    "softether, by fingerprint": (
        "softether",
        tcp(hello=Hello(version="1.3", ja4="t13i880900_fcb5b95cb75a_b0d3b4ac2a14"), port=443),
    ),
    "tor": ("tor", tcp(hello=TOR, port=443)),
    "ultrasurf": ("ultrasurf", tcp([bytes.fromhex("cc1c30415ba43866") + noise(60)], port=443)),
    "socks 5": ("socks", tcp([b"\5\1\0", b"\5\1\0\1\xc6\x33\x64\7\0\x50"], [b"\5\0"])),
    "socks 5, refused": ("socks", tcp([b"\5\2\0\2"], [b"\5\xff"])),
    "socks 5, not answered": ("socks", tcp([b"\5\1\0"], port=1080)),
    "socks 4": ("socks", tcp([b"\4\1\0\x50\xc6\x33\x64\7\0"], [b"\0\x5a" + bytes(6)])),
    "socks 4a": ("socks", tcp([b"\4\1\0\x50\0\0\0\1\0www.example.org\0"], [b"\0\x5b" + bytes(6)])),
    "http proxy, CONNECT": ("http-proxy", tcp([b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.exa"])),
    "http proxy, whole address": (
        "http-proxy",
        tcp([b"GET http://www.example.org/a HTTP/1.1\r\n"], port=8080),
    ),
    "ssh": ("ssh", tcp([b"SSH-2.0-OpenSSH_9.6\r\n"], [b"SSH-2.0-OpenSSH_9.2\r\n"], port=22)),
    "ssh, the server alone": ("ssh", tcp(server=[b"Welcome\r\nSSH-2.0-dropbear\r\n"], port=443)),
    "rdp, with a cookie": (
        "rdp",
        tcp([b"\3\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie: mstshash=teacher\r\n\1\0\x08\0\3\0\0\0"], port=3389),
    ),
    "rdp, without": ("rdp", tcp([b"\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\x0b\0\0\0"], port=443)),
    "vnc": ("vnc", tcp([b"RFB 003.008\n"], [b"RFB 003.008\n"], port=5900)),
    "anydesk, by its protocol": ("anydesk", tcp(hello=Hello(alpn=("anydesk/6.2.0/linux",)), port=443)),
    "anydesk, by its certificate": (
        "anydesk",
        tcp(server=[b"\x16\3\3\2\xb6" + noise(40) + b"\x0c\x0eAnyDesk Client"], hello=Hello(), port=7070),
    ),
    "teamviewer": ("teamviewer", tcp([b"\x17\x24\x0a\x20" + noise(20)], port=5938)),
    "teamviewer, elsewhere": (
        "teamviewer",
        tcp([b"\x17\x24\x0a\x20", b"\x17\x24\x0b"], [b"\x17\x24\x0a\x20", b"\x11\x30\x0b"], port=80),
    ),
    "bittorrent, peers": ("bittorrent", tcp([b"\x13BitTorrent protocol" + bytes(48)], port=51413)),
    "bittorrent, table": ("bittorrent", udp([b"d1:ad2:id20:" + noise(20) + b"e1:q4:ping1:t2:aa1:y1:qe"])),
    "bittorrent, the table's answer": (
        "bittorrent",
        udp([b"ping"], [b"d2:ip6:" + noise(6) + b"1:rd2:id20:" + noise(20) + b"e1:t2:aa1:y1:re"]),
    ),
    "bittorrent, UDP tracker": ("bittorrent", udp([bytes.fromhex("0000041727101980 00000000 12345678")])),
    "bittorrent, tracker": ("bittorrent", tcp([b"GET /announce?info_hash=%01%02 HTTP/1.1\r\n"], port=6969)),
    "bittorrent, uTP": (
        "bittorrent",
        udp([b"\x41\0\x30\x39" + bytes(12) + b"\0\1\0\0"], [b"\x21\0\x30\x39" + bytes(12) + b"\7\7\0\1"]),
    ),
    "dns over TLS, by port": ("dot", tcp(hello=Hello(server_name="dns.example.org"), port=853)),
    "dns over TLS, by protocol": ("dot", tcp(hello=Hello(alpn=("dot",)), port=443)),
    "dns over QUIC": ("doq", udp(hello=Hello(alpn=("doq",)), port=784)),
    "dns over HTTPS, in clear": ("doh", tcp([b"GET /dns-query?dns=AAABAAAB HTTP/1.1\r\n"], port=80)),
    "dnscrypt": ("dnscrypt", udp([noise(512)], [b"r6fnvWj8" + noise(200)], port=443)),
    "dns tunnel": ("dns-tunnel", udp([question(name, 16) for name in HEX_NAMES], port=53)),
    "looks random": ("fully-encrypted", tcp([noise(180)], [noise(120, 2)], port=8388)),
    "looks random, long": ("fully-encrypted", tcp([noise(LONGEST)], [noise(LONGEST, 2)], port=443)),
}

ORDINARY: Final[dict[str, FirstBytes]] = {
    "nothing": tcp(),
    "a browser": tcp(
        [b"\x16\3\1\2\0\1\0\1\xfc" + noise(500)], [b"\x16\3\3\0\x7a" + noise(500)], 443, BROWSER
    ),
    "a browser's QUIC": udp([noise(512)], [noise(512, 2)], 443, BROWSER),
    "a web page": tcp(
        [b"GET /dns-query HTTP/1.1\r\nHost: www.example.org\r\n\r\n"], [b"HTTP/1.1 200 OK\r\n"], 80
    ),
    "a page about a proxy": tcp([b"GET /?u=http://www.example.org/ HTTP/1.1\r\n"], port=80),
    "an upload": tcp([b"POST /dns-query HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n"], port=80),
    "mail": tcp([b"EHLO school.example\r\n"], [b"220 mail.example ESMTP\r\n"], 25),
    "mail box": tcp([b"a1 STARTTLS\r\n"], [b"* OK IMAP4rev1 ready\r\n"], 143),
    "Tor's fingerprint with a real name": tcp(
        hello=Hello(server_name="www.example.org", ja4="t13d181100_796efca44d18_d41ae481755e"), port=443
    ),
    "Tor's kind of name in a browser": tcp(
        hello=Hello(server_name="www.kq3xv7yz.com", ja4=BROWSER.ja4), port=443
    ),
    "openvpn's opcode alone": udp([b"\x38" + noise(53)]),
    "openvpn's lengths alone": udp([b"\x99" + noise(85), noise(94)], [b"\x12" + noise(97), noise(94, 4)]),
    "wireguard's first byte in a message of another length": udp(
        [b"\1\0\0\0" + noise(140)], [b"\2\0\0\0" + noise(90)]
    ),
    "wireguard's data of two receivers": udp([*wireguard_data(2), b"\4\0\0\0else" + noise(88)]),
    "an answered IKE": udp([b"initiate" + b"answered" + ike(0x20, 34)[16:]], port=500),
    "a telephone call": udp([b"\x80\0\0" + bytes([n]) + noise(160, n) for n in range(8)], port=4500),
    "a game": udp([b"\xff\xff\xff\xffTSource Engine Query\0"], [b"\xff\xff\xff\xffI\x11"], 27015),
    "STUN": udp([b"\0\1\0\0\x21\x12\xa4\x42" + noise(12)], port=3478),
    "time": udp([b"\x23" + bytes(47)], [b"\x24" + noise(47)], 123),
    "a five, and an answer": tcp([b"\5\1\0"], [b"\6\0"], 1081),
    "ordinary look-ups": udp([question(f"page{n}.example.org", 1) for n in range(8)], port=53),
    "look-ups of a content network": udp([question(name, 1) for name in HEX_NAMES], port=53),
    "look-ups of mail's keys": udp(
        [question(f"selector{n}._domainkey.example.org", 16) for n in range(8)], port=53
    ),
    "one look-up again and again": udp([question(HEX_NAMES[0], 16)] * 8, port=53),
    "random bytes, joined midway": tcp([noise(180)], [noise(120, 2)], from_start=False),
    "random bytes, not answered": tcp([noise(180)]),
    "random bytes, a readable answer": tcp(
        [noise(180)], [b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"]
    ),
    "random bytes after their length": tcp([b"\0\xb4" + noise(180)], [b"\0\x78" + noise(120, 2)]),
    "a few random bytes": tcp([noise(48)], [noise(120, 2)]),
    "compressed, with a header": tcp([b"\x1f\x8b\x08" + bytes(7) + noise(50)], [bytes(60) + noise(60)]),
    "shared files": tcp([b"\0\0\0\x54\xfeSMB" + bytes(80)], [b"\0\0\0\x54\xfeSMB" + bytes(80)], 445),
}


@pytest.mark.parametrize("case", RECOGNISED)
def test_a_protocol_is_recognised(case: str) -> None:
    """Each protocol is known by its first messages, and its reason is a sentence's part that a person can read."""
    application, flow = RECOGNISED[case]
    sign = sign_of(flow)

    assert sign is not None
    assert sign.application == application
    assert len(sign.reason) > 20
    assert not sign.reason.endswith(".")


@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_traffic_bears_no_sign(case: str) -> None:
    """What resembles a protocol without being it is not taken for it."""
    assert sign_of(ORDINARY[case]) is None


@pytest.mark.parametrize("case", [case for case in RECOGNISED if "fully" not in RECOGNISED[case][0]])
def test_a_cut_message_is_no_error(case: str) -> None:
    """Cut at any byte, the first message is either still recognised as the same or not at all, or looks random."""
    application, flow = RECOGNISED[case]
    for size in range(len(flow.client[0]) if flow.client else 0):
        cut = FirstBytes(
            flow.transport,
            flow.source_port,
            flow.destination_port,
            (flow.client[0][:size], *flow.client[1:]),
            flow.server,
            flow.hello,
        )
        sign = sign_of(cut)

        assert sign is None or sign.application in {application, "fully-encrypted"}


payloads = st.lists(st.binary(max_size=LONGEST), max_size=MOST).map(tuple)
hellos = st.none() | st.builds(
    Hello,
    server_name=st.none() | st.text(max_size=30),
    alpn=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    ja4=st.none() | st.text(max_size=36),
)


@given(
    st.builds(
        FirstBytes,
        transport=st.sampled_from(["tcp", "udp"]),
        source_port=st.integers(0, 65535),
        destination_port=st.sampled_from([53, 80, 443, 500, 853, 1080, 4500, 5938, 50_000]),
        client=payloads,
        server=payloads,
        hello=hellos,
        from_start=st.booleans(),
    )
)
def test_no_bytes_are_an_error(flow: FirstBytes) -> None:
    """Whatever two sides send, the answer is a sign or none."""
    sign = sign_of(flow)

    assert sign is None or isinstance(sign, Sign)


@given(first=st.binary(max_size=20), case=st.sampled_from(sorted(RECOGNISED)), at=st.integers(0, 40))
def test_no_damage_is_an_error(first: bytes, case: str, at: int) -> None:
    """Bytes put over the first message of any protocol are no error."""
    flow = RECOGNISED[case][1]
    damaged = tuple(payload[:at] + first + payload[at + len(first) :] for payload in flow.client)

    sign = sign_of(FirstBytes(flow.transport, 1, flow.destination_port, damaged, flow.server, flow.hello))

    assert sign is None or isinstance(sign, Sign)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=64, max_size=400))
def test_words_never_look_random(text: str) -> None:
    """A protocol in clear is not taken for an encrypted one."""
    sign = sign_of(tcp([text.encode()], [text.encode()]))

    assert sign is None or sign.application != "fully-encrypted"


def test_random_bytes_look_random() -> None:
    """Of a thousand connections of tools that send random bytes nearly all are seen; the rest held something regular by chance."""
    chance = random.Random(7)
    flows = [
        tcp([chance.randbytes(chance.randint(64, 512))], [chance.randbytes(chance.randint(32, 512))])
        for _ in range(1000)
    ]

    assert sum(sign_of(flow) is not None for flow in flows) > 950


def test_random_bytes_are_nothing_else() -> None:
    """Of ten thousand exchanges of random bytes over UDP none is taken for a protocol."""
    chance = random.Random(8)

    assert {
        sign_of(udp([chance.randbytes(148) for _ in range(3)], [chance.randbytes(92)], port=4500))
        for _ in range(10_000)
    } == {None}


def test_marks_that_ship_say_where_they_come_from() -> None:
    """Each mark has something to look for, and a source."""
    assert {mark.application for mark in marks()} == {"tor", "softether", "ultrasurf"}
    assert all((mark.ja4 or mark.begins) and mark.source and mark.reason for mark in marks())


@pytest.mark.parametrize(
    "text",
    ["- {application: x}", "- application: [", "- {application: x, reason: y, source: z, server_name: '('}"],
)
def test_a_broken_file_of_marks_is_named(text: str, tmp_path: Path) -> None:
    """A file that isn't of the right form is named, with what to do."""
    file = tmp_path / "signs.yml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(RuleError, match=r"signs\.yml"):
        marks(file)
