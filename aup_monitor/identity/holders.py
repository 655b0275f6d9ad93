"""
Who held an address: from what logs say of leases and sessions (`core.schema.LEASE_SCHEMA`) to whom an event belongs.

A device (hardware address, name) and a person hold an address side by side: a DHCP server knows the one, a RADIUS server or a portal
the other. Of each there is one at a time:

- a statement holds until its own end, until the same holder's next statement, or until somebody else gets the address;
- where nobody said until when, the next thing said of the same holder's end decides, but no more than `longest` later;
- given back means ended, for the holder that is named, and for all if none is. A person's holding ends, too, when the address is
  given back by a device, or goes to another device;
- statements of the same holder that touch or overlap are one holding.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import LEASE_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST: Final = timedelta(hours=24)
"""How long a statement without an end counts, unless something ends it."""

_AT: Final = ["site", "source_ip"]
_WHO: Final = ["source_mac", "host_name", "user_name"]
_CUT: Final = [*_AT, pl.col("valid_from").alias("_cut")]
HOLDINGS_SCHEMA: Final = {name: LEASE_SCHEMA[name] for name in (*_AT, *_WHO, "valid_from", "valid_to")}


def holdings(statements: pl.LazyFrame, longest: timedelta = LONGEST) -> pl.LazyFrame:
    """
    Return who held each address from when until when, without overlap: of each address at most one row at a time.

    Args:
        statements: rows of `LEASE_SCHEMA`, in any order, from any number of logs.
        longest: how long a statement without an end counts.

    """
    said = statements.filter(pl.col("source_ip").is_not_null()).select(*HOLDINGS_SCHEMA).with_columns(_keys())
    given = said.filter(pl.col("valid_from").is_not_null())
    back = said.filter(pl.col("valid_from").is_null() & pl.col("valid_to").is_not_null())
    devices = _timeline(
        given.filter(~_only_person()), back.filter(~_only_person()), "_device", longest, cuts=[]
    )
    persons = _timeline(
        given.filter(pl.col("_person").is_not_null()),
        back,
        "_person",
        longest,
        cuts=[_changes(devices, given)],
    )
    return _together(devices, persons)


def with_holders(events: pl.LazyFrame, held: pl.LazyFrame) -> pl.LazyFrame:
    """
    Return the events with the device and person that held `source_ip` at the time, where the event itself does not say.

    An event that names another device than the holder's gets nothing of it. `attribution` says from where the best that is known
    (person, else name, else hardware address) comes: `logged`, `lease`, or null where nothing is known. The order of rows is kept.

    Args:
        events: with `timestamp`, `site`, and any of `source_ip`, `source_mac`, `host_name`, `user_name`.
        held: what `holdings` returned.

    """
    have = events.collect_schema()
    absent = [pl.lit(None, pl.String).alias(name) for name in ("source_ip", *_WHO) if name not in have]
    whose = held.select(
        *_AT, "valid_from", "valid_to", *(pl.col(name).alias(f"_held_{name}") for name in _WHO)
    )
    inside = pl.col("timestamp") < pl.col("valid_to")
    same = (pl.col("source_mac") == pl.col("_held_source_mac")).fill_null(True)
    found = [pl.when(inside & same).then(f"_held_{name}").alias(f"_held_{name}") for name in _WHO]
    return (
        events.with_columns(absent)
        .with_row_index("_event")
        .sort("timestamp")
        .join_asof(
            whose.sort("valid_from"),
            left_on="timestamp",
            right_on="valid_from",
            by=_AT,
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(found)
        .with_columns(_attribution())
        .with_columns(pl.coalesce(name, f"_held_{name}").alias(name) for name in _WHO)
        .sort("_event")
        .drop("_event", "valid_from", "valid_to", *(f"_held_{name}" for name in _WHO))
    )


def _attribution() -> pl.Expr:
    """Say where the best that is known comes from: a person before a name before a hardware address."""
    best = pl.lit(None, pl.String)
    for name in ("source_mac", "host_name", "user_name"):
        best = (
            pl.when(pl.col(name).is_not_null())
            .then(pl.lit("logged"))
            .when(pl.col(f"_held_{name}").is_not_null())
            .then(pl.lit("lease"))
            .otherwise(best)
        )
    return best.alias("attribution")


def _keys() -> list[pl.Expr]:
    """Return by what a holder is known again: a device by its hardware address, else its name; a person by the account."""
    return [
        pl.coalesce("source_mac", pl.col("host_name").str.to_lowercase()).alias("_device"),
        pl.col("user_name").str.to_lowercase().alias("_person"),
    ]


def _only_person() -> pl.Expr:
    return pl.col("_device").is_null() & pl.col("_person").is_not_null()


def _timeline(
    given: pl.LazyFrame,
    back: pl.LazyFrame,
    key: str,
    longest: timedelta,
    cuts: Sequence[pl.LazyFrame],
) -> pl.LazyFrame:
    """
    Return the holdings of one kind of holder.

    Args:
        given: statements that somebody holds the address; a null key means somebody unknown, who ends the holding before.
        back: statements that it was given back.
        key: by what a holder is known.
        longest: how long a statement without an end counts.
        cuts: times (`_cut`) at which any holding ends.

    """
    who = [*_AT, key]
    ends = pl.concat([given, back]).filter(pl.col(key).is_not_null() & pl.col("valid_to").is_not_null())
    all_back = back.filter(pl.col(key).is_null()).select(*_AT, pl.col("valid_to").alias("_cut"))
    own_back = back.filter(pl.col(key).is_not_null())
    ordered = given.sort(*_AT, "valid_from", "valid_to", *_WHO, nulls_last=False)
    ended = (
        ordered.pipe(_next, ends.select(*who, pl.col("valid_to").alias("_end")), who, "_end")
        .pipe(_next, own_back.select(*who, pl.col("valid_to").alias("_given_back")), who, "_given_back")
        .pipe(_next, pl.concat([all_back, *cuts]), _AT, "_cut")
        .sort(*_AT, "valid_from", "valid_to", *_WHO, nulls_last=False)
    )
    said = pl.coalesce("valid_to", pl.min_horizontal(pl.col("valid_from") + longest, "_end"))
    following = pl.col("valid_from").shift(-1).over(_AT)
    until = pl.min_horizontal(said, following, "_given_back", "_cut")
    return (
        ended.with_columns(until.alias("valid_to"))
        .filter((pl.col("valid_to") > pl.col("valid_from")) & pl.col(key).is_not_null())
        .pipe(_joined, key)
    )


def _next(left: pl.LazyFrame, right: pl.LazyFrame, by: list[str], name: str) -> pl.LazyFrame:
    """Add the first of the times `name` after `valid_from`, with the same `by`."""
    return left.sort("valid_from").join_asof(
        right.sort(name),
        left_on="valid_from",
        right_on=name,
        by=by,
        strategy="forward",
        allow_exact_matches=False,
        coalesce=False,
        check_sortedness=False,
    )


def _joined(pieces: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Join pieces of one holder that follow each other without a gap; of names the newest counts."""
    goes_on = (pl.col(key) == pl.col(key).shift(1).over(_AT)) & (
        pl.col("valid_from") == pl.col("valid_to").shift(1).over(_AT)
    )
    run = (~goes_on.fill_null(False)).cast(pl.Int64).cum_sum()
    return (
        pieces.sort(*_AT, "valid_from")
        .with_columns(run.alias("_run"))
        .group_by("_run", *_AT, key, maintain_order=True)
        .agg(
            *(pl.col(name).drop_nulls().last() for name in _WHO),
            pl.col("valid_from").min(),
            pl.col("valid_to").max(),
        )
    )


def _changes(devices: pl.LazyFrame, given: pl.LazyFrame) -> pl.LazyFrame:
    """Return the times at which an address goes to another device, or to somebody unknown."""
    before = pl.col("_device").shift(1).over(_AT)
    changed = devices.sort(*_AT, "valid_from").filter(pl.col("_device") != before)
    unknown = given.filter(pl.col("_device").is_null() & pl.col("_person").is_null())
    return pl.concat([changed.select(_CUT), unknown.select(_CUT)])


def _together(devices: pl.LazyFrame, persons: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row for each stretch in which neither device nor person changes."""
    spans = pl.concat(
        [devices.select(*_AT, "valid_from", "valid_to"), persons.select(*_AT, "valid_from", "valid_to")]
    )
    edges = pl.concat(
        [spans.select(*_AT, pl.col(edge).alias("_edge")) for edge in ("valid_from", "valid_to")]
    )
    stretches = (
        edges.unique()
        .sort(*_AT, "_edge")
        .with_columns(pl.col("_edge").shift(-1).over(_AT).alias("_until"))
        .filter(pl.col("_until").is_not_null())
    )
    return (
        stretches.pipe(_holder, devices, ["source_mac", "host_name"])
        .pipe(_holder, persons, ["user_name"])
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in _WHO))
        .rename({"_edge": "valid_from", "_until": "valid_to"})
        .select(*HOLDINGS_SCHEMA)
        .sort(*_AT, "valid_from")
    )


def _holder(stretches: pl.LazyFrame, held: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    """Add the holder of each stretch's beginning."""
    inside = pl.col("_edge") < pl.col("valid_to")
    return (
        stretches.sort("_edge")
        .join_asof(
            held.select(*_AT, *names, "valid_from", "valid_to").sort("valid_from"),
            left_on="_edge",
            right_on="valid_from",
            by=_AT,
            strategy="backward",
            coalesce=False,
            check_sortedness=False,
        )
        .with_columns(pl.when(inside).then(name).alias(name) for name in names)
        .drop("valid_from", "valid_to")
    )
