"""What the weeks are made of: the files under `data/`, and how much of them a seed may use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA: Final = Path(__file__).parent / "data"
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


def kinds(seed: int) -> dict[str, dict[str, Any]]:
    """Return all kinds of stories, with the phrases and sites that a seed may use."""
    given = {
        kind: story
        for path in sorted((DATA / "stories").glob("*.yml"))
        for kind, story in material(f"stories/{path.stem}").items()
    }
    return {
        kind: {**story, **{key: known(story[key], seed) for key in ("searches", "sites") if key in story}}
        for kind, story in given.items()
    }


def known(texts: Sequence[str], seed: int) -> list[str]:
    """
    Return the phrases or sites that a seed may use; of the seeds to work with, a third is withheld.

    Whoever mends rules by what those seeds show has not seen that third; the other seeds examine with all of it.
    """
    if seed > WORKING_SEEDS:
        return list(texts)
    return [text for text in texts if crc32(text.encode()) % 3] or list(texts)
