"""`aup incidents`: list, show and decide incidents."""

from __future__ import annotations

import click

from aup_monitor.cli.context import State, actor, json_option, now, pass_state
from aup_monitor.cli.output import print_facts, print_table
from aup_monitor.cli.plain import say, say_json
from aup_monitor.core.incident import State as IncidentState
from aup_monitor.jobs.incidents import Filters, decide, list_incidents, show_incident

_STATES = [state.value for state in IncidentState]


@click.group(name="incidents")
def command() -> None:
    """List, show and decide incidents."""


@command.command(name="list")
@click.option("--half-term", metavar="NAME", help="Such as 2026-autumn-1; else all.")
@click.option("--state", "states", type=click.Choice(_STATES), multiple=True, help="Only these states.")
@click.option(
    "--severity", type=click.IntRange(1, 5), default=1, show_default=True, help="This severity or graver."
)
@click.option("--theme", "themes", multiple=True, help="Only these themes, such as gambling.")
@json_option
@pass_state
def list_(  # noqa: PLR0913 - one parameter an option
    state: State,
    half_term: str | None,
    states: tuple[str, ...],
    severity: int,
    themes: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """
    List incidents, gravest first; people are shown by initials.

    \b
    Example:
      aup incidents list --severity 4 --state new
    """
    filters = Filters(half_term, tuple(IncidentState(s) for s in states), severity, themes)
    rows = list_incidents(state.workspace(), filters, actor(), now())
    columns = ["reference", "severity", "day", "person", "role", "title", "detail", "state"]
    print_table(
        rows, columns, as_json=as_json, empty="No incidents fit. Whether logs came at all: aup status"
    )


@command.command(name="show")
@click.argument("reference")
@json_option
@pass_state
def show(state: State, reference: str, *, as_json: bool) -> None:
    """
    Show all that is known of one incident; REFERENCE is its first digits, at least four.

    \b
    Example:
      aup incidents show 3f9c2a1b
    """
    found = show_incident(state.workspace(), reference, actor(), now())
    if as_json:
        say_json(found)
        return
    print_facts(found)


@command.command(name="decide")
@click.argument("reference")
@click.argument(
    "to_state", metavar="STATE", type=click.Choice([s for s in _STATES if s != IncidentState.NEW])
)
@click.option("--reason", default="", help="Why; needed for a false positive, an accident, and to reopen.")
@click.option("--action", default="", help="What was done; needed for actioned.")
@click.option("--outcome", default="", help="What came of it.")
@pass_state
def decide_(state: State, reference: str, to_state: str, reason: str, action: str, outcome: str) -> None:  # noqa: PLR0913, PLR0917 - one parameter an option
    """
    Decide an incident. STATE is triaged, "false positive", inadvertent, actioned or closed.

    \b
    Example:
      aup incidents decide 3f9c2a1b actioned --action "Spoken to; reminded of the policy"
    """
    decided = decide(
        state.workspace(), reference, (IncidentState(to_state), reason, action, outcome), actor(), now()
    )
    say(f"{decided.reference}: {decided.state.value}")
