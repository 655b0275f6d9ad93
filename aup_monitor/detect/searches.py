"""
What was searched for, read from an address: `rules/facts/search_engines.yml` says where each engine puts it.

The text is decoded (percent and plus), in Unicode's compatibility form (NFKC), spaces joined; otherwise as typed.

A page that was opened from an engine's results may name them as the page that asked. That the person searched is certain even
where the search itself was not logged (an engine that the filter does not open); where it was, both are one visit.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote_plus

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from aup_monitor.core.hosts import is_address, parents, registrable_domain

if TYPE_CHECKING:
    from collections.abc import Collection

SEARCH: Final = pl.Struct({"text": pl.String(), "typing": pl.Boolean()})
"""What was searched for, and whether it was only being typed (a request for suggestions)."""

_ROW: Final = "row"
_ADDRESS: Final = ("url_domain", "url_path", "url_query")
_ASKER: Final = "http_request_referrer"
_PARTS: Final = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@?#]*@)?(?<url_domain>[^/:?#]+)(?::\d+)?(?<url_path>/[^?#]*)?(?:\?(?<url_query>[^#]*))?"


class SearchEngine(BaseModel):
    """One engine: its hosts, and where its addresses hold what was searched for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str
    hosts: tuple[str, ...] = Field(min_length=1)
    parameters: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    in_path: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()


class Search(NamedTuple):
    """What was searched for, and whether it was only being typed."""

    text: str
    typing: bool


class SearchEngines:
    """All engines, found by host."""

    def __init__(self, engines: tuple[SearchEngine, ...]) -> None:
        self._by_host: dict[str, list[SearchEngine]] = {}
        for engine in engines:
            for host in engine.hosts:
                self._by_host.setdefault(host, []).append(engine)
        self.of: Final = lru_cache(maxsize=100_000)(self._of)
        """Return the engines of a host, that of the longest name first; remembered, since a day streams in batches."""

    def search(self, host: str, path: str, query: str) -> Search | None:
        """Return what this address searches for, or None; the most particular engine of the host counts."""
        for engine in self.of(host):
            found = _search(engine, path, query)
            if found:
                return found
        return None

    def _of(self, host: str) -> tuple[SearchEngine, ...]:
        domains = list(parents(host))
        if not is_address(host):
            domains.append(f"{registrable_domain(host).partition('.')[0]}.*")
        return tuple(engine for domain in domains for engine in self._by_host.get(domain, ()))


def _search(engine: SearchEngine, path: str, query: str) -> Search | None:
    typing = path.startswith(engine.typing) if engine.typing else False
    if typing or not engine.paths or path.startswith(engine.paths):
        given = _parameters(query)
        for name in engine.parameters:
            text = _plain(given.get(name, ""))
            if text:
                return Search(text, typing)
    for start in engine.in_path:
        text = _plain(path.removeprefix(start).partition("/")[0]) if path.startswith(start) else ""
        if text:
            return Search(text, typing=False)
    return None


def _parameters(query: str) -> dict[str, str]:
    """Return the last value of each parameter, still encoded."""
    pairs = (part.partition("=") for part in query.split("&"))
    return {name: value for name, _, value in pairs}


def _plain(encoded: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unquote_plus(encoded)).split())


def searches(engines: SearchEngines) -> pl.Expr:
    """Return an expression for each event's search, dtype `SEARCH`, null where its address is none."""
    return pl.struct(_ADDRESS).map_batches(
        lambda addresses: _find(addresses, engines), return_dtype=SEARCH, is_elementwise=True
    )


def _find(addresses: pl.Series, engines: SearchEngines) -> pl.Series:
    """Look each distinct host up once, and then each distinct address of a host that is an engine's."""
    frame = addresses.struct.unnest().with_row_index(_ROW)
    hosts = frame.get_column("url_domain").unique().drop_nulls()
    known = hosts.filter(pl.Series([bool(engines.of(host)) for host in hosts], dtype=pl.Boolean))
    asked = frame.filter(pl.col("url_domain").is_in(known.implode())).with_columns(
        pl.col(_ADDRESS).fill_null("")
    )
    found = asked.join(_table(asked.select(_ADDRESS).unique(), engines), on=_ADDRESS)
    return _placed(found.get_column("found"), found.get_column(_ROW), frame.height)


def _placed(values: pl.Series, rows: pl.Series, height: int) -> pl.Series:
    """Return a column of so many rows with the values at these rows, and null elsewhere."""
    places = pl.Series([], dtype=rows.dtype).extend_constant(None, height)
    return values.gather(places.scatter(rows, range(len(rows))))


def _table(asked: pl.DataFrame, engines: SearchEngines) -> pl.DataFrame:
    found = [engines.search(*address) for address in asked.iter_rows()]
    return asked.with_columns(
        pl.struct(
            pl.Series("text", [one.text if one else None for one in found], pl.String),
            pl.Series("typing", [one.typing if one else None for one in found], pl.Boolean),
        ).alias("found"),
    ).filter(pl.col("found").struct.field("text").is_not_null())


def asked_from(engines: SearchEngines) -> pl.Expr:
    """Return an expression for what the page that asked had searched for, where it is the results of another's engine."""
    return pl.struct("url_domain", _ASKER).map_batches(
        lambda events: _asked_from(events, engines), return_dtype=pl.String, is_elementwise=True
    )


def _asked_from(events: pl.Series, engines: SearchEngines) -> pl.Series:
    frame = events.struct.unnest().with_row_index(_ROW)
    askers = frame.select(pl.col(_ASKER).unique()).drop_nulls()
    parts = askers.with_columns(pl.col(_ASKER).str.extract_groups(_PARTS).alias("parts")).unnest("parts")
    hosts = parts.with_columns(pl.col("url_domain").str.to_lowercase())
    found = hosts.with_columns(_find(hosts.select(pl.struct(_ADDRESS)).to_series(), engines).alias("found"))
    searched = found.select(
        _ASKER,
        _house(hosts.get_column("url_domain"), engines).alias("asker"),
        pl.when(~pl.col("found").struct.field("typing"))
        .then(pl.col("found").struct.field("text"))
        .alias("searched"),
    )
    reached = _house(frame.get_column("url_domain").str.to_lowercase(), engines)
    told = frame.with_columns(reached.alias("reached")).join(
        searched, on=_ASKER, how="left", maintain_order="left"
    )
    # An engine's own frames, consent and account pages are named by its results, too; the search itself is logged there.
    own = pl.col("asker") == pl.col("reached")
    return told.select(pl.when(~own.fill_null(value=False)).then("searched").alias("searched")).to_series()


def _house(hosts: pl.Series, engines: SearchEngines) -> pl.Series:
    """Return the engine of each host's shortest known name, whose the host is; each distinct host is looked up once."""
    distinct = hosts.unique().drop_nulls()
    names = [next((engine.engine for engine in reversed(engines.of(host))), None) for host in distinct]
    return hosts.replace_strict(
        distinct, pl.Series(names, dtype=pl.String), default=None, return_dtype=pl.String
    )


def counted_once(matches: pl.DataFrame, readers: Collection[str], engines: SearchEngines) -> pl.DataFrame:
    """
    Return the matches (`MATCH_SCHEMA`) of which each search is one, however many pages were opened from its results.

    What only the page that asked tells counts once for each rule, subject and day, and not at all beside the search
    itself. A rule that reads no searches met the page: its match keeps the page and loses the search.

    Args:
        matches: of single events.
        readers: names of the rules that read what was searched for.
        engines: whose results pages tell it.

    """
    if matches.get_column("search_query").null_count() == matches.height:
        return matches
    itself = pl.col("itself").struct.field("text")
    told = (
        matches.with_row_index(_ROW)
        .with_columns(searches(engines).alias("itself"), asked_from(engines).alias("asked"))
        .with_columns(
            (itself.is_null() & (pl.col("asked") == pl.col("search_query")))
            .fill_null(value=False)
            .alias("told")
        )
    )
    reads = pl.col("rule").is_in(sorted(readers))
    one = ("site", "date", "rule", "subject", pl.col("search_query").str.to_lowercase())
    first = pl.col(_ROW) == pl.col(_ROW).min().over(one)
    again = pl.col("told") & reads & ~(pl.col("told").all().over(one) & first)
    kept = pl.when(~pl.col("told") | reads).then("search_query").alias("search_query")
    return told.filter(~again).with_columns(kept).select(matches.columns)
