"""Failures: where, what, and what to type next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aup_monitor.core import errors
from aup_monitor.core.errors import (
    AupError,
    ConfigError,
    InputError,
    NotFoundError,
    RuleError,
    StoreError,
)

CODES = {AupError: 1, ConfigError: 2, InputError: 3, RuleError: 4, StoreError: 5, NotFoundError: 6}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "it broke"),
        ({"where": Path("a.log")}, "a.log: it broke"),
        ({"fix": "aup status"}, "it broke\n  Next: aup status"),
        ({"where": "a.log:3", "fix": "mend it"}, "a.log:3: it broke\n  Next: mend it"),
    ],
)
def test_words(given: dict[str, object], text: str) -> None:
    """Place first, remedy on a line of its own; neither where there is none."""
    assert str(AupError("it broke", **given)) == text  # type: ignore[arg-type]


def test_parts_can_be_read() -> None:
    """Another part can put a place to an error that has none."""
    error = InputError("it broke", where=Path("a.log"), fix="mend it")
    assert (error.message, error.where, error.fix) == ("it broke", "a.log", "mend it")
    assert InputError("it broke").where is None


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_exit_codes_are_as_documented(kind: type[AupError], code: int) -> None:
    """The class, the module's own table and the README say the same."""
    assert kind.exit_code == code
    assert re.search(rf"{kind.__name__} +{code} ", errors.__doc__ or "")
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"\n| {code} | " in readme


def test_a_programmer_can_catch_them_as_usual() -> None:
    """A wrong value is a `ValueError`, what is not there a `LookupError`; the message stays readable."""
    assert issubclass(ConfigError, ValueError)
    assert issubclass(NotFoundError, LookupError)
    assert "'" not in str(NotFoundError("no incident"))
