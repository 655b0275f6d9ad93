"""
How words are spelt, and what stands for them: `rules/facts/spellings.yml`.

Tables from a spelling to the one that stands for it. What is true of all words is written there once (`suiside`); what
follows by rule is made for the words of the term lists alone: American endings, two letters that changed places.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import yaml

from aup_monitor.core.resources import resource

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG: Final = 6
"""What comes of changes in shorter words is often a word."""
_SHORTEST_HIDDEN: Final = 4


@cache
def spellings() -> dict[str, str]:
    """Return the spelling that stands for each other one: American, mistaken and short ones."""
    return {other: word for word, others in _facts()["words"].items() for other in others}


@cache
def phrasings() -> dict[str, str]:
    """Return, between spaces, the words that stand for each other way to say them: `my self`, `how do i`."""
    return {f" {other} ": f" {words} " for words, others in _facts()["phrases"].items() for other in others}


@cache
def small_words() -> tuple[str, ...]:
    """Return the words that say nothing by themselves."""
    return tuple(_facts()["small"])


def american(words: Iterable[str]) -> dict[str, str]:
    """Return each word for its American spelling, by the rules; none that is itself among the words."""
    known = set(words)
    whole = [word for word in sorted(known) if len(word) >= _LONG]
    made = {word.replace(british, other): word for word in whole for british, other in _facts()["american"]}
    return {other: word for other, word in made.items() if other not in known}


def slips(words: Iterable[str]) -> dict[str, str]:
    """
    Return each word for what comes of it when two letters change places, in the order of the words.

    Only of words of six letters or more, and not of their first letter: what comes of shorter ones is often a word.
    """
    whole = sorted({word for word in words if len(word) >= _LONG and word.isalpha()})
    swapped = {
        word[:n] + word[n + 1] + word[n] + word[n + 2 :]: word
        for word in whole
        for n in range(1, len(word) - 1)
    }
    known = set(whole)
    return {slip: word for slip, word in swapped.items() if slip not in known}


def hidden(mask: str, sign: str, words: Iterable[str]) -> str:
    """Return the one word that a mask such as `k*ll` may be, `sign` for the letters that are not shown; else the mask."""
    shown = re.compile(re.escape(mask).replace(re.escape(sign), "."))
    may_be = [word for word in words if len(word) == len(mask) and shown.fullmatch(word)]
    return may_be[0] if len(may_be) == 1 and len(mask) >= _SHORTEST_HIDDEN else mask


@cache
def _facts() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load(
        resource("rules", "facts", "spellings.yml").read_text(encoding="utf-8")
    )
    return given
