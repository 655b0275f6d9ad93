"""Text for a terminal that words of a log may be part of: control characters in them must not reach it."""

from __future__ import annotations

import json

import click


def harmless(text: str) -> str:
    """Return one line's text with every control character replaced by U+FFFD."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def say(text: str, *, err: bool = False) -> None:
    """Print a text, made harmless; its own line ends are kept."""
    click.echo("\n".join(harmless(line) for line in text.split("\n")), err=err)


def say_json(value: object) -> None:
    """Print a value of JSON's types; what a terminal might obey is written as an escape, which JSON reads back."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))
