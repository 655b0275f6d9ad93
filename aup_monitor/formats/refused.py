"""
What is refused: logs of cameras, recordings and pictures.

A policy forbids to join what security cameras show to other monitoring; the makes and their patterns are facts
(`rules/facts/cameras.yml`). A proxy's log in which somebody visited a maker of cameras is not meant.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import yaml

from aup_monitor.core.errors import InputError
from aup_monitor.core.policy import Policy
from aup_monitor.core.resources import resource
from aup_monitor.formats.recognise import decoded_head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST: Final = 0.5
"""Refused where more than this share of the lines, or of a folder's files, is of cameras."""
_LINES: Final = 200
_FIX: Final = (
    "leave the files of cameras out of what is read; name other files, or another path in [[sources]]"
)


def refuse_cameras(head: bytes) -> None:
    """
    Refuse a file that is of cameras by its first bytes.

    Raises:
        InputError: naming the make, and the clause of the policy.

    """
    what = _recording(head) or _camera_log(decoded_head(head))
    if what:
        raise InputError(f"this is {what}, which is not read: {_clause()}", fix=_FIX)


def refuse_folder_of_cameras(files: Sequence[Path], where: str) -> None:
    """Refuse a folder, or what a path with `*` names, where most of it is recordings and pictures."""
    endings = {f".{ending}" for ending in _facts()["endings"]}
    found = sum(file.suffix.lower() in endings for file in files)
    if len(files) > 1 and found > MOST * len(files):
        raise InputError(
            f"{found} of the {len(files)} files here are recordings or pictures, which are not read: {_clause()}",
            where=where,
            fix=_FIX,
        )


def _recording(head: bytes) -> str | None:
    """Return what kind of recording or picture a file is."""
    for kind in _facts()["magic"]:
        places = {at: bytes.fromhex(text) for at, text in kind["bytes"].items()}
        if all(head[at : at + len(mark)] == mark for at, mark in places.items()):
            return str(kind["what"])
    return None


def _camera_log(head: bytes) -> str | None:
    """Return whose cameras most of a text's first lines are of."""
    whole = head[: head.rfind(b"\n") + 1] or head
    text = [line for line in whole.decode("utf-8", "replace").splitlines() if line.strip()][:_LINES]
    lines = pl.Series(text, dtype=pl.String)
    for entry in _facts()["makes"]:
        matched = lines.str.contains("|".join(f"(?:{pattern})" for pattern in entry["patterns"]))
        if matched.sum() > MOST * len(lines):
            return "a log of cameras" if entry["make"] == "unnamed" else f"a log of cameras ({entry['make']})"
    return None


def _clause() -> str:
    """Return the clause that forbids it: id, heading and summary."""
    facts = _facts()
    path = resource("rules", "policies", f"{facts['policy']}.yml")
    policy = Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    clause = next(clause for clause in policy.clauses if clause.id == facts["clause"])
    return f"{clause.id} ({clause.heading}). {clause.summary.rstrip('.')}"


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load(
        resource("rules", "facts", "cameras.yml").read_text(encoding="utf-8")
    )
    return facts
