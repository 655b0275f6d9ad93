"""
What was seen and what was not: which logs came on which days, how much they tell, and each gap in words.

"No incidents" and "no data" are different answers; this is where they are told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.document import SourceCoverage
from aup_monitor.core.errors import ConfigError
from aup_monitor.core.schema import LOG_CLASSES
from aup_monitor.core.workspace import CONFIG_FILE
from aup_monitor.jobs.formats import SHIPPED
from aup_monitor.jobs.sentences import number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from aup_monitor.core.workspace import Workspace
    from aup_monitor.lake import Lake

FEW_USERS: Final = 0.5
"""A share of events with an account under this is a gap worth a sentence."""
MANY_REJECTS: Final = 0.01
"""A share of bad lines over this is a gap worth a sentence."""
TITLES: Final = {fmt.name: fmt.title for fmt in SHIPPED}
SHOWN_DAYS: Final = 4
"""So many days are named in a sentence; of more, only their number."""

Unit = tuple[str, str]


def coverage(workspace: Workspace, lake: Lake | None, start: date, end: date) -> tuple[SourceCoverage, ...]:
    """
    Return what each kind of log showed at each site from `start` to `end`, both inclusive, by site and kind.

    A kind that `aup.toml` expects has its line even if nothing came.

    Raises:
        ConfigError: the lake has events of a site that the settings lack.

    """
    daily = _daily(lake, start, end) if lake else _NOTHING
    rejects = _rejects(lake, daily) if lake else {}
    formats = _formats(lake, daily) if lake else _NO_FORMATS
    known_sites(workspace, daily["site"])
    found = {(row[0], row[1]) for row in daily.select("site", "log_class").unique().iter_rows()}
    expected = {(site, kind) for site in workspace.config.sites for kind in workspace.config.expected}
    return tuple(
        _line(
            unit, daily, workspace.config.sites[unit[0]].calendar().school_days(start, end), rejects, formats
        )
        for unit in sorted(found | expected)
    )


def known_sites(workspace: Workspace, sites: Iterable[str]) -> None:
    """Raise `ConfigError` where events of a site were read that the settings lack: they must not be left out unseen."""
    lacking = sorted(set(sites) - set(workspace.config.sites))
    if lacking:
        raise ConfigError(
            f"events of site {lacking[0]!r} were read, and the settings have no such site",
            where=workspace.folder / CONFIG_FILE,
            fix=f"put it back, with its name and half-terms: [sites.{lacking[0]}]",
        )


_NOTHING: Final = pl.DataFrame(
    schema={
        "site": pl.String,
        "log_class": pl.String,
        "date": pl.Date,
        "ingest_id": pl.String,
        "events": pl.Int64,
        "users": pl.Int64,
        "urls": pl.Int64,
    }
)


def _daily(lake: Lake, start: date, end: date) -> pl.DataFrame:
    """Return counts by site, kind, day and file: small whatever the events' number."""
    counted = (
        lake.scan("events")
        .filter(pl.col("date").is_between(start, end))
        .group_by("site", "log_class", "date", "ingest_id")
        .agg(
            pl.len().cast(pl.Int64).alias("events"),
            pl.col("user_name").count().cast(pl.Int64).alias("users"),
            pl.col("url_path").count().cast(pl.Int64).alias("urls"),
        )
    )
    return counted.collect(engine="streaming").select(_NOTHING.columns)


def _rejects(lake: Lake, daily: pl.DataFrame) -> Mapping[Unit, int]:
    """Return bad lines by site and kind, of the files that have events in the period."""
    files = daily["ingest_id"].unique().implode()
    counted = (
        lake.scan("readings")
        .filter(pl.col("ingest_id").is_in(files))
        .group_by("site", "log_class")
        .agg(pl.col("rejects").sum())
        .collect()
    )
    return {(site, kind): count for site, kind, count in counted.iter_rows()}


_NO_FORMATS: Final = pl.DataFrame(
    schema={"site": pl.String, "log_class": pl.String, "format": pl.String, "date": pl.Date}
)


def _formats(lake: Lake, daily: pl.DataFrame) -> pl.DataFrame:
    """Return which formats gave events of which kind, on which days."""
    read_as = lake.scan("readings").select("ingest_id", "format").unique().collect()
    return daily.join(read_as, on="ingest_id").select(_NO_FORMATS.columns).unique()


def _partly(
    formats: pl.DataFrame, seen: Collection[date], expected: Sequence[date]
) -> Iterator[tuple[str, tuple[date, ...]]]:
    """Yield formats that came on most days between their first and last, and not on some on which others did."""
    for (name,), rows in formats.group_by("format", maintain_order=True):
        came = set(rows["date"].to_list())
        span = [day for day in expected if min(came) <= day <= max(came)]
        lost = tuple(day for day in span if day not in came and day in seen)
        if lost and len(lost) < len(span) / 2:
            yield str(name), lost


def _line(
    unit: Unit,
    daily: pl.DataFrame,
    expected: Sequence[date],
    rejects: Mapping[Unit, int],
    formats: pl.DataFrame,
) -> SourceCoverage:
    site, kind = unit
    of_unit = (pl.col("site") == site) & (pl.col("log_class") == kind)
    rows, of_formats = daily.filter(of_unit), formats.filter(of_unit).sort("format", "date")
    seen = set(rows["date"].to_list())
    events = int(rows["events"].sum())
    missing = tuple(day for day in expected if day not in seen)
    return SourceCoverage(
        log_class=kind,
        label=LOG_CLASSES.get(kind, kind),
        site=site,
        formats=tuple(of_formats["format"].unique().sort()),
        days_expected=len(expected),
        days_seen=len(expected) - len(missing),
        missing=missing,
        partly=tuple(_partly(of_formats, seen, expected)),
        events=events,
        rejects=rejects.get(unit, 0),
        with_user=int(rows["users"].sum()) / events if events else None,
        with_url=int(rows["urls"].sum()) / events if events and kind == "web" else None,
    )


def gaps(lines: Sequence[SourceCoverage], *, sites: Mapping[str, str]) -> tuple[str, ...]:
    """Return each thing that was not seen as one plain sentence; `sites` gives each site's name."""
    several = len(sites) > 1
    said = [(line.site, sentence) for line in lines for sentence in _sentences(line)]
    # One log may hold several kinds of event; that it fell silent is one gap.
    silent = {(line.site, name, days) for line in lines for name, days in line.partly}
    said += [(site, _silence(name, days)) for site, name, days in sorted(silent)]
    return tuple(f"{sites[site]}: {sentence}" if several else sentence for site, sentence in said)


def _silence(name: str, days: Sequence[date]) -> str:
    return f"{TITLES.get(name, name)}: nothing on {_days(days)}, though other logs came; what it alone shows is not known."


def _sentences(line: SourceCoverage) -> Iterator[str]:
    if not line.days_seen and not line.events:
        yield f"{line.label}: no logs came at all, so nothing that only they show could be seen."
        return
    if line.missing:
        yield f"{line.label}: no logs on {_days(line.missing)}; what happened then is not known."
    share = line.rejects / (line.events + line.rejects) if line.events else 0.0
    if share > MANY_REJECTS:
        yield f"{line.label}: {number(line.rejects, 'line')} ({share:.0%}) could not be read."
    if (
        line.with_user is not None
        and line.with_user < FEW_USERS
        and line.log_class in {"web", "dns", "firewall"}
    ):
        said = (
            "no event names an account; all" if line.with_user == 0 else f"{_few(line.with_user)}; the rest"
        )
        yield f"{line.label}: {said} show a device or an address, which several people may share."
    if line.with_url is not None and line.with_url < FEW_USERS:
        yield f"{line.label}: {line.with_url:.0%} of requests show the page; the rest, encrypted, show only the site."


def _few(share: float) -> str:
    return (
        f"only {share:.0%} of events name an account"
        if share >= 0.01
        else "hardly any event names an account"
    )


def _days(missing: Sequence[date]) -> str:
    if len(missing) > SHOWN_DAYS:
        return f"{len(missing)} school days ({_day(missing[0])} to {_day(missing[-1])})"
    return ", ".join(_day(day) for day in missing)


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
