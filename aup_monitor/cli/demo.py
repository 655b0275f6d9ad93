"""`aup demo`: try it all with the logs of an invented school."""

from __future__ import annotations

from pathlib import Path

import click

from aup_monitor.cli.output import progress
from aup_monitor.jobs.demo import demo


@click.command(name="demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
def command(folder: Path) -> None:
    """
    Make the workspace of an invented school, read its logs, find incidents and make its half-termly report.

    \b
    Example:
      aup demo demo/
    """
    with progress("Demo") as move:
        made = demo(folder, move)
    click.echo(f"Read:     {made.tally}")
    click.echo(f"Analysed: {made.analysis}")
    click.echo("Reports of the invented Elm Park School:")
    for path in made.reports:
        click.echo(f"  {path}")
    click.echo(
        f"""
What to do next:
  open {made.reports[0]} in a browser
  aup -w {folder} status                     which logs came, and what is missing
  aup -w {folder} incidents list             every incident, gravest first
  aup -w {folder} rules coverage             which clauses of the policy are watched
  aup init school/ --school "Your School"    make your own workspace"""
    )
