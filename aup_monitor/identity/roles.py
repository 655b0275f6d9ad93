"""
Who is staff and who is a pupil, and how a report calls someone.

A role comes from the directory, by account; else from the first rule that fits; else it is `unknown`. A rule may look
at the account, its group and the client's address, such as the pupils' network.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import ConfigError
from aup_monitor.identity.directory import account, initials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.people import Directory, RoleRule

UNKNOWN: Final = "unknown"
UNNAMED: Final = "unnamed account"
"""What an account without a letter is called: a number may be a pupil's own."""


def assign_roles(frame: pl.LazyFrame, directory: Directory, rules: Sequence[RoleRule]) -> pl.LazyFrame:
    """
    Return the events with `role` (String), in their order; a column `role` that is there is written over.

    Args:
        frame: events with any of `user_name`, `user_group`, `source_ip`; an absent one counts as null.
        directory: the school's people.
        rules: in the order in which they are tried.

    Raises:
        ConfigError: a rule's regular expression or network is not one.

    """
    have = frame.collect_schema().names()
    columns = {
        name: pl.col(name) if name in have else pl.lit(None, pl.String)
        for name in ("user_name", "user_group", "source_ip")
    }
    by_rule = [pl.when(_fits(rule, columns)).then(pl.lit(rule.role)) for rule in rules]
    role = pl.coalesce(_listed(columns["user_name"], directory), *by_rule, pl.lit(UNKNOWN))
    return frame.with_columns(role.alias("role"))


def display(subject: str, subject_kind: str, directory: Directory) -> str:
    """
    Return what a report calls a subject: initials of an account, the name of a device, an address as it is.

    An account that is not listed gives what it shows of a name: `j.smith` -> `J.S.`, `jsmith` -> `J.`.
    """
    if subject_kind != "user":
        return subject
    listed = directory.people.filter(pl.col("user") == account(subject))["name"].drop_nulls()
    if len(listed):
        return initials(listed[0]) or UNNAMED
    parts = re.split(r"[._\-\s]+", account(subject))
    letters = (next((letter for letter in part if letter.isalpha()), "") for part in parts)
    return "".join(f"{letter.upper()[0]}." for letter in letters if letter) or UNNAMED


def _listed(user: pl.Expr, directory: Directory) -> pl.Expr:
    """Return the role that the directory gives an account, null for none or `unknown`."""
    known = directory.people.filter(pl.col("role") != UNKNOWN)
    name = user.str.strip_chars().str.to_lowercase()
    return name.replace_strict(known["user"], known["role"], default=None, return_dtype=pl.String)


def _fits(rule: RoleRule, columns: dict[str, pl.Expr]) -> pl.Expr:
    """Return whether an event meets all conditions of a rule."""
    fits = pl.lit(value=True)
    for pattern, column in ((rule.user, "user_name"), (rule.group, "user_group")):
        if pattern is not None:
            fits &= columns[column].str.contains(_checked(pattern, rule))
    if rule.network is not None:
        fits &= columns["source_ip"].map_batches(
            partial(_inside, _bounds(rule.network)), return_dtype=pl.Boolean, is_elementwise=True
        )
    return fits.fill_null(value=False)


def _checked(pattern: str, rule: RoleRule) -> str:
    """Return a regular expression that looks past case; raise where it is not one."""
    regex = f"(?i){pattern}"
    try:
        pl.Series([""]).str.contains(regex)
    except pl.exceptions.ComputeError as exc:
        fix = "correct `user` or `group` of this [[roles]] in aup.toml"
        raise ConfigError(
            f"{pattern!r} is no regular expression", where=f"role {rule.role}", fix=fix
        ) from exc
    return regex


def _bounds(network: str) -> tuple[int, int, int]:
    """Return a network's IP version, first and last address as numbers."""
    try:
        net = ip_network(network.strip(), strict=False)
    except ValueError as exc:
        fix = "write it such as 10.20.0.0/16 or 2001:db8:20::/48 in aup.toml"
        raise ConfigError(f"{network!r} is no network", where="roles", fix=fix) from exc
    return net.version, int(net.network_address), int(net.broadcast_address)


def _inside(bounds: tuple[int, int, int], addresses: pl.Series) -> pl.Series:
    """Return whether addresses lie within the bounds; each distinct one is looked at once, null is null."""
    version, first, last = bounds
    distinct = addresses.drop_nulls().unique()
    numbers = [_number(text) for text in distinct]
    inside = [kind == version and first <= number <= last for kind, number in numbers]
    return addresses.replace_strict(distinct, inside, default=None, return_dtype=pl.Boolean)


@lru_cache(maxsize=1 << 16)
def _number(text: str) -> tuple[int, int]:
    """Return an address's version and number, (0, 0) for a text that is none; IPv4 within IPv6 is IPv4."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.strip())
    except ValueError:
        return 0, 0
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.version, int(address)
