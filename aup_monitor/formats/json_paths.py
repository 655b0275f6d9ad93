r"""
Values out of nested JSON objects, one a line, as columns named by their paths: `source.ip`, `actor.user.name`.

Polars' reader of JSON lines is given the few branches that the paths name and passes over the rest of the object: on
documents of 1.7 kB 4 µs for a few paths and 16 µs for a hundred, where `str.json_path_match` takes 7 µs for each path
and a decoding in Python 50. Any type becomes text. That reader gives up a whole block for one bad line, so that bad lines are
taken out first; what nests deeper than a thousand levels is a bad line, too.

For flat objects `json_values` is faster. Reference: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.json_values import EMPTY, PLAIN, TEXT, is_object, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SOUND: Final = (
    r'^(?:[{}\[\]:, \t\r]|"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"'
    r"|true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)*$"
)
"""Text made of the words of JSON, in whatever order."""
_BACKSLASH: Final = "\x1f"
"""Stands for a backslash while the reader works, which would write it into the text of a list as if it were an escape."""
_LIST: Final = r'^\[(?:["{\[\dtfn-].*)?\]$'

_EMPTY: Final = ("", "[]", "{}")

_Tree = dict[str, "_Tree"]
_Route = tuple[str, ...]


def json_paths(
    lines: pl.LazyFrame,
    column: str,
    paths: Mapping[str, str],
    *,
    dotted: bool = False,
    nothing: Sequence[str] = EMPTY,
) -> pl.LazyFrame:
    """
    Add a String column for each name, and `whole` (Boolean): the text is one JSON object.

    A column holds the value at the first of its paths that has one: texts without quotes and escapes, numbers and truth
    values, lists and objects as JSON (see `joined`). Null where the path is absent, and for null, `nothing` and what is
    empty.

    Args:
        lines: a frame with the column.
        column: the JSON text.
        paths: name of the new column -> its path, keys parted by dots, or several paths parted with `|`. No path leads
            through a value that another path names.
        dotted: whether keys may have dots of their own, as in `{"source.ip": ...}` and `{"user": {"x.name": ...}}`.
        nothing: texts that say that there is nothing to say.

    """
    routes = {
        name: [route for path in text.split("|") for route in _routes(path, dotted=dotted)]
        for name, text in paths.items()
    }
    answer = pl.Struct({**dict.fromkeys(routes, pl.String()), "whole": pl.Boolean()})
    read = pl.col(column).map_batches(
        partial(_read, routes=routes, nothing=(*nothing, *_EMPTY)), return_dtype=answer, is_elementwise=True
    )
    return lines.with_columns(read.alias("_json")).unnest("_json")


def joined(column: str, key: str | None = None) -> pl.Expr:
    """
    Return the items of a list that `json_paths` gave as text, joined by a comma; a single value as it stands.

    A single object is as good as a list of one.

    Args:
        column: the text.
        key: if the items are objects, the key whose values are meant.

    """
    text = pl.col(column)
    item = rf"{TEXT}|{PLAIN}" if key is None else rf'"(?:{key})": (?:{TEXT}|{PLAIN})'
    bare = pl.element().str.replace(rf'^"(?:{key})": ', "").str.strip_prefix('"').str.strip_suffix('"')
    several = text.str.contains(_LIST if key is None else rf"{_LIST}|^\{{.*\}}$")
    listed = pl.when(several).then(text).str.extract_all(item)
    items = unescaped(listed.list.eval(bare).list.join(","))
    return pl.when(several).then(pl.when(items != "").then(items)).otherwise(text)


def _routes(path: str, *, dotted: bool) -> Iterator[_Route]:
    """Yield the ways to a path: its keys, and, if keys may hold dots, its keys joined in every way."""
    first, _, rest = path.partition(".")
    if not rest:
        yield (first,)
        return
    for route in _routes(rest, dotted=dotted):
        yield (first, *route)
        if dotted:
            yield (f"{first}.{route[0]}", *route[1:])


def _tree(routes: Iterator[_Route]) -> _Tree:
    tree: _Tree = {}
    for route in routes:
        branch = tree
        for key in route:
            branch = branch.setdefault(key, {})
    return tree


def _struct(tree: _Tree) -> pl.Struct:
    return pl.Struct({key: _struct(branch) if branch else pl.String() for key, branch in tree.items()})


def _read(texts: pl.Series, routes: Mapping[str, list[_Route]], nothing: Sequence[str]) -> pl.Series:
    """Return a struct of the named values and of whether the text is an object, one a text."""
    kind = _struct(_tree(route for found in routes.values() for route in found))
    whole = texts.to_frame("text").select(is_object("text").fill_null(value=False)).to_series()
    objects = _objects(texts, kind) if whole.all() else None
    if objects is None:
        whole = _good(texts, kind, whole)
        objects = _objects(texts.zip_with(whole, pl.Series(["{}"])), kind)
    if objects is None:
        raise ValueError("lines that could be read one by one cannot be read together")
    leaves = pl.DataFrame([whole.alias("whole"), *_leaves(objects)])
    return (
        leaves.select(
            "whole", *(_first(leaves, found, nothing).alias(name) for name, found in routes.items())
        )
        .with_columns(map(_restored, routes))
        .select(pl.struct(*routes, "whole"))
        .to_series()
    )


def _leaves(objects: pl.DataFrame, before: _Route = ()) -> Iterator[pl.Series]:
    """Yield the values by the name of their route, but those that no line has; an object is taken apart as a whole."""
    for column in objects:
        route = (*before, column.name)
        if column.dtype != pl.String:
            yield from _leaves(column.struct.unnest(), route)
        elif column.null_count() < len(column):
            yield column.alias(_name(route))


def _name(route: _Route) -> str:
    return "\n".join(route)


def _first(leaves: pl.DataFrame, routes: list[_Route], nothing: Sequence[str]) -> pl.Expr:
    """Return the first value that says something."""
    values = [pl.col(name) for route in routes if (name := _name(route)) in leaves.columns]
    said = [pl.when(~value.is_in(nothing)).then(value) for value in values]
    return pl.coalesce(said) if said else pl.lit(None, pl.String)


def _restored(name: str) -> pl.Expr:
    """Return a column with its backslashes, which the text of a list or an object escapes."""
    text = pl.col(name)
    odd = pl.when(text.str.contains(_BACKSLASH, literal=True)).then(text)
    one, two = (odd.str.replace_all(_BACKSLASH, backslash, literal=True) for backslash in ("\\", r"\\"))
    return pl.coalesce(pl.when(odd.str.contains(r"^[\[{]")).then(two).otherwise(one), text).alias(name)


def _good(texts: pl.Series, kind: pl.Struct, whole: pl.Series) -> pl.Series:
    """Return which texts can be read: those that look sound are tried together, and in halves where that fails."""
    sound = texts.to_frame("text").select(pl.col("text").str.contains(_SOUND).fill_null(value=False))
    trials = [(whole & sound.to_series()).arg_true()]
    good: list[pl.Series] = []
    while trials:
        trial = trials.pop()
        if _objects(texts.gather(trial), kind) is not None:
            good.append(trial)
        elif len(trial) > 1:
            half = len(trial) // 2
            trials += [trial[:half], trial[half:]]
    places = pl.concat(good) if good else pl.Series([], dtype=pl.UInt32)
    return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(places.implode())


def _objects(texts: pl.Series, kind: pl.Struct) -> pl.DataFrame | None:
    """Return the named branches of each text; None where one of them cannot be read."""
    if not len(texts):
        return pl.DataFrame(schema=kind.to_schema())
    block = texts.str.replace_all(r"\\", r"\u001f", literal=True).str.join("\n")[0].encode()
    try:
        found = pl.read_ndjson(block, schema=kind.to_schema(), ignore_errors=True)
    except pl.exceptions.ComputeError:
        return None
    return found if len(found) == len(texts) else None
