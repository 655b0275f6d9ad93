"""What a run did, counted: lines read, events, bad lines, and the problems that a person should see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """
    Counts of one run; `lines == events + rejects + skipped` always holds.

    A bad line is counted here and named in the rejects table; it is never an exception.
    """

    files: int = 0
    """Files looked at."""
    unchanged: int = 0
    """Files of which nothing was new."""
    lines: int = 0
    """Lines (or records) read for the first time."""
    events: int = 0
    """Lines that became events."""
    rejects: int = 0
    """Lines that did not parse."""
    skipped: int = 0
    """Comments, headers, blank lines and lines that carry no event of their own."""
    problems: list[str] = field(default_factory=list)
    """One message for each file or rule that could not be used."""
    notes: list[str] = field(default_factory=list)
    """One message for each thing that a person may want to know and need not mend."""
    adopted: Counter[str] = field(default_factory=Counter)
    """Lines of other formats than their file's, by format; they are among the lines above."""

    def add(self, other: Tally) -> None:
        """Add another run's counts to these."""
        self.files += other.files
        self.unchanged += other.unchanged
        self.lines += other.lines
        self.events += other.events
        self.rejects += other.rejects
        self.skipped += other.skipped
        self.adopted += other.adopted
        self.problems += other.problems
        self.notes += other.notes

    def exit_code(self, *, strict: bool) -> int:
        """Return 3 where a file could not be used, 1 where `strict` and a line was bad, else 0."""
        if self.problems:
            return 3
        return 1 if strict and self.rejects else 0

    def __str__(self) -> str:
        unchanged = f" ({self.unchanged} with nothing new)" if self.unchanged else ""
        return (
            f"{_number(self.files, 'file')}{unchanged}, {_number(self.lines, 'line')}: {_number(self.events, 'event')}, "
            f"{_number(self.rejects, 'bad line')}, {self.skipped:,} comments and lines with no event"
        )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
