"""
Resolve what a v2fly list includes (https://github.com/v2fly/domain-list-community).

    include:discord             every rule of the file `discord`
    include:apple @cn @-ads     those of its rules that are marked `@cn` and not `@ads`
    discordapp.com @ads         a rule with its marks

Rules marked `@ads` are left out wherever they come from: such a host is met on the pages of others, and says nothing of where
somebody went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aup_monitor.core.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_FILES: Final = 20_000
_ADS: Final = "ads"


class _Line(NamedTuple):
    rule: str
    marks: frozenset[str]


class _Wanted(NamedTuple):
    """What an inclusion asks of the marks of a rule."""

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset({_ADS})

    def narrowed(self, marks: frozenset[str]) -> _Wanted:
        absent = {mark[1:] for mark in marks if mark.startswith("-")}
        return _Wanted(self.present | {m for m in marks if m[0] != "-"}, self.absent | absent)

    def allows(self, marks: frozenset[str]) -> bool:
        return self.present <= marks and not self.absent & marks


def flat_rules(name: str, text_of: Callable[[str], str]) -> list[str]:
    """
    Return the rules of a file and of all that it includes, without marks, each once, in order.

    Args:
        name: the file's.
        text_of: gives the text of a file by its name.

    Raises:
        RuleError: one that is included is not there (of `text_of`), or the files include one another without end.

    """
    rules: dict[str, None] = {}
    todo, done = [(name, _Wanted())], set[tuple[str, _Wanted]]()
    while todo:
        file, wanted = todo.pop()
        if (file, wanted) in done:
            continue
        done.add((file, wanted))
        if len(done) > _MOST_FILES:
            raise RuleError(
                "the files include one another without end", where=name, fix="look at its include: lines"
            )
        for line in _lines(text_of(file)):
            if line.rule.startswith("include:"):
                todo.append((line.rule.removeprefix("include:"), wanted.narrowed(line.marks)))
            elif wanted.allows(line.marks):
                rules[line.rule] = None
    return list(rules)


def _lines(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield _Line(
                words[0], frozenset(word[1:] for word in words[1:] if len(word) > 1 and word[0] == "@")
            )
