"""
What can go wrong outside the program, and the exit code of each.

    AupError                  1   the job ran, but something needs attention (also: `--strict` and bad lines)
    |-- ConfigError           2   a setting, an option or the calendar (click uses 2 for usage, too)
    |-- InputError            3   a log file: missing, unreadable, of an unknown or an ambiguous format
    |-- RuleError             4   a rule, list, term list or policy does not load
    |-- StoreError            5   the lake or the register: missing, locked, damaged, newer than this program
    `-- NotFoundError         6   an incident, half-term or format that was asked for by name is not there

A programmer's mistake is a `ValueError` or a `TypeError` and shows its traceback; only what the world did
wrong is an `AupError`. Only `cli` prints errors and exits.
"""

from __future__ import annotations


class AupError(Exception):
    """
    A failure with its place and its remedy.

    Args:
        message: what went wrong, one sentence without a full stop.
        where: the file, line or key that it concerns.
        fix: what to type or change next.

    """

    exit_code = 1

    def __init__(self, message: str, *, where: object = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = None if where is None else str(where)
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  Next: {self.fix}" if self.fix else head


class ConfigError(AupError, ValueError):
    """A setting in `aup.toml`, an option or the calendar is missing or wrong."""

    exit_code = 2


class InputError(AupError, ValueError):
    """A log file cannot be read, or its format is unknown or ambiguous."""

    exit_code = 3


class RuleError(AupError, ValueError):
    """A rule, list or policy does not load; carries its file and line."""

    exit_code = 4


class StoreError(AupError):
    """The lake or the register is missing, locked, damaged or newer than this program."""

    exit_code = 5


class NotFoundError(AupError, LookupError):
    """Something asked for by name is not there."""

    exit_code = 6
