"""`aup schema`: every column of an event."""

from __future__ import annotations

import click

from aup_monitor.cli.context import json_option
from aup_monitor.cli.output import print_table
from aup_monitor.core.schema import DERIVED_COLUMNS, EVENT_COLUMNS


@click.command(name="schema")
@json_option
def command(*, as_json: bool) -> None:
    """
    Show every column of an event with its type and meaning.

    The columns of the group "derived" are worked out at analysis and kept with matches, not with events.

    \b
    Example:
      aup schema --json
    """
    rows = [
        {"column": c.name, "type": str(c.dtype), "group": c.group, "meaning": c.meaning}
        for c in (*EVENT_COLUMNS, *DERIVED_COLUMNS)
    ]
    print_table(rows, ["column", "type", "group", "meaning"], as_json=as_json, empty="")
