"""
What a database says when it fails, as a `StoreError` with a next step.

Codes: https://sqlite.org/rescode.html and https://www.postgresql.org/docs/current/errcodes-appendix.html. The database's
own words are not passed on: they may quote an account name.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from aup_monitor.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY = (
    "another program is writing to the register",
    "wait until it has finished (is an analysis running?) and run the same command again",
)
_READONLY = ("this account may not write to the register", "run as the account that owns it")
_DAMAGED = (
    "the register is damaged",
    "keep the file, restore the last backup beside it, and run the same command again",
)
_DISK = (
    "the disk that holds the register reports an error",
    "check the disk (a network share is no place for a register), and copy the register to another",
)
_FULL = ("the disk is full", "free some space and run the same command again; nothing was half written")
_CANNOT_OPEN = (
    "the register cannot be opened",
    "check that its folder exists and that this account may write in it",
)
_NOT_REGISTER = ("this file is not a register", "check the path of the register in aup.toml")
_UNREACHABLE = (
    "the database server does not answer",
    "check that it runs, and the host and port in the register's address in aup.toml",
)

_SQLITE: Final = {
    sqlite3.SQLITE_PERM: _READONLY,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READONLY,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_NOTADB: _NOT_REGISTER,
}
"""By primary result code."""

_POSTGRESQL: Final = {
    "08": _UNREACHABLE,
    "28": (
        "the database server refuses this account",
        "check user and password in the register's address in aup.toml",
    ),
    "3D": (
        "the database server has no such database",
        "create it (createdb), or correct its name in aup.toml",
    ),
    "42501": (
        "this account may not write to the register",
        "grant it the right to create tables in that database",
    ),
    "53100": _FULL,
    "55P03": _BUSY,
    "57P": ("the database server is stopping or starting", "run the same command again in a minute"),
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
"""By beginning of SQLSTATE."""


@contextmanager
def named_failures() -> Iterator[None]:
    """
    Turn what the world did to the database into a `StoreError`; a programmer's mistake passes through.

    Raises:
        StoreError: locked, read-only, damaged, full, not there, or its driver is not installed.

    """
    try:
        yield
    except (DatabaseError, InterfaceError) as exc:
        known = _meaning(exc)
        if known is None:
            raise
        raise StoreError(known[0], where=place(), fix=known[1]) from exc
    except ImproperlyConfigured as exc:
        if "psycopg" not in str(exc):
            raise
        raise StoreError(
            "the driver for PostgreSQL is not installed",
            where=place(),
            fix="pip install 'aup-monitor[postgresql]'",
        ) from exc


def place() -> str:
    """Return the path or the address of the register that is open, without its password."""
    # Not the connection's own settings: where the driver is not installed, there is no connection to ask.
    settings = connections.settings[DEFAULT_DB_ALIAS]
    if settings["ENGINE"].endswith("sqlite3"):
        return str(settings["NAME"])
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{settings['HOST']}{port}/{settings['NAME']}"


def _meaning(exc: Exception) -> tuple[str, str] | None:
    cause = exc.__cause__
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; some errors of the Python module itself have none.
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(cause, "sqlstate", "")
    if state is None:
        # psycopg gives no code where the connection itself failed; its words are then all there is.
        return _connection_meaning(str(cause))
    return next((known for code, known in _POSTGRESQL.items() if state.startswith(code)), None)


def _connection_meaning(words: str) -> tuple[str, str]:
    if "authentication failed" in words or "no password supplied" in words or "pg_hba.conf" in words:
        return _POSTGRESQL["28"]
    if "does not exist" in words and "database" in words:
        return _POSTGRESQL["3D"]
    return _UNREACHABLE
