"""What browsers' ways of asking show, sent by curl to a server outside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import SCHOOL, SCHOOL_V6, WORLD, WORLD_V6, needs

if TYPE_CHECKING:
    from lab import Lab

OUTSIDE = str(Path(__file__).parent / "outside.py")
SITE = "www.school-test.example"

pytestmark = [pytest.mark.servers, needs(("curl", "curl"))]


@pytest.mark.parametrize(("client", "server"), [(SCHOOL, WORLD), (SCHOOL_V6, WORLD_V6)], ids=["IPv4", "IPv6"])
def test_page_over_tls(lab: Lab, certificate: Path, client: str, server: str) -> None:
    """A page over TLS is one event with server name, version, protocols and fingerprint, and bears no sign."""
    where = f"[{server}]" if ":" in server else server
    with lab.runs(sys.executable, OUTSIDE, "web", "443", str(certificate), until=443), lab.recorded():
        lab.ask(
            "curl",
            "-sS",
            "--cacert",
            f"{certificate}.crt",
            "--resolve",
            f"{SITE}:443:{where}",
            f"https://{SITE}/news",
        )
    (event,) = lab.events()
    assert event == event | {
        "source_ip": client,
        "destination_ip": server,
        "destination_port": 443,
        "network_transport": "tcp",
        "network_protocol": "tls",
        "event_outcome": "allowed",
        "tls_server_name": SITE,
        "tls_version": "1.3",
        "tls_next_protocol": "h2",
        "tls_client_hello_encrypted": False,
    }
    assert str(event["tls_client_ja4"]).startswith("t13d")
    assert int(str(event["destination_bytes"])) > int(str(event["source_bytes"])) > 500
    assert int(str(event["event_duration"])) > 0
    assert "network_application" not in event
    assert "url_path" not in event


def test_older_version_of_tls(lab: Lab, certificate: Path) -> None:
    """A client that offers TLS 1.2 and HTTP/1.1 alone is told so."""
    with lab.runs(sys.executable, OUTSIDE, "web", "443", str(certificate), until=443), lab.recorded():
        lab.ask(
            *("curl", "-sS", "--tls-max", "1.2", "--http1.1", "--cacert", f"{certificate}.crt"),
            *("--resolve", f"{SITE}:443:{WORLD}", f"https://{SITE}/"),
        )
    (event,) = lab.events()
    assert (event["tls_version"], event["tls_next_protocol"]) == ("1.2", "http/1.1")


def test_server_without_a_name(lab: Lab, certificate: Path) -> None:
    """A connection to a bare address has a fingerprint that says so, and no server name."""
    with lab.runs(sys.executable, OUTSIDE, "web", "443", str(certificate), until=443), lab.recorded():
        lab.ask("curl", "-sS", "--cacert", f"{certificate}.crt", f"https://{WORLD}/")
    (event,) = lab.events()
    assert "tls_server_name" not in event
    assert str(event["tls_client_ja4"]).startswith("t13i")


def test_page_in_clear(lab: Lab) -> None:
    """Two requests of one connection are two events, each with its path; the first has the connection's bytes."""
    with lab.runs(sys.executable, OUTSIDE, "web", "80", until=80), lab.recorded():
        lab.ask(
            *("curl", "-sS", "-A", "Mozilla/5.0 (test)", "-e", "http://search.example/?q=maths"),
            *("--resolve", f"{SITE}:80:{WORLD}", f"http://{SITE}/news?page=2", f"http://{SITE}/sport"),
        )
    first, second = lab.events()
    assert first == first | {
        "network_protocol": "http",
        "http_request_method": "GET",
        "url_full": f"http://{SITE}/news?page=2",
        "url_domain": SITE,
        "url_path": "/news",
        "url_query": "page=2",
        "user_agent_original": "Mozilla/5.0 (test)",
        "http_request_referrer": "http://search.example/?q=maths",
    }
    assert (first["source_port"], second["url_path"]) == (second["source_port"], "/sport")
    assert "source_bytes" in first
    assert "source_bytes" not in second
    assert "network_application" not in first


def test_long_head_in_clear(lab: Lab) -> None:
    """A request whose head takes several segments is told whole, and a body that is sent after a pause is not looked for."""
    with lab.runs(sys.executable, OUTSIDE, "web", "80", until=80), lab.recorded():
        lab.ask("curl", "-sS", "-b", "word=" + "x" * 6000, f"http://{WORLD}/long?q={'w' * 2000}")
        lab.ask("curl", "-sS", "-H", "Expect: 100-continue", "-d", "x" * 3000, f"http://{WORLD}/form")
    shown = [(e["http_request_method"], e["url_path"], e.get("url_query")) for e in lab.events()]
    assert shown == [("GET", "/long", f"q={'w' * 2000}"), ("POST", "/form", None)]


@needs(("openssl", "openssl"))
def test_datagrams_over_tls(lab: Lab, certificate: Path) -> None:
    """DTLS, which calls in browsers use, is told with its name and bears no sign."""
    server = ("openssl", "s_server", "-dtls", "-accept", "4433", "-cert", str(certificate))
    with lab.runs(*server, until=4433), lab.recorded():
        lab.ask(
            "timeout",
            "1",
            "openssl",
            "s_client",
            "-dtls",
            "-connect",
            f"{WORLD}:4433",
            "-servername",
            SITE,
            fails=True,
        )
    (event,) = lab.events()
    assert (event["network_protocol"], event["tls_server_name"]) == ("dtls", SITE)
    assert "network_application" not in event


def test_nobody_answers(lab: Lab) -> None:
    """A connection to a port that nobody listens on is an event with an unknown outcome."""
    with lab.recorded():
        lab.ask("curl", "-sS", f"http://{WORLD}:8099/", fails=True)
    (event,) = lab.events()
    assert (event["destination_port"], event["event_outcome"]) == (8099, "unknown")
    assert "network_protocol" not in event
