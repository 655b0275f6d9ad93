"""
Servers outside the school, run in the namespace of the world: `outside.py web|look-ups PORT [PEM]`.

`web` answers every request with a small page, and a BitTorrent client that asks who has a file with the one peer in the
world (BEP 3, BEP 23). `look-ups` answers questions for names over TLS (RFC 7858). With a PEM file, both speak TLS.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
from http.server import BaseHTTPRequestHandler
from ipaddress import IPv4Address
from typing import Final

import dns.message
import dns.rrset

PEER: Final = IPv4Address("198.51.100.1").packed + (6881).to_bytes(2)


class Web(BaseHTTPRequestHandler):
    """Answers every request alike."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, after what the client sends was read."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        page = b"d8:intervali60e5:peers6:" + PEER + b"e" if "info_hash=" in self.path else b"<p>hello</p>\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_POST = do_GET  # noqa: N815 - the library looks for this name


class LookUps(socketserver.StreamRequestHandler):
    """Answers every question with one address."""

    def handle(self) -> None:
        """Answer questions until the client has no more."""
        while length := int.from_bytes(self.rfile.read(2)):
            question = dns.message.from_wire(self.rfile.read(length))
            answer = dns.message.make_response(question)
            answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "A", "192.0.2.7"))
            wire = answer.to_wire()
            self.wfile.write(len(wire).to_bytes(2) + wire)


class Server(socketserver.ThreadingTCPServer):
    """A server on all addresses, IPv4 and IPv6."""

    address_family = socket.AF_INET6
    allow_reuse_address = daemon_threads = True


def main(kind: str, port: str, pem: str | None = None) -> None:
    """Serve until the process is ended."""
    server = Server(("", int(port)), {"web": Web, "look-ups": LookUps}[kind])
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
