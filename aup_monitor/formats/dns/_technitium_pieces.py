r"""
The pieces of a query out of Technitium's log file and out of its CSV, under the same names.

Reference: https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md (Export Query Logs)
"""

from __future__ import annotations

from typing import Final

import polars as pl

from aup_monitor.formats.delimited import cells
from aup_monitor.formats.pieces import groups

HEADER: Final = "RowNumber,Timestamp,ClientIpAddress,"
MOST_COLUMNS: Final = 100
"""A first line that names more is not one of Technitium's."""

_ASKED: Final = (
    r"^\[(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<zone>UTC|Local)\] \[\[?(?<client>[0-9A-Fa-f.:]+)(?:%\w+)?\]?:(?<port>\d+)\] "
    r"\[(?<transport>[A-Z]+)\] QNAME: (?<name>\S*); QTYPE: (?<type>\S+); QCLASS: (?<class>[^;]+); "
    r"(?:NO RESPONSE FROM SERVER!|RCODE: (?<code>\w+)(?:; TSIG: [^;]*)?; ANSWER: \[(?<answers>[^\]]*)\])"
)
_PIECES: Final = (
    "time",
    "zone",
    "client",
    "port",
    "transport",
    "name",
    "type",
    "class",
    "code",
    "answers",
    "action",
    "took",
)
_COLUMNS: Final = {
    "Timestamp": "time",
    "ClientIpAddress": "client",
    "Protocol": "transport",
    "ResponseType": "action",
    "ResponseRtt": "took",
    "RCODE": "code",
    "Domain": "name",
    "Type": "type",
    "Class": "class",
    "Answer": "answers",
}
_CODES: Final = {
    "NoError": "NOERROR",
    "FormatError": "FORMERR",
    "ServerFailure": "SERVFAIL",
    "NxDomain": "NXDOMAIN",
    "NotImplemented": "NOTIMP",
    "Refused": "REFUSED",
}


def pieces(lines: pl.LazyFrame, header: str | None) -> pl.LazyFrame:
    """
    Return `offset`, `line` and the String columns of `_PIECES`, in any order of rows; null where absent or empty.

    `zone` is `UTC` or `Local`; `action` and `took` (milliseconds) are the CSV's alone; `code` is as DNS names it.

    Args:
        lines: `line` (String) and `offset` (Int64).
        header: the CSV's first line, if any.

    """
    csv = pl.col("line").str.contains(r"^\d+,")
    return pl.concat([_of_log(lines.filter(~csv)), _of_csv(lines.filter(csv), header)])


def _of_log(lines: pl.LazyFrame) -> pl.LazyFrame:
    nothing = [pl.lit(None, pl.String).alias(name) for name in ("action", "took")]
    return lines.pipe(groups, "line", _ASKED).with_columns(nothing).pipe(_pieces)


def _of_csv(lines: pl.LazyFrame, header: str | None) -> pl.LazyFrame:
    """Read the columns by their names, which the newest first line gives."""
    names = [] if header is None else header.split(",")
    names = names if len(names) <= MOST_COLUMNS else []
    # A column that is named twice counts once.
    taken = {_COLUMNS[name]: at for at, name in reversed(list(enumerate(names))) if name in _COLUMNS}
    at_of = {at: piece for piece, at in taken.items()}
    absent = [pl.lit(None, pl.String).alias(name) for name in _PIECES if name not in taken]
    return (
        lines.pipe(cells, "line", [at_of.get(at, f"other_{at}") for at in range(len(names))])
        .with_columns(absent)
        .with_columns(pl.lit("UTC").alias("zone"))
        .pipe(_pieces)
    )


def _pieces(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return the same columns of both forms, null where empty."""
    given = [pl.when(pl.col(name) != "").then(name).alias(name) for name in _PIECES]
    return lines.select("offset", "line", *given).with_columns(pl.col("code").replace(_CODES))
