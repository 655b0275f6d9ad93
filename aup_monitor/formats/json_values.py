r"""
Values out of flat JSON objects, one a line, as columns.

One search a key: a quote inside a JSON text is always escaped, so that `"user":` can only be a key. This never raises,
takes values of any type, and is several times faster than a path looked up in a parsed line. A key that stands in an inner
object, too, may be found there: for flat objects only.

Reference: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT: Final = r'"(?:[^"\\]|\\.)*"'
PLAIN: Final = r"true|false|-?[0-9][0-9.eE+-]*"
EMPTY: Final = ("", "-", "N/A", "NA", "n/a", "None")
"""Texts that say that there is nothing to say."""


def json_texts(lines: pl.LazyFrame, column: str, keys: Mapping[str, str]) -> pl.LazyFrame:
    """
    Add a String column for each name: the value of the first of its keys in the line, without quotes and escapes.

    Numbers and truth values are given as written. Null where the key is absent, and for null, `-`, `N/A`, `None` and
    empty texts.

    Args:
        lines: a frame with the column.
        column: the JSON text.
        keys: name of the new column -> its key, or several parted with `|`.

    """
    found = [
        pl.col(column).str.extract(rf'"(?:{key})" *: *({TEXT}|{PLAIN})').alias(name)
        for name, key in keys.items()
    ]
    bare = pl.col(*keys).str.strip_prefix('"').str.strip_suffix('"')
    said = pl.when(~pl.col(*keys).is_in(EMPTY)).then(pl.col(*keys)).name.keep()
    return (
        lines.with_columns(found).with_columns(bare).with_columns(said).with_columns(unescaped(pl.col(*keys)))
    )


def json_list(column: str, key: str) -> pl.Expr:
    """Return the texts or numbers of a list, joined by a comma; null where it is empty or absent."""
    items = pl.col(column).str.extract(rf'"(?:{key})" *: *\[((?:[^"\]]|{TEXT})+)\]')
    return items.str.replace_all(r'"\s*,\s*"', ",").str.strip_chars('" ')


def is_object(column: str) -> pl.Expr:
    """Tell whether a text begins and ends as an object; a line that was cut short does not."""
    return pl.col(column).str.contains(r"^\s*\{.*\}\s*$")


def unescaped(texts: pl.Expr) -> pl.Expr:
    """Return texts with JSON's escapes undone; each distinct text that has one is looked at once."""
    return texts.map_batches(_undo, return_dtype=pl.String, is_elementwise=True)


def _undo(texts: pl.Series) -> pl.Series:
    escaped = texts.filter(texts.str.contains("\\", literal=True)).unique()
    return texts.replace(escaped, [_read(text) for text in escaped]) if len(escaped) else texts


def _read(text: str) -> str:
    """Return the text that JSON means; one with a lone surrogate (half of an emoji), which is no text, as it stands."""
    try:
        found = str(json.loads(f'"{text}"', strict=False))
        found.encode()
    except ValueError:
        return text
    return found
