"""The lists: which are in use, and what they say of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.hosts import canonical_host
from aup_monitor.jobs.rulebook import load_rulebook

if TYPE_CHECKING:
    from aup_monitor.core.workspace import Workspace


def status_rows(workspace: Workspace | None) -> list[dict[str, object]]:
    """Return each source of each list as a row for a table."""
    return list(load_rulebook(workspace).lists.status().iter_rows(named=True))


def explain(workspace: Workspace | None, host: str) -> list[dict[str, object]]:
    """
    Return what each list says of a host.

    Raises:
        ConfigError: the text is no host name.

    """
    name = canonical_host(host)
    if name is None:
        raise ConfigError(
            f"{host!r} is no host name", fix="write the name alone, such as: aup lists show www.example.org"
        )
    return list(load_rulebook(workspace).lists.explain(name).iter_rows(named=True))
