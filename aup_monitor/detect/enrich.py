"""
What follows from an event by itself: the columns `DERIVED_COLUMNS`, of one site.

Expressions over whole columns, so that a day streams; only addresses of search engines are looked at one by
one, each distinct one once. `role` and `attribution` belong to identity: they are kept where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import DERIVED_COLUMNS, EVENT_SCHEMA, conform
from aup_monitor.detect.categories import filter_categories
from aup_monitor.detect.devices import with_device_key
from aup_monitor.detect.namesakes import namesake_domain
from aup_monitor.detect.noise import OWN_ACT, log_level, origin_domain
from aup_monitor.detect.quiet import NOWHERE, QuietHosts
from aup_monitor.detect.searches import asked_from, searches

if TYPE_CHECKING:
    from aup_monitor.core.calendar import SchoolCalendar
    from aup_monitor.detect.facts import Facts

NOT_PERSONS: Final = ("system", "local service", "network service", "anonymous logon", "-", "")
"""Account names, lower case, that computers use for themselves; those of computers end in `$`."""

CONNECTIONS: Final = ("firewall", "capture")
"""Kinds of log whose events are connections from the device itself to a server's port."""

_SCHEMA: Final = {**EVENT_SCHEMA, **{column.name: column.dtype for column in DERIVED_COLUMNS}}
_IPV4: Final = r"^\d{1,3}(\.\d{1,3}){3}$"


def enrich(
    events: pl.LazyFrame, facts: Facts, calendar: SchoolCalendar, quiet: QuietHosts = NOWHERE
) -> pl.LazyFrame:
    """
    Return the events of one site with every derived column, in the order in which they came.

    Args:
        events: columns of `EVENT_SCHEMA`, perhaps with `role` and `attribution`; absent ones count as null.
        facts: search engines, noise, categories of filters.
        calendar: the site's school days, hours and time zone.
        quiet: hosts that nobody goes to.

    """
    return (
        with_device_key(conform(events, {name: t for name, t in _SCHEMA.items() if name != "device_key"}))
        .with_columns(_found=searches(facts.engines))
        .with_columns(
            pl.coalesce("search_query", pl.col("_found").struct.field("text")).alias("search_query"),
            destination_domain(),
            destination_endpoint(),
            filter_categories(facts.categories).alias("filter_categories"),
            visibility(),
            namesake_domain().alias("namesake_domain"),
            *subject(),
            attribution(),
            *school_time(calendar),
        )
        .with_columns(
            log_level(
                facts.noise, pl.col("_found").struct.field("typing"), quiet.level("destination_domain")
            ).alias("log_level")
        )
        .with_columns(
            origin_domain().alias("origin_domain"),
            # The parts of a page name it as asker too: only a page itself was opened from results.
            pl.coalesce(
                "search_query", pl.when(pl.col("log_level") >= OWN_ACT).then(asked_from(facts.engines))
            ).alias("search_query"),
        )
        .select(*_SCHEMA)
    )


def destination_domain() -> pl.Expr:
    """Return the host that was reached, however seen; a server name rather than a bare address."""
    is_address = pl.col("url_domain").str.contains(_IPV4)
    named = pl.when(is_address).then(pl.col("tls_server_name"))
    return pl.coalesce(named, "url_domain", "tls_server_name", "dns_question_name").alias(
        "destination_domain"
    )


def destination_endpoint() -> pl.Expr:
    """Return address and port of a connection that a firewall or a capture saw, as lists of relays write them."""
    address = pl.col("destination_ip")
    is_v6 = address.str.contains(":", literal=True)
    ends = pl.when(is_v6).then(pl.format("[{}]", address)).otherwise(address)
    seen = pl.col("log_class").is_in(CONNECTIONS)
    return pl.when(seen).then(pl.format("{}:{}", ends, "destination_port")).alias("destination_endpoint")


def visibility() -> pl.Expr:
    """Return how much was seen: `url`, `host`, `dns`, or `event` where no host is named."""
    connect = pl.col("http_request_method").str.to_uppercase() == "CONNECT"
    page = pl.col("url_path").str.len_bytes() > 0
    return (
        pl.when(page & ~connect.fill_null(value=False))
        .then(pl.lit("url"))
        .when(pl.any_horizontal(pl.col("url_domain", "tls_server_name").is_not_null()))
        .then(pl.lit("host"))
        .when(pl.col("dns_question_name").is_not_null())
        .then(pl.lit("dns"))
        .otherwise(pl.lit("event"))
        .alias("visibility")
    )


def subject() -> tuple[pl.Expr, pl.Expr]:
    """Return `subject` and `subject_kind`: account, else device, else hardware or IP address, else `unknown`."""
    account = pl.col("user_name").str.to_lowercase().str.strip_chars()
    computer = account.is_in(NOT_PERSONS) | account.str.ends_with("$")
    user = pl.when(~computer).then(account)
    device = pl.col("host_name").str.to_lowercase()
    kind = (
        pl.when(user.is_not_null())
        .then(pl.lit("user"))
        .when(device.is_not_null())
        .then(pl.lit("device"))
        .otherwise(pl.lit("address"))
    )
    whom = pl.coalesce(user, device, "source_mac", "source_ip", pl.lit("unknown"))
    return whom.alias("subject"), kind.alias("subject_kind")


def attribution() -> pl.Expr:
    """Return `lease` where the log of an address's leases lent the event its account or device, else `logged`."""
    named = pl.any_horizontal(pl.col("user_name", "host_name", "source_mac").is_not_null())
    return pl.coalesce("attribution", pl.when(named).then(pl.lit("logged"))).alias("attribution")


def school_time(calendar: SchoolCalendar) -> tuple[pl.Expr, pl.Expr]:
    """Return `date`, the site's calendar day, and `in_school_hours`."""
    local = pl.col("timestamp").dt.convert_time_zone(calendar.zone.key).dt
    school_days = [day for half in calendar.half_terms for day in calendar.school_days(half.start, half.end)]
    start, end = calendar.hours
    in_hours = local.time().is_between(pl.lit(start), pl.lit(end), closed="left")
    return (
        local.date().alias("date"),
        (local.date().is_in(pl.Series(school_days, dtype=pl.Date).implode()) & in_hours).alias(
            "in_school_hours"
        ),
    )
