"""
The catalogue: which lists there are, where each comes from, and what it may be used for.

`<folder>/lists/catalogue.yml`, a list of `Source` below the key `lists:`. A source has a `file` beside the catalogue
or a `url` (then its copy is looked for as `downloaded/<id>.txt` in every folder, last folder first). A school's own
lists need no catalogue: `<folder>/lists/own/<category>.txt` is a list of that category. A school that writes a
catalogue entry with an id of ours replaces ours; `enabled: false` switches a list off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aup_monitor.lists.listfile import MAX_BYTES, read_list_file
from aup_monitor.lists.yamlfile import read_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PROTECTIVE: Final = "protective"
"""The category of the protective list, and its name as a look-up: `list.protective`."""

ILLEGAL: Final = "illegal"
"""The category of lists of illegal content: never fetched, never cached, and what they hold is never shown."""

_CATEGORY: Final = r"^[a-z][a-z0-9-]*$"
Category = Annotated[str, Field(pattern=_CATEGORY)]
SourceFormat = Literal["domains", "squidguard", "v2fly", "misp-json", "csv", "cidr", "sdns"]


class Bounds(BaseModel):
    """How many entries a sound copy of a list has; a copy outside is not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: int = Field(default=0, ge=0)
    max: int = Field(default=20_000_000, gt=0)


class Source(BaseModel):
    """
    One list.

    `categories`: every entry is of all of them. `format`: how the file is written, see `syntax.py`. `part`: where the
    address is that of an archive, the file (for `squidguard` the folder, for `v2fly` the file with what it includes) within it.
    `columns`: of a CSV file, that of the host or address, and perhaps that of its port. `max_bytes`: the largest file that
    is fetched, and the largest that is read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    categories: tuple[Category, ...] = Field(min_length=1)
    licence: str
    file: str | None = None
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    format: SourceFormat = "domains"
    part: str | None = Field(default=None, pattern=r"^[^/\\]+(?:/[^/\\]+)*$")
    columns: tuple[str, ...] = Field(default=(), max_length=2)
    entries: Bounds = Bounds()
    max_bytes: int = Field(default=MAX_BYTES, gt=0, le=MAX_BYTES)
    enabled: bool = True
    note: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.file is None) == (self.url is None):
            raise ValueError("give either a file or a url")
        if self.file is not None and (self.file.startswith("/") or ".." in self.file.split("/")):
            raise ValueError("the file must lie in the catalogue's folder")
        if self.url is not None and ILLEGAL in self.categories:
            raise ValueError(
                "a list of illegal content is never fetched; name its file in aup.toml: illegal_lists = [...]"
            )
        if (self.format == "csv") != bool(self.columns):
            raise ValueError("columns: belongs to the format csv, which needs it")
        return self


def read_catalogue(folder: Path) -> tuple[list[Source], list[tuple[int, str, str]]]:
    """
    Return the sources of `<folder>/catalogue.yml` and the bad entries' (line, text, reason); nothing where it is absent.

    Raises:
        RuleError: the file is not YAML of that form.

    """
    path = folder / "catalogue.yml"
    if not path.is_file():
        return [], []
    found, bad = read_entries(read_list_file(path), "lists", Source)
    first: dict[str, Source] = {}
    for source in found:
        if source.id in first:
            bad.append((0, source.id, "another list of this catalogue has this id"))
        first.setdefault(source.id, source)
    return list(first.values()), bad


def own_sources(folder: Path, prefix: str) -> tuple[list[Source], list[tuple[int, str, str]]]:
    """Return a source for each `<folder>/own/<category>.txt`, sorted, and those whose name is no category."""
    good: list[Source] = []
    bad: list[tuple[int, str, str]] = []
    for path in sorted((folder / "own").glob("*.txt")):
        if re.fullmatch(_CATEGORY, path.stem):
            good.append(_local(prefix + path.stem, path.stem, f"own/{path.name}"))
        else:
            bad.append((0, path.name, "name the file after a category: small letters, digits and hyphens"))
    return good, bad


def protective_source(folder: Path, prefix: str) -> list[Source]:
    """Return the source of `<folder>/protective.txt`, if there is one."""
    name = f"{PROTECTIVE}.txt"
    return [_local(prefix + PROTECTIVE, PROTECTIVE, name)] if (folder / name).is_file() else []


def illegal_sources(paths: Sequence[Path]) -> list[tuple[Source, Path]]:
    """Return a source for each file of illegal content that the school holds: names, addresses and pages."""
    return [
        (
            Source(
                id=f"held-{ILLEGAL}-{number}",
                title="Illegal content (a list that the school holds)",
                categories=(ILLEGAL,),
                licence="its holder's",
                file=path.name,
                format="squidguard",
            ),
            path,
        )
        for number, path in enumerate(paths, start=1)
    ]


def _local(identity: str, category: str, file: str) -> Source:
    return Source(id=identity, title=category, categories=(category,), licence="own", file=file)
