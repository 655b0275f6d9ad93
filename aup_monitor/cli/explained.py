"""What `aup ingest --explain` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aup_monitor.cli.output import print_table
from aup_monitor.cli.plain import say
from aup_monitor.core.errors import ConfigError
from aup_monitor.core.tally import Tally
from aup_monitor.jobs.explain import Explanation, explain
from aup_monitor.jobs.formats import find_format, formats_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.workspace import Workspace


def print_explanations(
    workspace: Workspace | None, paths: Sequence[str], format_name: str | None, zone: str | None
) -> None:
    """Print how each file would be read; needs no workspace. Raises `ConfigError` where no file is named."""
    if not paths:
        raise ConfigError("no file named", fix="aup ingest --explain FILE")
    formats = formats_of(workspace)
    named = find_format(format_name, workspace) if format_name else None
    for path in paths:
        _print(explain(Path(path), formats, named=named, zone=zone or "Europe/London"))


def _print(told: Explanation) -> None:
    say(f"{told.path}{f' ({told.compressed})' if told.compressed else ''}")
    for line in told.lines:
        say(f"  | {line}")
    say("\nFormats that fit its first lines, surest first:")
    rows = [{"format": name, "score": score} for name, score in told.scores]
    print_table(rows, ["format", "score"], as_json=False, empty="  none")
    if told.problem:
        say(f"\n{told.problem}")
        return
    say(f"\nRead as: {told.title} ({told.format}); `aup formats {told.format}` is its page.")
    lines = told.events + told.rejects + told.skipped
    say(f"Of its first part: {Tally(1, 0, lines, told.events, told.rejects, told.skipped)}")
    for name, count in told.adopted:
        say(f"  {count:,} lines are of another format: {name}")
    for reason, count in told.reasons:
        say(f"  bad: {reason} ({count:,})")
    click.echo()
    filled = [{"column": c.column, "filled": c.share, "example": c.example} for c in told.columns]
    print_table(filled, ["column", "filled", "example"], as_json=False, empty="No column is filled.")
