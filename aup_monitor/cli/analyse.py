"""`aup analyse`: find incidents."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - click's types are read at run time

import click

from aup_monitor.cli.context import State, now, pass_state
from aup_monitor.cli.output import progress
from aup_monitor.cli.plain import say
from aup_monitor.jobs.analyse import analyse


@click.command(name="analyse")
@click.option(
    "--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First school day; else the first read."
)
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last school day; else the last read.")
@click.option("--all", "everything", is_flag=True, help="Analyse again what has not changed, too.")
@pass_state
def command(state: State, start: datetime | None, end: datetime | None, *, everything: bool) -> None:
    """
    Judge what was read by the rules and write the incidents into the register.

    Only days whose logs, rules or lists changed since they were last analysed are done again. What people decided is
    never changed.

    \b
    Example:
      aup analyse --from 2026-09-02
    """
    with progress("Analysing") as move:
        done = analyse(
            state.workspace(),
            now(),
            days=(start and start.date(), end and end.date()),
            everything=everything,
            progress=move,
        )
    say(str(done))
    for problem in done.problems:
        say(f"Not used: {problem}", err=True)
