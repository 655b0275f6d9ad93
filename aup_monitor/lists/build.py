"""
Build the index from list files, and keep it as Parquet so that the next run need not.

The cache is keyed by the content of every file and by what the catalogue says of it: another list, another
key. Deleting the cache folder is always safe.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import RuleError
from aup_monitor.core.files import atomic_path
from aup_monitor.lists.index import ENTRY_SCHEMA
from aup_monitor.lists.problems import PROBLEM_SCHEMA, problems
from aup_monitor.lists.suffixes import is_public_suffix
from aup_monitor.lists.syntax import parse_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aup_monitor.lists.catalogue import Source
    from aup_monitor.lists.listfile import ListFile

_VERSION: Final = "2"
"""Of the way an index is built; another number makes every cached one stale."""


@dataclass(frozen=True)
class Built:
    """The index's entries (`ENTRY_SCHEMA`, sorted) and the bad lines of its files (`PROBLEM_SCHEMA`)."""

    entries: pl.DataFrame
    problems: pl.DataFrame


def build_entries(held: Sequence[tuple[Source, ListFile]], cache: Path | None) -> Built:
    """Return the entries of all the lists, from the cache where it holds these very lists."""
    if cache is None:
        return _built(held)
    paths = [cache / f"{part}-{_key(held)}.parquet" for part in ("index", "problems")]
    try:
        return Built(*(pl.read_parquet(path) for path in paths))
    except (OSError, pl.exceptions.ComputeError):  # absent, or damaged by a full disk: build it again
        built = _built(held)
    for path, frame in zip(paths, (built.entries, built.problems), strict=True):
        with atomic_path(path) as temporary:
            frame.write_parquet(temporary)
    _forget_others(cache, paths)
    return built


def _key(held: Sequence[tuple[Source, ListFile]]) -> str:
    text = "\n".join([_VERSION, *(f"{source.model_dump_json()} {file.digest}" for source, file in held)])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _forget_others(cache: Path, kept: list[Path]) -> None:
    for part in ("index", "problems"):
        for path in set(cache.glob(f"{part}-*.parquet")) - set(kept):
            path.unlink(missing_ok=True)


def _built(held: Sequence[tuple[Source, ListFile]]) -> Built:
    parts = [_part(source, file) for source, file in held]
    if not parts:
        return Built(pl.DataFrame(schema=ENTRY_SCHEMA), pl.DataFrame(schema=PROBLEM_SCHEMA))
    entries = pl.concat([part.entries for part in parts]).sort("domain", "category", "source")
    return Built(entries, pl.concat([part.problems for part in parts]))


def _part(source: Source, file: ListFile) -> Built:
    """Return one list's share; nothing of a list whose length says that it is not what it should be."""
    try:
        parsed = parse_list(file.content, source)
    except RuleError as exc:
        return _refused(source, f"{exc.message}; not used")
    count, bounds = parsed.entries.height, source.entries
    if not bounds.min <= count <= bounds.max:
        return _refused(
            source, f"{count:,} entries, where {bounds.min:,} to {bounds.max:,} are expected; not used"
        )
    # `*.name` in a file of ours or the school's is deliberate; a downloaded list must not take all of github.io.
    deliberate = pl.col("wide") if source.file else pl.lit(value=False)
    is_suffix = is_public_suffix("domain") & ~pl.col("domain").str.contains_any(["/", ":"])
    exact = pl.col("exact") | (is_suffix & ~deliberate)
    entries = parsed.entries.select("domain", pl.lit(source.id).alias("source"), exact.alias("exact")).join(
        pl.DataFrame({"category": sorted(set(source.categories))}), how="cross"
    )
    bad = parsed.problems.select(pl.lit(source.id).alias("source"), "line", "text", "reason")
    return Built(entries.select(*ENTRY_SCHEMA), bad)


def _refused(source: Source, reason: str) -> Built:
    return Built(pl.DataFrame(schema=ENTRY_SCHEMA), problems(source.id, [(0, "", reason)]))
