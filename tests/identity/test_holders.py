"""Who held an address: by hand, against a plain reading of the rules one row at a time, and the events that it explains."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.schema import LEASE_SCHEMA, TIME
from aup_monitor.identity.holders import HOLDINGS_SCHEMA, holdings, with_holders

START: Final = datetime(2026, 1, 12, 8, tzinfo=UTC)
LONGEST: Final = timedelta(minutes=24)
IP: Final = "192.168.7.21"
A, B = "00:53:0a:0b:0c:0d", "00:53:0a:0b:0c:0e"


def at(minute: float | None) -> datetime | None:
    """Return a time so many minutes after the start."""
    return None if minute is None else START + timedelta(minutes=minute)


def said(  # noqa: PLR0913, PLR0917 - one for each column that matters
    begin: float | None,
    end: float | None,
    mac: str | None = None,
    host: str | None = None,
    user: str | None = None,
    ip: str = IP,
) -> dict[str, Any]:
    """Return a statement."""
    return {
        "site": "main",
        "source_ip": ip,
        "source_mac": mac,
        "host_name": host,
        "user_name": user,
        "valid_from": at(begin),
        "valid_to": at(end),
    }


def found(*statements: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return holdings as (from, to, mac, host, user), times in minutes."""
    rows = pl.LazyFrame(list(statements), schema=dict(LEASE_SCHEMA))
    return [
        (
            minutes(row["valid_from"]),
            minutes(row["valid_to"]),
            row["source_mac"],
            row["host_name"],
            row["user_name"],
        )
        for row in holdings(rows, LONGEST).collect().to_dicts()
    ]


def minutes(time: datetime) -> float:
    """Return the minutes since the start."""
    return (time - START) / timedelta(minutes=1)


def test_nothing_said_is_nothing_held() -> None:
    """No statements are no holdings, of the right columns."""
    none = holdings(pl.LazyFrame(schema=dict(LEASE_SCHEMA))).collect()
    assert none.height == 0
    assert dict(none.schema) == HOLDINGS_SCHEMA


def test_renewals_are_one_holding_that_keeps_the_name() -> None:
    """A lease that is renewed in time is one holding; of its names the newest that was said counts."""
    assert found(said(0, 10, A, "old"), said(5, 15, A, "pc-4"), said(12, 20, A)) == [(0, 20, A, "pc-4", None)]
    assert found(said(0, 5, A), said(10, 15, A)) == [(0, 5, A, None, None), (10, 15, A, None, None)]
    assert found(said(0, 30, A), said(5, 8, A)) == [(0, 8, A, None, None)]


def test_an_end_that_nobody_told() -> None:
    """Without an end a holding lasts until it is given back, until another device comes, or for so long at most."""
    assert found(said(0, None, A)) == [(0, 24, A, None, None)]
    assert found(said(0, None, A), said(None, 7, A)) == [(0, 7, A, None, None)]
    assert found(said(0, None, A), said(None, 7, B)) == [(0, 24, A, None, None)]
    assert found(said(0, None, A), said(None, 7)) == [(0, 7, A, None, None)]
    assert found(said(0, None, A), said(7, None, B)) == [(0, 7, A, None, None), (7, 31, B, None, None)]
    assert found(said(0, None, A), said(7, None)) == [(0, 7, A, None, None)]


def test_a_session_that_stops_ends_its_start() -> None:
    """A start without an end lasts until the stop's end, even where clocks differ by a second."""
    assert found(said(1, None, user="amina"), said(0.9, 20, user="Amina")) == [(0.9, 20, None, None, "amina")]


def test_a_device_and_a_person_side_by_side() -> None:
    """The lease tells the device and the portal the person; rows of one address never overlap."""
    lease, login = said(0, 60, A, "pc-4"), said(10, None, user="amina")
    assert found(lease, login, said(None, 20, user="amina")) == [
        (0, 10, A, "pc-4", None),
        (10, 20, A, "pc-4", "amina"),
        (20, 60, A, "pc-4", None),
    ]
    assert found(lease, login, said(None, 20, A)) == [(0, 10, A, "pc-4", None), (10, 20, A, "pc-4", "amina")]
    assert found(lease, login, said(20, 30, B)) == [
        (0, 10, A, "pc-4", None),
        (10, 20, A, "pc-4", "amina"),
        (20, 30, B, None, None),
    ]


def test_the_first_device_seen_does_not_end_a_session() -> None:
    """A lease that is first told after the log-on, or told again, is no change of the device."""
    assert found(said(0, None, user="amina"), said(5, 30, A), said(9, 40, A)) == [
        (0, 5, None, None, "amina"),
        (5, 24, A, None, "amina"),
        (24, 40, A, None, None),
    ]


def test_addresses_and_sites_are_apart() -> None:
    """What is said of one address says nothing of another, nor of the same one at another site."""
    other = said(0, None, A) | {"site": "annexe"}
    rows = found(
        said(0, None, A), said(5, None, B, ip="192.168.7.22"), other | said(7, None, B) | {"site": "annexe"}
    )
    assert [row[:2] for row in rows] == [(7, 31), (0, 24), (5, 29)]


Statement = dict[str, Any]


def plain(statements: list[Statement], minute: float) -> tuple[str | None, str | None]:
    """Return device and person of a moment by the rules, read one after the other."""
    time = START + timedelta(minutes=minute)
    device = plain_holder([s for s in statements if not only_person(s)], "source_mac", time, [])
    cuts = device_changes(statements)
    persons = [s for s in statements if s["user_name"] or s["valid_from"] is None]
    return device, plain_holder(persons, "user_name", time, cuts)


def only_person(statement: Statement) -> bool:
    """Tell a statement that names a person and no device."""
    return bool(statement["user_name"]) and not statement["source_mac"]


def order(statement: Statement) -> tuple[Any, ...]:
    """Return by what statements are ordered; an absent value comes first."""
    keys = ("valid_to", "source_mac", "host_name", "user_name")
    return (statement["valid_from"], *((statement[k] is not None, str(statement[k])) for k in keys))


def plain_holder(said: list[Statement], key: str, time: datetime, cuts: list[datetime]) -> str | None:
    """Return the holder of one kind at a time: the newest statement's, if nothing has ended it."""
    given = sorted((s for s in said if s["valid_from"] and s["valid_from"] <= time), key=order)
    if not given or not given[-1][key]:
        return None
    newest = given[-1]
    begin, holder = newest["valid_from"], newest[key]
    backs = [s for s in said if s["valid_from"] is None and s["valid_to"]]
    ends = [s["valid_to"] for s in backs if s[key] in (None, holder)] + cuts
    if newest["valid_to"]:
        ends.append(newest["valid_to"])
    else:
        of_holder = [s["valid_to"] for s in said if s[key] == holder and s["valid_to"]]
        ends += [end for end in of_holder if end > begin] + [begin + LONGEST]
    # The newest statement's own end may lie before its beginning; then it never held.
    if newest["valid_to"] and newest["valid_to"] <= begin:
        return None
    return holder if all(end <= begin or end > time for end in ends) else None


def device_changes(statements: list[Statement]) -> list[datetime]:
    """Return when the address went to another device than the one that held it last, or to somebody unknown."""
    devices = [s for s in statements if not only_person(s)]
    last, changes = None, []
    for time in sorted({s["valid_from"] for s in devices if s["valid_from"]}):
        holder = plain_holder(devices, "source_mac", time, [])
        if holder and last and holder != last:
            changes.append(time)
        last = holder or last
    unknown = [
        s["valid_from"] for s in devices if s["valid_from"] and not s["source_mac"] and not s["user_name"]
    ]
    return changes + unknown


minute = st.integers(0, 40)
statement = st.builds(
    said,
    st.one_of(st.none(), minute),
    st.one_of(st.none(), minute),
    st.sampled_from([None, A, B]),
    st.none(),
    st.sampled_from([None, None, "amina", "dai"]),
)


@settings(max_examples=60)
@given(statements=st.lists(statement, max_size=8))
def test_holdings_are_what_the_rules_say_at_any_moment(statements: list[Statement]) -> None:
    """At every half minute the vectorised answer is the plain one, and rows of an address do not overlap."""
    rows = found(*statements)
    assert all(row[0] < row[1] for row in rows)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(rows))
    for half in range(140):
        time = half / 2
        row = next((row for row in rows if row[0] <= time < row[1]), None)
        mine = (row[2], row[4]) if row else (None, None)
        assert mine == plain(statements, time), (time, rows)


@settings(max_examples=20)
@given(statements=st.lists(statement, max_size=8), seed=st.integers(0, 5))
def test_the_order_of_statements_does_not_matter(statements: list[Statement], seed: int) -> None:
    """Logs may come in any order, and twice."""
    turned = statements[seed:] + statements[:seed]
    assert found(*turned, *statements) == found(*statements)


def events(*rows: dict[str, Any]) -> pl.LazyFrame:
    """Return events at the site and address."""
    schema = {
        "timestamp": TIME,
        **dict.fromkeys(("site", "source_ip", "source_mac", "host_name", "user_name"), pl.String),
    }
    whole = [{"site": "main", "source_ip": IP} | row for row in rows]
    return pl.LazyFrame(whole, schema=schema)


def test_events_get_what_they_lack() -> None:
    """An event takes device and person of its time; what it says itself stays, and the order of rows too."""
    held = holdings(
        pl.LazyFrame([said(0, 60, A, "pc-4"), said(10, 20, user="amina")], schema=dict(LEASE_SCHEMA)), LONGEST
    )
    asked = events(
        {"timestamp": at(15)},
        {"timestamp": at(5)},
        {"timestamp": at(15), "user_name": "dai"},
        {"timestamp": at(60)},
        {"timestamp": at(15), "source_mac": B},
        {"timestamp": at(15), "source_ip": None},
        {"timestamp": at(15), "site": "annexe"},
        {"timestamp": at(5), "host_name": "own"},
    )
    rows = with_holders(asked, held).collect().to_dicts()
    assert [(row["source_mac"], row["host_name"], row["user_name"], row["attribution"]) for row in rows] == [
        (A, "pc-4", "amina", "lease"),
        (A, "pc-4", None, "lease"),
        (A, "pc-4", "dai", "logged"),
        (None, None, None, None),
        (B, None, None, "logged"),
        (None, None, None, None),
        (None, None, None, None),
        (A, "own", None, "logged"),
    ]


def test_events_without_the_columns_get_them() -> None:
    """A frame that has no columns of devices or persons has them afterwards, and nothing more but `attribution`."""
    held = holdings(pl.LazyFrame([said(0, 60, A)], schema=dict(LEASE_SCHEMA)))
    bare = events({"timestamp": at(1)}).select("timestamp", "site", "source_ip")
    answer = with_holders(bare, held).collect()
    assert set(answer.columns) == {
        *("timestamp", "site", "source_ip", "source_mac", "host_name", "user_name", "attribution")
    }
    assert answer["source_mac"].to_list() == [A]


def test_events_without_addresses_are_nobody_elses() -> None:
    """Events of a file that has no addresses, such as a telephone exchange's, get nothing of any lease."""
    held = holdings(pl.LazyFrame([said(0, 60, A)], schema=dict(LEASE_SCHEMA)))
    answer = with_holders(events({"timestamp": at(1)}).select("timestamp", "site"), held).collect()
    assert answer.select("source_ip", "source_mac", "attribution").row(0) == (None, None, None)
