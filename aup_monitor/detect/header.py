"""The attributes of a rule beside its detection: their names, types and limits, as Sigma 2.1 gives them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar
from uuid import UUID  # noqa: TC003 - pydantic reads it at run time

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from aup_monitor.detect.correlation import Kind  # noqa: TC001 - pydantic reads it at run time
from aup_monitor.detect.rule import AupBlock

if TYPE_CHECKING:
    from aup_monitor.detect.documents import Document

_Tag = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+\.[a-zA-Z0-9_.-]+$")]
_Date = dt.date | Annotated[str, Field(pattern=r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}$")]
_Level = Literal["informational", "low", "medium", "high", "critical"]

FOREIGN_AUP: Final = AupBlock(theme="security", min_log_level=1)
"""What holds for a rule without an `aup:` block: public rules hunt attacks, which also hide in supporting content."""


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


class LogSourceHeader(BaseModel):
    """Where a rule looks."""

    category: str | None = None
    product: str | None = None
    service: str | None = None
    definition: str | None = None


class Attributes(BaseModel):
    """What every kind of Sigma document may say of itself; of others' documents, any attribute more is let be."""

    title: str = Field(min_length=1, max_length=256)
    id: UUID | None = None
    name: str | None = Field(default=None, min_length=1)
    taxonomy: str = "sigma"
    related: list[dict[str, Any]] | None = None
    status: Literal["stable", "test", "experimental", "deprecated", "unsupported"] | None = None
    description: str | None = None
    license: str | None = None
    references: list[str] | None = None
    tags: list[_Tag] | None = None
    author: str | None = None
    date: _Date | None = None
    modified: _Date | None = None
    fields: list[str] | None = None
    falsepositives: list[str] | None = None
    level: _Level | None = None
    scope: list[str] | None = None
    aup: AupBlock = FOREIGN_AUP


class _Own(Attributes):
    """A document of our own packs or of a school's: nothing missing, nothing misspelt."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")
    description: str = Field(min_length=1)
    level: _Level
    aup: AupBlock


class Header(Attributes):
    """A rule that others wrote."""

    logsource: LogSourceHeader
    detection: dict[str, Any]


class OwnLogSourceHeader(LogSourceHeader):
    """Where one of our rules looks: nothing misspelt."""

    model_config = ConfigDict(extra="forbid")


class OwnHeader(_Own, Header):
    """A rule of our own."""

    logsource: OwnLogSourceHeader


class CorrelationBody(BaseModel):
    """The `correlation:` of a correlation rule, as Sigma 2.1 has it."""

    model_config = ConfigDict(extra="forbid")

    type: Kind
    rules: Annotated[list[str], BeforeValidator(_listed)] = Field(min_length=1)
    group_by: Annotated[list[str], BeforeValidator(_listed)] = Field(default=[], alias="group-by")
    timespan: str = Field(pattern=r"^[1-9][0-9]{0,5}[smhd]$")
    condition: str | dict[str, Any] | None = None
    aliases: dict[str, dict[str, str]] = {}
    generate: bool = False


class CorrelationHeader(Attributes):
    """A correlation rule that others wrote."""

    correlation: CorrelationBody


class OwnCorrelationHeader(_Own, CorrelationHeader):
    """A correlation rule of our own."""


class FilterBody(BaseModel):
    """The `filter:` of a filter, as Sigma 2.1 has it; every other key is a selection."""

    model_config = ConfigDict(extra="allow")

    rules: Annotated[list[str], BeforeValidator(_listed)] = Field(min_length=1)
    condition: str | list[str]


class FilterHeader(Attributes):
    """A filter: what rules shall not hit."""

    logsource: LogSourceHeader
    filter: FilterBody


_Form = TypeVar("_Form", bound=Attributes)


def read_header(document: Document, form: type[_Form]) -> _Form | None:
    """Return the document's attributes; or None, every fault noted in the document at its line."""
    try:
        return form.model_validate(document.data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            way = tuple(part for part in error["loc"] if isinstance(part, int) or _is_written(part, document))
            document.report(
                way, f"{_name(error['loc'])}: {_words(error['msg'])}", _fix(error["type"], error["loc"])
            )
        return None


def _is_written(part: str, document: Document) -> bool:
    return any(part in way for way in document.lines)


def _name(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the rule"


def _words(message: str) -> str:
    return message[:1].lower() + message[1:]


def _fix(kind: str, loc: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return f"add the line {loc[-1]}: ..."
    if kind == "extra_forbidden":
        return "correct the spelling of the key, or remove it"
    return "see https://github.com/SigmaHQ/sigma-specification for what may stand there"
