"""What every command shares: the workspace, the options that mean the same everywhere, and the clock."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.workspace import Workspace


@dataclass
class State:
    """What the options before the command said."""

    folder: str | None

    def workspace(self) -> Workspace:
        """Find the workspace; raises `ConfigError` where there is none."""
        # Imported here: the settings bring Polars with them, and `aup --help` needs neither.
        from aup_monitor.core.workspace import find_workspace  # noqa: PLC0415 - see above

        return find_workspace(Path(self.folder) if self.folder else None, Path.cwd())

    def optional_workspace(self) -> Workspace | None:
        """Find the workspace, or None where none is named and none is here: then only what ships counts."""
        from aup_monitor.core.workspace import NoWorkspaceError  # noqa: PLC0415 - as above

        try:
            return self.workspace()
        except NoWorkspaceError:
            return None


def now() -> datetime:
    """Return the present moment; the one place where the program reads the clock."""
    return datetime.now(UTC)


def actor() -> str:
    """Return the account that runs the command, for the audit trail."""
    return getpass.getuser()


workspace_option = click.option(
    "-w", "--workspace", metavar="FOLDER", help="The workspace; else AUP_WORKSPACE, else upward from here."
)

pass_state = click.make_pass_decorator(State)


def json_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--json`, which every command that prints a table has."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)
