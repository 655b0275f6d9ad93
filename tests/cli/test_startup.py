"""A quick start: help needs none of the slow libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("polars", "django", "matplotlib", "deltalake", "pandas", "pyarrow", "numpy", "typst", "rich")
PROBE = f"""
import sys
from aup_monitor.cli import aup
aup.main(sys.argv[1:], standalone_mode=False)
print("LOADED", *(name for name in {SLOW!r} if name in sys.modules))
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_nothing_slow(words: list[str]) -> None:
    """`aup --help` and `aup --version` answer before any table or database could be loaded."""
    done = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]
    assert len(done.stdout.splitlines()) > 1


def test_a_command_that_needs_them_loads_them() -> None:
    """The probe above can see what is loaded."""
    done = subprocess.run([sys.executable, "-c", PROBE, "schema"], capture_output=True, text=True, check=True)
    assert "polars" in done.stdout.splitlines()[-1]
