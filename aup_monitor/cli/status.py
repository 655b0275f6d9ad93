"""`aup status`: what was seen, and what was not."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from aup_monitor.cli.context import State, json_option, now, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.jobs.status import status


@click.command(name="status")
@json_option
@pass_state
def command(state: State, *, as_json: bool) -> None:
    """
    Say which logs came on which days, how much of them names a person, and which lines could not be read.

    No logs and no incidents are different things; this tells them apart.

    \b
    Example:
      aup status
    """
    found = status(state.workspace(), now())
    lines = [line.model_dump(mode="json") for line in found.coverage]
    if as_json:
        click.echo(
            json.dumps({**asdict(found), "coverage": lines}, default=str, ensure_ascii=False, indent=2)
        )
        return
    click.echo(f"From {found.start} to {found.end}\n")
    for line in lines:
        line["days"] = f"{line['days_seen']} of {line['days_expected']}"
    columns = ["site", "label", "formats", "days", "events", "rejects", "with_user", "with_url"]
    print_table(lines, columns, as_json=False, empty="")
    if found.no_data:
        click.echo("NO DATA: nothing was read for this half-term. This does not mean that nothing happened.")
        click.echo("Next: aup ingest FILE ...")
    for gap in found.gaps:
        click.echo(f"Gap: {gap}")
    for file, reason, count in found.rejects:
        click.echo(f"Bad lines: {count:,} in {file} (most often: {reason})")
    click.echo()
    print_table(
        [
            {"severity": label, "incidents": total, "not_decided": waiting}
            for label, total, waiting in found.incidents
        ],
        ["severity", "incidents", "not_decided"],
        as_json=False,
        empty="",
    )
