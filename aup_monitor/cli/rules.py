"""`aup rules`: check, list, and the clauses that they cover."""

from __future__ import annotations

import sys

import click

from aup_monitor.cli.context import State, json_option, pass_state
from aup_monitor.cli.output import print_table
from aup_monitor.cli.plain import say
from aup_monitor.core.errors import RuleError
from aup_monitor.jobs.rules import check, coverage_rows, rule_rows


@click.group(name="rules")
def command() -> None:
    """Check and list the rules, and which clauses they cover."""


@command.command(name="check")
@pass_state
def check_(state: State) -> None:
    """
    Load every rule, list and policy, and name what is wrong with file and line. Exit code 4 where anything is.

    \b
    Example:
      aup rules check
    """
    rules, problems = check(state.optional_workspace())
    for problem in problems:
        say(problem, err=True)
    say(f"{rules} rules can be used; {len(problems)} problems")
    sys.exit(RuleError.exit_code if problems else 0)


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
