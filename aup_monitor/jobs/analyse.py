"""
Judge what was read by the rules, one site's day at a time, and write the incidents into the register.

A day is done again only when its files, the rules, the lists, the policies or the people changed since, or what days before
told of it: who held an address, and how much was usually blocked. What people decided is never touched.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor import __version__
from aup_monitor.core.locks import locked
from aup_monitor.core.schema import conform
from aup_monitor.detect.clusters import around, settled, subjects
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import destination_domain, enrich, subject
from aup_monitor.detect.facts import Facts, load_facts
from aup_monitor.detect.falls import counted, fallen
from aup_monitor.detect.hours import hours_of
from aup_monitor.detect.incidents import incidents, of_incidents
from aup_monitor.detect.match import Matcher
from aup_monitor.detect.policies import binding
from aup_monitor.detect.quiet import QuietHosts
from aup_monitor.detect.searches import counted_once
from aup_monitor.detect.typeahead import SEARCHES, collapsed, typists
from aup_monitor.identity.holders import HOLDINGS_SCHEMA, holdings, with_holders
from aup_monitor.identity.roles import assign_roles
from aup_monitor.jobs import analysed
from aup_monitor.jobs.coverage import known_sites
from aup_monitor.jobs.report import directory_of
from aup_monitor.jobs.rulebook import Rulebook, load_rulebook
from aup_monitor.jobs.sentences import number
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from aup_monitor.core.calendar import SchoolCalendar
    from aup_monitor.core.incident import Incident
    from aup_monitor.core.people import Directory
    from aup_monitor.core.workspace import Workspace
    from aup_monitor.detect.rule import RuleSet

TOGETHER: Final = 60
EVENTS_TOGETHER: Final = 500_000
"""A site's days are judged together up to these numbers: asking 70 rules costs as much for a quiet day as for a week."""

LEASES_BEFORE: Final = timedelta(days=14)
"""How long before an event its address may have been leased: Windows leases for eight days unless told otherwise."""

DAYS_BEFORE: Final = timedelta(days=28)
"""How far back the usual share of a kind of event is looked for: over a half-term holiday."""

PIECE: Final = 250_000
"""Events of a busy day that are judged at a time."""


@dataclass
class Analysis:
    """What an analysis did."""

    days: int = 0
    """Site-days judged."""
    unchanged: int = 0
    """Site-days of which nothing had changed since."""
    matches: int = 0
    incidents: int = 0
    """Incidents found on the days judged."""
    new: int = 0
    """Of these, not known before."""
    withdrawn: int = 0
    """Known before, no longer found, and not decided by anybody."""
    problems: tuple[str, ...] = field(default=())
    """Rules, policies and lines of lists that could not be used."""

    def __str__(self) -> str:
        if not self.days:
            return f"Nothing to analyse: {number(self.unchanged, 'day')} unchanged since the last analysis"
        known = f" ({self.unchanged:,} unchanged since the last analysis)" if self.unchanged else ""
        return (
            f"{number(self.days, 'day')} analysed{known}: {number(self.incidents, 'incident')}, {self.new:,} of them new, "
            f"{self.withdrawn:,} withdrawn"
        )


def analyse(
    workspace: Workspace,
    now: datetime,
    *,
    days: tuple[date | None, date | None] = (None, None),
    everything: bool = False,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _all: None,
) -> Analysis:
    """
    Find the incidents of a workspace.

    Args:
        workspace: whose.
        now: the present moment, aware.
        days: first and last school day, inclusive; None for no limit.
        everything: judge again what has not changed, too.
        progress: called with a day, days done, days in all.

    Raises:
        StoreError: nothing was read yet, or another command is writing.
        ConfigError, RuleError: settings or lists cannot be used at all, or a site was read that the settings lack.

    """
    with locked(workspace.lake / ".lock"), open_register(workspace.database):
        bench = _Bench(workspace)
        known = analysed.known(workspace)
        units = bench.units(days)
        todo = [unit for unit in units if everything or known.get(unit.key) != unit.version]
        done = Analysis(
            unchanged=len(units) - len(todo), problems=(*bench.book.problems, *bench.directory.problems)
        )
        for together in _stretches(todo):
            progress(together[0].key, done.days, len(todo))
            found = bench.judge(together, done)
            recorded = services.record(found, [(unit.site, unit.day) for unit in together], now)
            done.new += recorded.new
            done.withdrawn += recorded.withdrawn
            known |= {unit.key: unit.version for unit in together}
            analysed.remember(workspace, known)
    progress("", len(todo), len(todo))
    return done


@dataclass(frozen=True)
class _Unit:
    """One site's day."""

    site: str
    day: date
    events: int
    version: str
    """Changes when anything that its incidents depend on does."""

    @property
    def key(self) -> str:
        return analysed.key(self.site, self.day)


def _stretches(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Yield the days of one site after another, in stretches that are judged together."""
    stretch: list[_Unit] = []
    for unit in units:
        full = len(stretch) == TOGETHER or sum(u.events for u in stretch) + unit.events > EVENTS_TOGETHER
        if stretch and (full or unit.site != stretch[0].site):
            yield stretch
            stretch = []
        stretch.append(unit)
    if stretch:
        yield stretch


class _Leases:
    """Who held an address on a site's days, by what the lake has of the days before."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._files = lake.units("leases")

    def version(self, site: str, day: date) -> str:
        """Return a text that changes when what is known of a day's leases does; empty where nothing is."""
        return "".join(self._files.filter(_within(site, [day]))["version"])

    def holdings(self, site: str, days: Sequence[date]) -> pl.DataFrame:
        """Return who held each address on these days; see `identity.holders`."""
        if not len(self._files.filter(_within(site, days))):
            return pl.DataFrame(schema=HOLDINGS_SCHEMA)
        return holdings(self._lake.scan("leases").filter(_within(site, days))).collect()


def _within(site: str, days: Sequence[date]) -> pl.Expr:
    """Tell the rows of a site and of the days, and of those before in which a lease may have begun."""
    return (pl.col("site") == site) & pl.col("date").is_between(min(days) - LEASES_BEFORE, max(days))


class _Before:
    """The days before one, by which a fall of a kind of event is told."""

    def __init__(self, units: pl.DataFrame, rules: RuleSet) -> None:
        fewest = [rule.aup.falls.events for rule in rules.falling if rule.aup.falls]
        self._busy = units.filter(pl.col("events") >= min(fewest)) if fewest else units.clear()

    def version(self, site: str, day: date) -> str:
        """Return a text that changes when the busy days before do; empty where the day itself is too quiet to judge."""
        near = self._busy.filter(
            pl.col("site") == site, pl.col("date").is_between(day - DAYS_BEFORE, day)
        ).sort("date")
        if near.is_empty() or near["date"][-1] != day:
            return ""
        return hashlib.blake2b("".join(near["version"][:-1]).encode(), digest_size=8).hexdigest()


class _Bench:
    """Everything that days are judged with."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lake = Lake(workspace.lake, create=False)
        self.leases = _Leases(self.lake)
        self.book: Rulebook = load_rulebook(workspace)
        self.facts: Facts = load_facts()
        self.quiet = QuietHosts(self.book.lookups, self.facts.noise.lists)
        self.directory: Directory = directory_of(workspace)
        self.calendars = {name: site.calendar() for name, site in workspace.config.sites.items()}
        self.clauses = binding(self.book.policies, self.book.rules)

    def units(self, days: tuple[date | None, date | None]) -> list[_Unit]:
        found = self.lake.units()
        before = _Before(found, self.book.rules)
        first, last = days
        found = found.filter(pl.col("date") >= first) if first else found
        found = found.filter(pl.col("date") <= last) if last else found
        known_sites(self.workspace, found["site"])
        same = self._same()
        return [
            _Unit(
                site,
                day,
                events,
                analysed.version(files, self.leases.version(site, day) + before.version(site, day) + same),
            )
            for site, day, events, files in found.iter_rows()
        ]

    def _same(self) -> str:
        """Return a text that changes when the program, rules, lists, policies, people or settings do."""
        parts = [
            __version__,
            self.book.fingerprint,
            *(policy.model_dump_json() for policy in self.book.policies),
            self.workspace.config.model_dump_json(),
            self.directory.people.write_csv(),
        ]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

    def judge(self, together: Sequence[_Unit], done: Analysis) -> list[Incident]:
        """Judge some days of one site and put the matches of their incidents in the lake."""
        site, days = together[0].site, [unit.day for unit in together]
        held = self.leases.holdings(site, days)
        matcher = Matcher(self.book.rules, self.book.lookups, self.calendars[site].zone)
        enriched = (self._enriched(events, held, self.calendars[site]) for events in self._events(together))
        matches = counted_once(
            matcher.match(enriched), self.book.rules.readers("search_query"), self.facts.engines
        )
        matches = self._typed_out(matches, together, held)
        matches = self._settled(matches, together, held)
        matches = pl.concat([self._together(matches), *self._falls(site, days)])
        hours = hours_of(self.book.policies, self.calendars[site])
        found = incidents(matches, self.book.rules, self.clauses, hours)
        kept = of_incidents(matches, found)
        self.lake.replace_matches(site, days, kept)
        done.days += len(days)
        done.matches += len(kept)
        done.incidents += len(found)
        return found

    def _typed_out(
        self, matches: pl.DataFrame, together: Sequence[_Unit], held: pl.DataFrame
    ) -> pl.DataFrame:
        """Return the matches without beginnings of searches, by all that those concerned typed and searched for."""
        whose = typists(matches)
        if whose.is_empty():
            return matches
        theirs = (
            conform(self._whose(events, held)).filter(subject()[0].is_in(whose.implode()))
            for events in self._events(together)
        )
        calendar = self.calendars[together[0].site]
        searches = [
            enrich(events, self.facts, calendar, self.quiet)
            .filter(pl.col("search_query").is_not_null())
            .select(SEARCHES)
            .collect(engine="streaming")
            for events in theirs
        ]
        return collapsed(matches, pl.concat(searches))

    def _settled(self, matches: pl.DataFrame, together: Sequence[_Unit], held: pl.DataFrame) -> pl.DataFrame:
        """Return the matches without what came with other pages, by the events round about of those concerned."""
        whose = subjects(matches)
        if whose.is_empty():
            return matches
        calendar = self.calendars[together[0].site]
        near = [
            around(self._whose(events, held), whose, calendar, self.facts, self.quiet).collect(
                engine="streaming"
            )
            for events in self._events(together)
        ]
        minimum = {rule.name: rule.min_log_level for rule in self.book.rules}
        return settled(matches, pl.concat(near), minimum, self.facts.engines)

    def _together(self, matches: pl.DataFrame) -> pl.DataFrame:
        """Return the matches with what they show together, without those that nothing but that is asked of."""
        rules = self.book.rules
        return correlate(matches, rules).filter(~pl.col("rule").is_in(sorted(rules.silent)))

    def _falls(self, site: str, days: Sequence[date]) -> Iterator[pl.DataFrame]:
        """Yield what grew rare on these days, by the days before."""
        for rule in self.book.rules.falling:
            wanted = pl.col("date").is_between(min(days) - DAYS_BEFORE, max(days))
            events = self.lake.scan("events").filter((pl.col("site") == site) & wanted)
            yield fallen(counted(events, rule, self.calendars[site].zone), rule, days)

    @staticmethod
    def _whose(events: pl.LazyFrame, held: pl.DataFrame) -> pl.LazyFrame:
        return with_holders(events, held.lazy()) if len(held) else events

    def _enriched(self, events: pl.LazyFrame, held: pl.DataFrame, calendar: SchoolCalendar) -> pl.LazyFrame:
        # A piece is held whole, because to read it once more for its hosts takes longer.
        whose = self._whose(events, held).collect().lazy()
        self.quiet.learn(conform(whose).select(destination_domain()).unique().collect().to_series())
        enriched = enrich(whose, self.facts, calendar, self.quiet)
        return assign_roles(enriched, self.directory, self.workspace.config.role_rules)

    def _events(self, together: Sequence[_Unit]) -> Iterator[pl.LazyFrame]:
        """
        Yield the events whole or, of a busy day, in pieces, so that memory does not grow with the day.

        What computers say stays in one piece: which device it was shows from several of their events.
        """
        site, days = together[0].site, [unit.day for unit in together]
        wanted = (pl.col("site") == site) & pl.col("date").is_in(days)
        whole = self.lake.scan("events").filter(wanted).drop("date")
        if sum(unit.events for unit in together) <= EVENTS_TOGETHER:
            yield whole
            return
        of_computers = pl.col("log_class") == "endpoint"
        yield whole.filter(of_computers)
        for piece in self.lake.pieces(site, days, PIECE):
            yield piece.filter(~of_computers)
