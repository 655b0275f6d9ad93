"""A QUIC server and client (aioquic): `over_quic.py serve PORT PEM`, `over_quic.py ask ADDRESS PORT NAME VERSION LENGTH`."""

from __future__ import annotations

import asyncio
import ssl
import sys

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration


async def _serve(port: str, pem: str) -> None:
    """Accept connections until the process is ended."""
    settings = QuicConfiguration(is_client=False, alpn_protocols=["h3", "doq"])
    settings.load_cert_chain(f"{pem}.crt", f"{pem}.key")
    await serve("::", int(port), configuration=settings)
    await asyncio.Event().wait()


async def _ask(address: str, port: str, name: str, version: str, protocol: str) -> None:
    """Connect, in one version (hexadecimal) and for one protocol, and say something over it."""
    settings = QuicConfiguration(server_name=name, alpn_protocols=[protocol], verify_mode=ssl.CERT_NONE)
    settings.supported_versions = [int(version, 16)]
    settings.original_version = int(version, 16)
    async with connect(address, int(port), configuration=settings) as connection:
        await connection.ping()


if __name__ == "__main__":
    asyncio.run({"serve": _serve, "ask": _ask}[sys.argv[1]](*sys.argv[2:]))
