"""The register as a file: made private, and known by its mark before anything is written to it."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - named in annotations only, but part of the public signatures
from typing import Final

from django.db import OperationalError, connection

from aup_monitor.core.errors import StoreError

APPLICATION_ID: Final = 0x41555052
"""`AUPR` in the file's header: https://sqlite.org/pragma.html#pragma_application_id."""

_MAGIC: Final = b"SQLite format 3\x00"
_CHECK_PATH: Final = "check the path of the register in aup.toml"


def prepare(path: Path) -> None:
    """
    Make the file if it is not there, readable for its owner alone, and refuse what cannot be a register.

    Raises:
        StoreError: no such folder, a folder, another kind of file, or this account may not write there.

    """
    if not path.parent.is_dir():
        raise StoreError("there is no such folder", where=path.parent, fix=f"mkdir -p {path.parent}")
    if path.is_dir():
        raise StoreError("this is a folder, not a register", where=path, fix=_CHECK_PATH)
    try:
        head = _head(path)
        _make_private(path)
    except OSError as exc:
        raise StoreError(
            "this account may not use the register", where=path, fix=f"run as the owner of {path.parent}"
        ) from exc
    if head and not head.startswith(_MAGIC):
        raise StoreError("this file is not a register", where=path, fix=_CHECK_PATH)


def _head(path: Path) -> bytes:
    """Return the first bytes, none for a new file."""
    # Opened for writing, so that a file that this account may only read is found out now and not at the first decision.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(len(_MAGIC))


def _make_private(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def check_mark() -> None:
    """
    Refuse a database of another program, before anything is written to it.

    Raises:
        StoreError: it has tables, but not our mark.

    """
    with connection.cursor() as cursor:
        if _pragma("application_id") == APPLICATION_ID:
            return
        cursor.execute("SELECT count(*) FROM sqlite_master")
        if cursor.fetchone()[0]:
            raise StoreError(
                "this is another program's database, not a register",
                where=connection.settings_dict["NAME"],
                fix=_CHECK_PATH,
            )


def mark() -> None:
    """Write the mark; belongs in the transaction that makes the tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def use_write_ahead_log() -> None:
    """Let people read while an analysis writes. Kept in the file; where another program has it open, next time will do."""
    if _pragma("journal_mode") == "wal":
        return
    try:
        _pragma("journal_mode = WAL")
    except OperationalError as exc:
        if "locked" not in str(exc):
            raise


def _pragma(name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]
