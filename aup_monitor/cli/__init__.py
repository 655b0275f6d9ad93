"""
The command line: words become calls of jobs; no logic lives here.

Exit codes: 0 done; 1 something needs attention; 2 a setting or an option is wrong; 3 a log file could not be used;
4 a rule, list or policy does not load; 5 the lake or the register has a problem; 6 what was asked for is not there;
130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from aup_monitor.cli.context import State, workspace_option
from aup_monitor.cli.plain import say
from aup_monitor.core.errors import AupError, StoreError

COMMANDS: Final[dict[str, str]] = {
    "init": "make a workspace: settings, and folders for everything else",
    "ingest": "read log files into the lake",
    "capture": "read a network interface into the lake",
    "analyse": "find incidents in what was read",
    "incidents": "list, show and decide incidents",
    "self-report": "record an accidental access that a person reports",
    "report": "make the half-termly report",
    "status": "say what was seen, and what was not",
    "rules": "check and list the rules, and which clauses they cover",
    "lists": "say which lists are in use and what they say of a host, and fetch them",
    "formats": "list the log formats, or show one's reference page",
    "schema": "show every column of an event",
    "demo": "try it all with the logs of an invented school",
}
"""Each command with its line in the help; the module is imported when the command is used, for a quick start."""


UNFORESEEN: Final = "check that this account may write there and that the disk is not full, then run it again"


class Commands(click.Group):
    """Commands whose modules are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of a first use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"aup_monitor.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@workspace_option
@click.version_option(package_name="aup-monitor", message="aup-monitor %(version)s")
@click.pass_context
def aup(ctx: click.Context, workspace: str | None) -> None:
    """
    Acceptable-use monitoring for schools: logs in, half-termly report out.

    \b
    First steps:
      aup demo demo/                     see what it does, with an invented school
      aup init school/                   make your own workspace
      aup -w school/ ingest access.log   read a log
      aup -w school/ analyse             find incidents
      aup -w school/ report half-term    make the report
    """
    ctx.obj = State(workspace)


def main() -> None:
    """Run the command line and exit; errors go to stderr with what to type next."""
    try:
        code = aup.main(standalone_mode=False)
    except AupError as exc:
        say(f"Error: {exc}", err=True)
        sys.exit(exc.exit_code)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Nothing is lost: run the same command again to go on.", err=True)
        sys.exit(130)
    except OSError as exc:
        say(f"Error: {exc}\n  Next: {UNFORESEEN}", err=True)
        sys.exit(StoreError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
