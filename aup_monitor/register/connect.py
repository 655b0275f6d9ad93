"""
Open the register. One is open at a time in a process; opening another closes the first.

    with open_register(workspace / "register.sqlite3"):
        services.record(...)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from django.db import DEFAULT_DB_ALIAS, connection, connections

from aup_monitor.register import sqlite_file, upgrade
from aup_monitor.register.failures import named_failures, place
from aup_monitor.register.location import WAIT_SECONDS, locate

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


@dataclass(frozen=True)
class Register:
    """A register that is open; leaving its `with` closes it."""

    place: str
    """Path or address, without a password: fit to be printed."""

    def close(self) -> None:
        """Close the connection, unless another register has been opened since."""
        if place() == self.place:
            _point_to({})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_register(database: str | Path, wait: float = WAIT_SECONDS) -> Register:
    """
    Open a register, made or brought up to date first where need be, and let `services` work on it.

    Args:
        database: a path (SQLite; the file is made where there is none), or `postgresql://user:password@host/name`.
        wait: seconds to wait for another program that is writing.

    Raises:
        ConfigError: the address makes no sense.
        StoreError: the file is not a register, is damaged, locked, read-only, or a newer version of the program made it.

    """
    settings = locate(database, wait)
    _point_to(settings)
    try:
        with named_failures():
            if connection.vendor == "sqlite":
                _open_file(Path(settings["NAME"]))
            upgrade.upgrade()
    except BaseException:
        _point_to({})
        raise
    return Register(place())


def _point_to(settings: dict[str, Any]) -> None:
    # Django reads its settings once; a second register in one process has to take the place of the first here.
    # Empty settings are Django's own way to say that there is no database: a service called then fails loudly.
    connections.close_all()
    if connections.all(initialized_only=True):
        del connections[DEFAULT_DB_ALIAS]
    complete = connections.configure_settings({DEFAULT_DB_ALIAS: settings})
    connections.settings[DEFAULT_DB_ALIAS] = complete[DEFAULT_DB_ALIAS]


def _open_file(path: Path) -> None:
    sqlite_file.prepare(path)
    sqlite_file.check_mark()
    sqlite_file.use_write_ahead_log()
