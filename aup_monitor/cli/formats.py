"""`aup formats`: the log formats, or one's reference page."""

from __future__ import annotations

import click

from aup_monitor.cli.context import json_option
from aup_monitor.cli.output import print_table
from aup_monitor.formats import FORMATS
from aup_monitor.jobs.ingest import find_format


@click.command(name="formats")
@click.argument("name", required=False)
@json_option
def command(name: str | None, *, as_json: bool) -> None:
    """
    List the log formats, or show one's reference page: an example line, what it fills and what it lacks.

    \b
    Example:
      aup formats squid
    """
    if name and not as_json:
        click.echo(find_format(name).doc.strip())
        return
    shown = [find_format(name)] if name else FORMATS
    rows = [{"name": f.name, "log_class": f.log_class, "title": f.title, "doc": f.doc.strip()} for f in shown]
    print_table(rows, ["name", "log_class", "title"], as_json=as_json, empty="")
