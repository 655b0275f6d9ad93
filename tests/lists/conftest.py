"""What tests of lists share: a server of lists."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from list_server import ListServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    """Return a running server of lists; a proxy that this machine may have does not stand before it."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as server:
        yield server
