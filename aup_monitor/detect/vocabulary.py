"""
Words of Sigma rules in our words: which column a field is, which logs a log source is.

Read from `rules/facts/sigma_fields.yml` (Sigma taxonomy name -> column) and `rules/facts/logsources.yml` (log source ->
log classes and event codes). A name of the Elastic Common Schema is its column by itself: `url.domain` -> `url_domain`.
A field that is not quite a column says how it is one (`Meaning`); `detect.fields` rewrites its tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import polars as pl
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import DERIVED_COLUMNS, EVENT_SCHEMA, LOG_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polars._typing import PolarsDataType

    from aup_monitor.detect.rule import LogSource

COLUMNS: Final[Mapping[str, PolarsDataType]] = {
    **EVENT_SCHEMA,
    **{column.name: column.dtype for column in DERIVED_COLUMNS},
}
"""Every column that a rule may name, with its dtype."""

KEYWORD_COLUMNS: Final = tuple(
    name
    for name, dtype in EVENT_SCHEMA.items()
    if dtype == pl.String and name not in {"log_class", "site", "source_file", "ingest_id"}
)
"""The text columns that a keyword is looked for in: all but our own bookkeeping."""


class Source(BaseModel):
    """One log source of Sigma: the attributes that name it, and where its events are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str | None = None
    product: str | None = None
    service: str | None = None
    log_classes: tuple[str, ...]
    event_codes: tuple[str, ...] = ()

    def fits(self, asked: LogSource) -> bool:
        """Tell whether every attribute that this names is the rule's."""
        return all(
            own in (None, theirs)
            for own, theirs in (
                (self.category, asked.category),
                (self.product, asked.product),
                (self.service, asked.service),
            )
        )

    @property
    def precision(self) -> int:
        """How many attributes it names."""
        return sum(part is not None for part in (self.category, self.product, self.service))


class Meaning(BaseModel):
    """How a field of Sigma is a column of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    part: Literal["whole", "extension", "name"] = "whole"
    """`extension`: the field is what stands behind the column's last dot; `name`: the column is the field's last part, without folders."""
    values: dict[str, tuple[str, ...]] = {}
    """Each value that the field may have, and the values of the column that say so; none: the column holds it itself."""


def _meaning(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, Annotated[Meaning, BeforeValidator(_meaning)]]
    sources: tuple[Source, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Vocabulary:
    """How fields and log sources of Sigma read in our tables."""

    fields: Mapping[str, Meaning]
    sources: tuple[Source, ...]

    def column(self, field: str) -> str | None:
        """Return the column of a field, or None where no event of ours has it."""
        return self.meaning(field).column or None

    def meaning(self, field: str) -> Meaning:
        """Return how a field is a column; one that no event of ours has is the column of no name."""
        if field in self.fields:
            return self.fields[field]
        column = field.removeprefix("@").replace(".", "_")
        return Meaning(column=column if column in COLUMNS else "")

    def source(self, asked: LogSource) -> Source | None:
        """Return the most precise source that fits, or None where we have no such logs."""
        fitting = [source for source in self.sources if source.fits(asked)]
        return max(fitting, key=lambda source: source.precision, default=None)


@cache
def vocabulary() -> Vocabulary:
    """
    Return the vocabulary that ships.

    Raises:
        RuleError: one of its two files is not of the right form.

    """
    folder = resource("rules", "facts")
    given = {
        "fields": _read(folder / "sigma_fields.yml"),
        "sources": _read(folder / "logsources.yml"),
    }
    try:
        facts = _Facts.model_validate(given)
    except ValidationError as exc:
        error = exc.errors()[0]
        raise RuleError(
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}",
            where=folder,
            fix="install aup-monitor again",
        ) from exc
    _check(facts, folder)
    return Vocabulary(facts.fields, facts.sources)


def _read(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def _check(facts: _Facts, folder: Path) -> None:
    unknown = [field.column for field in facts.fields.values() if field.column not in COLUMNS]
    unknown += [name for source in facts.sources for name in source.log_classes if name not in LOG_CLASSES]
    if unknown:
        raise RuleError(
            f"unknown columns or log classes: {', '.join(unknown)}",
            where=folder,
            fix="use the names in core/schema.py",
        )
