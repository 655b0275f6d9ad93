r"""
The fields of Zeek's log lines as String columns, from both of its forms.

Tab-separated: a line `#fields<TAB>ts<TAB>uid...` names the columns; the character after `#fields` is the separator, and
bytes that cannot be printed are written `\xHH`. JSON: one flat object a line. JSON is read by one search a field, as a
quote inside a JSON text is always escaped, so that `"query":` can only be a key; this never raises, takes any type, and a
line that was cut short is told by its missing brace.

Reference: https://docs.zeek.org/en/master/log-formats.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEADER: Final = "#fields"
MOST_FIELDS: Final = 500
"""A header that names more is not one of Zeek's."""
BAD: Final = "bad"
"""Column that says why a line's fields could not be told apart; null where they could."""

_ESCAPED_BYTES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_JSON_TEXT: Final = r'"(?:[^"\\]|\\.)+"'
_JSON_ITEMS: Final = rf'(?:[^"\]]|{_JSON_TEXT})+'
_JSON_PLAIN: Final = r"true|false|[0-9-][0-9.eE+-]*"
_LISTS: Final = ("answers", "resp_mime_types", "msg_types")
_NO_HEADER: Final = "no #fields line before this line"
_MISCOUNTED: Final = "more or fewer fields than the #fields line names"
_CUT: Final = "the JSON does not end"


def fields(lines: pl.LazyFrame, header: str | None, names: Sequence[str]) -> pl.LazyFrame:
    """
    Return `offset`, `comment` and `json` (Boolean), `bad` (String) and a String column a name, null where unset.

    Lists are joined by a comma. `names` are Zeek's own (`id.orig_h`); `id_orig_h`, as some shippers write, is read too.

    Args:
        lines: `line` (String) and `offset` (Int64).
        header: the `#fields` line that the lines stand under, if any.
        names: the fields to return.

    """
    is_json = pl.col("line").str.starts_with("{")
    return pl.concat(
        [
            lines.filter(is_json).select(_from_json(names)).with_columns(_read(names, _json_text), json=True),
            lines.filter(~is_json)
            .pipe(_from_tabs, header, names)
            .with_columns(_read(names, _bytes_text), json=False),
        ]
    )


def header_names(header: str | None) -> list[str]:
    """Return the names of a `#fields` line, or none where it is none."""
    if header is None or len(header) <= len(HEADER):
        return []
    names = header[len(HEADER) + 1 :].split(header[len(HEADER)])
    return [re.sub("^id_", "id.", name) for name in names] if len(names) <= MOST_FIELDS else []


def _from_tabs(lines: pl.LazyFrame, header: str | None, names: Sequence[str]) -> pl.LazyFrame:
    have = header_names(header)
    comment = pl.col("line").str.starts_with("#").alias("comment")
    if header is None or not have:
        nothing = [pl.lit(None, pl.String).alias(name) for name in names]
        return lines.select("offset", comment, pl.lit(_NO_HEADER).alias(BAD), *nothing)
    parts = pl.col("line").str.split_exact(header[len(HEADER)], len(have)).alias("parts")
    wrong = _part(len(have) - 1).is_null() | _part(len(have)).is_not_null()
    return lines.select("offset", comment, parts).select(
        "offset",
        "comment",
        pl.when(wrong).then(pl.lit(_MISCOUNTED)).alias(BAD),
        *(
            _set(_part(have.index(name)) if name in have else pl.lit(None, pl.String)).alias(name)
            for name in names
        ),
    )


def _part(index: int) -> pl.Expr:
    return pl.col("parts").struct.field(f"field_{index}")


def _set(value: pl.Expr) -> pl.Expr:
    return pl.when(~value.is_in(["-", "(empty)", ""])).then(value)


def _from_json(names: Sequence[str]) -> list[pl.Expr]:
    whole = pl.col("line").str.strip_chars_end().str.ends_with("}")
    return [
        pl.col("offset"),
        pl.lit(False).alias("comment"),
        pl.when(~whole).then(pl.lit(_CUT)).alias(BAD),
        *(_json_value(name).alias(name) for name in names),
    ]


def _json_value(name: str) -> pl.Expr:
    """Return the text of a string or list without its quotes, or a number or truth value as it stands."""
    key = name.replace(".", "[._]")
    if name in _LISTS:
        items = pl.col("line").str.extract(rf'"{key}": *\[({_JSON_ITEMS})\]')
        return items.str.replace_all(r'"\s*,\s*"', ",").str.strip_chars('" ')
    value = pl.col("line").str.extract(rf'"{key}": *({_JSON_TEXT}|{_JSON_PLAIN})')
    return value.str.strip_prefix('"').str.strip_suffix('"')


def _read(names: Sequence[str], reading: Callable[[str], str]) -> pl.Expr:
    """Return the named columns with escapes undone; each distinct text that has one is looked at once."""

    def undo(texts: pl.Series) -> pl.Series:
        escaped = texts.filter(texts.str.contains("\\", literal=True)).unique()
        return texts.replace(escaped, [reading(text) for text in escaped]) if len(escaped) else texts

    return pl.col(*names).map_batches(undo, return_dtype=pl.String, is_elementwise=True)


def _json_text(text: str) -> str:
    try:
        return _bytes_text(str(json.loads(f'"{text}"')))
    except ValueError:
        return text


def _bytes_text(text: str) -> str:
    return _ESCAPED_BYTES.sub(_printable, text)


def _printable(escapes: re.Match[str]) -> str:
    """Return the escaped bytes as text where they are printable UTF-8, else the escapes themselves."""
    try:
        text = bytes.fromhex(escapes[0].replace("\\x", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    return text if text.isprintable() else escapes[0]
