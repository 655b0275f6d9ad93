"""Paths and addresses of registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from aup_monitor.core.errors import ConfigError
from aup_monitor.register.location import locate


def test_a_path_is_sqlite_and_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path, and one that SQLite would take for a URI, are plain files of this folder."""
    monkeypatch.chdir(tmp_path)
    assert locate("register.sqlite3")["NAME"] == str(tmp_path / "register.sqlite3")
    assert locate(Path("file:x?mode=memory"))["NAME"] == str(tmp_path / "file:x?mode=memory")


def test_a_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home folder of the account."""
    monkeypatch.setenv("HOME", "/home/nmanager")
    assert locate("~/aup/register.sqlite3")["NAME"] == "/home/nmanager/aup/register.sqlite3"


def test_an_address_is_postgresql_with_every_part_decoded() -> None:
    """A password may hold any character, percent-encoded; options may be added after a question mark."""
    settings = locate(
        "postgresql://aup:p%40ss%2F@db.hill.example:5433/aup%20register?sslmode=verify-full", wait=1.5
    )
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"], settings["PORT"], settings["NAME"]) == (
        "aup",
        "p@ss/",
        "db.hill.example",
        "5433",
        "aup register",
    )
    assert settings["OPTIONS"]["sslmode"] == "verify-full"
    assert settings["OPTIONS"]["options"] == "-c lock_timeout=1500"


def test_an_address_may_be_short() -> None:
    """The local server, as this account."""
    settings = locate("postgres:///aup")
    assert (settings["HOST"], settings["PORT"], settings["USER"], settings["NAME"]) == ("", "", "", "aup")


@pytest.mark.parametrize(
    "address",
    [
        "mysql://aup:geheim@db.example/aup",
        "postgresql://aup:geheim@db.example",
        "postgresql://aup:geheim@db.example/",
        "postgresql://aup:geheim@db.example:port/aup",
        "postgresql://aup:geheim@db.example:99999/aup",
        "postgresql://aup:geheim@[::1/aup",
    ],
)
def test_a_wrong_address_is_said_without_its_password(address: str) -> None:
    """The message says how to write it, and does not repeat the secret."""
    with pytest.raises(ConfigError, match="postgresql://user:password@host/name") as caught:
        locate(address)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None
