"""Words beside which a term means something else, by the name that a term file calls them: `rules/facts/contexts.yml`."""

from __future__ import annotations

from functools import cache

import yaml

from aup_monitor.core.resources import resource


@cache
def contexts() -> dict[str, tuple[str, ...]]:
    """Return the contexts of each name, which is written with an `@` before it: `@study`, `@games`."""
    given: dict[str, str] = yaml.safe_load(
        resource("rules", "facts", "contexts.yml").read_text(encoding="utf-8")
    )
    return {f"@{name}": tuple(part.strip() for part in text.split(";")) for name, text in given.items()}
