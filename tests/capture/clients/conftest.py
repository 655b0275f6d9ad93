"""The school's computer and the world outside it, made once for all tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from lab import Lab, make_certificate
from servers import program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return the two namespaces, or skip where they cannot be made."""
    missing = [name for name in ("ip", "tcpdump") if not program(name)]
    if missing:
        pytest.skip("not installed: apt-get install iproute2 tcpdump")
    lab = Lab(tmp_path_factory.mktemp("clients"))
    try:
        lab.plug_in()
    except subprocess.CalledProcessError as exc:
        lab.unplug()
        pytest.skip(f"network namespaces need the capability CAP_SYS_ADMIN: {exc.stderr.decode().strip()}")
    yield lab
    lab.unplug()
    lab.pcap.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def certificate(lab: Lab) -> Path:
    """Return a PEM file with a key and a certificate of the servers outside."""
    if not program("openssl"):
        pytest.skip("not installed: apt-get install openssl")
    return make_certificate(lab.folder / "server.pem", "school-test.example")
