"""From the digits that a person types to the one incident that they stand for."""

from __future__ import annotations

import re
from typing import Final

from aup_monitor.core.errors import NotFoundError
from aup_monitor.register import tables

_REFERENCE: Final = re.compile(r"[0-9a-f]{4,16}")
_SHOWN: Final = 8
"""Most candidates that an error names."""


def resolve(reference: str) -> str:
    """
    Return the whole id that a reference stands for.

    Raises:
        NotFoundError: none or several.

    """
    prefix = reference.strip().lower()
    if not _REFERENCE.fullmatch(prefix):
        raise NotFoundError(
            f"{reference!r} is not the reference of an incident",
            fix="give the 8 digits (0-9, a-f) that the report shows, or at least the first 4 of them",
        )
    keys = list(
        tables.Incident.objects.filter(pk__startswith=prefix).order_by("pk").values_list("pk", flat=True)
    )
    match keys:
        case [key]:
            return key
        case []:
            raise NotFoundError(f"there is no incident {prefix}", fix=_nearest(prefix))
        case _:
            raise NotFoundError(
                f"{len(keys)} incidents begin with {prefix}", fix=f"give more digits: {_candidates(keys)}"
            )


def _candidates(keys: list[str]) -> str:
    shown = keys[:_SHOWN]
    whole = len({key[:8] for key in shown}) < len(shown)
    names = ", ".join(key if whole else key[:8] for key in shown)
    return names if len(keys) == len(shown) else f"{names}, ..."


def _nearest(prefix: str) -> str:
    """Return advice that names the incidents whose references differ in at most two digits: one mistyped, or two swapped."""
    size = len(prefix)
    distances = (
        (sum(a != b for a, b in zip(key, prefix, strict=False)), key[: max(8, size)])
        for key in tables.Incident.objects.values_list("pk", flat=True).iterator()
    )
    near = sorted({pair for pair in distances if pair[0] <= 2})[:3]
    if not near:
        return "list the incidents to see their references"
    return f"did you mean {' or '.join(key for _, key in near)}?"
