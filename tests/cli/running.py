"""Run `aup` in this process, as from a shell, and see exit code, stdout and stderr apart."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from school import NOW, School

from aup_monitor.cli import main

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """What a run came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Clock:
    """A clock that stands still."""

    moment: datetime

    def now(self, zone: tzinfo) -> datetime:
        """Return its moment."""
        return self.moment.astimezone(zone)


def run(place: School | Path | None, *words: str, now: datetime = NOW) -> Done:
    """Run `aup` with these words, on this workspace, at this time."""
    folder = place.folder if isinstance(place, School) else place
    argv = ["aup", *(["-w", str(folder)] if folder else []), *words]
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    clock = patch("aup_monitor.cli.context.datetime", Clock(now))
    with clock, patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as exc:
            code = exc.code
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())
