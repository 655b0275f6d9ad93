"""`aup formats`: the log formats, or one's reference page."""

from __future__ import annotations

from dataclasses import asdict

import click

from aup_monitor.cli.context import State, json_option, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.formats import custom
from aup_monitor.jobs.formats import find_format, formats_of, listed, page


@click.command(name="formats")
@click.argument("name", required=False)
@json_option
@pass_state
def command(state: State, name: str | None, *, as_json: bool) -> None:
    """
    List the log formats, what they fill and on how many real lines they were checked; or show one's page.

    In a workspace the formats that its aup.toml describes are among them; `aup formats custom` says how to describe one.

    \b
    Example:
      aup formats squid
    """
    workspace = state.optional_workspace()
    if name == "custom" and not as_json:
        click.echo((custom.__doc__ or "").strip())
        return
    if name and not as_json:
        click.echo(page(find_format(name, workspace)))
        return
    shown = [find_format(name, workspace)] if name else formats_of(workspace)
    rows = [asdict(listed(fmt)) for fmt in shown]
    print_table(
        rows, ["name", "log_class", "title", "fills", "real_lines", "agreement"], as_json=as_json, empty=""
    )
