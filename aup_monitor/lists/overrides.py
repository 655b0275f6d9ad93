"""
Overrides: what a person decided about one name, against or beyond the lists.

`<folder>/lists/overrides.yml`, entries below the key `overrides:`, each with a reason:

    - {domain: github.io, remove: [all], reason: anybody may publish below it}
    - {domain: lottery.example, add: [gambling], reason: seen in our logs}

The most specific name speaks: `remove` undoes what lists say of that name and of the domains above it, for the name and
all below; a name below that a list holds itself stays listed. The protective list stands above overrides, and a list of
illegal content that the school holds above both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from aup_monitor.core.hosts import canonical_host
from aup_monitor.lists.catalogue import Category  # noqa: TC001 - pydantic reads the annotation when it runs
from aup_monitor.lists.yamlfile import read_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polars._typing import PolarsDataType

    from aup_monitor.lists.listfile import ListFile

ALL: Final = "all"
"""In `remove`: whatever category."""

OVERRIDE_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "domain": pl.String(),
    "category": pl.String(),
    "action": pl.String(),
    "source": pl.String(),
}
"""One decision; `action` is `add` or `remove`."""


def _host(text: str) -> str:
    host = canonical_host(text)
    if host is None:
        raise ValueError("not a host name")
    return host


class Override(BaseModel):
    """One name and what to add to it or remove from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: Annotated[str, AfterValidator(_host)]
    reason: str = Field(min_length=3)
    remove: tuple[Category | Literal["all"], ...] = ()
    add: tuple[Category, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.remove and not self.add:
            raise ValueError("give remove: or add:, with the categories")
        return self


def read_overrides(file: ListFile) -> tuple[list[Override], list[tuple[int, str, str]]]:
    """
    Return the overrides of a file, and its bad entries' (line, text, reason).

    Raises:
        RuleError: the file is not YAML of that form.

    """
    return read_entries(file, "overrides", Override)


def decisions(by_source: Iterable[tuple[str, list[Override]]]) -> pl.DataFrame:
    """Return `OVERRIDE_SCHEMA`, one row a (domain, category); of two that contradict each other the later holds."""
    last: dict[tuple[str, str], tuple[str, str]] = {}
    for source, overrides in by_source:
        for override in overrides:
            last |= {(override.domain, category): ("remove", source) for category in override.remove}
            last |= {(override.domain, category): ("add", source) for category in override.add}
    rows = [(domain, category, *decision) for (domain, category), decision in sorted(last.items())]
    return pl.DataFrame(rows, schema=OVERRIDE_SCHEMA, orient="row")
