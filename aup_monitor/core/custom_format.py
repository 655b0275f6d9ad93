"""
A log format that a school describes itself, as `aup.toml` and the shipped recipes write it.

What is wrong with a description is said when it is read, not when a log is: an unknown column, a pattern or a time that
cannot work, a setting that another one needs.
"""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

import polars as pl
from polars.exceptions import ComputeError, InvalidOperationError, PanicException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES
from aup_monitor.core.zones import Zone  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Iterator

FormatName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Kind = Literal["csv", "keyvalue", "json", "regex", "squid"]

CLOCKS: Final = {"epoch": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000}
"""Names of times counted from 1970, and how many units a second has."""
NAMED_TIMES: Final = ("iso", "syslog", *CLOCKS)
"""Names of times that are not written as a pattern."""

_OURS: Final = frozenset(
    {"timestamp", "log_class", "event_outcome", "site", "source_file", "source_offset", "ingest_id"}
)
"""Columns that the program fills itself or that have a setting of their own."""
FILLABLE: Final = tuple(name for name in EVENT_SCHEMA if name not in _OURS)
"""Event columns that a description may fill."""

_SOME_TIME: Final = datetime(2026, 11, 23, 14, 35, 56)  # noqa: DTZ001 - any local time will do


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def names_of(text: str) -> tuple[str, ...]:
    """Return the names of `A|B`: several that may say the same, the first that says something counts."""
    return tuple(name.strip() for name in text.split("|") if name.strip())


class TimeSetting(_Settings):
    """Where the time stands, and how it is written."""

    column: str | tuple[str, ...] = "time"
    """One column, or several whose texts are joined by a blank: `["Date", "Time"]`."""
    format: str | tuple[str, ...] = "iso"
    """`iso`, `epoch`, `epoch_ms`, `epoch_us`, `syslog` (no year) or a pattern such as `%d/%m/%Y %H:%M:%S`; or several."""
    zone: Zone | None = None
    """Zone of times written without one; else the source's or the site's."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose texts are joined."""
        return (self.column,) if isinstance(self.column, str) else self.column

    @property
    def formats(self) -> tuple[str, ...]:
        """The ways in which the time may be written, tried in turn."""
        return (self.format,) if isinstance(self.format, str) else self.format

    @field_validator("format")
    @classmethod
    def _is_a_time(cls, written: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for pattern in (written,) if isinstance(written, str) else written:
            if pattern not in NAMED_TIMES and not _reads_back(pattern):
                raise ValueError(
                    f"{pattern!r} does not write a day and a time; use {', '.join(NAMED_TIMES)}, "
                    "or for example '%d/%m/%Y %H:%M:%S'"
                )
        return written


def _reads_back(pattern: str) -> bool:
    """Tell whether a time that is written by the pattern can be read by it, to the minute."""
    if "%s" in pattern:
        return False  # counted times have names of their own
    text = pattern.replace("%z", "+0000").replace("%:z", "+00:00")
    try:
        written = pl.Series([_SOME_TIME]).dt.to_string(text)
        found = written.str.to_datetime(text, time_unit="us", strict=False)[0]
    except (ComputeError, InvalidOperationError, PanicException):
        return False
    return found is not None and found.replace(second=0) == _SOME_TIME.replace(second=0)


class OutcomeSetting(_Settings):
    """Which words mean that something was allowed or blocked; every other word is unknown."""

    column: str
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _words_differ(self) -> Self:
        both = {word.lower() for word in self.allowed} & {word.lower() for word in self.blocked}
        if both:
            raise ValueError(f"{min(both)!r} stands under both allowed and blocked; leave it in one")
        return self


class CustomFormat(_Settings):
    """One described format: `[formats.NAME]`."""

    kind: Kind
    log_class: str = "web"
    title: str | None = None
    vendor: str | None = None
    """Maker of the product, for `observer_vendor`."""
    product: str | None = None
    time: TimeSetting | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    """Event column <- their column; `A|B` for the first that says something."""
    outcome: OutcomeSetting | None = None
    looks: str | None = None
    """Regular expression of a line of this format, to recognise it by."""
    skip: str | None = None
    """Regular expression of lines to pass over."""
    only: str | None = None
    """Regular expression of the lines that are meant; all others are passed over."""
    reference: tuple[str, ...] = ()
    """Addresses of the vendor's pages, for the format's own page."""
    checked: str | None = None
    """On what the description was checked, for the format's page."""
    duration: Literal["s", "ms", "us", "ns"] = "ms"
    """Unit of what fills `event_duration`."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    """What parts cells (a comma unless said) or pairs (a blank)."""
    quote: Annotated[str, StringConstraints(min_length=1, max_length=1)] = '"'
    header: bool = True
    """csv: whether a line names the columns; it may come again in the middle of a file."""
    names: tuple[str, ...] = ()
    """csv: the columns' names where no line says them."""
    pattern: str | None = None
    """regex: with named groups, such as `(?<client>\\S+)`."""
    logformat: str | None = None
    """squid: what stands after the name in Squid's `logformat` line."""

    @field_validator("log_class")
    @classmethod
    def _is_class(cls, log_class: str) -> str:
        if log_class not in LOG_CLASSES:
            raise ValueError(f"{log_class!r} is no kind of log; write one of {', '.join(LOG_CLASSES)}")
        return log_class

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        for name, source in columns.items():
            if name not in FILLABLE:
                raise ValueError(_no_column(name))
            if not names_of(source):
                raise ValueError(f"{name} is filled from nothing; name their column, such as {name} = 'URL'")
        return columns

    @field_validator("looks", "skip", "only", "pattern")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        try:
            groups_of(pattern or "")
        except ComputeError as exc:
            raise ValueError(
                f"{pattern!r} is no regular expression of the kind that is used here (Rust's, no look-around): "
                f"{str(exc).splitlines()[-1]}"
            ) from exc
        return pattern

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for missing in self._missing():
            raise ValueError(missing)
        return self

    def _missing(self) -> Iterator[str]:
        """Yield what the kind of format needs and is not there."""
        if self.kind == "squid":
            if not self.logformat:
                yield "kind = 'squid' needs logformat = '...', copied from squid.conf"
            return
        if self.time is None:
            yield "there is no time; write for example time = { column = 'Time', format = '%d/%m/%Y %H:%M:%S' }"
        if self.kind == "regex":
            yield from self._missing_groups()
        elif not self.columns:
            yield "there are no columns; write for example columns = { user_name = 'User', url_full = 'URL' }"
        if self.kind == "json":
            yield from (
                f"{one!r} is an object in {other!r}, and so no value of its own; leave one of them out"
                for one in self.sources
                for other in self.sources
                if other.startswith(f"{one}.")
            )
        if self.kind == "csv" and not self.header:
            if not self.names:
                yield "header = false needs names = ['Time', 'User', ...], their columns in order"
            yield from (f"{name!r} is not among names" for name in self.sources if name not in self.names)

    def _missing_groups(self) -> Iterator[str]:
        if not self.pattern:
            yield "kind = 'regex' needs pattern = '...' with named groups, such as (?<source_ip>\\S+)"
            return
        groups = groups_of(self.pattern)
        yield from (f"the pattern has no group (?<{name}>...)" for name in self.sources if name not in groups)
        if not self.filled:
            yield "no group of the pattern is named like an event column (aup schema), and columns is empty"

    @property
    def filled(self) -> dict[str, str]:
        """Event column <- their column; a regular expression's groups that are named like columns fill them."""
        own = groups_of(self.pattern) if self.kind == "regex" and self.pattern else []
        return {name: name for name in own if name in FILLABLE} | self.columns

    @property
    def sources(self) -> tuple[str, ...]:
        """Every one of their columns that is read, the time's first."""
        timed = self.time.columns if self.time else ()
        judged = [self.outcome.column] if self.outcome else []
        return tuple(
            dict.fromkeys(n for text in (*timed, *judged, *self.filled.values()) for n in names_of(text))
        )


def groups_of(pattern: str) -> list[str]:
    """Return the names of a regular expression's groups; raises `ComputeError` where it is none."""
    return [field.name for field in _groups(pattern)]


def _groups(pattern: str) -> list[pl.Field]:
    pl.Series([""]).str.contains(pattern)
    kind = pl.Series([""]).str.extract_groups(pattern).dtype if "(" in pattern else pl.Struct([])
    return kind.fields if isinstance(kind, pl.Struct) else []


def _no_column(name: str) -> str:
    if name in _OURS:
        own = {
            "timestamp": "time = {...}",
            "event_outcome": "outcome = {...}",
            "log_class": "log_class = '...'",
        }
        return f"{name} is not filled here; use {own.get(name, 'the site and source settings')}"
    near = difflib.get_close_matches(name, FILLABLE, 1, 0.5)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{name!r} is no event column{meant} (aup schema shows them)"
