"""Where a register is: a path (SQLite) or an address `postgresql://user:password@host:port/name`, as Django wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from aup_monitor.core.errors import ConfigError

WAIT_SECONDS: Final = 20
"""How long to wait for another program that is writing before giving up."""

_SQLITE: Final = "django.db.backends.sqlite3"
_POSTGRESQL: Final = "django.db.backends.postgresql"
_EXAMPLE: Final = "write it as postgresql://user:password@host/name"


def locate(database: str | Path, wait: float = WAIT_SECONDS) -> dict[str, Any]:
    """
    Return Django's settings for a database given as a path or an address.

    Raises:
        ConfigError: the address has another scheme, a wrong port or no database name. The message has no password.

    """
    text = str(database)
    if "://" not in text:
        return _sqlite(Path(text).expanduser().absolute(), wait)
    scheme = text.partition("://")[0]
    if scheme not in {"postgresql", "postgres"}:
        raise ConfigError(f"a register cannot be kept in {scheme}", fix=f"give a path, or {_EXAMPLE}")
    return _postgresql(text, wait)


def _sqlite(path: Path, wait: float) -> dict[str, Any]:
    options = {
        # Readers become writers in one transaction (each look is audited): take the write lock at its beginning, so
        # that two programs wait for each other instead of failing halfway.
        "transaction_mode": "IMMEDIATE",
        "timeout": wait,
        # A decision that was confirmed survives a power cut.
        "init_command": "PRAGMA synchronous=FULL",
    }
    return {"ENGINE": _SQLITE, "NAME": str(path), "OPTIONS": options}


def _postgresql(text: str, wait: float) -> dict[str, Any]:
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        # Without its cause, which quotes the address and so the password.
        raise ConfigError("the address of the register has a wrong host or port", fix=_EXAMPLE) from None
    name = unquote(address.path.removeprefix("/"))
    if not name:
        raise ConfigError("the address of the register names no database", fix=_EXAMPLE)
    options = {
        "application_name": "aup",
        "connect_timeout": 10,
        "options": f"-c lock_timeout={round(wait * 1000)}",
        **dict(parse_qsl(address.query)),
    }
    return {
        "ENGINE": _POSTGRESQL,
        "NAME": name,
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(address.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }
