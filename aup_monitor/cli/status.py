"""`aup status`: what was seen, and what was not."""

from __future__ import annotations

from dataclasses import asdict

import click

from aup_monitor.cli.context import State, json_option, now, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.cli.plain import say, say_json
from aup_monitor.jobs.sentences import number
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
        dates = {"start": found.start.isoformat(), "end": found.end.isoformat()}
        say_json({**asdict(found), **dates, "coverage": lines})
        return
    say(f"From {found.start} to {found.end}\n")
    for line in lines:
        line["days"] = f"{line['days_seen']} of {line['days_expected']}"
    columns = ["site", "label", "formats", "days", "events", "rejects", "with_user", "with_url"]
    print_table(lines, columns, as_json=False, empty="")
    if found.no_data:
        say("NO DATA: nothing was read for this half-term. This does not mean that nothing happened.")
        say("Next: aup ingest FILE ...")
    if found.waiting:
        say(f"NOT ANALYSED: the logs of {number(found.waiting, 'day')}. Their incidents are not known.")
        say("Next: aup analyse")
    for gap in found.gaps:
        say(f"Gap: {gap}")
    for file, reason, count in found.rejects:
        say(f"Bad lines: {count:,} in {file} (most often: {reason})")
    say("")
    print_table(
        [
            {"severity": label, "incidents": total, "not_decided": waiting}
            for label, total, waiting in found.incidents
        ],
        ["severity", "incidents", "not_decided"],
        as_json=False,
        empty="",
    )
