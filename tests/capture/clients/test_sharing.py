"""What sharing files between computers shows: aria2 with a tracker, a peer and the table of who shares what."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import WORLD, needs

if TYPE_CHECKING:
    from lab import Lab

OUTSIDE = str(Path(__file__).parent / "outside.py")
PIECE = 16_384

pytestmark = [pytest.mark.servers, needs(("aria2c", "aria2"))]


def torrent(content: bytes) -> bytes:
    """Return the description of one shared file, `lesson.bin`, that names the tracker outside (BEP 3)."""
    pieces = b"".join(
        hashlib.sha1(content[at : at + PIECE], usedforsecurity=False).digest()
        for at in range(0, len(content), PIECE)
    )
    tracker = f"http://{WORLD}:6969/announce".encode()
    info = b"d6:lengthi%de4:name10:lesson.bin12:piece lengthi%de6:pieces%d:%se" % (
        len(content),
        PIECE,
        len(pieces),
        pieces,
    )
    return b"d8:announce%d:%s4:info%se" % (len(tracker), tracker, info)


def test_bittorrent(lab: Lab) -> None:
    """A file fetched from a peer shows the table's messages, the requests to the tracker, and an encrypted connection."""
    content = bytes(range(256)) * 256
    seed, fetched, described = lab.folder / "seed", lab.folder / "fetched", lab.folder / "lesson.torrent"
    seed.mkdir()
    (seed / "lesson.bin").write_bytes(content)
    described.write_bytes(torrent(content))
    usual = ("aria2c", "--no-conf", "--enable-dht=true", "--enable-dht6=false", "--bt-enable-lpd=false")
    ports = ("--listen-port=6881", "--dht-listen-port=6881", "--file-allocation=none")
    gives = (f"--dht-file-path={seed}.dat", f"--dir={seed}", "--check-integrity=true", "--seed-ratio=0.0")
    takes = (
        f"--dht-file-path={fetched}.dat",
        f"--dir={fetched}",
        "--seed-time=0",
        f"--dht-entry-point={WORLD}:6881",
    )
    with (
        lab.runs(sys.executable, OUTSIDE, "web", "6969", until=6969),
        lab.runs(*usual, *ports, *gives, str(described), until=6881),
        lab.recorded(),
    ):
        lab.ask(*usual, *ports, *takes, str(described))
    assert (fetched / "lesson.bin").read_bytes() == content
    events = lab.events()
    shown = {(e["network_transport"], e["destination_port"], e["network_application"]) for e in events}
    assert shown == {
        ("udp", 6881, "bittorrent"),  # the table of who shares what
        ("tcp", 6969, "bittorrent"),  # the tracker
        ("tcp", 6881, "fully-encrypted"),  # the peer: aria2 hides what it speaks where it can
    }
    assert all(event["event_reason"] for event in events)
