"""`aup init`: make a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from aup_monitor.cli.context import now
from aup_monitor.jobs.init import init


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--school", default="Our School", show_default=True, help="Name of the school.")
def command(folder: Path, school: str) -> None:
    """
    Make a workspace: a folder with settings, for your logs' lake, your register and your reports.

    \b
    Example:
      aup init school/ --school "Elm Park School"
    """
    path = init(folder, school, now())
    click.echo(f"Made {path}")
    click.echo(
        "Next: put your half-terms and your policy into it, then: aup -w " + str(folder) + " ingest FILE ..."
    )
