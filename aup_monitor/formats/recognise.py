"""
Which format a file is of, by what its first kilobytes look like; and, where they do not agree, why.

Lines may be wrapped by a collector (`envelope`), and a file may hold several formats (`strays`): what counts is that a
format fits many lines, and that no other fits the same ones.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from aup_monitor.core.errors import InputError
from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.formats import FORMATS
from aup_monitor.formats.completed import completed
from aup_monitor.formats.envelope import ENVELOPES, enveloped, inner_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aup_monitor.formats.envelope import Envelope

HEAD_BYTES: Final = 64 << 10
"""How much of a file is looked at to recognise it."""
TIE: Final = 0.02
"""Two formats whose scores differ by no more than this tie."""
LEAST: Final = 0.3
"""A score under this is no recognition."""
SURE: Final = 0.9
"""Envelopes are not looked into where a format is so sure without."""

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Times without a year need one to be read at all; which does not matter here."""

BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Candidate:
    """One way to read a file."""

    score: float
    format: Format
    """As it stands inside the envelopes, if any."""
    envelopes: tuple[Envelope, ...] = ()

    @property
    def name(self) -> str:
        """Return what a person calls it: `suricata in syslog`."""
        return " in ".join((self.format.name, *(e.name for e in reversed(self.envelopes))))


def recognise(head: bytes, formats: Sequence[Format] = FORMATS) -> Format:
    """
    Return the format that fits a file's first bytes best, as it stands inside its envelopes.

    Raises:
        InputError: none fits, or two fit the same lines alike.

    """
    if not head.strip(b"\x00\r\n\t "):
        raise InputError("the file is empty", fix="check that logging is switched on where it comes from")
    text = decoded_head(head)
    found = candidates(text, formats)
    if not found or (found[0].score < LEAST and _share_claimed(text, found) < LEAST):
        raise InputError(
            "no known format fits this file",
            fix="see the known ones with `aup formats`, and name one: aup ingest --format NAME FILE; "
            "or describe it yourself: aup formats custom",
        )
    best = _favoured(found)
    for other in found:
        if other is best or other.format.own < best.format.own:
            continue
        if best.score - other.score > TIE or other.score < LEAST:
            break
        if other.envelopes == best.envelopes and _same_lines(text, best, other):
            raise InputError(
                f"{best.name} and {other.name} both fit",
                fix=f"say which: aup ingest --format {best.format.name} FILE",
            )
    return best.format


def _favoured(found: Sequence[Candidate]) -> Candidate:
    """Return the best, or what the school described itself if that fits as well."""
    alike = (c for c in found if found[0].score - c.score <= TIE)
    return next((c for c in alike if c.format.own), found[0])


def in_envelope(head: bytes, fmt: Format) -> Format:
    """Return a format that the user named, as it stands inside the envelopes of this file, if any."""
    found = candidates(decoded_head(head), [fmt])
    return found[0].format if found else fmt


def candidates(head: bytes, formats: Sequence[Format]) -> list[Candidate]:
    """
    Return every way to read a file that fits any of its lines, best first; of one format the best way.

    A format that reads its lines with and without an envelope is taken as it makes more events of them.
    """
    found = {c.format.name: c for c in _scored(head, formats, ())}
    best = max(found.values(), key=lambda c: c.score, default=None)
    if best is None or best.score < SURE or _few_events(head, best.format):
        for envelopes in ENVELOPES:
            for wrapped in _wrapped(head, formats, envelopes):
                bare = found.get(wrapped.format.name)
                if bare is None or events_in(head, wrapped.format) > events_in(head, bare.format):
                    found[wrapped.format.name] = wrapped
    return sorted(found.values(), key=lambda c: (-c.score, c.format.name))


def decoded_head(head: bytes) -> bytes:
    """Return the head as UTF-8 without a byte-order mark, where it is UTF-16 or has one."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return head[: len(head) & ~1].decode(encoding, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def _scored(head: bytes, formats: Sequence[Format], envelopes: tuple[Envelope, ...]) -> Iterator[Candidate]:
    for fmt in formats:
        score = fmt.score(head)
        if score > 0:
            yield Candidate(score, fmt, envelopes)


def _wrapped(head: bytes, formats: Sequence[Format], envelopes: tuple[Envelope, ...]) -> Iterator[Candidate]:
    inner = head
    for envelope in envelopes:
        inner = inner_lines(inner, envelope)
    if not inner:
        return
    for candidate in _scored(inner, [f for f in formats if f.parse is not None], envelopes):
        fmt = candidate.format
        for envelope in reversed(envelopes):
            fmt = enveloped(fmt, envelope)
        yield Candidate(candidate.score, fmt, envelopes)


def events_in(head: bytes, fmt: Format) -> int:
    """Return how many events a text format makes of a file's first lines."""
    frame = _parsed(head, fmt)
    return int((frame[REJECT].is_null() & ~frame[SKIP]).sum())


def _few_events(head: bytes, fmt: Format) -> bool:
    """Tell whether fewer than half of a text file's first lines are events, however sure the format is."""
    return fmt.parse is not None and 2 * events_in(head, fmt) < len(_frame(head))


def _parsed(head: bytes, fmt: Format) -> pl.DataFrame:
    if fmt.parse is None:
        return completed(fmt, pl.DataFrame(schema={REJECT: pl.String}))
    frame = _frame(head)
    headers = frame["line"].filter(fmt.names_columns(frame["line"]))
    context = Context(reference=_ANY_TIME, header=headers[0] if len(headers) else None)
    return completed(fmt, fmt.parse(frame.lazy(), context).collect())


def _frame(head: bytes) -> pl.DataFrame:
    text = (head[: head.rfind(b"\n") + 1] or head).decode("utf-8", "replace").split("\n")
    lines = [line.removesuffix("\r") for line in text if line.strip()]
    return pl.DataFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )


def _same_lines(head: bytes, one: Candidate, other: Candidate) -> bool:
    """Tell whether two formats that fit alike fit the same lines; what has no pattern of lines counts as the same."""
    patterns = one.format.looks, other.format.looks
    if patterns[0] is None or patterns[1] is None:
        return True
    lines = _frame(head)["line"]
    first, second = (lines.str.contains(pattern) for pattern in patterns if pattern)
    return bool((first & second).any())


def _share_claimed(head: bytes, found: Sequence[Candidate]) -> float:
    """Return the share of lines that any format claims, each by itself."""
    lines = _frame(head)["line"]
    claimed = np.zeros(len(lines), dtype=bool)
    for candidate in found:
        if candidate.format.looks:
            claimed |= lines.str.contains(candidate.format.looks).to_numpy()
    return float(claimed.mean())
