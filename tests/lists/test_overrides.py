"""Overrides are read strictly, and the later of two that contradict each other holds."""

from __future__ import annotations

from pathlib import Path

from aup_monitor.lists.listfile import ListFile
from aup_monitor.lists.overrides import Override, decisions, read_overrides


def read(text: str) -> tuple[list[Override], list[tuple[int, str, str]]]:
    """Return the overrides and problems of a file with this text."""
    return read_overrides(ListFile(Path("overrides.yml"), text.encode(), "0", {}))


def test_sound_and_unsound() -> None:
    """Each entry needs a name, a reason, and something to do; a bad one is named with its line."""
    overrides, problems = read(
        "overrides:\n"
        "  - {domain: Example.COM., remove: [all], reason: because}\n"
        "  - {domain: example.com, remove: [all]}\n"
        "  - {domain: example.com, reason: because}\n"
        "  - {domain: 'http://example.com/', remove: [all], reason: because}\n"
        "  - {domain: example.com, remove: [All Of It], reason: because}\n"
        "  - {domain: example.com, remove: all, reason: because}\n"
    )
    assert [override.domain for override in overrides] == ["example.com"]
    assert [line for line, _, _ in problems] == [3, 4, 5, 6, 7]


def test_the_school_has_the_last_word() -> None:
    """The school may undo what we decided about a name and category."""
    ours = [Override(domain="a.example", remove=("gambling",), reason="ours")]
    theirs = [Override(domain="a.example", add=("gambling",), reason="theirs")]
    assert decisions([("overrides", ours), ("own-overrides", theirs)]).rows() == [
        ("a.example", "gambling", "add", "own-overrides")
    ]
