"""A long log of any text format, the same every time: its shipped sample's lines over and over, each a little different."""

from __future__ import annotations

import io
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.format import Context
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"
CONTEXT = Context(zone="Europe/London", reference=datetime(2026, 1, 31, 12, tzinfo=UTC))

# What differs from line to line: seconds, the end of a private address, large numbers and ports, the first label of a
# host's name, the first word of a path.
_SECONDS = r"(?<=[0-2]\d:[0-5]\d:)[0-5]\d(?!\d)|(?<=\b1[67]\d{6})\d\d(?=\b|\d{3}\b)"
_ADDRESS = r"(?<=\b10\.\d\.\d\.)\d{1,3}\b|(?<=\b10\.\d\d\.\d\.)\d{1,3}\b|(?<=\b192\.168\.\d\.)\d{1,3}\b"
_NUMBER = r"(?<=[ =,\t][1-9]\d)\d{3}(?=\d{0,2}[ ,\t])|(?<=[/#:][1-5]\d)\d{3}(?=[ ,\t\")])"
_HOST = r"\b[a-z][a-z0-9]*(?=(?:\.[a-z0-9-]+){0,3}\.example\b)"
_PATH = r"(?<=\.example/)[a-z][a-z0-9]*"
VARIED = re.compile(
    f"(?P<seconds>{_SECONDS})|(?P<address>{_ADDRESS})|(?P<number>{_NUMBER})|(?P<host>{_HOST})|(?P<path>{_PATH})"
)


def write_log(fmt: Format, names: list[str], path: Path, lines: int, seed: int = 1) -> None:
    """Write so many lines of the format; `names` are those of all formats."""
    header, texts = lines_of(fmt, sample_of(fmt, names).read_bytes())
    patterns, chance = [pattern_of(text) for text in texts], random.Random(seed)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in header)
        file.writelines(varied(patterns[n % len(patterns)], chance) for n in range(lines))


def sample_of(fmt: Format, names: list[str]) -> Path:
    """Return the format's first sample; the name of one format may begin with another's."""
    longer = [name for name in names if name != fmt.name and name.startswith(fmt.name)]
    return next(
        path
        for path in sorted(SAMPLES.iterdir())
        if re.match(re.escape(fmt.name) + "[-.]", path.name) and not path.name.startswith((*longer, "."))
    )


def lines_of(fmt: Format, content: bytes) -> tuple[list[str], list[str]]:
    """
    Return a header line, if the format has any, and the lines to repeat.

    Those are the events under the header that has most of them; where lines refer to one another, what lies between.
    """
    offsets = [0, *(found.end() for found in re.finditer(rb"\n", content))]
    texts = pl.Series([line.rstrip(b"\r").decode("utf-8", "replace") for line in content.split(b"\n")])
    lines = pl.DataFrame({"line": texts, "offset": pl.Series(offsets, dtype=pl.Int64)})
    rows = pl.concat(
        [block.frame for block in read_blocks(fmt, io.BytesIO(content), CONTEXT)], how="diagonal"
    )
    header = fmt.names_columns(texts) if fmt.header is not None else pl.Series([False] * len(texts))
    kept = (
        lines.with_columns(header.alias("header"), header.cum_sum().alias("section"))
        .join(rows.select("offset", "reject", "skip"), on="offset")
        .filter(pl.col("reject").is_null() & (~pl.col("skip") | pl.col("header") | (fmt.lookback > 0)))
    )
    best = kept.group_by("section").len().sort("len", "section")["section"][-1]
    kept = kept.filter(pl.col("section") == best)
    return kept.filter("header")["line"].to_list(), kept.filter(~pl.col("header"))["line"].to_list()


def pattern_of(line: str) -> list[tuple[str, str, str]]:
    """Return the line in pieces: text that stays, the kind of what differs after it, and its first value."""
    pieces, at = [], 0
    for found in VARIED.finditer(line):
        pieces.append((line[at : found.start()], found.lastgroup or "", found[0]))
        at = found.end()
    return [*pieces, (line[at:], "end", "\n")]


def varied(pattern: list[tuple[str, str, str]], chance: random.Random) -> str:
    """Return a line of the pattern, with its end; a name that stands in it twice differs alike."""
    draw = chance.randrange(1 << 30)
    values = {
        "seconds": f"{draw % 60:02d}",
        "address": str(draw // 60 % 254 + 1),
        "number": f"{draw // 7919 % 1000:03d}",
    }
    numbers = {"host": draw % 4001, "path": draw % 19_997}
    return "".join(
        text + (f"{value}{numbers[kind]}" if kind in numbers else values.get(kind, value))
        for text, kind, value in pattern
    )
