"""`aup report`: make the half-termly report."""

from __future__ import annotations

from pathlib import Path

import click

from aup_monitor.cli.context import State, actor, now, pass_state
from aup_monitor.cli.plain import say
from aup_monitor.jobs.report import FORMS, again, half_term, write

_form = click.option(
    "--form", "forms", type=click.Choice(FORMS), multiple=True, help="Only this form; may be repeated."
)
_to = click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Folder to write to; else reports/."
)


@click.group(name="report")
def command() -> None:
    """Make the half-termly report."""


@command.command(name="half-term")
@click.argument("name", required=False)
@_form
@_to
@pass_state
def half_term_(state: State, name: str | None, forms: tuple[str, ...], folder: Path | None) -> None:
    """
    Make the report of a half-term for the Headteacher: HTML, PDF, CSV and JSON.

    NAME is such as 2026-autumn-1; without it, the half-term that runs, or else the last that ended.

    \b
    Example:
      aup report half-term 2026-autumn-1 --form pdf
    """
    workspace = state.workspace()
    document = half_term(workspace, name, actor=actor(), now=now())
    for path in write(document, folder or workspace.reports, forms or FORMS):
        say(str(path))
    if document.no_data:
        say("Note: no logs came in this half-term; the report says so.", err=True)


@command.command(name="again")
@click.argument("saved", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_form
@_to
def again_(saved: Path, forms: tuple[str, ...], folder: Path | None) -> None:
    """
    Print a saved report (its .json) again, without logs or register.

    \b
    Example:
      aup report again reports/half-termly-2026-autumn-1.json --form pdf
    """
    for path in again(saved, folder or saved.parent, forms or FORMS):
        say(str(path))
