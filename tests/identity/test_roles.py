"""Roles from the directory and from rules, and what a report calls a subject."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.incident import ROLES
from aup_monitor.core.people import PEOPLE_SCHEMA, Directory, RoleRule
from aup_monitor.identity.roles import assign_roles, display

DIRECTORY = Directory(
    pl.DataFrame(
        [
            ("a.khan", "Amina Khan", "staff", None, "main"),
            ("guest1", None, "visitor", None, None),
            ("new", "Nia Eve Worth", "unknown", None, None),
        ],
        schema=PEOPLE_SCHEMA,
        orient="row",
    )
)
NOBODY = Directory()
SCHEMA = {"user_name": pl.String, "user_group": pl.String, "source_ip": pl.String}


def roles(rules: list[RoleRule], *events: tuple[str | None, str | None, str | None]) -> list[str]:
    """Return the roles of events given as (user, group, address)."""
    frame = pl.DataFrame(list(events), schema=SCHEMA, orient="row").lazy()
    return assign_roles(frame, DIRECTORY, rules).collect()["role"].to_list()


def test_the_directory_goes_before_the_rules() -> None:
    """A listed account keeps its role on the pupils' network, in any case; an `unknown` one is left to the rules."""
    rules = [RoleRule("pupil", network="10.20.0.0/16")]
    events = [("A.Khan", None, "10.20.1.1"), ("new", None, "10.20.1.1"), ("new", None, "10.9.1.1")]
    assert roles(rules, *events) == ["staff", "pupil", "unknown"]


def test_the_first_rule_that_fits_counts() -> None:
    """Rules are tried in their order; account and group are looked at past case."""
    rules = [
        RoleRule("staff", user=r"^s\."),
        RoleRule("governor", group="govern"),
        RoleRule("pupil", user="s"),
    ]
    events = [
        ("S.Lee", "Governors", None),
        ("x", "CN=Governors", None),
        ("ks", None, None),
        (None, None, None),
    ]
    assert roles(rules, *events) == ["staff", "governor", "pupil", "unknown"]


def test_a_rule_wants_all_its_conditions() -> None:
    """Account, group and network together: one that fails is enough for no."""
    rule = RoleRule("pupil", user=r"^\d\d", group="Year", network="10.20.0.0/16")
    fits = ("22abc", "Year 9", "10.20.3.4")
    others = [("abc", "Year 9", "10.20.3.4"), ("22abc", None, "10.20.3.4"), ("22abc", "Year 9", None)]
    assert roles([rule], fits, *others) == ["pupil", "unknown", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.20.0.0/16", ["10.20.0.0", "10.20.255.255", "::ffff:10.20.0.7"], ["10.19.255.255", "10.21.0.0"]),
        ("10.20.5.9/16", ["10.20.0.1"], ["10.30.0.1"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.8"]),
        ("2001:db8:20::/48", ["2001:db8:20::1", "2001:DB8:20:ffff::"], ["2001:db8:21::1", "10.20.0.1"]),
        ("::/0", ["2001:db8::1"], ["10.20.0.1"]),
        ("0.0.0.0/0", ["10.20.0.1"], ["::1", "10.20.0.256", "x", "", "fe80::1%eth0%"]),
    ],
)
def test_networks(network: str, inside: list[str], outside: list[str]) -> None:
    """First and last address are in, their neighbours are out; versions do not mix; a bad address is in none."""
    events = [(None, None, address) for address in inside + outside]
    expected = ["pupil"] * len(inside) + ["unknown"] * len(outside)
    assert roles([RoleRule("pupil", network=network)], *events) == expected


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 32))
def test_networks_agree_with_the_standard_library(address: object, base: object, length: int) -> None:
    """For any address and network the answer is that of `ipaddress`, IPv4 within IPv6 apart."""
    network = ip_network(f"{base}/{length}", strict=False)
    asked = ip_address(str(address))
    mapped = getattr(asked, "ipv4_mapped", None)
    expected = "pupil" if (mapped or asked) in network else "unknown"
    assert roles([RoleRule("pupil", network=str(network))], (None, None, str(address))) == [expected]


def test_order_and_columns_are_kept() -> None:
    """Events keep their order and columns; an empty `role` is written over; absent columns count as null."""
    frame = pl.DataFrame({"n": [3, 1, 2], "user_name": ["a.khan", None, "b"], "role": [None, None, None]})
    answer = assign_roles(frame.lazy(), DIRECTORY, [RoleRule("pupil", network="10.0.0.0/8")]).collect()
    assert answer.columns == ["n", "user_name", "role"]
    assert answer.rows() == [(3, "a.khan", "staff"), (1, None, "unknown"), (2, "b", "unknown")]
    empty = assign_roles(frame.head(0).lazy(), NOBODY, [RoleRule("pupil", network="10.0.0.0/8")]).collect()
    assert dict(empty.schema)["role"] == pl.String


def test_every_role_that_comes_out_is_one() -> None:
    """Nothing but the known roles, never null."""
    events = [(user, None, ip) for user in ("a.khan", "x", None) for ip in ("10.0.0.1", "y", None)]
    assert set(roles([RoleRule("contractor", user="x")], *events)) <= set(ROLES)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (RoleRule("pupil", network="10.20.0.0/33"), "no network"),
        (RoleRule("pupil", network="pupils"), "no network"),
        (RoleRule("pupil", user="("), "no regular expression"),
        (RoleRule("pupil", group="(?=x)"), "no regular expression"),
    ],
)
def test_a_rule_that_cannot_be_used_is_an_error(rule: RoleRule, words: str) -> None:
    """A bad network or expression is told as a mistake of aup.toml, not met later."""
    with pytest.raises(ConfigError, match=words) as caught:
        roles([rule])
    assert "aup.toml" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("subject", "kind", "shown"),
    [
        ("a.khan", "user", "A.K."),
        (r"OAKHILL\A.KHAN", "user", "A.K."),
        ("guest1", "user", "G."),
        ("j.smith", "user", "J.S."),
        ("jsmith", "user", "J."),
        ("jane_van-doe", "user", "J.V.D."),
        ("22jsmith", "user", "J."),
        ("j.smith@oakhill.example", "user", "J.S."),
        ("202611", "user", "unnamed account"),
        ("", "user", "unnamed account"),
        ("LIB-PC-07", "device", "LIB-PC-07"),
        ("192.0.2.7", "address", "192.0.2.7"),
        ("a.khan", "device", "a.khan"),
    ],
)
def test_what_a_report_calls_a_subject(subject: str, kind: str, shown: str) -> None:
    """Listed people by the initials of their name, others by what the account shows, devices and addresses as they are."""
    assert display(subject, kind, DIRECTORY) == shown


def test_a_million_events_take_seconds_at_most() -> None:
    """Only distinct addresses are looked at one by one: a million events of a thousand clients are quick."""
    count = 1_000_000
    frame = pl.DataFrame({"n": range(count)}).select(
        user_name=pl.concat_str(pl.lit("u"), pl.col("n") % 900),
        source_ip=pl.concat_str(pl.lit("10.20.3."), pl.col("n") % 250),
    )
    answer = assign_roles(frame.lazy(), DIRECTORY, [RoleRule("pupil", network="10.20.0.0/16")]).collect()
    assert answer["role"].unique().to_list() == ["pupil"]
