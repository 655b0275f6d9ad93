"""What a database says when it fails, in words with a next step."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection

from aup_monitor.core.errors import StoreError
from aup_monitor.register import services
from aup_monitor.register.failures import named_failures

if TYPE_CHECKING:
    from datetime import datetime

    from conftest import MakeIncident

    from aup_monitor.register.connect import Register


def test_a_full_disk_is_named_and_nothing_is_half_written(
    register: Register, incident: MakeIncident, now: datetime
) -> None:
    """All of an analysis is recorded or none of it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 2}")
    with pytest.raises(StoreError, match="the disk is full") as caught:
        services.record([incident(f"s{number}") for number in range(200)], [], now)
    assert caught.value.where == register.place
    assert services.incidents() == []
    assert services.head().entries == 0


def test_every_failure_keeps_its_cause(register: Register) -> None:
    """The traceback of a bug report still has the database's own words; the message has not."""
    assert register.place
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = sqlite3.SQLITE_IOERR | 1 << 8
    with pytest.raises(StoreError, match="the disk that holds the register") as caught, named_failures():
        raise DatabaseError from cause
    assert isinstance(caught.value.__cause__, DatabaseError)
    assert "I/O" not in str(caught.value)


@pytest.mark.parametrize(
    "mistake", [IntegrityError("x"), DatabaseError("x"), ImproperlyConfigured("x"), KeyError("x")]
)
def test_a_programmers_mistake_passes_through(mistake: Exception) -> None:
    """It shows its traceback."""
    with pytest.raises(type(mistake)) as caught, named_failures():
        raise mistake
    assert caught.value is mistake


def test_a_missing_driver_is_named() -> None:
    """PostgreSQL's driver is an extra; the message says how to install it, without the password."""
    code = """
import sys
sys.modules["psycopg"] = sys.modules["psycopg2"] = None
from aup_monitor.core.errors import StoreError
from aup_monitor.register.connect import open_register
try:
    open_register("postgresql://aup:geheim@db.example/aup")
except StoreError as exc:
    print(exc)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "postgresql://db.example/aup: the driver for PostgreSQL is not installed",
        "  Next: pip install 'aup-monitor[postgresql]'",
    ]
