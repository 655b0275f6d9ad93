"""
Addresses of the web, split column-wise.

Splitting at `?`, `/` and `:` costs a third of what one regular expression with groups does.
Reference: https://www.rfc-editor.org/rfc/rfc3986#section-3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443}


def split_url(lines: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """
    Return the frame with url_scheme, url_domain, destination_port, url_path and url_query added.

    Args:
        lines: a frame with the column and without those five.
        column: holds `scheme://host[:port]/path?query`, or a bare `host:port` as of CONNECT (no scheme, no path).
            Where it is null, so are the parts.

    """
    whole = pl.col("_nothing") == ""
    return (
        lines.pipe(cut, column, "?", ["_before", "url_query"])
        .pipe(cut, "_before", "/", ["_scheme", "_nothing", "_authority", "_path"])
        .with_columns(
            pl.when(whole)
            .then(pl.col("_scheme").str.strip_suffix(":").str.to_lowercase())
            .alias("url_scheme"),
            pl.when(whole).then("_authority").otherwise("_scheme").alias("_authority"),
            ("/" + pl.col("_path")).alias("url_path"),
            _none_if_empty("url_query"),
        )
        .pipe(_host_and_port)
        .drop("_before", "_scheme", "_nothing", "_authority", "_path")
    )


def _host_and_port(lines: pl.LazyFrame) -> pl.LazyFrame:
    """
    Add url_domain and destination_port, read from `_authority`: `[user@]host[:port]`.

    The dear work (a user, brackets) sees only the few lines that need it: an expression passes over nulls.
    """
    odd = pl.col("_authority").str.contains_any(["@", "["])
    bare = pl.when(odd).then("_authority").str.replace(r"^.*@", "")
    host = bare.str.extract(r"^\[([^\]]*)\]", 1).fill_null(bare.str.extract(r"^([^:]*)", 1))
    return (
        lines.pipe(cut, "_authority", ":", ["_name", "_number"])
        .with_columns(
            pl.when(odd).then(host).otherwise("_name").alias("_name"),
            pl.when(odd).then(bare.str.extract(r":(\d+)$", 1)).otherwise("_number").alias("_number"),
        )
        .with_columns(
            pl.col("_name").str.to_lowercase().str.strip_chars_end(".").alias("url_domain"),
            pl.coalesce(pl.col("_number").cast(pl.Int32, strict=False), _usual_port()).alias(
                "destination_port"
            ),
        )
        .with_columns(_none_if_empty("url_domain"))
        .drop("_name", "_number")
    )


def _none_if_empty(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(column).alias(column)


def _usual_port() -> pl.Expr:
    return pl.col("url_scheme").replace_strict(USUAL_PORTS, default=None, return_dtype=pl.Int32)
