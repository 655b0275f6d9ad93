"""What came of it, in words and figures."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from tests.capture_conformance.theirs import (
    DNS_NAME,
    FIELDS,
    FOXIO_PYTHON,
    FOXIO_RUST,
    HTTP_HOST,
    JA4,
    NDPI,
    PROTOCOL,
    SERVER_NAME,
    TSHARK,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.capture_conformance.measure import Difference, Figures, Findings

NAMES: Final = (DNS_NAME, SERVER_NAME, HTTP_HOST)
ALL_BUT_TSHARK: Final = (NDPI, FOXIO_PYTHON, FOXIO_RUST)
_SHOWN: Final = 3
"""Examples of each kind of difference."""


def report(findings: Findings) -> Iterator[str]:
    """Yield the lines of the report; the last is one JSON object."""
    yield from _table(findings)
    yield from _verdicts(findings)
    yield from _differences(findings)
    if findings.rejects:
        yield ""
        yield "packets that were rejected"
        yield from (f"  {count:6}  {reason}" for reason, count in findings.rejects.most_common())
    for name, error in findings.unread:
        yield f"not read: {name}: {error}"
    yield json.dumps(summary(findings), sort_keys=True)


def _table(findings: Findings) -> Iterator[str]:
    yield f"{'read by':16}{'field':14}{'compared':>10}{'equal':>8}{'explained':>11}{'different':>11}{'equal %':>9}"
    for (by, field), figures in sorted(
        findings.figures.items(), key=lambda item: (item[0][0], FIELDS.index(item[0][1]))
    ):
        different = figures.compared - figures.equal - figures.explained
        yield (
            f"{by:16}{field:14}{figures.compared:10}{figures.equal:8}{figures.explained:11}{different:11}"
            f"{figures.share:9.2%}"
        )
    if not findings.tshark:
        yield "tshark is not installed (Debian: apt install tshark): nothing was compared with it"


def _verdicts(findings: Findings) -> Iterator[str]:
    yield ""
    right = sum(verdict.right for verdict in findings.verdicts)
    yield f"{right} of {len(findings.verdicts)} judged captures are told as they should be; those that are flagged or wrong:"
    for verdict in findings.verdicts:
        if verdict.rules or not verdict.right:
            said = f"{', '.join(verdict.applications) or '-'}: {', '.join(verdict.rules) or 'no rule'}"
            yield f"  {'right' if verdict.right else 'WRONG'}  {verdict.file}  {said}  (nDPI: {verdict.ndpi or '-'})"


def _differences(findings: Findings) -> Iterator[str]:
    alike: defaultdict[tuple[bool, str, str, str], list[Difference]] = defaultdict(list)
    for difference in findings.differences:
        theirs = difference.theirs
        alike[bool(difference.reason), theirs.by, theirs.field, difference.reason].append(difference)
    for (explained, by, field, reason), found in sorted(alike.items()):
        yield ""
        yield f"{len(found)} x {field} of {by}: {reason if explained else 'NOT EXPLAINED'}"
        for difference in found[:_SHOWN]:
            ours = ", ".join(difference.ours[:3]) or "nothing"
            yield f"  {difference.file}: theirs {difference.theirs.value[:80]}, ours {ours[:90]}"


def summary(findings: Findings) -> dict[str, Any]:
    """Return the figures that the goals speak of."""
    return {
        "files": findings.files,
        "packets": findings.packets,
        "events": findings.events,
        "rejects": sum(findings.rejects.values()),
        "unread": len(findings.unread),
        "names": _shares(findings.total(ALL_BUT_TSHARK, NAMES)),
        "ja4": _shares(findings.total((FOXIO_PYTHON, FOXIO_RUST), (JA4,))),
        "ja4_ndpi": _shares(findings.total((NDPI,), (JA4,))),
        "protocol_ndpi": _shares(findings.total((NDPI,), (PROTOCOL,))),
        "tshark": _shares(findings.total((TSHARK,), NAMES)) if findings.tshark else None,
        "judged": len(findings.verdicts),
        "judged_right": sum(verdict.right for verdict in findings.verdicts),
    }


def _shares(figures: Figures) -> dict[str, float]:
    return {
        "compared": figures.compared,
        "equal": round(figures.share, 4),
        "equal_or_explained": round(figures.settled, 4),
    }
