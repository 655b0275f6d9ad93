"""
The audit trail: every change and every look at a person's data, each entry chained to the one before by a hash.

Entries name incidents and self-reports by their references and hold no subject, reason or description: the trail is
never shortened, so what must be deletable is kept elsewhere. `verification.verify` checks it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aup_monitor.register import tables
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS: Final = "0" * 64
"""What the first entry has for the hash of the entry before."""


@dataclass(frozen=True)
class What:
    """What was changed or looked at."""

    kind: str
    """Such as `incident`, `incidents`, `self-report`, `report`."""
    id: str = ""
    """Its reference, where it has one."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """More of it, fit for JSON and free of personal data: numbers, days, sites, states, references."""


class Head(NamedTuple):
    """The end of the trail: kept elsewhere (a printed report), it shows later whether the end was cut off."""

    entries: int
    hash: str


@dataclass(frozen=True)
class Entry:
    """One entry as it was written."""

    sequence: int
    at: datetime
    actor: str
    verb: str
    what: What


def look(actor: str, verb: str, what: What, now: datetime) -> Head:
    """
    Write down that somebody looked at a person's data; to be called before the data are shown.

    Args:
        actor: account of the person who looks.
        verb: `show`, `list`, `report`, `export`, ...
        what: what is looked at.
        now: the time, aware.

    """
    with transaction():
        return append(actor, verb, what, now)


def append(actor: str, verb: str, what: What, now: datetime) -> Head:
    """
    Write one entry; to be called inside the transaction of the change that it tells of.

    Raises:
        ValueError: no actor or verb, or a time without a zone: the caller's mistake.

    """
    if not actor.strip() or not verb.strip() or now.tzinfo is None:
        raise ValueError("an audit entry needs an actor, a verb and a time with its zone")
    last = head()
    entry = tables.AuditEntry(
        sequence=last.entries + 1,
        at=now.astimezone(UTC),
        actor=plain(actor),
        verb=plain(verb),
        object_kind=plain(what.kind),
        object_id=plain(what.id),
        details=canonical(what.details),
        previous=last.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    return Head(entry.sequence, entry.hash)


def head() -> Head:
    """Return the number of entries and the hash of the last."""
    with transaction():
        last = tables.AuditEntry.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return Head(*last) if last else Head(0, GENESIS)


def holds(known: Head) -> bool:
    """Tell whether the trail still has this end of old: not so once the register was lost or put back from an older copy."""
    with transaction():
        return tables.AuditEntry.objects.filter(sequence=known.entries, hash=known.hash).exists()


def entries(after: int = 0, limit: int = 100) -> list[Entry]:
    """Return the entries that follow entry number `after`, oldest first, at most `limit`."""
    with transaction():
        rows = tables.AuditEntry.objects.filter(sequence__gt=after).order_by("sequence")[:limit]
        return [
            Entry(
                row.sequence,
                row.at,
                row.actor,
                row.verb,
                What(row.object_kind, row.object_id, json.loads(row.details)),
            )
            for row in rows
        ]


def entry_hash(entry: tables.AuditEntry) -> str:
    """Return the hash that this entry must have, from all that it says and the hash before it: BLAKE2b, 64 hex digits."""
    told = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "verb": entry.verb,
        "kind": entry.object_kind,
        "id": entry.object_id,
        "details": entry.details,
        "previous": entry.previous,
    }
    return digest(told)


def digest(value: Mapping[str, Any]) -> str:
    """Return the BLAKE2b hash of the canonical JSON of a value, 64 hex digits."""
    return hashlib.blake2b(canonical(value).encode(), digest_size=32).hexdigest()


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON that is the same for the same value: keys sorted, no spaces, ASCII alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def plain(text: str) -> str:
    """Return a text that either database can hold: ends trimmed, NUL and half characters replaced by U+FFFD."""
    return text.strip().replace("\0", "\ufffd").encode("utf-8", "replace").decode()
