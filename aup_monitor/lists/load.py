"""Load every list of every folder, and answer questions about them: the look-ups, their state, why a host is listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import RuleError
from aup_monitor.core.hosts import parents
from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.domains import Folder, load_domains, placed_sources
from aup_monitor.lists.held import Held, status_frame
from aup_monitor.lists.index import DomainIndex, DomainList, shown_entry
from aup_monitor.lists.record import DOWNLOADED
from aup_monitor.lists.texts import load_approved, load_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.lists.catalogue import Source

EXPLAIN_COLUMNS: Final = ("category", "entry", "source", "verdict", "why")


@dataclass(frozen=True)
class Lists:
    """Every list, ready to be asked."""

    _index: DomainIndex
    _lookups: Mapping[str, Lookup]
    _held: Sequence[Held]
    _problems: pl.DataFrame
    _reasons: Mapping[str, str]

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

    def faults(self) -> pl.DataFrame:
        """Return the problems that a school can mend: all but single lines of copies of other people's lists."""
        theirs = pl.col("file").str.contains(rf"[/\\]{DOWNLOADED}[/\\]").fill_null(value=False)
        return self.problems().filter(~theirs | (pl.col("line") == 0))

    def versions(self) -> pl.DataFrame:
        """Return what a report states of its lists: (source, title, licence, date, entries, digest) of those in use."""
        used = self.status().filter(pl.col("state") == "in use")
        return (
            used.group_by("source", "title", "licence", "date", "digest")
            .agg(pl.col("entries").max())
            .sort("source")
            .select("source", "title", "licence", "date", "entries", "digest")
        )

    def judge(self, hosts: pl.Series) -> pl.DataFrame:
        """Return what every list says of hosts: (value, category, entry, source, depth, verdict)."""
        return self._index.judge(hosts)

    def explain(self, host: str) -> pl.DataFrame:
        """
        Return what each list says of a host: `EXPLAIN_COLUMNS`.

        `verdict` is listed, overridden or protected; `why` says how many lists agree, or what stands above them.
        """
        said = self._index.judge(pl.Series([host]))
        help_entry = said.filter(pl.col("category") == PROTECTIVE)["entry"]
        reason = next((f"{n}: {self._reasons[n]}" for n in parents(host) if n in self._reasons), None)
        votes = pl.col("source").n_unique().over("category")
        why = (
            pl.when(pl.col("verdict") == "protected")
            .then(pl.lit(f"the protective list holds {next(iter(help_entry), '')}"))
            .when(pl.col("verdict") == "overridden")
            .then(pl.lit(reason))
            .when(votes == 1)
            .then(pl.lit("this list alone says so"))
            .otherwise(pl.format("{} lists say so", votes))
        )
        return said.with_columns(shown_entry().alias("entry"), why=why).select(EXPLAIN_COLUMNS)


def load_lists(
    folders: Sequence[Path],
    cache: Path | None,
    approved: Mapping[str, Sequence[str]] | None = None,
    illegal: Sequence[Path] = (),
) -> Lists:
    """
    Load the lists of each folder, ours (`resource("rules")`) first, then the school's workspace.

    A folder holds `lists/` (catalogue.yml, overrides.yml, protective.txt, own/, downloaded/, approved/) and `terms/`,
    each of them optional. `cache` is a folder for the index of the domain lists; None keeps nothing. `approved` holds more
    entries for the allow lists `devices` and `software`: those of the settings. `illegal` are files of illegal content that the
    school holds: they are matched, and never shown or kept elsewhere.

    Raises:
        RuleError: no list was found at all, or a file that guards the innocent cannot be read.

    """
    numbered = _numbered(folders)
    domains = load_domains(numbered, cache, illegal)
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
    lookups: dict[str, Lookup] = {**named, **terms, **allowed}
    return Lists(domains.index, lookups, _with_counts(held, problems), problems, domains.reasons)


def catalogue_sources(folders: Sequence[Path]) -> list[Source]:
    """
    Return every source of the catalogues of these folders, sorted by id; of two with one id the later folder's.

    Raises:
        RuleError: a catalogue is not of its form.

    """
    return [one.source for one in placed_sources(_numbered(folders), [])]


def _numbered(folders: Sequence[Path]) -> list[Folder]:
    return [Folder(path, _prefix(number)) for number, path in enumerate(folders)]


def _prefix(number: int) -> str:
    return "" if number == 0 else "own-" if number == 1 else f"own{number}-"


def _with_counts(held: Sequence[Held], problems: pl.DataFrame) -> list[Held]:
    counts = dict(problems["source"].value_counts().iter_rows())
    return [replace(one, problems=counts.get(one.source, 0)) for one in held]
