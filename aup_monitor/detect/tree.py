"""
A rule's condition as a tree of small frozen values: what both evaluators read, whatever the parser.

Leaves are a `Test` of one column or a `Keyword` that any text column may hold; `AllOf`, `AnyOf` and `Not` join them;
`Selected` stands in a condition for a selection by its name. The logic has two values: a test of an
absent (null) cell is false, and so its `Not` is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network


class Wild(Enum):
    """A wildcard of a Sigma string."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Text:
    """A string with wildcards, matched against the whole cell, regardless of case unless `cased`."""

    parts: tuple[str | Wild, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (RE2 syntax), searched for anywhere in the cell, minding case; flags lead it: `(?i)`."""

    regex: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, compared as a number with a number and as its text with a text."""

    number: int | float


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean; a text cell may say it as `true` or `false`."""

    truth: bool


@dataclass(frozen=True, slots=True)
class Network:
    """A range of addresses."""

    network: IPv4Network | IPv6Network


TimeUnit = Literal["minute", "hour", "day", "week", "month", "year"]
Operator = Literal["lt", "lte", "gt", "gte"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a time, in the school's time zone, equal to a number; `week` is the ISO week."""

    unit: TimeUnit
    number: int | float


@dataclass(frozen=True, slots=True)
class Compare:
    """A number, or a part of a time, above or below a number."""

    operator: Operator
    number: int | float
    unit: TimeUnit | None = None


@dataclass(frozen=True, slots=True)
class SameAs:
    """The text of another column (None: a field that we have not): equal to it, or beginning, ending with, holding it."""

    column: str | None
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Null:
    """No value."""


@dataclass(frozen=True, slots=True)
class Exists:
    """Some value, or none."""

    present: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """On the list of that name, such as `list.gambling`."""

    name: str


Value = Text | Pattern | Number | Truth | Network | Moment | Compare | SameAs | Null | Exists | Listed


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one field; `column` is None for a field that no event of ours has."""

    __test__ = False  # pytest would take the name for a test class

    field: str
    column: str | None
    value: Value


@dataclass(frozen=True, slots=True)
class Keyword:
    """A value that any text column of the event may hold."""

    value: Text | Pattern


@dataclass(frozen=True, slots=True)
class Not:
    """The node does not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every node holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one node holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """The selection of that name holds."""

    name: str


Node = Test | Keyword | Not | AllOf | AnyOf | Selected


class Shape(NamedTuple):
    """A text's plainest form: `kind` with its literal; only `wild` needs a regular expression."""

    kind: Literal["equals", "contains", "starts", "ends", "present", "wild"]
    literal: str


def shape(text: Text) -> Shape:  # noqa: PLR0911 - one line a shape
    """Return how the text can be matched most plainly."""
    match text.parts:
        case ():
            return Shape("equals", "")
        case (str(literal),):
            return Shape("equals", literal)
        case (Wild.MANY,):
            return Shape("present", "")
        case (Wild.MANY, str(literal), Wild.MANY):
            return Shape("contains", literal)
        case (str(literal), Wild.MANY):
            return Shape("starts", literal)
        case (Wild.MANY, str(literal)):
            return Shape("ends", literal)
        case _:
            return Shape("wild", "")


def any_of(nodes: tuple[Node, ...]) -> Node:
    """Join nodes by `or`; one node stands for itself."""
    return nodes[0] if len(nodes) == 1 else AnyOf(nodes)


def all_of(nodes: tuple[Node, ...]) -> Node:
    """Join nodes by `and`; one node stands for itself."""
    return nodes[0] if len(nodes) == 1 else AllOf(nodes)


def leaves(node: Node) -> Iterator[Test | Keyword | Selected]:
    """Yield the leaves of a tree, in the order in which they are written."""
    match node:
        case Not(inner):
            yield from leaves(inner)
        case AllOf(nodes) | AnyOf(nodes):
            for inner in nodes:
                yield from leaves(inner)
        case _:
            yield node
