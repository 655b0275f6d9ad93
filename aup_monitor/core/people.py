"""The school's people as detection needs them: accounts with a name and a role, and rules that give a role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

PEOPLE_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "user": pl.String(),
    "name": pl.String(),
    "role": pl.String(),
    "year_group": pl.String(),
    "site": pl.String(),
}


@dataclass(frozen=True)
class RoleRule:
    """Who fits gets the role; a rule with several conditions wants all of them."""

    role: str
    """One of `core.incident.ROLES`."""
    user: str | None = None
    """Regular expression on the account, case-insensitive, unanchored."""
    group: str | None = None
    """Regular expression on the account's group, as logged."""
    network: str | None = None
    """CIDR of client addresses, IPv4 or IPv6."""


@dataclass(frozen=True)
class Directory:
    """The people that a school has listed."""

    people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PEOPLE_SCHEMA))
    """Columns `PEOPLE_SCHEMA`; `user` is lower case and unique."""
    problems: tuple[str, ...] = ()
    """One message for each line that could not be used."""
