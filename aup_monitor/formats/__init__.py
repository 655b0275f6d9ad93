"""Every format the program reads, written out; a new format is one module and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

FORMATS: Final[tuple[Format, ...]] = ()
