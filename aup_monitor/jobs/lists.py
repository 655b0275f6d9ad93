"""The lists: which are in use, what they say of a host, and bringing the copies of other people's up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.core.errors import AupError, ConfigError, NotFoundError
from aup_monitor.core.hosts import canonical_host
from aup_monitor.core.locks import locked
from aup_monitor.jobs.rulebook import list_folders, load_rulebook
from aup_monitor.lists import DOWNLOADED, catalogue_sources
from aup_monitor.lists.fetch import Limits
from aup_monitor.lists.supply import Given, Web
from aup_monitor.lists.update import Outcome, Updater, incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.lists.catalogue import Source
    from aup_monitor.lists.supply import Supply


def status_rows(workspace: Workspace | None) -> list[dict[str, object]]:
    """Return each source of each list as a row for a table."""
    return list(load_rulebook(workspace).lists.status().iter_rows(named=True))


def explain(workspace: Workspace | None, host: str) -> list[dict[str, object]]:
    """
    Return what each list says of a host.

    Raises:
        ConfigError: the text is no host name.

    """
    name = canonical_host(host)
    if name is None:
        raise ConfigError(
            f"{host!r} is no host name", fix="write the name alone, such as: aup lists show www.example.org"
        )
    return list(load_rulebook(workspace).lists.explain(name).iter_rows(named=True))


def update(  # noqa: PLR0913 - what the command may say, the clock, and the bar
    workspace: Workspace,
    names: Sequence[str],
    given: Path | None,
    now: datetime,
    *,
    limits: Limits | None = None,
    move: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
) -> list[Outcome]:
    """
    Bring the copies of other people's lists up to date; whatever fails with one, its last good copy stays.

    Args:
        workspace: where the copies are kept, `lists/downloaded/`.
        names: ids of the catalogue, or categories; all that are switched on where empty.
        given: a folder or an archive to take them from; None fetches them from the catalogue's addresses.
        now: the present moment.
        limits: of fetching.
        move: called with the list's id, how many are done, and how many there are.

    Raises:
        NotFoundError: a name is none of the catalogue's.
        ConfigError: the folder or archive is not there.
        RuleError: the catalogue, the folder or the archive cannot be read, or nothing of it is a list of the catalogue.
        StoreError: another run is updating the lists.

    """
    sources = [source for source in catalogue_sources(list_folders(workspace)) if source.url]
    wanted = _wanted(sources, names)
    folder = workspace.lists / DOWNLOADED
    with locked(folder / ".lock"), incoming(folder) as work:
        supply = _supply(given, sources, work, limits or Limits())
        if given is not None and not names:
            wanted = _those_there(wanted, supply, given)
        updater = Updater(folder, supply, work, now)
        outcomes = []
        for done, source in enumerate(wanted):
            move(source.id, done, len(wanted))
            outcomes.append(updater.update(source))
        return outcomes


def _wanted(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """Return the sources of these ids and categories; all that are switched on where none is named."""
    known = {source.id for source in sources} | {c for source in sources for c in source.categories}
    for name in names:
        if name not in known:
            raise NotFoundError(
                f"no list to fetch is called {name!r}, and none is of such a category", fix="aup lists status"
            )
    if not names:
        return [source for source in sources if source.enabled]
    return [source for source in sources if {source.id, *source.categories} & set(names)]


def _supply(given: Path | None, sources: Sequence[Source], work: Path, limits: Limits) -> Supply:
    place = work / "unpacked"
    place.mkdir()
    if given is None:
        return Web(place, limits)
    if not given.exists():
        raise ConfigError(
            "there is no such folder or archive", where=given, fix="check the path after --from"
        )
    return Given(given, sources, place)


def _those_there(wanted: list[Source], supply: Supply, given: Path) -> list[Source]:
    there = [source for source in wanted if supply.has(source)]
    if not there:
        raise ConfigError(
            "none of its files is a list of the catalogue",
            where=given,
            fix="call each file as aup lists status calls the list, such as ut1-gambling.txt",
        )
    return there


def outcome_rows(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return what became of each list as a row for a table."""
    return [
        {
            "source": one.source,
            "state": one.state,
            "entries": one.entries,
            "before": one.before,
            "problem": str(one.problem) if one.problem else None,
        }
        for one in outcomes
    ]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 1 where a list could not be brought up to date, else 0."""
    return AupError.exit_code if any(one.problem for one in outcomes) else 0
