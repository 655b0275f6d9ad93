"""
Columns out of lines of `key=value` and `key="quoted value"`, as firewalls write them.

One search a key, whose literal start (` srcip=`) the regular-expression engine finds at memory speed: on lines of 680
bytes 0.1 to 0.2 µs of processor time a key, 0.03 where the line lacks it, 12 µs for 58 keys and all. To cut each line into
its pairs (`extract_all`, explode, pivot, join) took 15 µs on the same lines, and much more memory.

Such a search would take a key that stands inside a quoted value. The few lines where that could happen, or that hold
a backslash or a control character, go through `_neutral` first, which makes the inside of quotes unlike a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROL: Final = r"[\x00-\x08\x0b-\x1f\x7f]"
_ODD: Final = r'[\x00-\x08\x0b-\x1f\x7f\\]|="[^"]* [0-9A-Za-z_-]+='
_PRIORITY: Final = r"^\s*(?:<\d{1,3}>)?\s*"

# Stand-ins, free to use once control characters are gone.
_BACKSLASH, _QUOTE, _EQUALS = "\x1d", "\x1c", "\x1e"
_HELD: Final = r"[\x1c-\x1e]"


def pairs(
    lines: pl.LazyFrame, words: Iterable[str], texts: Iterable[str], kept: Iterable[str] = ()
) -> pl.LazyFrame:
    r"""
    Return `offset`, the kept columns and a String column for each key, in any order of rows; null where absent or empty.

    The first of a key that occurs twice counts. A value without its final quote runs to the end of the line. `\"` and
    `\\` in quotes stand for `"` and `\`; control characters but the tab are dropped.

    Args:
        lines: `line` (String) and `offset` (Int64), as a format's `parse` gets them.
        words: keys whose values never hold a space (numbers, addresses): a little faster.
        texts: keys whose values may hold anything.
        kept: columns of `lines` to return as they are; none is called as a key is.

    """
    known = ["offset", *kept]
    keys = [*map(_word, words), *map(_text, texts)]
    # A space before the first key makes it like the others.
    spaced = lines.select(
        *known, pl.col("line").str.replace(_PRIORITY, " "), odd=pl.col("line").str.contains(_ODD)
    )
    plain = spaced.filter(~pl.col("odd")).select(*known, *keys)
    odd = spaced.filter("odd").with_columns(_neutral(pl.col("line")))
    return pl.concat([plain, odd.select(*known, *map(_restored, keys))])


def _word(key: str) -> pl.Expr:
    return pl.col("line").str.extract(rf' {key}="?([^"\s]+)').alias(key)


def _text(key: str) -> pl.Expr:
    return pl.col("line").str.extract(rf' {key}=("[^"]+"?|[^"\s]+)').str.strip_chars('"').alias(key)


def _neutral(line: pl.Expr) -> pl.Expr:
    """Return the line with escapes and the equals signs inside quotes replaced by their stand-ins."""
    clean = (
        line.str.replace_all(_CONTROL, "")
        .str.replace_all("\\\\", _BACKSLASH, literal=True)
        .str.replace_all('\\"', _QUOTE, literal=True)
    )
    piece = pl.element()
    # Cut at the quotes, every second piece is the inside of one.
    quoted = pl.int_range(pl.len()) % 2 == 1
    masked = pl.when(quoted).then(piece.str.replace_all("=", _EQUALS, literal=True)).otherwise(piece)
    return clean.str.split('"').list.eval(masked).list.join('"')


def _restored(value: pl.Expr) -> pl.Expr:
    """Return the value without stand-ins; few values hold one, and only those are looked at thrice."""
    held = pl.when(value.str.contains(_HELD)).then(value)
    restored = (
        held.str.replace_all(_EQUALS, "=", literal=True)
        .str.replace_all(_QUOTE, '"', literal=True)
        .str.replace_all(_BACKSLASH, "\\", literal=True)
    )
    return pl.coalesce(restored, value)
