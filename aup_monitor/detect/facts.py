"""The facts that enrichment reads, from `rules/facts/`: search engines, what is no act of a person, filters' categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource
from aup_monitor.detect.categories import Categories
from aup_monitor.detect.searches import SearchEngine, SearchEngines

if TYPE_CHECKING:
    from pathlib import Path


class Noise(BaseModel):
    """What tells supporting content and advertising from a person's act."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    media_types: tuple[str, ...]
    """Beginnings of media types, lower case."""
    extensions: tuple[str, ...]
    """Endings of paths, without the dot, lower case."""
    statuses: tuple[int, ...]
    """Statuses of answers without content."""
    advertising: tuple[str, ...]
    """Words of a filter's category, lower case."""
    lists: dict[str, int] = {}
    """Lists of hosts that nobody goes to, and the log level of what is asked of them."""


@dataclass(frozen=True)
class Facts:
    """Everything that enrichment looks up."""

    engines: SearchEngines
    noise: Noise
    categories: Categories


def load_facts(folder: Path | None = None) -> Facts:
    """
    Return the facts of a folder, by default those that ship.

    Raises:
        RuleError: a file is missing or not of the right form.

    """
    folder = folder or resource("rules", "facts")
    engines = _read(folder / "search_engines.yml", TypeAdapter(tuple[SearchEngine, ...]))
    return Facts(
        SearchEngines(engines),
        _read(folder / "noise.yml", TypeAdapter(Noise)),
        _read(folder / "categories.yml", TypeAdapter(Categories)),
    )


def _read(path: Path, form: TypeAdapter[Any]) -> Any:
    try:
        return form.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as exc:
        raise RuleError(f"cannot be read: {exc}", where=path, fix="restore the file") from exc
    except ValidationError as exc:
        error = exc.errors()[0]
        way = ".".join(map(str, error["loc"]))
        raise RuleError(f"{way}: {error['msg']}", where=path, fix="correct that line of the file") from exc
