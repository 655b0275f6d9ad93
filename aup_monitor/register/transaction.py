"""One transaction for one thing that somebody asked; one writer at a time, on either kind of database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.transaction import atomic

from aup_monitor.register.failures import named_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITER_LOCK: Final = 0x41555052
"""Number of the advisory lock in PostgreSQL: `AUPR`."""


@contextmanager
def transaction() -> Iterator[None]:
    """
    Do the body wholly or not at all, while nobody else writes; may be nested.

    SQLite's transactions begin with the write lock (`location`). PostgreSQL lets writers run side by side, but the audit
    trail is one chain: its writers queue for one lock that ends with the transaction.

    Raises:
        StoreError: see `failures`.

    """
    with named_failures(), atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITER_LOCK])
        yield
