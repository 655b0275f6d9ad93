"""
The school's settings: one `aup.toml`, typed, with file, line and key in every error.

`TEMPLATE` is what `aup init` writes; its comments are the reference of every key.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Annotated, Final, Self
from zoneinfo import ZoneInfo

import polars as pl
from polars.exceptions import ComputeError
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from aup_monitor.core.calendar import SchoolCalendar, parse_half_terms
from aup_monitor.core.custom_format import CustomFormat, FormatName  # noqa: TC001 - pydantic reads it
from aup_monitor.core.errors import ConfigError
from aup_monitor.core.people import RoleRule
from aup_monitor.core.zones import Zone  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONFIG_VERSION: Final = 1

SiteName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Settings):
    """One site of the school or trust."""

    name: str
    zone: Zone = "Europe/London"
    nation: Annotated[str, StringConstraints(pattern="^(ENG|WLS|SCT|NIR)$")] = "ENG"
    school_hours: tuple[time, time] = (time(8, 30), time(15, 30))
    inset_days: tuple[date, ...] = ()
    half_terms: dict[str, tuple[date, date]] = Field(default_factory=dict)

    def calendar(self) -> SchoolCalendar:
        """Return the site's calendar; raises `ConfigError` where its dates make no sense."""
        return SchoolCalendar(
            half_terms=parse_half_terms(dict(self.half_terms)),
            zone=ZoneInfo(self.zone),
            hours=self.school_hours,
            inset_days=frozenset(self.inset_days),
            nation=self.nation,
        )


class Source(_Settings):
    """Where logs come from: what `aup ingest` reads when no file is named."""

    path: str
    """A path with `*`, relative to the workspace or absolute."""
    site: SiteName | None = None
    format: str | None = None
    zone: Zone | None = None
    """Zone of its local times, where it is not the site's."""


class Approved(_Settings):
    """What the school has approved."""

    devices: tuple[str, ...] = ()
    """USB devices: `vendor:product`, `vendor:product:serial`, four hex digits each."""
    software: tuple[str, ...] = ()
    """Names of software; `*` stands for anything."""
    resolvers: tuple[str, ...] = ()
    """Addresses of the school's own name servers, which may ask others for everybody."""

    @field_validator("resolvers")
    @classmethod
    def _are_addresses(cls, resolvers: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_address(text.strip())) for text in resolvers)
        except ValueError as exc:
            raise ValueError(f"{exc}; write for example resolvers = ['10.4.0.2']") from exc


class RoleSetting(_Settings):
    """A rule that gives a role to an account, a group or a network."""

    role: Annotated[str, StringConstraints(pattern="^(staff|pupil|governor|visitor|contractor)$")]
    user: str | None = None
    """Regular expression on the account."""
    group: str | None = None
    """Regular expression on the account's group."""
    network: str | None = None
    """Addresses, such as `10.20.0.0/16`."""

    @field_validator("user", "group")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        try:
            pl.Series([""]).str.contains(pattern or "")
        except ComputeError as exc:
            raise ValueError(
                f"{pattern!r} is no regular expression; for pupils of 2024 write for example '^24'"
            ) from exc
        return pattern

    @field_validator("network")
    @classmethod
    def _is_network(cls, network: str | None) -> str | None:
        if network is not None:
            try:
                ip_network(network.strip(), strict=False)
            except ValueError as exc:
                raise ValueError(f"{network!r} is no network; write for example 10.20.0.0/16") from exc
        return network

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if not (self.user or self.group or self.network):
            raise ValueError("a role needs user, group or network, such as: network = '10.20.0.0/16'")
        return self


class Config(_Settings):
    """All of `aup.toml`."""

    version: int = CONFIG_VERSION
    school: str
    colour: Annotated[str, StringConstraints(pattern="^#[0-9a-fA-F]{6}$")] = "#1d4f73"
    policies: tuple[str, ...] = ("the-learning-alliance", "pupils")
    database: str | None = None
    """URL of a PostgreSQL database for the register; SQLite in the workspace where absent."""
    people: str | None = None
    """CSV of accounts: user, name, role, year_group, site."""
    rules: tuple[str, ...] = ()
    """Further folders of Sigma rules."""
    illegal_lists: tuple[str, ...] = ()
    """Files of illegal content that the school holds (IWF, CTIRU): matched, never shown, copied or fetched."""
    expected: tuple[str, ...] = ()
    """Log classes that should arrive every school day."""
    sites: dict[SiteName, Site]
    sources: tuple[Source, ...] = ()
    formats: dict[FormatName, CustomFormat] = Field(default_factory=dict)
    """Log formats that the school describes itself; one named like a shipped one takes its place."""
    roles: tuple[RoleSetting, ...] = ()
    approved: Approved = Approved()

    @model_validator(mode="after")
    def _sites_known(self) -> Self:
        if not self.sites:
            raise ValueError("there is no site; add a table such as [sites.main] with name = 'Our School'")
        for source in self.sources:
            if source.site is not None and source.site not in self.sites:
                raise ValueError(
                    f"source {source.path!r} names site {source.site!r}, which has no [sites.{source.site}]"
                )
        return self

    @property
    def role_rules(self) -> tuple[RoleRule, ...]:
        """The rules that give roles, in the file's order."""
        return tuple(RoleRule(role=r.role, user=r.user, group=r.group, network=r.network) for r in self.roles)

    @property
    def first_site(self) -> str:
        """The site that a source belongs to when it names none."""
        return next(iter(self.sites))


def read_config(path: Path) -> Config:
    """
    Read `aup.toml`.

    Raises:
        ConfigError: naming the file, the line and the key, and what to write instead.

    """
    text = _text(path)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(
            f"this is not TOML: {exc}", where=path, fix="mend that line; see https://toml.io"
        ) from exc
    if given.get("version", CONFIG_VERSION) != CONFIG_VERSION:
        raise ConfigError(
            f"version {given['version']} of the settings is not known (this program knows {CONFIG_VERSION})",
            where=path,
            fix="pip install --upgrade aup-monitor",
        )
    try:
        config = Config.model_validate(given)
        for site in config.sites.values():
            site.calendar()
    except ValidationError as exc:
        raise _located(exc, path, text) from exc
    except ConfigError as exc:
        raise ConfigError(exc.message, where=path, fix=exc.fix) from exc
    return config


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError("there is no such file", where=path, fix="aup init FOLDER") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(
            f"this is not UTF-8 text (byte {exc.start})", where=path, fix="save the file as UTF-8"
        ) from exc


def _located(exc: ValidationError, path: Path, text: str) -> ConfigError:
    first = exc.errors()[0]
    keys = [str(part) for part in first["loc"]]
    # A key that is missing stands nowhere; its table does.
    shown = keys[:-1] if first["type"] == "missing" else keys
    line = _line_of([key for key in shown if not key.isdigit()], text)
    more = f" (and {exc.error_count() - 1} more)" if exc.error_count() > 1 else ""
    said = first["msg"].removeprefix("Value error, ")
    what = "this key is not known" if first["type"] == "extra_forbidden" else said[:1].lower() + said[1:]
    fix = f"see the comments in {path.name}, or make a fresh one to compare: aup init FOLDER"
    name = ".".join(keys) + ": " if keys else ""
    return ConfigError(f"{name}{what}{more}", where=f"{path}:{line}" if line else path, fix=fix)


def _line_of(keys: Sequence[str], text: str) -> int | None:
    """Return the line of the last key that stands on a line's left, each key looked for from the line of the one before."""
    at, line = 0, None
    for key in keys:
        pattern = re.compile(
            rf'^[ \t]*(?:"?{re.escape(key)}"?\s*[.=]|\[+\s*(?:[\w-]+\.)*"?{re.escape(key)}"?\s*(?:\.[^\]]*)?\])',
            re.MULTILINE,
        )
        if found := pattern.search(text, at):
            at, line = found.start(), text.count("\n", 0, found.start()) + 1
    return line


TEMPLATE: Final = """\
# Settings of aup-monitor. Lines that begin with # are notes or examples; take the # away to use one.

version = 1
school = "{school}"
colour = "#1d4f73"                      # main colour of the reports

# The acceptable-use policies that apply; `aup rules coverage` shows their clauses.
policies = ["the-learning-alliance", "pupils"]

# Who is who, for roles and initials: a CSV file with the columns user,name,role,year_group,site.
# people = "people.csv"

# A list of illegal content that your school holds as a member (IWF, CTIRU): one host, address or page a line. It is matched,
# and what it holds is never shown, copied or fetched.
# illegal_lists = ["/srv/restricted/iwf.txt"]

# Kinds of log that should come in every school day; a day without is shown as a gap.
# expected = ["web", "dns", "firewall", "endpoint"]

# The register of incidents and decisions is a file here unless you name a PostgreSQL database.
# database = "postgresql://aup:password@localhost/aup"

[sites.main]
name = "{school}"
zone = "Europe/London"
nation = "ENG"                          # whose bank holidays: ENG, WLS, SCT, NIR
school_hours = [08:30:00, 15:30:00]
inset_days = []                         # such as [2026-09-01]

[sites.main.half_terms]                 # first and last day of each; the year is that of September
{half_terms}

# Where the logs are: what `aup ingest` reads when you name no file.
# [[sources]]
# path = "/var/log/squid/access.log*"
# site = "main"

# A log that no format of `aup formats` reads: say what its columns are, and how its time is written.
# Kinds: csv, keyvalue (a=b), json, regex (named groups), squid (your own `logformat`). `aup formats custom` has the rest.
# [formats.our-filter]
# kind = "csv"
# log_class = "web"
# time = {{ column = "Time", format = "%d/%m/%Y %H:%M:%S" }}
# columns = {{ user_name = "Username", source_ip = "Source IP", url_full = "URL", rule_category = "Categories" }}
# outcome = {{ column = "Action", allowed = ["Allowed"], blocked = ["Blocked", "Denied"] }}

# Roles of accounts that people.csv does not name; the first that fits counts.
# [[roles]]
# role = "pupil"
# network = "10.20.0.0/16"

[approved]
devices = []                            # USB devices, such as "0951:1666" or "0951:1666:60A44C413FAE"
software = []                           # such as "GeoGebra*"; ordinary school software is known already
resolvers = []                          # addresses of your own name servers, such as "10.4.0.2": they may ask public ones
"""
