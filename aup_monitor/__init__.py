"""Acceptable-use monitoring for UK schools: network logs in, half-termly report out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from aup_monitor.jobs.query import Records

__version__: Final = "0.1.0"
__all__ = ["__version__", "open"]


def open(path: str | Path) -> Records:  # noqa: A001 - aup_monitor.open reads as it should
    """
    Open a workspace for reading from Python: events, matches and incidents as pandas or Arrow tables.

    Args:
        path: the workspace's folder, the one with `aup.toml`.

    Raises:
        ConfigError: there is no workspace.
        StoreError: nothing was read into it yet.

    """
    # Imported here: the libraries behind it take a second, and `aup --help` does not need them.
    from aup_monitor.jobs.query import Records  # noqa: PLC0415 - see above

    return Records(path)
