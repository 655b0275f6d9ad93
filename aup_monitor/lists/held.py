"""What is held of each list: its state and provenance, for the status page and the report."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polars._typing import PolarsDataType

    from aup_monitor.lists.listfile import ListFile

Kind = Literal["domains", "overrides", "terms", "approved"]
State = Literal["in use", "not used", "not downloaded", "missing", "off"]
"""`not used`: the file is there, but nothing of it is; the list's problems say why."""


@dataclass(frozen=True, order=True)
class Held:
    """One source of one look-up."""

    name: str
    """The look-up's, such as `list.gambling`; `overrides` has none of its own."""
    kind: Kind
    category: str
    source: str
    title: str
    state: State
    entries: int = 0
    licence: str | None = None
    date: str | None = None
    """As the list or its server states it; of a list that states none, the day on which it was fetched."""
    problems: int = 0
    digest: str | None = None
    """A hash of the file."""
    file: str | None = None
    version: str | None = None
    """As the list itself states it."""
    fetched: str | None = None
    """The day on which it was last fetched, or found to be the newest."""
    origin: str | None = None
    """The address, folder or archive that it was fetched from."""


STATUS_SCHEMA: Final[dict[str, PolarsDataType]] = {
    field.name: pl.Int64() if field.name in {"entries", "problems"} else pl.String() for field in fields(Held)
}


def status_frame(held: Iterable[Held]) -> pl.DataFrame:
    """Return `STATUS_SCHEMA`, sorted by name and source."""
    return pl.DataFrame([astuple(one) for one in held], schema=STATUS_SCHEMA, orient="row").sort(
        "name", "source"
    )


_KINDS: Final[dict[str, Kind]] = {
    "approved": "approved",
    "list": "domains",
    "overrides": "overrides",
    "terms": "terms",
}


def file_held(name: str, source: str, file: ListFile, entries: int) -> Held:
    """Return what is held of a file that has no catalogue entry: its header speaks for it."""
    return Held(
        name=name,
        kind=_KINDS[name.partition(".")[0]],
        category=name.rpartition(".")[2],
        source=source,
        title=file.header.get("title", source),
        state="in use" if entries else "not used",
        entries=entries,
        licence=file.header.get("licence", "own"),
        date=file.header.get("date"),
        digest=file.digest,
        file=str(file.path),
    )
