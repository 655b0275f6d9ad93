"""
Packets of a network interface, as they come (Linux).

The kernel passes only packets that may say what a connection is: the filter is compiled by libpcap and runs in the kernel, so
that a busy network costs little. scapy opens the socket; frames are taken from it as bytes and not looked into here. How many packets the
kernel had to drop is asked of the socket (packet(7), PACKET_STATISTICS).
"""

from __future__ import annotations

import select
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from aup_monitor.capture.packets import packets_of
from aup_monitor.core.errors import ConfigError, InputError

if TYPE_CHECKING:
    from aup_monitor.capture.packets import Packets

BUFFER_BYTES: Final = 64 << 20
"""What the kernel may keep of packets while earlier ones are being read; about 25,000 packets."""
LONGEST: Final = 65_535
_SOL_PACKET, _STATISTICS, _IGNORE_OUTGOING = 263, 6, 23
_LOOPBACK: Final = 772
_BUFFER_FORCE: Final = 33
_LINKS: Final = {1: 1, 772: 1, 65534: 101, 512: 9, 768: 101, 776: 101, 778: 101}
"""Link type of a capture file by the kernel's kind of interface (ARPHRD): Ethernet, loopback, tunnels."""

_V4: Final = "((tcp[12] & 0xf0) >> 2)"
_V6: Final = "(40 + ((ip6[52] & 0xf0) >> 2))"
_STARTS: Final = (
    ("2", "0x1603"),  # TLS handshake
    *(("4", f"0x{word.hex()}") for word in (b"GET ", b"POST", b"HEAD", b"PUT ", b"DELE", b"OPTI", b"CONN")),
    ("4", f"0x{b'SSH-'.hex()}"),
)
_NO_WORDS: Final = "(port 443 and udp[8] & 0xc0 = 0x40) or udp[8:4] = 0x04000000"
"""QUIC after its handshake, and WireGuard's data."""
_UDP: Final = (
    "udp port 67",
    # A look past a packet's end would end the filter, so that short ones are passed first.
    f"(udp and not ip multicast and not ip6 multicast and not port 5353 and not port 5355 and (udp[4:2] < 20 or not ({_NO_WORDS})))",
)
_TCP: Final = (
    "tcp[13] & 7 != 0",
    "(ip6[6] = 6 and ip6[53] & 7 != 0)",
    "tcp port 53",
    # A ClientHello, or the head of a request, takes several segments, of which only the first shows what it is.
    f"((tcp dst port 443 or tcp dst port 80) and ip[2:2] - ((ip[0] & 0xf) << 2) - {_V4} != 0)",
    "(ip6[6] = 6 and (tcp dst port 443 or tcp dst port 80) and ip6[4:2] > ((ip6[52] & 0xf0) >> 2))",
    # Short first words of whatever protocol.
    f"(tcp and ip[2:2] < 400 and ip[2:2] - ((ip[0] & 0xf) << 2) - {_V4} != 0)",
    "(ip6[6] = 6 and ip6[4:2] < 400 and ip6[4:2] > ((ip6[52] & 0xf0) >> 2))",
    *(f"tcp[{_V4}:{size}] = {start}" for size, start in _STARTS),
    *(f"(ip6[6] = 6 and ip6[{_V6}:{size}] = {start})" for size, start in _STARTS),
)
_OTHERS: Final = (
    "ip[6:2] & 0x3fff != 0",
    "ip6[6] = 44",
    *(f"ip proto {n}" for n in (4, 41, 47, 50, 51)),
    "ip6 proto 50",
)
_TAGGED: Final = tuple(f"ether proto {kind}" for kind in ("0x8100", "0x88a8", "0x8864"))
"""What is passed as it is, since its headers stand elsewhere."""


def wanted(link: int) -> str:
    """Return what the kernel passes on a link of that type, in libpcap's language (pcap-filter(7))."""
    return " or ".join((*(_TAGGED if link == 1 else ()), *_OTHERS, *_UDP, *_TCP))


def interfaces() -> list[str]:
    """Return the names of the interfaces that there are, sorted."""
    return sorted(name for _, name in socket.if_nameindex())


class Interface:
    """An open interface; use it in a `with`."""

    def __init__(self, name: str, only: str | None = None) -> None:
        """
        Open an interface.

        Args:
            name: as `ip link` shows it.
            only: a further filter in libpcap's language: `net 192.0.2.0/24`.

        Raises:
            ConfigError: there is no such interface, the filter does not compile, or the system is none that is captured on.
            InputError: this account may not capture, or the interface is down.

        """
        _refuse_other_systems()
        if name not in interfaces():
            raise ConfigError(
                f"there is no interface {name!r}", fix=f"one of: {', '.join(interfaces())} (see: ip link)"
            )
        self.name = name
        self.link = _LINKS.get(int(Path(f"/sys/class/net/{name}/type").read_text(encoding="ascii")), 1)
        """Link type of its packets, as capture files number them."""
        self._socket = _opened(name, wanted(self.link), only)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def packets(self, most: int, seconds: float) -> Packets:
        """
        Return the packets that wait, at most so many; none where none came within so many seconds.

        Raises:
            InputError: the interface is gone.

        """
        frames: list[bytes] = []
        times: list[int] = []
        wait = seconds
        while len(frames) < most and select.select([self._socket.ins], [], [], wait)[0]:
            wait = 0
            try:
                _, frame, time = self._socket.recv_raw(LONGEST)
            except OSError as exc:
                raise InputError(
                    f"the interface cannot be read any more ({exc.strerror})",
                    where=self.name,
                    fix=f"see: ip link show {self.name}",
                ) from exc
            if frame and time is not None:
                frames.append(frame)
                times.append(int(time * 1_000_000))
        return packets_of(frames, times, self.link)

    def dropped_now(self) -> int:
        """Return how many packets the kernel dropped since the last call: they came faster than they were read."""
        counts = self._socket.ins.getsockopt(_SOL_PACKET, _STATISTICS, 8)
        dropped: int = struct.unpack("2I", counts)[1]
        return dropped


def _refuse_other_systems() -> None:
    if sys.platform == "win32":
        raise ConfigError(
            "capturing from an interface works on Linux only",
            fix="install Npcap (https://npcap.com) and Wireshark, record with dumpcap, then: aup ingest FILE.pcapng",
        )
    if sys.platform != "linux":
        raise ConfigError(
            "capturing from an interface works on Linux only",
            fix="record with tcpdump -w FILE.pcap, then: aup ingest FILE.pcap",
        )


def _opened(name: str, kernel: str, only: str | None) -> Any:
    """Return scapy's socket on an interface, with the filter in the kernel."""
    # Imported here: scapy takes a second, and only a capture needs it.
    import scapy.layers.l2  # noqa: F401, PLC0415 - tells the socket what kinds of link there are
    from scapy.arch.linux import L2ListenSocket  # noqa: PLC0415 - see above
    from scapy.error import Scapy_Exception  # noqa: PLC0415 - see above

    try:
        opened = L2ListenSocket(iface=name, filter=f"({kernel}) and ({only})" if only else kernel)
    except PermissionError as exc:
        raise InputError(
            "this account may not capture packets",
            where=name,
            fix=f"grant it to Python once: sudo setcap cap_net_raw+ep {Path(sys.executable).resolve()}",
        ) from exc
    except Scapy_Exception as exc:
        raise _bad_filter(str(exc), only) from exc
    except OSError as exc:
        raise InputError(
            f"the interface cannot be opened ({exc.strerror})", where=name, fix=f"sudo ip link set {name} up"
        ) from exc
    for option in (_BUFFER_FORCE, socket.SO_RCVBUF):
        # The first needs a right that a capture can do without; the second goes as far as the system lets everyone.
        with suppress(PermissionError):
            opened.ins.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            break
    if opened.ins.getsockname()[3] == _LOOPBACK:
        # Or else each packet comes twice: as it leaves, and as it arrives.
        opened.ins.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    return opened


def _bad_filter(said: str, only: str | None) -> ConfigError:
    if "libpcap" in said:
        return ConfigError(
            "filters are compiled by libpcap, which is not installed", fix="sudo apt install libpcap0.8"
        )
    return ConfigError(
        f"the filter does not compile: {only} ({said.rpartition(': ')[2]})",
        fix="see man pcap-filter; for example: --filter 'net 192.0.2.0/24'",
    )
