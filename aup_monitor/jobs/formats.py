"""The formats that there are: those that ship, and those that a school describes in its `aup.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.core.errors import ConfigError, NotFoundError
from aup_monitor.core.workspace import CONFIG_FILE
from aup_monitor.formats import FORMATS
from aup_monitor.formats.custom import build

if TYPE_CHECKING:
    from aup_monitor.core.format import Format
    from aup_monitor.core.workspace import Workspace


def formats_of(workspace: Workspace | None) -> tuple[Format, ...]:
    """
    Return the school's own formats, then those that ship and whose names it has not taken.

    Raises:
        ConfigError: a format of the settings says too little.

    """
    if workspace is None:
        return FORMATS
    try:
        own = tuple(build(name, spec) for name, spec in workspace.config.formats.items())
    except ConfigError as exc:
        place = f"{workspace.folder / CONFIG_FILE} ({exc.where})"
        raise ConfigError(exc.message, where=place, fix=exc.fix) from exc
    return (*own, *(fmt for fmt in FORMATS if fmt.name not in workspace.config.formats))


def find_format(name: str, workspace: Workspace | None = None) -> Format:
    """Return the format of that name; raises `NotFoundError` naming the known ones."""
    known = formats_of(workspace)
    for fmt in known:
        if fmt.name == name:
            return fmt
    raise NotFoundError(f"there is no format {name!r}", fix=f"one of: {', '.join(f.name for f in known)}")
