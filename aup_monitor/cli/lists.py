"""`aup lists`: which lists are in use, what they say of a host, and bringing them up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aup_monitor.cli.context import State, json_option, now, pass_state
from aup_monitor.cli.output import print_table, progress
from aup_monitor.cli.plain import say
from aup_monitor.jobs.lists import exit_code, explain, outcome_rows, status_rows, update


@click.group(name="lists")
def command() -> None:
    """Say which lists are in use, what they say of a host, and bring them up to date."""


@command.command(name="status")
@json_option
@pass_state
def status(state: State, *, as_json: bool) -> None:
    """
    Show every list: entries, date, licence and bad lines.

    Of a fetched one also the day; with --json its address, version and hash.

    \b
    Example:
      aup lists status
    """
    rows = status_rows(state.optional_workspace())
    columns = ["name", "source", "state", "entries", "date", "fetched", "licence", "problems"]
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
        rows,
        ["category", "entry", "source", "verdict", "why"],
        as_json=as_json,
        empty=f"{host} is on no list.",
    )


@command.command(name="update")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--from",
    "given",
    metavar="PATH",
    help="Take the lists from this folder or archive (zip, tar.gz, tar.xz), and fetch nothing.",
)
@json_option
@pass_state
def update_command(state: State, names: tuple[str, ...], given: str | None, *, as_json: bool) -> None:
    """
    Fetch the lists of others that the catalogue names, where they have changed.

    NAME is a list's or a category's, as `aup lists status` shows them; without one, all lists. A copy that is no list, is too
    short or too long, or shrank by more than half is refused, and the last good copy goes on serving; the exit code is
    then 1. A list of illegal content is never fetched: aup.toml names its file.

    \b
    Example:
      aup lists update
      aup lists update gambling ut1-vpn
      aup lists update --from lists.tar.xz
    """
    workspace = state.workspace()
    with progress("Fetching") as move:
        outcomes = update(workspace, names, Path(given) if given else None, now(), move=move)
    columns = ["source", "state", "entries", "before"]
    print_table(outcome_rows(outcomes), columns, as_json=as_json, empty="No lists to fetch.")
    for outcome in outcomes:
        if outcome.problem:
            say(f"Not updated: {outcome.source}: {outcome.problem}", err=True)
    sys.exit(exit_code(outcomes))
