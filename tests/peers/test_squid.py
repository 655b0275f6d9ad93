"""A real Squid, asked in every way that a browser asks: each request is one event of its native and its combined log."""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers import free_port, program, running

from aup_monitor.formats.web import combined, squid

if TYPE_CHECKING:
    from conftest import Run

SQUID = program("squid")
FAKE_AUTH = Path("/usr/lib/squid/basic_fake_auth")
BROWSER = "Mozilla/5.0 (X11; CrOS)"
LONG = "a" * 3500

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(
        not (SQUID and FAKE_AUTH.exists()), reason="Squid is not installed: apt-get install squid"
    ),
]


def configured(folder: Path) -> tuple[list[str], int]:
    """Write the settings of a Squid that logs natively, combined and common; return its command and its port."""
    port, hosts, config = free_port(), folder / "hosts", folder / "squid.conf"
    hosts.write_text("127.0.0.1 www.school.example games.school.example open.school.example\n")
    hosts.chmod(0o644)
    config.write_text(
        f"http_port 127.0.0.1:{port}\nhttp_port [::1]:{port}\nhosts_file {hosts}\n"
        f"access_log stdio:{folder}/native.log squid\naccess_log stdio:{folder}/combined.log combined\n"
        f"access_log stdio:{folder}/common.log common\ncache_log /dev/null\npid_filename {folder}/squid.pid\n"
        f"coredump_dir {folder}\ncache deny all\nshutdown_lifetime 1 seconds\nstrip_query_terms off\n"
        f"auth_param basic program {FAKE_AUTH}\nauth_param basic realm school\nacl known proxy_auth REQUIRED\n"
        "acl games dstdomain games.school.example\nacl open dstdomain open.school.example\n"
        "http_access deny games\nhttp_access allow open\nhttp_access allow known\nhttp_access deny all\n"
        "via off\nforwarded_for delete\nnetdb_filename none\npinger_enable off\n"
    )
    return [str(SQUID), "-N", "-f", str(config)], port


@dataclass(frozen=True)
class Browser:
    """A client with an address, perhaps an account."""

    address: str
    account: str | None = None

    def ask(self, proxy: int, method: str, url: str, inside: bytes = b"") -> tuple[int, int]:
        """Ask for a page, or open a tunnel and send something through; return status and bytes received."""
        head = [f"{method} {url} HTTP/1.1", "Host: www.school.example", "Connection: close"]
        head += [f"User-Agent: {BROWSER}", "Content-Length: 0"]
        if self.account is not None:
            secret = base64.b64encode(f"{self.account}:x".encode()).decode()
            head.append(f"Proxy-Authorization: Basic {secret}")
        target = "::1" if ":" in self.address else "127.0.0.1"
        with socket.create_connection((target, proxy), 20, (self.address, 0)) as connection:
            connection.sendall("\r\n".join([*head, "", ""]).encode())
            answer = b""
            if inside:
                answer = connection.recv(65536)
                connection.sendall(inside)
            while piece := connection.recv(65536):
                answer += piece
        return int(answer.split(b" ", 2)[1]), len(answer)


NOBODY = Browser("127.0.0.2")
AMINA = Browser("127.0.0.3", r"school\akhan")
BEN = Browser("127.0.0.4", "blee@school.example")
ZOE = Browser("127.0.0.5", "zoë ångström")
SIXTH = Browser("::1")
WHO = {
    NOBODY: {"user_name": None, "user_domain": None},
    AMINA: {"user_name": "akhan", "user_domain": "school"},
    BEN: {"user_name": "blee", "user_domain": "school.example"},
    ZOE: {"user_name": "zoë ångström", "user_domain": None},
    SIXTH: {"user_name": None, "user_domain": None},
}

Case = tuple[Browser, str, str, str, str | None, str, int | None, str]
CASES: list[Case] = [
    # who, method, host, path, query, outcome, status (if it is known before), Squid's word
    (AMINA, "GET", "www", "/a/b", "q=bees+and+wasps&n=1", "allowed", 200, "TCP_MISS"),
    (BEN, "POST", "www", "/form", None, "allowed", 200, "TCP_MISS"),
    (BEN, "HEAD", "www", "/missing%20page", None, "allowed", 404, "TCP_MISS"),
    (BEN, "CONNECT", "www", "", None, "allowed", 200, "TCP_TUNNEL"),
    (NOBODY, "GET", "www", "/", None, "unknown", 407, "TCP_DENIED"),
    (AMINA, "GET", "games", "/play", "a='\"<>", "blocked", 403, "TCP_DENIED"),
    (AMINA, "CONNECT", "games", "", None, "blocked", 403, "TCP_DENIED"),
    (NOBODY, "GET", "OPEN", "/caf%C3%A9/", None, "allowed", 200, "TCP_MISS"),
    (SIXTH, "GET", "open", "/v6", "a?b=c?d", "allowed", 200, "TCP_MISS"),
    (ZOE, "GET", "www", "/name", None, "allowed", 200, "TCP_MISS"),
    (AMINA, "GET", "www", f"/{LONG}", LONG, "allowed", 200, "TCP_MISS"),
    (AMINA, "GET", "gone", "/", None, "allowed", None, "TCP_MISS"),
]


def put(case: Case, proxy: int, web: int) -> dict[str, Any]:
    """Make the request; return the columns that its event must have."""
    browser, method, site, path, query, outcome, status, word = case
    host, tunnel = f"{site}.school.example", method == "CONNECT"
    url = f"{host}:{web}" if tunnel else f"http://{host}:{web}{path}" + (f"?{query}" if query else "")
    through = b"GET / HTTP/1.0\r\n\r\n" if tunnel and outcome == "allowed" else b""
    answered, size = browser.ask(proxy, method, url, through)
    assert status in {None, answered}
    return {
        **WHO[browser if answered != 403 else NOBODY],
        "source_ip": browser.address,
        "http_request_method": method,
        "url_domain": host.lower(),
        "destination_port": web,
        "url_path": None if tunnel else path,
        "http_response_status_code": answered,
        "destination_bytes": size,
        "event_outcome": outcome,
        "event_action": word,
    }


def test_each_request_is_one_event(open_folder: Path, run: Run, web: int) -> None:
    """Pages, searches, tunnels, refusals and requests to log on: who, what, how much and what became of it."""
    command, port = configured(open_folder)
    with running(command, port):
        # To see whether it answers, a connection was opened and nothing said: Squid logs that, too.
        run.expect(http_request_method=None, url_domain=None, url_full=None, event_outcome="unknown")
        for case in CASES:
            run.expect(**put(case, port, web))
    native = run.check(squid.FORMAT, open_folder / "native.log")
    assert all(0 <= event["event_duration"] < 60_000_000_000 for event in native)
    assert {event["destination_ip"] for event in native if event["event_outcome"] == "allowed"} == {
        "127.0.0.1",
        None,
    }
    assert native[1]["url_full"] == f"http://www.school.example:{web}/a/b?q=bees+and+wasps&n=1"
    assert native[1]["url_query"] == "q=bees+and+wasps&n=1"
    assert native[1]["http_response_mime_type"] == "text/html"
    assert native[9]["url_query"] == "a?b=c?d"
    found = run.check(combined.FORMAT, open_folder / "combined.log")
    assert {event["user_agent_original"] for event in found[1:]} == {BROWSER}
    run.check(combined.FORMAT, open_folder / "common.log")
