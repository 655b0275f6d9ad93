"""`aup self-report`: an accidental access that a person reports."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - click's types are read at run time

import click

from aup_monitor.cli.context import State, actor, json_option, now, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.cli.plain import say
from aup_monitor.jobs.self_report import accept, add, listed


@click.group(name="self-report")
def command() -> None:
    """Record an accidental access that a person reports."""


@command.command(name="add")
@click.option(
    "--when", required=True, type=click.DateTime(["%Y-%m-%d %H:%M"]), help="School-local, '2026-09-14 10:40'."
)
@click.option("--person", required=True, help="Who reports it.")
@click.option("--account", default="", help="Their account as the logs name it, where known.")
@click.option("--what", required=True, help="The web address, or a general description.")
@click.option("--action", required=True, help="What was done about it.")
@click.option("--site", help="Site; else the first in aup.toml.")
@pass_state
def add_(  # noqa: PLR0913, PLR0917 - one parameter an option
    state: State, when: datetime, person: str, account: str, what: str, action: str, site: str | None
) -> None:
    """
    Write down a self-report and show which incidents it may explain; nothing is assumed.

    \b
    Example:
      aup self-report add --when "2026-09-14 10:40" --person "A. Khan" --account akhan \\
        --what "a betting advert opened by itself" --action "closed it at once"
    """
    reference, offers = add(
        state.workspace(),
        site=site,
        when=when,
        person=(person, account),
        said=(what, action),
        actor=actor(),
        now=now(),
    )
    say(f"{reference} written down")
    for offer in offers:
        say(f"It may explain {offer.reference}: {offer.incident.title}, {offer.incident.day}")
        say(f"  If it does: aup self-report accept {reference} {offer.reference}")
    if not offers:
        say("No incident in the logs fits its time.")


@command.command(name="accept")
@click.argument("reference")
@click.argument("incident")
@pass_state
def accept_(state: State, reference: str, incident: str) -> None:
    """
    Say that a self-report explains an incident.

    \b
    Example:
      aup self-report accept SR-0001 3f9c2a1b
    """
    accept(state.workspace(), reference, incident, actor(), now())
    say(f"{reference} explains {incident}")


@command.command(name="list")
@json_option
@pass_state
def list_(state: State, *, as_json: bool) -> None:
    """
    List the self-reports; people are shown by initials.

    \b
    Example:
      aup self-report list
    """
    rows = listed(state.workspace(), actor(), now())
    print_table(
        rows,
        ["reference", "when", "person", "what", "action", "incident"],
        as_json=as_json,
        empty="No self-reports.",
    )
