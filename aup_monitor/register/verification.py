"""Check that nobody edited, removed or reordered what the register keeps for good: the audit trail and the decisions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aup_monitor.register import tables
from aup_monitor.register.audit import GENESIS, Head, entry_hash
from aup_monitor.register.decisions import decision_digest
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator


def verify(anchor: Head | None = None) -> tuple[str, ...]:
    """
    Return what is wrong, one sentence each; nothing where all is as it was written.

    Args:
        anchor: `audit.head()` as it once was. Only with it can a trail be caught that was cut off at its end or
            written anew from the beginning.

    """
    with transaction():
        return (*_chain_problems(anchor), *_decision_problems())


def _chain_problems(anchor: Head | None) -> Iterator[str]:
    count, last = 0, GENESIS
    for entry in tables.AuditEntry.objects.order_by("sequence").iterator():
        if entry.sequence != count + 1:
            yield _removed(count + 1, entry.sequence - 1)
        elif entry.previous != last:
            yield f"audit entry {entry.sequence} does not follow from the one before it: one of the two was replaced or moved"
        if entry.hash != entry_hash(entry):
            yield f"audit entry {entry.sequence} was edited"
        count, last = entry.sequence, entry.hash
        if anchor and count == anchor.entries and last != anchor.hash:
            yield f"the audit trail up to entry {count} is not the one that was anchored: it was written anew"
    if anchor and count < anchor.entries:
        yield f"the end of the audit trail was cut off: {count} entries are left of at least {anchor.entries}"


def _removed(first: int, last: int) -> str:
    if first == last:
        return f"audit entry {first} was removed"
    return f"audit entries {first} to {last} were removed"


def _decision_problems() -> Iterator[str]:
    """Compare each decision with the digest that the trail has of it, and each state with the newest decision."""
    told = _told_digests()
    states: dict[str, str] = {}
    for decision in tables.Decision.objects.order_by("pk").iterator():
        states[decision.incident_id] = decision.to_state
        if told.pop(decision.pk, None) != decision_digest(decision):
            yield f"a decision on incident {decision.incident_id[:8]} was edited or added past the program"
    if told:
        yield f"the audit trail tells of {len(told)} decisions that are no longer there"
    for key, state in tables.Incident.objects.order_by("pk").values_list("id", "state").iterator():
        if state != states.get(key, "new"):
            yield f"the state of incident {key[:8]} was changed past the program"


def _told_digests() -> dict[int, str]:
    texts = tables.AuditEntry.objects.filter(verb="decide").values_list("details", flat=True)
    details = [json.loads(text) for text in texts.iterator()]
    return {told["decision"]: told["digest"] for told in details}
