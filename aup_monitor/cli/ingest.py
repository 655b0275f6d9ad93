"""`aup ingest`: read log files into the lake."""

from __future__ import annotations

import sys

import click

from aup_monitor.cli.context import State, now, pass_state
from aup_monitor.cli.explained import print_explanations
from aup_monitor.cli.output import progress
from aup_monitor.cli.plain import say
from aup_monitor.jobs.ingest import ingest, items_of


@click.command(name="ingest")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@click.option("--site", help="Site that the files are from; else the first in aup.toml.")
@click.option(
    "--format", "format_name", metavar="NAME", help="Read them as this format instead of recognising it."
)
@click.option("--zone", metavar="ZONE", help="Time zone of local times in them, such as Europe/London.")
@click.option(
    "--explain", "explained", is_flag=True, help="Read nothing; show how each file would be read, and why."
)
@click.option("--strict", is_flag=True, help="Exit with 1 where any line could not be read.")
@pass_state
def command(  # noqa: PLR0913 - one parameter an option
    state: State,
    paths: tuple[str, ...],
    site: str | None,
    format_name: str | None,
    zone: str | None,
    *,
    explained: bool,
    strict: bool,
) -> None:
    """
    Read log files into the lake, each line once however often it is run.

    Files may be compressed (gz, bz2, xz, zst), growing or rotated; a folder means all files in it. With no FILE, the
    [[sources]] of aup.toml are read.

    \b
    Example:
      aup ingest /var/log/squid/access.log* --site main
      aup ingest --explain /var/log/filter.log
    """
    if explained:
        print_explanations(state.optional_workspace(), paths, format_name, zone)
        return
    workspace = state.workspace()
    items = items_of(workspace, paths, site=site, format_name=format_name, zone=zone)
    with progress("Reading") as move:
        tally = ingest(workspace, items, now(), move)
    say(str(tally))
    for note in tally.notes:
        say(f"Note: {note}", err=True)
    for problem in tally.problems:
        say(f"Not read: {problem}", err=True)
    sys.exit(tally.exit_code(strict=strict))
