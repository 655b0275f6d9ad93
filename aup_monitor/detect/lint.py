"""
What our own rules may not do, because Sigma would take it without a word and mean something else.

Each function looks at one line of a selection as it is written, and returns (message, fix) where it means trouble.
The traps: `?` and `*` in an address are wildcards; `endswith: x.com` hits netflix.com; `%list.x%` without
`expand` is plain text; YAML reads `no` and `on` as booleans; a misspelt field is never there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from aup_monitor.detect.vocabulary import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.detect.sigma import Scalar

Fault = tuple[str, str]
"""What is wrong, and what to write instead."""

URL_COLUMNS: Final = frozenset({"url_full", "url_path", "url_query", "http_request_referrer"})
DOMAIN_COLUMNS: Final = frozenset(
    {"url_domain", "destination_domain", "origin_domain", "dns_question_name", "tls_server_name"}
)
_UNESCAPED: Final = re.compile(r"(?<!\\)(?:\\\\)*[?*]")
_PLACEHOLDER: Final = re.compile(r"%[A-Za-z_][\w.-]*%")
_TOP_LEVEL_DOMAIN: Final = re.compile(r"\.[a-z0-9-]+")


class Line(NamedTuple):
    """One line of a selection: field, its column, its modifiers and its values, all as written."""

    field: str | None
    column: str | None
    modifiers: tuple[str, ...]
    values: tuple[Scalar, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The values that are text."""
        return tuple(value for value in self.values if isinstance(value, str))


def lint(line: Line) -> Iterator[Fault]:
    """Yield what is wrong with the line."""
    for check in (_unknown_field, _wildcard_in_address, _domain_end, _list_without_expand, _boolean):
        fault = check(line)
        if fault:
            yield fault


def _unknown_field(line: Line) -> Fault | None:
    if line.field is None or line.column is not None:
        return None
    return (
        f"there is no field {line.field}",
        "use a name of rules/facts/sigma_fields.yml, or an ECS name such as url.domain",
    )


def _wildcard_in_address(line: Line) -> Fault | None:
    if line.column not in URL_COLUMNS or "re" in line.modifiers:
        return None
    for text in line.texts:
        if _UNESCAPED.search(text):
            escaped = re.sub(r"(?<!\\)([?*])", r"\\\1", text)
            return (
                f"? and * in an address are wildcards: {text!r}",
                f"write '{escaped}', with contains or startswith",
            )
    return None


def _domain_end(line: Line) -> Fault | None:
    if line.column not in DOMAIN_COLUMNS or {"re", "expand"} & set(line.modifiers):
        return None
    ends = line.texts if "endswith" in line.modifiers else ()
    ends = tuple(text for text in ends if not _TOP_LEVEL_DOMAIN.fullmatch(text.lower()))
    wild = [text for text in line.texts if _UNESCAPED.search(text)]
    for text in (*ends, *wild):
        return (
            f"the end of a name is not a domain: {text!r} also hits other people's domains, or misses its own",
            f"put the domain into a list and write {line.field}|expand: '%list.name%'",
        )
    return None


def _list_without_expand(line: Line) -> Fault | None:
    expands = "expand" in line.modifiers
    for text in line.texts:
        listed = bool(_PLACEHOLDER.fullmatch(text))
        if listed and not expands:
            return f"{text} without expand is plain text", f"write {line.field}|expand: '{text}'"
        if expands and not listed:
            return (
                f"expand needs a list, not {text!r}",
                "write '%list.name%', '%terms.name%' or '%approved.name%'",
            )
    return None


def _boolean(line: Line) -> Fault | None:
    if "exists" in line.modifiers or not any(isinstance(value, bool) for value in line.values):
        return None
    if line.column is not None and COLUMNS[line.column] == pl.Boolean:
        return None
    return "YAML reads yes, no, on, off, true and false as booleans", "put quotes round the value"
