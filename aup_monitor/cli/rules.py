"""`aup rules`: check, test, explain, list, and the clauses that they cover."""

from __future__ import annotations

import sys
from typing import cast

import click

from aup_monitor.cli.context import State, actor, json_option, now, pass_state
from aup_monitor.cli.output import print_facts, print_table
from aup_monitor.cli.plain import harmless, say, say_json
from aup_monitor.core.errors import RuleError
from aup_monitor.jobs.rule_examples import try_rules
from aup_monitor.jobs.rules import check, coverage_rows, rule_rows
from aup_monitor.jobs.why import why


@click.group(name="rules")
def command() -> None:
    """Check, test and list the rules, say why an incident is one, and which clauses are covered."""


@command.command(name="check")
@pass_state
def check_(state: State) -> None:
    """
    Load every rule, list and policy, and name what is wrong with file and line. Exit code 4 where anything is.

    In the school's own rules and lists it also names what is unwise: rules without examples, terms that find too much,
    entries that count for nothing, correlations that never come together. Of what ships, and of others' rules, such things are
    advice and change no exit code.

    \b
    Example:
      aup rules check
    """
    checked = check(state.optional_workspace())
    for problem in checked.problems:
        say(problem, err=True)
    for advice in checked.advice:
        say(f"Advice: {advice}")
    say(
        f"{checked.rules:,} rules can be used; {len(checked.problems)} problems, {len(checked.advice)} pieces of advice"
    )
    sys.exit(RuleError.exit_code if checked.problems else 0)


@command.command(name="list")
@json_option
@pass_state
def list_(state: State, *, as_json: bool) -> None:
    """
    List the rules with their author, level and what they read.

    \b
    Example:
      aup rules list --json
    """
    rows = rule_rows(state.optional_workspace())
    print_table(
        rows, ["name", "title", "level", "theme", "reads", "author"], as_json=as_json, empty="No rules."
    )


@command.command(name="coverage")
@json_option
@pass_state
def coverage(state: State, *, as_json: bool) -> None:
    """
    Show every clause of the chosen policies: which rules watch it, or why no log can show a breach of it.

    \b
    Example:
      aup rules coverage
    """
    rows = coverage_rows(state.optional_workspace())
    columns = ["policy", "clause", "heading", "status", "rules", "note"]
    print_table(rows, columns, as_json=as_json, empty="No policies.")


@command.command(name="test")
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.option("--ours", is_flag=True, help="Also those that ship, in a source tree.")
@pass_state
def test(state: State, names: tuple[str, ...], *, ours: bool) -> None:
    """
    Try rules, by default the school's own, on the events that they must hit and miss. Exit code 4 where one does not.

    The examples of a school's own rule rules/sigma/PACK/NAME.yml are in rules/tests/PACK/NAME.yml of the workspace, events
    as columns of aup schema under hit: and miss:, at least one of each:

    \b
      hit:
        - {log_class: web, url_domain: bet365.com, url_path: /}
      miss:
        - {log_class: web, url_domain: www.bbc.co.uk, url_path: /sport}

    Of a correlation each is a list of such events, which may say at: (seconds after the first), repeat: and every:. What
    comes out otherwise is told with each test of the rule and what the event had there.

    \b
    Example:
      aup rules test
      aup rules test gambling_site
    """
    trial = try_rules(state.optional_workspace(), names, ours=ours)
    for failure in trial.failures:
        say(failure, err=True)
    for name in trial.without:
        say(f"{name} has no examples; write rules/tests/PACK/{name}.yml with hit: and miss:", err=True)
    if trial.empty:
        say(f"not tried to the end, for a list that they ask holds nothing here: {', '.join(trial.empty)}")
    say(f"{trial.rules} rules tried on {trial.stories} examples; {len(trial.failures)} came out otherwise")
    sys.exit(RuleError.exit_code if trial.failures or trial.without else 0)


@command.command(name="explain")
@click.argument("reference", metavar="INCIDENT")
@json_option
@pass_state
def explain(state: State, reference: str, *, as_json: bool) -> None:
    """
    Show why an incident is one: the rule, and which part of it each event met. INCIDENT is its first digits.

    The first twenty events are told of, by time, with the file and the byte where each was read. What the rule masks stays
    masked. That you looked is in the audit trail.

    \b
    Example:
      aup rules explain 3f9c2a1b
    """
    found = why(state.workspace(), reference, actor(), now())
    if as_json:
        say_json(found)
        return
    events = cast("list[dict[str, object]]", found.pop("events"))
    more = found.pop("more")
    print_facts(found)
    for event in events:
        say(f"{event['time']}  {event['outcome'] or ''}  {harmless(str(event['reached']))}")
        say(f"    {harmless(str(event['where']))}")
        for met in cast("list[str]", event["met"]):
            say(f"    {harmless(met)}")
    if more:
        say(f"and {more:,} more events")
