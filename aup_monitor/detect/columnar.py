"""
A rule's tree as Polars expressions, with the meaning that `reference` gives it.

`prepare` adds to a frame what the expressions read beside the plain columns: text in lower case, addresses as numbers.
`Compiler` turns nodes into boolean expressions without nulls, so that `not` needs no care.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from aup_monitor.detect.texts import any_text
from aup_monitor.detect.tree import (
    AllOf,
    AnyOf,
    Compare,
    Exists,
    Keyword,
    Listed,
    Moment,
    Network,
    Node,
    Not,
    Null,
    Number,
    Pattern,
    SameAs,
    Selected,
    Test,
    Text,
    Truth,
    Value,
)
from aup_monitor.detect.vocabulary import COLUMNS, KEYWORD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from aup_monitor.detect.tree import Operator

Asked = tuple[str, str]
"""A list and the column whose values it was asked about."""

FALSE: Final = pl.lit(False)
TRUE: Final = pl.lit(True)
_NUMBER: Final = r"\A-?[0-9]{1,15}(\.[0-9]{1,15})?\z"


class Compiler(NamedTuple):
    """Makes expressions of one rule's nodes."""

    selections: Mapping[str, Node]
    found: Mapping[Asked, pl.Series]
    """For each list and column: the values, as they stand in the column, that are on the list."""
    zone: ZoneInfo

    def node(self, node: Node) -> pl.Expr:
        """Return whether the node holds; never null."""
        match node:
            case Selected(name):
                return self.node(self.selections[name])
            case Not(inner):
                return ~self.node(inner)
            case AllOf(nodes):
                return pl.all_horizontal([self.node(inner) for inner in nodes])
            case AnyOf(nodes):
                return self._any(nodes)
            case Keyword(value):
                return pl.any_horizontal([self._value(column, value) for column in KEYWORD_COLUMNS])
            case Test(_, column, value):
                return self._absent(value) if column is None else self._value(column, value)

    def _any(self, nodes: tuple[Node, ...]) -> pl.Expr:
        """Join by `or`, all texts of one column together."""
        texts: dict[tuple[str, bool], list[Text]] = {}
        others = []
        for node in nodes:
            match node:
                case Test(_, str(column), Text() as text) if COLUMNS[column] == pl.String:
                    texts.setdefault((column, text.cased), []).append(text)
                case _:
                    others.append(self.node(node))
        merged = [any_text(_cells(*key), group).fill_null(value=False) for key, group in texts.items()]
        return pl.any_horizontal([*merged, *others])

    @staticmethod
    def _absent(value: Value) -> pl.Expr:
        return TRUE if value in (Null(), Exists(present=False)) else FALSE

    def _value(self, column: str, value: Value) -> pl.Expr:
        match value:
            case Null():
                return pl.col(column).is_null()
            case Exists(present):
                return pl.col(column).is_not_null() if present else pl.col(column).is_null()
            case _:
                return self._present(column, value).fill_null(value=False)

    def _present(self, column: str, value: Value) -> pl.Expr:  # noqa: C901, PLR0911 - one line a kind of value
        match value:
            case Number(number):
                return _equals_number(column, number)
            case Truth(truth):
                return _truth(column, truth=truth)
            case Moment(unit, number):
                return self._part(column, unit) == number if _is_time(column) else FALSE
            case Compare(operator, number, unit):
                return self._compare(column, Compare(operator, number, unit))
            case _ if not _has_text(column):
                return FALSE
            case Text(_, cased):
                return any_text(_cells(column, cased), [value])
            case Pattern(regex):
                return _cells(column, cased=True).str.contains(regex)
            case Network() if COLUMNS[column] != pl.String:
                return FALSE
            case Network(network):
                low, high = int(network.network_address), int(network.broadcast_address)
                numbers = pl.col(_v4(column) if isinstance(network, IPv4Network) else _v6(column))
                return numbers.is_between(pl.lit(low, pl.UInt128), pl.lit(high, pl.UInt128))
            case SameAs():
                return _same(column, value)
            case Listed(name):
                return _cells(column, cased=True).is_in(self.found[name, column].implode())
            case _:
                return FALSE

    def _part(self, column: str, unit: str) -> pl.Expr:
        local = pl.col(column).dt.convert_time_zone(self.zone.key).dt
        part: pl.Expr = getattr(local, unit)()
        return part

    def _compare(self, column: str, value: Compare) -> pl.Expr:
        if value.unit:
            return _compares(self._part(column, value.unit), value) if _is_time(column) else FALSE
        if COLUMNS[column] == pl.String:
            text = pl.col(column)
            number = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64, strict=False)
            return _compares(number, value)
        return _compares(pl.col(column), value) if COLUMNS[column].is_integer() else FALSE


def prepare(frame: pl.DataFrame, leaves: Iterable[Test | Keyword]) -> pl.DataFrame:
    """Return the frame with the columns that expressions over these leaves read besides: lower case, numbers."""
    lower: set[str] = set()
    addresses: set[str] = set()
    for leaf in leaves:
        columns = KEYWORD_COLUMNS if isinstance(leaf, Keyword) else (leaf.column,)
        match leaf.value:
            case Text(_, False):
                lower.update(column for column in columns if column)
            case SameAs(other):
                lower.update(column for column in (*columns, other) if column)
            case Network():
                addresses.update(column for column in columns if column)
    frame = frame.with_columns(
        pl.col(column).str.to_lowercase().alias(_lower(column)) for column in _texts(lower)
    )
    for column in _texts(addresses):
        frame = frame.join(_numbers(frame.get_column(column)), on=column, how="left", maintain_order="left")
    return frame


def _texts(columns: set[str]) -> list[str]:
    return sorted(column for column in columns if COLUMNS[column] == pl.String)


def _numbers(addresses: pl.Series) -> pl.DataFrame:
    """Return each distinct address as a number, IPv4 and IPv6 apart, so that a network is a range."""
    distinct = addresses.unique().drop_nulls().sort()
    parsed = [_address(text) for text in distinct]
    column = addresses.name
    return distinct.to_frame().with_columns(
        pl.Series(_v4(column), [v4 for v4, _ in parsed], pl.UInt128),
        pl.Series(_v6(column), [v6 for _, v6 in parsed], pl.UInt128),
    )


@lru_cache(maxsize=100_000)  # a day's slices hold the same addresses
def _address(text: str) -> tuple[int | None, int | None]:
    try:
        address = ip_address(text)
    except ValueError:
        return None, None
    if address.version == 4:
        return int(address), None
    mapped = address.ipv4_mapped
    return (int(mapped), None) if mapped else (None, int(address))


def _lower(column: str) -> str:
    return f"{column}:lower"


def _v4(column: str) -> str:
    return f"{column}:v4"


def _v6(column: str) -> str:
    return f"{column}:v6"


def _has_text(column: str) -> bool:
    dtype = COLUMNS[column]
    return dtype in (pl.String, pl.Boolean) or dtype.is_integer()


def _is_time(column: str) -> bool:
    return isinstance(COLUMNS[column], pl.Datetime)


def _cells(column: str, cased: bool) -> pl.Expr:
    if COLUMNS[column] != pl.String:
        return pl.col(column).cast(pl.String)
    return pl.col(column if cased else _lower(column))


def _equals_number(column: str, number: float) -> pl.Expr:
    dtype = COLUMNS[column]
    if dtype == pl.String:
        return pl.col(column) == str(number)
    return pl.col(column) == number if dtype.is_integer() else FALSE


def _truth(column: str, *, truth: bool) -> pl.Expr:
    dtype = COLUMNS[column]
    if dtype == pl.String:
        return pl.col(column).str.to_lowercase() == str(truth).lower()
    return pl.col(column) == truth if dtype == pl.Boolean else FALSE


def _same(column: str, value: SameAs) -> pl.Expr:
    if value.column is None or not _has_text(value.column):
        return FALSE
    text, other = _cells(column, cased=False), _cells(value.column, cased=False)
    if value.starts and value.ends:
        return text.str.contains(other, literal=True)
    if value.starts:
        return text.str.starts_with(other)
    return text.str.ends_with(other) if value.ends else text == other


def _compares(found: pl.Expr, value: Compare) -> pl.Expr:
    operators: dict[Operator, pl.Expr] = {
        "lt": found < value.number,
        "lte": found <= value.number,
        "gt": found > value.number,
        "gte": found >= value.number,
    }
    return operators[value.operator]
