r"""
The fields of W3C extended log lines as String columns, by the `#Fields` line above them.

A line without quotes and doubled blanks is cut at its blanks, ten times as fast as the search for quoted fields that the
others need. In quotes, `""` stands for a quote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER: Final = "#Fields:"
MOST_FIELDS: Final = 500
"""A `#Fields` line that names more is none."""
BAD: Final = "bad"
"""Column that says why a line's fields could not be told apart; null where they could."""
MAIN: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d+ \S+ \S+ \S+ \S+ (?:OBSERVED|DENIED|PROXIED) (?:\"[^\"]*\"|\S+) \S+ +\d{1,3} (?:TCP_\S+|-) \S+ \S+ [a-z-]+ \S+ \d+ "
"""A line of ProxySG's `main`, which is known without a `#Fields` line."""

_MAIN_NAMES: Final = (
    *("date", "time", "time-taken", "c-ip", "cs-username", "cs-auth-group", "x-exception-id"),
    *("sc-filter-result", "cs-categories", "cs(referer)", "sc-status", "s-action", "cs-method"),
    *("rs(content-type)", "cs-uri-scheme", "cs-host", "cs-uri-port", "cs-uri-path", "cs-uri-query"),
    *("cs-uri-extension", "cs(user-agent)", "s-ip", "sc-bytes", "cs-bytes", "x-virus-id"),
    "x-bluecoat-application-name",
)
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "date": ("date",),
    "time": ("time",),
    "date_local": ("date-local",),
    "time_local": ("time-local",),
    "taken": ("time-taken", "timetakenms"),
    "client": ("c-ip",),
    "client_port": ("c-port",),
    "client_name": ("c-dns", "cs-computername"),
    "user": ("cs-username", "cs-user", "c-auth-id"),
    "group": ("cs-auth-group", "cs-auth-groups"),
    "machine": ("s-computername",),
    "near": ("s-ip",),
    "far": ("r-ip", "s-supplier-ip", "r-supplier-ip"),
    "server_port": ("s-port",),
    "method": ("cs-method",),
    "scheme": ("cs-uri-scheme",),
    "host": ("cs-host", "cs(host)", "cs-uri-host"),
    "port": ("cs-uri-port",),
    "path": ("cs-uri-path", "cs-uri-stem"),
    "query": ("cs-uri-query",),
    "uri": ("cs-uri", "c-uri"),
    "status": ("sc-status",),
    "sent": ("sc-bytes", "bytes"),
    "received": ("cs-bytes",),
    "mime": ("rs(content-type)", "cs-mime-type"),
    "referrer": ("cs(referer)", "cs(referrer)", "cs-referred"),
    "agent": ("cs(user-agent)", "c-agent"),
    "verdict": ("sc-filter-result",),
    "action": ("s-action",),
    "rule": ("x-exception-id", "rule"),
    "category": ("cs-categories", "cs-category", "sc-filter-category"),
    "application": ("x-bluecoat-application-name",),
}
_PIECE: Final = r'"(?:[^"]|"")*"|\S+'
_NO_HEADER: Final = "no #Fields line before this line"
_MISCOUNTED: Final = "more or fewer fields than the #Fields line names"


def header_names(header: str | None) -> list[str]:
    """Return the names of a `#Fields` line in lower case, or none where it is none."""
    if header is None or not header.startswith(HEADER):
        return []
    names = header[len(HEADER) :].lower().split()
    return names if len(names) <= MOST_FIELDS else []


def fields(lines: pl.LazyFrame, header: str | None) -> pl.LazyFrame:
    """
    Return `offset`, `comment` (Boolean), `bad` (String) and a String column for each thing a log may say.

    Null where the log does not have it, and for `-`. Without a header, lines of ProxySG's `main` are read.

    Args:
        lines: `line` (String) and `offset` (Int64).
        header: the `#Fields` line that the lines stand under, if any.

    """
    names = header_names(header)
    comment = pl.col("line").str.starts_with("#")
    marked = lines.with_columns(comment.alias("comment"), pl.when(~comment).then("line").alias("line"))
    if not names:
        return _by_piece(
            marked.with_columns(pl.col("line").str.extract(f"({MAIN}.*)$")), _MAIN_NAMES, _NO_HEADER
        )
    if header is not None and "\t" in header.strip():
        return _by_mark(marked, "\t", names)
    odd = pl.col("line").str.contains_any(['"', "  ", "\t"]) | pl.col("line").str.ends_with(" ")
    odd = odd.fill_null(value=False)
    return pl.concat(
        [_by_mark(marked.filter(~odd), " ", names), _by_piece(marked.filter(odd), names, _MISCOUNTED)]
    )


def _by_mark(lines: pl.LazyFrame, mark: str, names: Sequence[str]) -> pl.LazyFrame:
    parts = pl.col("line").str.split_exact(mark, len(names))
    pieces = lines.with_columns(parts.struct.rename_fields([f"{i}" for i in range(len(names) + 1)])).unnest(
        "line"
    )
    wrong = pl.col(f"{len(names) - 1}").is_null() | pl.col(f"{len(names)}").is_not_null()
    return pieces.select(
        "offset",
        "comment",
        pl.when(wrong).then(pl.lit(_MISCOUNTED)).alias(BAD),
        *(_said(None if at is None else pl.col(f"{at}")).alias(name) for name, at in _places(names)),
    )


def _by_piece(lines: pl.LazyFrame, names: Sequence[str], reason: str) -> pl.LazyFrame:
    """Return the fields of lines with quotes; more than were named are wrong only where they were named in the file."""
    found = lines.with_columns(pl.col("line").str.extract_all(_PIECE).fill_null([]))
    count = pl.col("line").list.len()
    wrong = count != len(names) if reason == _MISCOUNTED else count < len(names)
    return found.select(
        "offset",
        "comment",
        pl.when(wrong).then(pl.lit(reason)).alias(BAD),
        *(
            _said(None if at is None else _unquoted(pl.col("line").list.get(at, null_on_oob=True))).alias(
                name
            )
            for name, at in _places(names)
        ),
    )


def _places(names: Sequence[str]) -> list[tuple[str, int | None]]:
    """Return where each thing stands: the first of its columns that the header names, or nowhere."""
    return [
        (ours, next((names.index(name) for name in theirs if name in names), None))
        for ours, theirs in _COLUMNS.items()
    ]


def _unquoted(text: pl.Expr) -> pl.Expr:
    return (
        pl.when(text.str.starts_with('"'))
        .then(text.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True))
        .otherwise(text)
    )


def _said(value: pl.Expr | None) -> pl.Expr:
    if value is None:
        return pl.lit(None, pl.String)
    return pl.when(~value.is_in(["-", ""])).then(value)
