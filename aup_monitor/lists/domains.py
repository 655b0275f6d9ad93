"""Load the domain lists of all folders: catalogue, own lists, protective list and overrides, into one index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.errors import AupError
from aup_monitor.lists.build import Built, build_entries
from aup_monitor.lists.catalogue import (
    ILLEGAL,
    PROTECTIVE,
    illegal_sources,
    own_sources,
    protective_source,
    read_catalogue,
)
from aup_monitor.lists.held import Held, file_held
from aup_monitor.lists.index import DomainIndex
from aup_monitor.lists.listfile import ListFile, read_list_file
from aup_monitor.lists.names import NAME_SCHEMA, parse_names
from aup_monitor.lists.overrides import Override, decisions, read_overrides
from aup_monitor.lists.problems import PROBLEM_SCHEMA, problems
from aup_monitor.lists.record import DOWNLOADED, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aup_monitor.lists.catalogue import Source
    from aup_monitor.lists.held import State
    from aup_monitor.lists.record import Record


@dataclass(frozen=True)
class Folder:
    """One folder with `lists/` and `terms/`; `prefix` begins the ids of its files (`own-`; empty for the shipped)."""

    path: Path
    prefix: str

    @property
    def lists(self) -> Path:
        """Where its domain lists and allow lists are."""
        return self.path / "lists"


@dataclass(frozen=True)
class Placed:
    """A source and the file where its entries are; None where it is not downloaded or switched off."""

    source: Source
    path: Path | None


@dataclass(frozen=True)
class LoadedDomains:
    """The index, its categories, what is held of each list, and what is wrong (`PROBLEM_SCHEMA`)."""

    index: DomainIndex
    categories: list[str]
    held: list[Held]
    problems: pl.DataFrame
    reasons: dict[str, str]
    """Of each name that an override removes from lists: why, and which file says so."""


def load_domains(
    folders: Sequence[Folder], cache: Path | None, illegal: Sequence[Path] = ()
) -> LoadedDomains:
    """
    Read every domain list; `illegal` are the files of illegal content that the school holds.

    Raises:
        RuleError: a catalogue or an overrides file is not of its form.
        AupError: a protective list cannot be read; without it an innocent visit could be reported.

    """
    wrong: list[pl.DataFrame] = [pl.DataFrame(schema=PROBLEM_SCHEMA)]
    placed = placed_sources(folders, wrong)
    secret = [Placed(source, path) for source, path in illegal_sources(illegal)]
    files = dict(_files([*placed, *secret], wrong))
    built = build_entries(_there(placed, files), cache)
    if secret:
        built = _with_secret(built, build_entries(_there(secret, files), None))
        placed += secret
    of_sources = {category for one in placed for category in one.source.categories}
    counts = _counts(built.entries)
    held = [held for one in placed for held in _held(one, files.get(one.source.id), counts)]
    words = _words(folders, wrong, held)
    categories = sorted(of_sources | set(words["category"]) | {PROTECTIVE, ILLEGAL})
    overrides = [(f"{f.prefix}overrides", _overrides(f, categories, wrong, held)) for f in folders]
    index = DomainIndex(built.entries, decisions(overrides), words)
    wrong += _failed_updates(placed, files)
    reasons = {o.domain: f"{o.reason} ({source})" for source, found in overrides for o in found if o.remove}
    return LoadedDomains(index, categories, held, pl.concat([*wrong, built.problems]), reasons)


def _there(placed: list[Placed], files: Mapping[str, ListFile]) -> list[tuple[Source, ListFile]]:
    return [(one.source, files[one.source.id]) for one in placed if one.source.id in files]


def _with_secret(built: Built, secret: Built) -> Built:
    """Add the lists of illegal content, which no cache holds and whose bad lines are counted but not quoted."""
    entries = pl.concat([built.entries, secret.entries]).sort("domain", "category", "source")
    quiet = secret.problems.with_columns(text=pl.lit("(not shown)"))
    return Built(entries, pl.concat([built.problems, quiet]))


def placed_sources(folders: Sequence[Folder], wrong: list[pl.DataFrame]) -> list[Placed]:
    """Return the sources of all folders, sorted by id; of two with the same id the later folder's."""
    found: dict[str, Placed] = {}
    for folder in folders:
        sources, bad = read_catalogue(folder.lists)
        wrong.append(problems(f"{folder.prefix}catalogue", bad))
        own, bad = own_sources(folder.lists, folder.prefix)
        wrong.append(problems(f"{folder.prefix}lists", bad))
        for source in [*sources, *own, *protective_source(folder.lists, folder.prefix)]:
            found[source.id] = Placed(
                source, folder.lists / source.file if source.file else _copy(source, folders)
            )
    return [found[identity] for identity in sorted(found)]


def _copy(source: Source, folders: Sequence[Folder]) -> Path | None:
    """Return the downloaded copy of a source, the last folder's first."""
    paths = [folder.lists / DOWNLOADED / f"{source.id}.txt" for folder in reversed(folders)]
    return next((path for path in paths if path.is_file()), None)


def _files(placed: list[Placed], wrong: list[pl.DataFrame]) -> Iterator[tuple[str, ListFile]]:
    for one in placed:
        source = one.source
        if one.path is None or not source.enabled:
            continue
        try:
            yield source.id, read_list_file(one.path, source.max_bytes)
        except AupError as exc:
            if PROTECTIVE in source.categories:
                raise
            wrong.append(problems(source.id, [(0, one.path.name, exc.message)]))


def _words(folders: Sequence[Folder], wrong: list[pl.DataFrame], held: list[Held]) -> pl.DataFrame:
    """Return the words in the names of hosts, `NAME_SCHEMA`, of every `<folder>/lists/names/<category>.tsv`."""
    found = [pl.DataFrame(schema=NAME_SCHEMA)]
    for folder in folders:
        for path in sorted((folder.lists / "names").glob("*.tsv")):
            source = f"{folder.prefix}names-{path.stem}"
            try:
                file = read_list_file(path)
                parsed = parse_names(file, path.stem, source)
            except AupError as exc:
                wrong.append(problems(source, [(0, path.name, str(exc))]))
                continue
            wrong.append(problems(source, parsed.problems))
            held.append(file_held(f"list.{path.stem}", source, file, parsed.count))
            found.append(parsed.words)
    return pl.concat(found)


def _overrides(
    folder: Folder, categories: list[str], wrong: list[pl.DataFrame], held: list[Held]
) -> list[Override]:
    path = folder.lists / "overrides.yml"
    if not path.is_file():
        return []
    source, known = f"{folder.prefix}overrides", set(categories)
    file = read_list_file(path)
    overrides, bad = read_overrides(file)
    for override in overrides:
        unknown = sorted(set(override.add) - known)
        bad += [(0, override.domain, f"no list has the category {category!r}") for category in unknown]
    wrong.append(problems(source, bad))
    held.append(file_held("overrides", source, file, len(overrides)))
    return overrides


def _counts(entries: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many entries each (source, category) has."""
    counted = entries.group_by("source", "category").len()
    return {(source, category): count for source, category, count in counted.iter_rows()}


def _held(one: Placed, file: ListFile | None, counts: dict[tuple[str, str], int]) -> Iterator[Held]:
    source = one.source
    header = file.header if file else {}
    record = _record(one, file)
    fetched = f"{record.fetched:%Y-%m-%d}" if record else None
    stated = header.get("date") or (record.date if record else None)
    for category in sorted(set(source.categories)):
        entries = counts.get((source.id, category), 0)
        yield Held(
            name=f"list.{category}",
            kind="domains",
            category=category,
            source=source.id,
            title=header.get("title", source.title),
            state=_state(one, file, entries),
            entries=entries,
            licence=header.get("licence", source.licence),
            date=stated or (f"fetched {fetched}" if fetched else None),
            digest=file.digest if file else None,
            file=str(one.path) if one.path else None,
            version=record.version if record else None,
            fetched=fetched,
            origin=record.origin if record else None,
        )


def _record(one: Placed, file: ListFile | None) -> Record | None:
    """Return the record of a fetched copy, if it speaks for this very file."""
    if file is None or one.path is None or one.source.url is None:
        return None
    record = read_record(one.path.parent, one.source.id)
    return record if record and record.digest == file.digest else None


def _failed_updates(placed: list[Placed], files: Mapping[str, ListFile]) -> Iterator[pl.DataFrame]:
    """Yield a problem for each copy whose last update failed: it goes on serving, and the report says so."""
    for one in placed:
        record = _record(one, files.get(one.source.id))
        if record and record.failed and record.failed_on:
            said = (
                f"the update of {record.failed_on:%Y-%m-%d} failed ({record.failed}); "
                f"the copy of {record.fetched:%Y-%m-%d} is in use"
            )
            yield problems(one.source.id, [(0, "", said)])


def _state(one: Placed, file: ListFile | None, entries: int) -> State:
    if not one.source.enabled:
        return "off"
    if one.path is None:
        return "not downloaded"
    return "missing" if file is None else "in use" if entries else "not used"
