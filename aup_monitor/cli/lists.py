"""`aup lists`: which lists are in use, and what they say of a host."""

from __future__ import annotations

import click

from aup_monitor.cli.context import State, json_option, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.jobs.lists import explain, status_rows


@click.group(name="lists")
def command() -> None:
    """Say which lists are in use, and what they say of a host."""


@command.command(name="status")
@json_option
@pass_state
def status(state: State, *, as_json: bool) -> None:
    """
    Show every list: its entries, date, licence and bad lines.

    \b
    Example:
      aup lists status
    """
    rows = status_rows(state.optional_workspace())
    columns = ["name", "source", "state", "entries", "date", "licence", "problems"]
    print_table(rows, columns, as_json=as_json, empty="No lists.")


@command.command(name="show")
@click.argument("host")
@json_option
@pass_state
def show(state: State, host: str, *, as_json: bool) -> None:
    """
    Show what each list says of a host, and which verdict stands.

    \b
    Example:
      aup lists show www.bet365.com
    """
    rows = explain(state.optional_workspace(), host)
    print_table(
        rows, ["category", "entry", "source", "verdict"], as_json=as_json, empty=f"{host} is on no list."
    )
