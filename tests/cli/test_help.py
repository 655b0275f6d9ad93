"""The help screens: goldens of each, so that a change of words is seen; an example on each."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from aup_monitor.cli import COMMANDS, aup

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = Path(__file__).parents[1] / "golden" / "help"
REFRESH = "AUP_REFRESH_GOLDENS=1 .venv/bin/pytest tests/cli/test_help.py"


def contexts(
    command: click.Command, parent: click.Context | None = None, name: str = "aup"
) -> Iterator[click.Context]:
    """Yield the context of a command and of all below it; the width is that of a plain terminal."""
    settings = {**command.context_settings, "terminal_width": 80, "max_content_width": 80}
    context = click.Context(command, parent, info_name=name, **settings)
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from contexts(found, context, below)


SCREENS = {context.command_path.replace(" ", "-"): context for context in contexts(aup)}
LEAVES = [name for name, context in SCREENS.items() if not isinstance(context.command, click.Group)]


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str) -> None:
    """Each screen is as its golden; refreshed by the command that a mismatch shows."""
    golden = GOLDEN / f"{name}.txt"
    shown = SCREENS[name].get_help() + "\n"
    if os.environ.get("AUP_REFRESH_GOLDENS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    wanted = golden.read_text(encoding="utf-8") if golden.exists() else ""
    assert shown == wanted, f"read the difference; if it is meant: {REFRESH}"


def test_there_is_no_golden_of_a_command_that_is_gone() -> None:
    """Each golden has its screen."""
    assert {path.stem for path in GOLDEN.glob("*")} == set(SCREENS)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_shows_an_example(name: str) -> None:
    """Below `Example:` stands the command itself, as one would type it."""
    text = SCREENS[name].get_help()
    words = " ".join(context_words(SCREENS[name]))
    assert f"Example:\n    {words}" in text


def context_words(context: click.Context) -> list[str]:
    """Return the words of a command, `aup` first."""
    return context.command_path.split()


@pytest.mark.parametrize("name", LEAVES)
def test_every_example_can_be_typed(name: str) -> None:
    """Its options and arguments are known to the command."""
    text = SCREENS[name].get_help().partition("Example:\n")[2]
    command = " ".join(line.strip().removesuffix("\\") for line in text.partition("\n\n")[0].splitlines())
    words = shlex.split(command)[len(context_words(SCREENS[name])) :]
    context = SCREENS[name]
    parsed = context.command.make_parser(context).parse_args(args=words)
    assert parsed[1] == []


@pytest.mark.parametrize("name", SCREENS)
def test_every_option_is_explained(name: str) -> None:
    """No option stands without a word."""
    for parameter in SCREENS[name].command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_the_first_screen_has_every_command_in_the_order_of_use() -> None:
    """The table is written without importing any command, and is whole."""
    text = SCREENS["aup"].get_help()
    places = [text.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)
