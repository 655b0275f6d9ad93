"""Real servers on this machine, for tests that ask them and read what they log."""

from __future__ import annotations

import http.server
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<html><body><p>hello</p></body></html>"
WAIT = 20.0
"""Seconds after which a server that does not answer, or a log that does not grow, fails a test."""


def program(name: str) -> str | None:
    """Return the path of a server program, which may lie outside a user's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


STARTS = 3
"""How often a server is started that ends at once: the port was free a moment ago, and may be again."""


def wait_for(port: int, server: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until something answers on the port; false where the server has ended before."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if server is not None and server.poll() is not None:
            return False
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    if server is not None:
        server.kill()
    pytest.fail(f"nothing answers on port {port}")


@contextmanager
def running(command: list[str], port: int, *, ends_itself: bool = True) -> Iterator[None]:
    """Run a server until the block ends, then let it end by itself so that its log is whole, if it can."""
    for _ in range(STARTS):
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if wait_for(port, server):
            break
        time.sleep(1)
    else:
        pytest.fail(f"the server ended with {server.returncode} before it answered")
    try:
        yield
    finally:
        if ends_itself:
            server.terminate()
        else:
            server.kill()
        server.wait(timeout=40)


def wait_for_lines(log: Path, count: int) -> None:
    """Wait until a log holds so many lines, for a server that writes them late or has to be killed."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if log.exists() and log.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.1)
    pytest.fail(f"{log.name} has fewer than {count} lines: {log.read_text() if log.exists() else 'none'}")


class Page(http.server.BaseHTTPRequestHandler):
    """Answers any request with a small page, and what begins with `/missing` with 404."""

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(PAGE)

    do_HEAD = do_POST = do_GET  # noqa: N815 - the library looks for these names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def web_server() -> Iterator[int]:
    """Run a web server that stands for every site; give its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def folder_of_all() -> Iterator[Path]:
    """Make a folder that a server's own account may write to, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


ADDRESSES = {"A": "192.0.2.1", "AAAA": "2001:db8::1"}


@contextmanager
def name_server() -> Iterator[int]:
    """Run a name server that knows every name but those under `missing.example`; give its port."""
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.2)
        done = threading.Event()
        thread = threading.Thread(target=_answer_all, args=(listener, done))
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            done.set()
            thread.join()


def _answer_all(listener: socket.socket, done: threading.Event) -> None:
    while not done.is_set():
        try:
            wire, client = listener.recvfrom(4096)
        except TimeoutError:
            continue
        question = dns.message.from_wire(wire)
        answer = dns.message.make_response(question, recursion_available=True)
        asked = question.question[0]
        kind = dns.rdatatype.to_text(asked.rdtype)
        if asked.name.to_text().lower().endswith("missing.example."):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in ADDRESSES:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, ADDRESSES[kind]))
        listener.sendto(answer.to_wire(), client)


def ask_name(port: int, client: str, name: str, kind: str, transport: str = "udp") -> str:
    """Ask a name server on this machine as a client; return the response code, or `none` where it does not answer."""
    question = dns.message.make_query(name, kind)
    server = "::1" if ":" in client else "127.0.0.1"
    asked = dns.query.tcp if transport == "tcp" else dns.query.udp
    try:
        answer = asked(question, server, timeout=1.5, port=port, source=client)
    except (dns.exception.Timeout, EOFError):
        return "none"
    return dns.rcode.to_text(answer.rcode())
