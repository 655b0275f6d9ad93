"""
Values out of lists of named values, as the audit logs of cloud services hold them: `{"name":"colour","value":"blue"}`.

A quote inside a JSON text is always escaped, so that `"name":"colour"` can only be a name. One search a name, either way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.formats.json_values import EMPTY, PLAIN, TEXT, unescaped

if TYPE_CHECKING:
    from collections.abc import Mapping


def named_texts(
    lines: pl.LazyFrame, column: str, names: Mapping[str, str], key: str = "name", value: str = "value"
) -> pl.LazyFrame:
    """
    Add a String column for each name, without quotes and escapes; null where it is absent, empty or says nothing.

    Args:
        lines: a frame with the column.
        column: JSON text that holds the list.
        names: name of the new column -> what it is called in the list, or several parted with `|`, of which the first
            in the text counts.
        key: the key that holds the name.
        value: the key that holds the value, or several parted with `|`.

    """
    said = rf'"(?:{value})" *: *({TEXT}|{PLAIN})'
    value_first = pl.col(column).str.contains(rf'\{{ *"(?:{value})" *:')
    found = []
    for name, called in names.items():
        this = rf'"{key}" *: *"(?:{called})"'
        forward = pl.col(column).str.extract(rf"{this} *, *{said}")
        backward = pl.col("_value_first").str.extract(rf"{said} *, *{this}")
        found.append(pl.coalesce(forward, backward).alias(name))
    bare = pl.col(*names).str.strip_prefix('"').str.strip_suffix('"')
    telling = pl.when(~pl.col(*names).is_in(EMPTY)).then(pl.col(*names)).name.keep()
    return (
        lines.with_columns(pl.when(value_first).then(pl.col(column)).alias("_value_first"))
        .with_columns(found)
        .drop("_value_first")
        .with_columns(bare)
        .with_columns(telling)
        .with_columns(unescaped(pl.col(*names)))
    )
