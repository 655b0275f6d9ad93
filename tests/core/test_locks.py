"""The lock between processes: held by one, released however that one ends."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import StoreError
from aup_monitor.core.locks import locked

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys, time
from pathlib import Path
from aup_monitor.core.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second taker is told that another command is writing; afterwards it may."""
    path = tmp_path / "made" / ".lock"
    with locked(path), pytest.raises(StoreError, match=r"another aup command .*\n  Next: wait"), locked(path):
        pass
    with locked(path):
        assert path.exists()


def test_an_error_releases_it(tmp_path: Path) -> None:
    """What fails inside leaves no lock behind."""
    with pytest.raises(KeyError), locked(tmp_path / ".lock"):
        raise KeyError
    with locked(tmp_path / ".lock"):
        pass


def test_a_killed_process_releases_it(tmp_path: Path) -> None:
    """A process that is killed holds nothing any more; while it lives, it does."""
    path = tmp_path / ".lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError), locked(path):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with locked(path):
        pass
