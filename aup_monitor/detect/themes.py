"""The themes of rules: what a report calls each, where it stands in the national lists, who hears of it by default."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping


class Theme(BaseModel):
    """One theme, such as gambling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    """What a report calls it, such as `Gambling`."""
    kcsie: Literal["content", "contact", "conduct", "commerce"]
    """Which of the four Cs of "Keeping children safe in education" it falls under."""
    uksic: str = ""
    """Row of the UK Safer Internet Centre's "Appropriate Filtering", where one fits."""
    route: Literal["safeguarding", "security", "conduct"]
    """Who hears of it by default: the DSL, the Network Manager or the Headteacher."""


@cache
def themes() -> Mapping[str, Theme]:
    """
    Return the themes that ship (`rules/facts/themes.yml`), by their word.

    Raises:
        RuleError: the file is not of the right form.

    """
    path = resource("rules", "facts", "themes.yml")
    with path.open(encoding="utf-8") as file:
        data = yaml.safe_load(file)
    try:
        return TypeAdapter(dict[str, Theme]).validate_python(data)
    except ValidationError as exc:
        error = exc.errors(include_url=False)[0]
        place = ".".join(map(str, error["loc"]))
        raise RuleError(f"{place}: {error['msg']}", where=path, fix="install aup-monitor again") from exc
