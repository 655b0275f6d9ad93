"""A workspace: the folder that holds a school's settings, lake, lists, register and reports."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aup_monitor.core.config import Config, read_config
from aup_monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE: Final = "aup.toml"
VARIABLE: Final = "AUP_WORKSPACE"


class NoWorkspaceError(ConfigError):
    """No workspace was named, and there is none here or above."""


@dataclass(frozen=True)
class Workspace:
    """The folder and its settings."""

    folder: Path
    config: Config

    @property
    def lake(self) -> Path:
        """Folder of the Delta tables."""
        return self.folder / "lake"

    @property
    def lists(self) -> Path:
        """Folder of the school's own and of downloaded lists."""
        return self.folder / "lists"

    @property
    def rules(self) -> Path:
        """Folder of the school's own rules."""
        return self.folder / "rules"

    @property
    def reports(self) -> Path:
        """Folder that reports are written to."""
        return self.folder / "reports"

    @property
    def database(self) -> str | Path:
        """The register: a PostgreSQL URL, or the path of an SQLite file."""
        return self.config.database or self.folder / "register.sqlite3"

    def path(self, text: str) -> Path:
        """Return a path of the settings, which is relative to the workspace."""
        return self.folder / Path(text).expanduser()


def open_workspace(folder: Path) -> Workspace:
    """Open the workspace in a folder; raises `ConfigError` where its `aup.toml` is missing or wrong."""
    return Workspace(folder.resolve(), read_config(folder.resolve() / CONFIG_FILE))


def find_workspace(
    given: Path | None, start: Path, environment: Mapping[str, str] | None = None
) -> Workspace:
    """
    Find the workspace: the one given, else that of `AUP_WORKSPACE`, else the first upward from `start`.

    Raises:
        NoWorkspaceError: there is none.
        ConfigError: its settings are wrong.

    """
    named = (os.environ if environment is None else environment).get(VARIABLE)
    if given is not None or named:
        return open_workspace(given if given is not None else Path(named or ""))
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / CONFIG_FILE).is_file():
            return open_workspace(folder)
    raise NoWorkspaceError(
        f"no workspace here or above (no {CONFIG_FILE})",
        where=start,
        fix="make one: aup init FOLDER; or name one: aup -w FOLDER ...",
    )
