"""
What the weeks are made of: the files under `data/`, and how much of them a seed may use.

What people search for and which sites they reach comes from two banks. The first may be read by those who write rules, so
its figures flatter. The second, `data/second/`, has only phrases and sites, by the kinds of the first, and searches that only
look bad; it was written without sight of the rules and examines them only as long as nobody mends them by it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from zlib import crc32

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA: Final = Path(__file__).parent / "data"
Bank = Literal["first", "second", "both"]
WORKING_SEEDS: Final = 10
"""Rules may be mended by what the weeks of these seeds show; the others examine."""


class Site(NamedTuple):
    """An innocent site, and what its pages bring."""

    host: str
    advertises: bool
    own_time: bool
    """It is of one's own time: shops, banks, houses."""
    brings: tuple[str, ...]


@cache
def material(name: str) -> dict[str, Any]:
    """Return one of the YAML files."""
    given: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return given


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of one of the text files, without its comments."""
    texts = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(text for text in texts if text and not text.startswith("#"))


@cache
def sites() -> tuple[Site, ...]:
    """Return the innocent sites, the most visited first."""
    shared = tuple(material("everyday")["shared"])
    return tuple(_site(text.split(), shared, n) for n, text in enumerate(lines("sites")))


def _site(words: list[str], shared: tuple[str, ...], number: int) -> Site:
    host, *more = words
    own = tuple(word for word in more if len(word) > 1)
    brings = own or (host, *(shared[(number * step) % len(shared)] for step in (1, 3, 7)))
    return Site(host, "+" in more, "~" in more, brings)


def kinds(seed: int, bank: Bank = "first") -> dict[str, dict[str, Any]]:
    """Return all kinds of stories, with the phrases and sites of a bank that a seed may use."""
    second = _stories("second/stories")
    return {
        kind: {
            **story,
            **{
                key: _of_banks(known(story[key], seed), second.get(kind, {}).get(key, []), bank)
                for key in ("searches", "sites")
                if key in story
            },
        }
        for kind, story in _stories("stories").items()
    }


def _stories(folder: str) -> dict[str, dict[str, Any]]:
    return {
        kind: story
        for path in sorted((DATA / folder).glob("*.yml"))
        for kind, story in material(f"{folder}/{path.stem}").items()
    }


@cache
def traps(bank: Bank, seed: int | None = None) -> list[str]:
    """Return the searches of a bank that only look bad: all, or as many as a seed may use."""
    first = lines("innocent/traps")
    return _of_banks(first if seed is None else known(first, seed), lines("second/innocent/traps"), bank)


def _of_banks(first: Sequence[str], second: Sequence[str], bank: Bank) -> list[str]:
    return [*(first if bank != "second" else ()), *(second if bank != "first" else ())]


def known(texts: Sequence[str], seed: int) -> list[str]:
    """
    Return the phrases or sites of the first bank that a seed may use; of the seeds to work with, a third is withheld.

    Whoever mends rules by what those seeds show has not seen that third; the other seeds examine with all of it. The second
    bank is nobody's to mend rules by, so nothing of it is withheld.
    """
    if seed > WORKING_SEEDS:
        return list(texts)
    return [text for text in texts if crc32(text.encode()) % 3] or list(texts)
