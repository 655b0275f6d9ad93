"""What real programs begin with, when they talk to a listener on this machine: each shows as it should."""

from __future__ import annotations

import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import pytest

from aup_monitor.capture.signs import LONGEST, MOST, FirstBytes, sign_of
from aup_monitor.capture.tls import client_hello

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("real-programs")]

PATIENCE: Final = 20.0
"""Seconds that a program has to begin."""


@dataclass
class Listener:
    """A socket that answers nothing, or one answer, and remembers what it was sent first."""

    transport: Literal["tcp", "udp"]
    answer: bytes = b""
    port: int = field(init=False)
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        kind = socket.SOCK_STREAM if self.transport == "tcp" else socket.SOCK_DGRAM
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE)
        self.port = self._socket.getsockname()[1]
        if self.transport == "tcp":
            self._socket.listen()

    def first_bytes(self) -> FirstBytes:
        """Wait for a program, and return what it began with."""
        payloads = self._over_tcp() if self.transport == "tcp" else [self._socket.recv(65_535)]
        cut = tuple(payload[:LONGEST] for payload in payloads[:MOST])
        answers = (self.answer,) if self.answer else ()
        hello = client_hello(b"".join(payloads)) if self.transport == "tcp" else None
        return FirstBytes(self.transport, 50_000, self.port, cut, answers, hello)

    def _over_tcp(self) -> list[bytes]:
        connection, _ = self._socket.accept()
        with connection:
            connection.settimeout(PATIENCE)
            payloads = [connection.recv(65_535)]
            connection.settimeout(0.5)
            try:
                if self.answer:
                    connection.sendall(self.answer)
                while payloads[-1] and len(payloads) < MOST:
                    payloads.append(connection.recv(65_535))
            except OSError:
                pass  # it has nothing more to say, or has gone
        return [payload for payload in payloads if payload]

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Callable[[Listener, list[str]], FirstBytes]]:
    """Return a way to run a program that talks to a listener; `{port}` and `{folder}` stand for what they name."""
    running: list[subprocess.Popen[bytes]] = []

    def talk(listener: Listener, words: list[str]) -> FirstBytes:
        if shutil.which(words[0]) is None:
            listener.close()
            pytest.skip(f"{words[0]} is not installed")
        command = [word.format(port=listener.port, folder=tmp_path) for word in words]
        running.append(
            subprocess.Popen(
                command,
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        try:
            return listener.first_bytes()
        finally:
            listener.close()

    yield talk
    for process in running:
        process.kill()
        process.wait()


def application(flow: FirstBytes) -> str | None:
    """Return what a connection is taken for."""
    sign = sign_of(flow)
    return sign and sign.application


CURL: Final = ["curl", "-s", "-m", "2"]


@pytest.mark.parametrize(
    ("transport", "answer", "words", "expected"),
    [
        ("tcp", b"\5\0", [*CURL, "--socks5", "127.0.0.1:{port}", "http://192.0.2.1/"], "socks"),
        (
            "tcp",
            b"\5\0",
            [*CURL, "--socks5-hostname", "127.0.0.1:{port}", "http://a.example/"],
            "socks",
        ),
        (
            "tcp",
            b"\0\x5a" + bytes(6),
            [*CURL, "--socks4", "127.0.0.1:{port}", "http://192.0.2.1/"],
            "socks",
        ),
        (
            "tcp",
            b"\0\x5a" + bytes(6),
            [*CURL, "--socks4a", "127.0.0.1:{port}", "http://a.example/"],
            "socks",
        ),
        ("tcp", b"", [*CURL, "-x", "http://127.0.0.1:{port}", "https://a.example/"], "http-proxy"),
        ("tcp", b"", [*CURL, "-x", "http://127.0.0.1:{port}", "http://a.example/"], "http-proxy"),
        ("tcp", b"", [*CURL, "http://127.0.0.1:{port}/dns-query?dns=AAABAAAB"], "doh"),
        ("tcp", b"", [*CURL, "http://127.0.0.1:{port}/announce"], None),
        ("tcp", b"", [*CURL, "https://127.0.0.1:{port}/"], None),
        ("tcp", b"220 hello\r\n", [*CURL, "smtp://127.0.0.1:{port}"], None),
        ("tcp", b"", ["kdig", "+tls", "-p", "{port}", "@127.0.0.1", "a.example"], "dot"),
        ("udp", b"", ["dig", "+tries=1", "-p", "{port}", "@127.0.0.1", "a.example"], None),
        ("tcp", b"", ["ssh", "-F", "none", "-p", "{port}", "127.0.0.1"], "ssh"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "_",
)
def test_a_program_shows_as_it_should(
    talk: Callable[[Listener, list[str]], FirstBytes],
    transport: Literal["tcp", "udp"],
    answer: bytes,
    words: list[str],
    expected: str | None,
) -> None:
    """Programs of every day, and ways round a filter, told apart by their first bytes."""
    assert application(talk(Listener(transport, answer), words)) == expected


OPENVPN: Final = [
    "openvpn", "--client", "--dev", "null", "--nobind", "--remote", "127.0.0.1", "{port}",
    "--ca", "{folder}/ca.pem", "--cert", "{folder}/ca.pem", "--key", "{folder}/key.pem",
]  # fmt: skip


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("protection", ["", "tls-auth", "tls-crypt"])
def test_openvpn_is_recognised_with_any_protection(
    talk: Callable[[Listener, list[str]], FirstBytes],
    tmp_path: Path,
    transport: Literal["tcp", "udp"],
    protection: str,
) -> None:
    """The client's first message tells, before any server has answered."""
    if shutil.which("openvpn") is None or shutil.which("openssl") is None:
        pytest.skip("openvpn and openssl are not installed")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=school.example",
        "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "ca.pem"))  # fmt: skip
    words = [*OPENVPN, "--proto", "udp" if transport == "udp" else "tcp-client"]
    if protection:
        run("openvpn", "--genkey", "secret", str(tmp_path / "shared.key"))
        words += [f"--{protection}", "{folder}/shared.key"]

    assert application(talk(Listener(transport), words)) == "openvpn"


def run(*words: str) -> None:
    """Run a command to its end."""
    subprocess.run(words, check=True, capture_output=True)


def test_tor_is_recognised(talk: Callable[[Listener, list[str]], FirstBytes]) -> None:
    """The Tor program bears its fingerprint and its kind of name, towards whatever it takes for a relay."""
    words = ["tor", "--quiet", "--DataDirectory", "{folder}/tor", "--SocksPort", "0", "--UseBridges", "1"]
    flow = talk(Listener("tcp"), [*words, "--Bridge", "127.0.0.1:{port}"])

    assert flow.hello is not None
    assert application(flow) == "tor"


def torrent(port: int) -> bytes:
    """Return a file that names what is shared, and a tracker on this machine."""
    address = f"http://127.0.0.1:{port}/announce".encode()
    return (
        b"d8:announce" + str(len(address)).encode() + b":" + address
        + b"4:infod6:lengthi16384e4:name4:file12:piece lengthi16384e6:pieces20:" + bytes(20) + b"ee"
    )  # fmt: skip


def test_bittorrent_asks_a_tracker(talk: Callable[[Listener, list[str]], FirstBytes], tmp_path: Path) -> None:
    """What is asked of a tracker is recognised."""
    listener = Listener("tcp")
    (tmp_path / "a.torrent").write_bytes(torrent(listener.port))

    assert application(talk(listener, ["aria2c", "--enable-dht=false", "{folder}/a.torrent"])) == "bittorrent"


def test_bittorrent_asks_the_table(talk: Callable[[Listener, list[str]], FirstBytes], tmp_path: Path) -> None:
    """What is asked of the table of who shares what is recognised."""
    listener = Listener("udp")
    (tmp_path / "a.torrent").write_bytes(torrent(9))
    words = ["aria2c", "--dht-entry-point=127.0.0.1:{port}", "--dht-file-path={folder}/dht.dat"]

    assert application(talk(listener, [*words, "{folder}/a.torrent"])) == "bittorrent"
