"""Print tables (or JSON), messages and progress; plain text where the output is no terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from aup_monitor.cli.plain import harmless, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Row = Mapping[str, object]


def print_table(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """
    Print rows as a table, tab-separated text (where the output is no terminal) or JSON.

    Args:
        rows: all with the same keys.
        columns: the keys to show in a table, in order; JSON has every key.
        as_json: print JSON.
        empty: what to say where there are no rows; JSON prints [].

    """
    if as_json:
        say_json([{key: _plain(value) for key, value in row.items()} for row in rows])
    elif not rows:
        click.echo(empty)
    elif sys.stdout.isatty():
        Console().print(_table(rows, columns))
    else:
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(_text(row[c]) for c in columns))


def print_facts(facts: Row) -> None:
    """Print what is known of one thing, a fact on a line; a fact of several values takes several lines."""
    for key, value in facts.items():
        lines = value if isinstance(value, list | tuple) else [value]
        for n, line in enumerate(lines or [""]):
            say(f"{key.replace('_', ' ') if n == 0 else '':22} {harmless(str(line))}")


def _table(rows: Sequence[Row], columns: Sequence[str]) -> Table:
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        # Text, not markup: a host name may hold square brackets.
        table.add_row(*(Text(_text(row[c])) for c in columns))
    return table


def _text(value: object) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case float():
            text = f"{value:.0%}" if 0 <= value <= 1 else f"{value:,.1f}"
        case int():
            text = f"{value:,}"
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M}"
        case list() | tuple():
            text = ", ".join(_text(item) for item in value)
        case _:
            text = harmless(str(value))
    return text


def _plain(value: object) -> object:
    """Return a value as JSON has it: dates as ISO 8601 text, tuples as lists."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


@contextmanager
def progress(label: str) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function (name, done, all) that moves a bar on the terminal; it does nothing where there is none."""
    if not sys.stderr.isatty():
        yield lambda _name, _done, _all: None
        return
    columns = (
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, name="")

        def move(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, name=name)

        yield move
