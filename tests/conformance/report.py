"""What came of it, in words and figures."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.measure import Difference, Figures, Findings

_HEADS = (
    "format",
    "files",
    "lines",
    "events",
    "rejects",
    "skipped",
    "compared",
    "equal",
    "different",
    "explained",
)
_SHOWN = 3
"""Examples of each kind of difference."""


def report(findings: Findings) -> Iterator[str]:
    """Yield the lines of the report; the last is one JSON object."""
    yield from _table(findings)
    yield from _rejects(findings)
    yield from _differences(findings, explained=False)
    yield from _differences(findings, explained=True)
    yield from _unread(findings)
    yield from _sniffing(findings)
    yield _summary(findings.total)


def _table(findings: Findings) -> Iterator[str]:
    rows = [_HEADS]
    for name, figures in sorted(findings.formats.items()):
        rows.append(_row(name, figures))
    rows.append(_row("all", findings.total))
    for row in rows:
        yield f"{row[0]:20}" + "".join(f"{value:>10}" for value in row[1:])
    total = findings.total
    if total.compared:
        yield ""
        yield f"{total.equal / total.compared:.2%} of {total.compared} compared values are equal"
        settled = total.equal + total.explained
        yield f"{settled / total.compared:.2%} are equal or explained in reasons.yml"
        yield f"{total.crossed} of the equal ones are of ends that others name the other way round (fields.yml, `ends`)"


def _row(name: str, f: Figures) -> tuple[str, ...]:
    numbers = (
        f.files,
        f.lines,
        f.events,
        f.rejects,
        f.skipped,
        f.compared,
        f.equal,
        f.different,
        f.explained,
    )
    return (name, *map(str, numbers))


def _rejects(findings: Findings) -> Iterator[str]:
    if findings.rejects:
        yield ""
        yield "Rejected lines, by reason:"
        for (name, reason), count in sorted(findings.rejects.items()):
            yield f"  {name}: {count}: {reason}"


def _differences(findings: Findings, *, explained: bool) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for found in findings.differences:
        if (found.reason is not None) == explained:
            groups[
                (found.format, found.by, found.field, found.column, found.reason.why if found.reason else "")
            ].append(found)
    if not groups:
        return
    yield ""
    yield "Differences explained in reasons.yml:" if explained else "Differences that nobody explained:"
    for (name, by, theirs, column, why), those in sorted(groups.items(), key=lambda g: -len(g[1])):
        yield f"  {name}: {by} {theirs} -> {column}: {len(those)}" + (f": {why}" if why else "")
        for found in those[: 0 if explained else _SHOWN]:
            yield f"      theirs {found.theirs!r:.80}  ours {found.ours!r:.80}  {found.where}"


def _unread(findings: Findings) -> Iterator[str]:
    if findings.unread:
        yield ""
        yield f"{len(findings.unread)} files that no format reads:"
        reasons = Counter(reason.split("\n")[0] for _, reason in findings.unread)
        for reason, count in reasons.most_common():
            yield f"  {count}: {reason}"
            yield from (f"      {name}" for name, why in findings.unread if why.split("\n")[0] == reason)


def _sniffing(findings: Findings) -> Iterator[str]:
    if findings.sniffed:
        yield ""
        right = findings.sniffed - len(findings.mistaken)
        yield f"Recognised rightly: {right} of {findings.sniffed} files of known kinds ({right / findings.sniffed:.2%})"
        for name, won, should in findings.mistaken:
            yield f"  {name}: {won.splitlines()[0]}, but it is of {should}"


def _summary(total: Figures) -> str:
    return json.dumps(
        {
            "files": total.files,
            "lines": total.lines,
            "events": total.events,
            "rejects": total.rejects,
            "skipped": total.skipped,
            "fields_compared": total.compared,
            "fields_equal": total.equal,
        }
    )
