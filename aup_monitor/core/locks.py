"""A lock between processes: held until released or until its process ends, however that ends."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aup_monitor.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """
    Hold the lock that the file stands for.

    Raises:
        StoreError: another process holds it.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            _take(file.fileno())
        except OSError as exc:
            raise StoreError(
                "another aup command is writing here",
                where=path.parent,
                fix="wait until it has ended, then run this again",
            ) from exc
        yield
