"""
Take in what an analysis found. Facts are refreshed; what people decided is never touched.

An incident that the analysis no longer finds is kept and marked, and the mark goes when it is found again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from aup_monitor.core.incident import Incident, State
from aup_monitor.register import audit, tables
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

FACTS: Final = tuple(Incident.model_fields)
"""The fields of an incident, which are the columns that an analysis writes."""

_REFRESHED: Final = (
    *(name for name in FACTS if name != "id"),
    "digest",
    "last_analysed",
    "last_changed",
    "not_found_since",
)
_CHUNK: Final = 500
"""Keys in one question: SQLite sets a limit to the values in one statement."""


@dataclass(frozen=True)
class Recorded:
    """How many incidents an analysis changed, and how."""

    new: int
    updated: int
    """Found before, but otherwise; or found again."""
    unchanged: int
    withdrawn: int
    """No longer found, and nobody had decided on them: left out of lists."""
    kept: int
    """No longer found, but somebody had decided on them: they stay, marked."""


_T = TypeVar("_T")


class _Known(NamedTuple):
    digest: str
    last_changed: datetime
    missing: bool


def record(
    incidents: Sequence[Incident],
    analysed: Sequence[tuple[str, date]],
    now: datetime,
    actor: str = "analysis",
) -> Recorded:
    """
    Write the incidents of an analysis, all or none of them.

    Args:
        incidents: what it found; of two with one id the later counts.
        analysed: every (site, school day) that it looked at, those without incidents too.
        now: the time, aware.
        actor: who analysed, for the audit trail.

    Raises:
        StoreError: see `failures`.
        ValueError: a time without a zone.

    """
    found = {incident.id: incident for incident in incidents}
    digests = {key: _digest(incident) for key, incident in found.items()}
    with transaction():
        known = _known(found)
        same = [key for key in found if key in known and _same(known[key], digests[key])]
        others = found.keys() - set(same)
        _write([_row(found[key], digests[key], known.get(key), now) for key in sorted(others)])
        _touch(same, now)
        withdrawn, kept = _mark_missing(found.keys(), analysed, now)
        new = len(found.keys() - known.keys())
        recorded = Recorded(new, len(others) - new, len(same), len(withdrawn), len(kept))
        audit.append(actor, "record", _told(recorded, analysed, withdrawn, kept), now)
    return recorded


def _digest(incident: Incident) -> str:
    return hashlib.blake2b(incident.model_dump_json().encode(), digest_size=16).hexdigest()


def _known(keys: Iterable[str]) -> dict[str, _Known]:
    columns = ("id", "digest", "last_changed", "not_found_since")
    return {
        key: _Known(digest, changed, missing is not None)
        for chunk in _chunks(keys)
        for key, digest, changed, missing in tables.Incident.objects.filter(pk__in=chunk).values_list(
            *columns
        )
    }


def _same(known: _Known, digest: str) -> bool:
    return known.digest == digest and not known.missing


def _row(incident: Incident, digest: str, known: _Known | None, now: datetime) -> tables.Incident:
    """Return the row to insert; where it is known, only `_REFRESHED` of it will be written."""
    facts = {name: _storable(getattr(incident, name)) for name in FACTS}
    unchanged_since = known.last_changed if known and known.digest == digest else now
    return tables.Incident(
        **facts,
        digest=digest,
        first_recorded=now,
        last_analysed=now,
        last_changed=unchanged_since,
        not_found_since=None,
    )


def _storable(value: Any) -> Any:
    """Return a field as both databases can hold it: PostgreSQL refuses NUL, which a hostile client can put in a log."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, tuple):
        return [text.replace("\0", "\ufffd") for text in value]
    return value


def _write(rows: list[tables.Incident]) -> None:
    if any(row.first_seen.tzinfo is None or row.last_seen.tzinfo is None for row in rows):
        raise ValueError("an incident's times need their zone")
    tables.Incident.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=_REFRESHED
    )


def _touch(keys: Iterable[str], now: datetime) -> None:
    for chunk in _chunks(keys):
        tables.Incident.objects.filter(pk__in=chunk).update(last_analysed=now)


def _mark_missing(
    found: Iterable[str], analysed: Sequence[tuple[str, date]], now: datetime
) -> tuple[list[str], list[str]]:
    """Mark what the analysed days no longer show; return the keys of those without and those with a decision."""
    present = set(found)
    missing = {key: state for key, state in _standing(analysed) if key not in present}
    for chunk in _chunks(missing):
        tables.Incident.objects.filter(pk__in=chunk).update(not_found_since=now)
    withdrawn = sorted(key for key, state in missing.items() if state == State.NEW)
    return withdrawn, sorted(missing.keys() - set(withdrawn))


def _standing(analysed: Sequence[tuple[str, date]]) -> Iterable[tuple[str, str]]:
    """Yield key and state of the incidents of these days that were still found so far."""
    days: defaultdict[str, set[date]] = defaultdict(set)
    for site, day in analysed:
        days[site].add(day)
    for site, wanted in days.items():
        for chunk in _chunks(sorted(wanted)):
            of_days = tables.Incident.objects.filter(site=site, day__in=chunk, not_found_since=None)
            yield from of_days.values_list("id", "state")


def _told(
    recorded: Recorded, analysed: Sequence[tuple[str, date]], withdrawn: list[str], kept: list[str]
) -> audit.What:
    days = sorted({day for _, day in analysed})
    details = {
        "sites": sorted({site for site, _ in analysed}),
        "first_day": days[0].isoformat() if days else None,
        "last_day": days[-1].isoformat() if days else None,
        "new": recorded.new,
        "updated": recorded.updated,
        "unchanged": recorded.unchanged,
        "withdrawn": withdrawn,
        "kept": kept,
    }
    return audit.What("incidents", "", details)


def _chunks(keys: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(keys)
    return iter(lambda: list(islice(rest, _CHUNK)), [])
