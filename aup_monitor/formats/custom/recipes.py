"""
Recipes: formats that ship as descriptions, one file of `rules/formats/` each, in the form in which aup.toml has its own.

The comment at a file's top is the beginning of the format's page.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from aup_monitor.core.custom_format import CustomFormat
from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource
from aup_monitor.formats.custom.build import build
from aup_monitor.formats.custom.page import page

if TYPE_CHECKING:
    from pathlib import Path

    from aup_monitor.core.format import Format


def shipped() -> tuple[Format, ...]:
    """Return the formats of the recipes, by name; raises `RuleError` where one is wrong."""
    return tuple(read_recipe(path) for path in sorted(resource("rules", "formats").glob("*.toml")))


def read_recipe(path: Path) -> Format:
    """Return the format that a recipe describes; raises `RuleError` naming the file where it cannot."""
    text = path.read_text(encoding="utf-8")
    try:
        spec = CustomFormat.model_validate(tomllib.loads(text)["formats"][path.stem])
    except (tomllib.TOMLDecodeError, KeyError, ValidationError) as exc:
        raise RuleError(
            f"this recipe does not describe the format {path.stem}: {exc}",
            where=path,
            fix="install aup-monitor again",
        ) from exc
    about, settings = _apart(text)
    return build(path.stem, spec, doc=page(path.stem, spec, about=about, settings=settings))


def _apart(text: str) -> tuple[str, str]:
    """Return the comment at the top without its marks, and the rest."""
    lines = text.splitlines()
    top = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    about = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[:top])
    return about, "\n".join(lines[top:]).strip()
