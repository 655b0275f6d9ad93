"""Load every list of every folder, and answer questions about them: the look-ups, their state, why a host is listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.domains import Folder, load_domains
from aup_monitor.lists.held import Held, status_frame
from aup_monitor.lists.index import DomainIndex, DomainList
from aup_monitor.lists.texts import load_approved, load_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aup_monitor.core.lookup import Lookup

EXPLAIN_COLUMNS: Final = ("category", "entry", "source", "verdict")


@dataclass(frozen=True)
class Lists:
    """Every list, ready to be asked."""

    _index: DomainIndex
    _lookups: Mapping[str, Lookup]
    _held: Sequence[Held]
    _problems: pl.DataFrame

    def lookups(self) -> Mapping[str, Lookup]:
        """Return the look-ups by the name that a rule writes: `list.gambling`, `terms.gambling`, `approved.devices`."""
        return self._lookups

    def status(self) -> pl.DataFrame:
        """Return a row for each source of each look-up, `held.STATUS_SCHEMA`; `state` says whether it is in use."""
        return status_frame(self._held)

    def problems(self) -> pl.DataFrame:
        """Return every bad line or file: (source, file, line, text, reason), sorted."""
        files = self.status().select("source", "file").unique()
        named = self._problems.join(files, on="source", how="left")
        return named.select("source", "file", "line", "text", "reason").sort("source", "line", "text")

    def versions(self) -> pl.DataFrame:
        """Return what a report states of its lists: (source, title, licence, date, entries, digest) of those in use."""
        used = self.status().filter(pl.col("state") == "in use")
        return (
            used.group_by("source", "title", "licence", "date", "digest")
            .agg(pl.col("entries").max())
            .sort("source")
            .select("source", "title", "licence", "date", "entries", "digest")
        )

    def explain(self, host: str) -> pl.DataFrame:
        """Return what each list says of a host: `EXPLAIN_COLUMNS`; verdict: listed, overridden, protected."""
        return self._index.judge(pl.Series([host])).select(EXPLAIN_COLUMNS)


def load_lists(
    folders: Sequence[Path], cache: Path | None, approved: Mapping[str, Sequence[str]] | None = None
) -> Lists:
    """
    Load the lists of each folder, ours (`resource("rules")`) first, then the school's workspace.

    A folder holds `lists/` (catalogue.yml, overrides.yml, protective.txt, own/, downloaded/, approved/) and `terms/`,
    each of them optional. `cache` is a folder for the index of the domain lists; None keeps nothing. `approved` holds more
    entries for the allow lists `devices` and `software`: those of the settings.

    Raises:
        RuleError: no list was found at all, or a file that guards the innocent cannot be read.

    """
    numbered = [Folder(path, _prefix(number)) for number, path in enumerate(folders)]
    domains = load_domains(numbered, cache)
    wrong, held = [domains.problems], list(domains.held)
    terms = load_terms(numbered, wrong, held)
    allowed = load_approved(numbered, approved or {}, wrong, held)
    if not held:
        where = ", ".join(str(path) for path in folders)
        raise RuleError(
            "no lists were found", where=where, fix="name the folder that holds lists/ and terms/"
        )
    named = {f"list.{category}": DomainList(domains.index, category) for category in domains.categories}
    problems = pl.concat(wrong)
    return Lists(domains.index, {**named, **terms, **allowed}, _with_counts(held, problems), problems)


def _prefix(number: int) -> str:
    return "" if number == 0 else "own-" if number == 1 else f"own{number}-"


def _with_counts(held: Sequence[Held], problems: pl.DataFrame) -> list[Held]:
    counts = dict(problems["source"].value_counts().iter_rows())
    return [replace(one, problems=counts.get(one.source, 0)) for one in held]
