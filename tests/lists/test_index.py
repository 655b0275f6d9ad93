"""Which hosts are on a list: by parent domain, by whole address, against overrides and the protective list."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.hosts import parents
from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.lists.index import ENTRY_SCHEMA, DomainIndex, DomainList
from aup_monitor.lists.overrides import OVERRIDE_SCHEMA

Entries = list[tuple[str, str, str, bool]]
Decisions = list[tuple[str, str, str, str]]


def index(entries: Entries, decisions: Decisions | None = None) -> DomainIndex:
    """Return an index of (domain, category, source, exact) and (domain, category, action, source)."""
    frame = pl.DataFrame(sorted(set(entries)), schema=ENTRY_SCHEMA, orient="row")
    return DomainIndex(frame, pl.DataFrame(decisions or [], schema=OVERRIDE_SCHEMA, orient="row"))


def found(domains: DomainIndex, category: str, hosts: list[str]) -> list[tuple[str, str, str]]:
    """Return the (value, entry, sources) of a category."""
    frame = DomainList(domains, category).find(pl.Series(hosts, dtype=pl.String))
    assert frame.schema == pl.Schema(FOUND_SCHEMA)
    return [tuple(row) for row in frame.rows()]


GAMBLING: Entries = [("bet365.com", "gambling", "ours", False)]


def test_host_and_every_name_below_but_not_beside() -> None:
    """A domain covers itself and what is below it, not a name that merely ends in the same letters."""
    hosts = ["bet365.com", "www.bet365.com", "a.b.bet365.com", "alphabet365.com", "bet365.com.example", "com"]
    assert [row[0] for row in found(index(GAMBLING), "gambling", hosts)] == [
        "a.b.bet365.com",
        "bet365.com",
        "www.bet365.com",
    ]


def test_the_value_is_returned_as_asked() -> None:
    """Case, a final dot and a port do not hide a host, and the answer names the host as the log wrote it."""
    hosts = ["WWW.Bet365.com", "bet365.com.", "bet365.com:443"]
    assert [row[:2] for row in found(index(GAMBLING), "gambling", hosts)] == [
        (h, "bet365.com") for h in hosts
    ]


def test_most_specific_entry_and_every_source() -> None:
    """The entry met is the most specific; every source that lists the host has its vote."""
    entries = [
        *GAMBLING,
        ("www.bet365.com", "gambling", "theirs", False),
        ("bet365.com", "gambling", "third", False),
    ]
    assert found(index(entries), "gambling", ["x.www.bet365.com"]) == [
        ("x.www.bet365.com", "www.bet365.com", "ours,theirs,third")
    ]


def test_exact_entry_speaks_for_itself_alone() -> None:
    """A listed public suffix does not accuse the sites of others below it."""
    domains = index([("github.io", "hacking", "ours", True)])
    assert [row[0] for row in found(domains, "hacking", ["github.io", "school.github.io"])] == ["github.io"]


def test_addresses_are_compared_whole() -> None:
    """No part of an address is a parent domain."""
    domains = index(
        [
            ("192.0.2.7", "vpn", "ours", False),
            ("2.7", "vpn", "ours", False),
            ("2001:db8::1", "vpn", "ours", False),
        ]
    )
    hosts = ["192.0.2.7", "198.51.2.7", "2001:db8::1", "[2001:db8::1]", "1.192.0.2.7"]
    assert [row[0] for row in found(domains, "vpn", hosts)] == ["192.0.2.7", "2001:db8::1", "[2001:db8::1]"]


def test_protective_wins_over_everything() -> None:
    """A host on or below a protective name is on no list, even if a list or an override names it itself."""
    entries = [("nhs.uk", "protective", "protective", False), ("x.nhs.uk", "adult", "theirs", False)]
    domains = index(entries, [("y.nhs.uk", "adult", "add", "own-overrides")])
    assert found(domains, "adult", ["x.nhs.uk", "y.nhs.uk", "a.y.nhs.uk"]) == []
    assert [row[0] for row in found(domains, "protective", ["x.nhs.uk", "nhs.uk", "nhs.example"])] == [
        "nhs.uk",
        "x.nhs.uk",
    ]
    assert set(domains.judge(pl.Series(["x.nhs.uk"]))["verdict"]) == {"protected"}


def test_a_list_of_illegal_content_stands_above_everything() -> None:
    """A school's own list of illegal content is undone by no override and by no protective name; pages likewise."""
    entries = [
        ("nhs.uk", "protective", "protective", False),
        ("x.nhs.uk", "illegal", "held-illegal-1", False),
        ("x.nhs.uk", "adult", "theirs", False),
        ("nhs.uk/part", "illegal", "held-illegal-1", False),
    ]
    domains = index(entries, [("x.nhs.uk", "all", "remove", "o"), ("x.nhs.uk", "illegal", "remove", "o")])

    assert found(
        domains, "illegal", ["x.nhs.uk", "nhs.uk", "https://www.nhs.uk/part", "https://nhs.uk/part/a"]
    ) == [
        ("https://nhs.uk/part/a", "(not shown)", "held-illegal-1"),
        ("x.nhs.uk", "(not shown)", "held-illegal-1"),
    ]
    assert found(domains, "adult", ["x.nhs.uk"]) == []


def test_one_vote_is_told_from_several_and_an_overridden_vote_is_kept_apart() -> None:
    """Every source that lists a host is named; one whose entry an override undoes has no vote."""
    entries = [*GAMBLING, ("www.bet365.com", "gambling", "theirs", False)]

    assert found(index(entries), "gambling", ["bet365.com", "www.bet365.com"]) == [
        ("bet365.com", "bet365.com", "ours"),
        ("www.bet365.com", "www.bet365.com", "ours,theirs"),
    ]
    undone = index(entries, [("bet365.com", "gambling", "remove", "o")])
    assert found(undone, "gambling", ["bet365.com", "www.bet365.com"]) == [
        ("www.bet365.com", "www.bet365.com", "theirs")
    ]


def test_removal_speaks_for_its_name_and_those_above() -> None:
    """A removal undoes a listing of the name or of a domain above it, not of a name below that is listed itself."""
    entries = [
        ("google.com", "remote", "t", False),
        ("desk.google.com", "remote", "t", False),
        ("com.example", "remote", "t", False),
    ]
    domains = index(
        entries, [("google.com", "remote", "remove", "o"), ("a.com.example", "remote", "remove", "o")]
    )
    hosts = [
        "google.com",
        "www.google.com",
        "x.desk.google.com",
        "com.example",
        "a.com.example",
        "b.a.com.example",
    ]
    assert [row[0] for row in found(domains, "remote", hosts)] == ["com.example", "x.desk.google.com"]


def test_remove_all_then_add_one() -> None:
    """`remove: [all]` beside `add: [x]` leaves x alone."""
    entries = [("a.example", "gambling", "t", False), ("a.example", "adult", "t", False)]
    domains = index(entries, [("a.example", "all", "remove", "o"), ("a.example", "games", "add", "o")])
    assert found(domains, "gambling", ["a.example"]) == []
    assert found(domains, "adult", ["a.example"]) == []
    assert found(domains, "games", ["www.a.example"]) == [("www.a.example", "a.example", "o")]


def test_names_beyond_ascii() -> None:
    """A host written in its own letters meets the list's punycode."""
    domains = index([("xn--mnchen-3ya.example", "news", "t", False)])
    assert found(domains, "news", ["www.münchen.example"])[0][1] == "xn--mnchen-3ya.example"


def test_hostile_values() -> None:
    """Empty, endless, dotted and spaced values are on no list and end at once."""
    hosts = [
        "",
        "-",
        ".",
        "..",
        "...com",
        "a" * 100_000,
        "a." * 50_000,
        "\x00",
        " ",
        "[",
        "]:",
        "%",
        "é" * 300,
        "💩.example",
    ]
    assert found(index(GAMBLING), "gambling", hosts) == []


def test_nothing_asked_and_nothing_listed() -> None:
    """No values, or no entries: an empty answer in the right form."""
    assert found(index(GAMBLING), "gambling", []) == []
    assert found(index([]), "gambling", ["bet365.com"]) == []


def test_asking_again_gives_the_same_answer() -> None:
    """Kept answers are those of the same values, not of the last asked."""
    domains = index(GAMBLING)
    first = found(domains, "gambling", ["bet365.com", "a.example"])
    found(domains, "gambling", ["b.example"])
    assert found(domains, "gambling", ["bet365.com", "a.example"]) == first != []


LABEL = st.sampled_from(["a", "b", "c", "uk", "co"])
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
CATEGORY = st.sampled_from(["gambling", "adult", "protective"])


def reference(entries: Entries, decisions: Decisions, host: str, category: str) -> tuple[str, str] | None:
    """Judge one host plainly: the meaning of the index, a step at a time."""
    chain = list(parents(host))
    listed = [
        (depth, e)
        for depth, name in enumerate(chain)
        for e in entries
        if e[0] == name and (not e[3] or depth == 0)
    ]
    if any(e[1] == "protective" for _, e in listed):
        return None
    votes: list[tuple[int, str, str]] = []
    for depth, name in enumerate(chain):
        votes += [(depth, name, e[2]) for d, e in listed if d == depth and e[1] == category]
        votes += [
            (depth, name, source)
            for n, c, action, source in decisions
            if (n, c, action) == (name, category, "add")
        ]
        removed = {c for n, c, action, _ in decisions if n == name and action == "remove"}
        if category in removed:
            votes = [vote for vote in votes if vote[0] < depth]
            break
        if "all" in removed:
            votes = [vote for vote in votes if vote[0] < depth or vote[2] == "added"]
            break
    return (votes[0][1], ",".join(sorted({vote[2] for vote in votes}))) if votes else None


@given(
    st.lists(
        st.tuples(NAME, CATEGORY, st.sampled_from(["s1", "s2"]), st.booleans()),
        max_size=12,
        unique_by=lambda e: e[:3],
    ),
    st.lists(
        st.tuples(NAME, st.sampled_from(["gambling", "all"]), st.booleans()),
        max_size=4,
        unique_by=lambda d: d[:2],
    ),
    st.lists(NAME, min_size=1, max_size=8, unique=True),
)
def test_agrees_with_the_plain_reference(
    entries: Entries, chosen: list[tuple[str, str, bool]], hosts: list[str]
) -> None:
    """The joins over columns judge every host as the plain reference does."""
    decisions: Decisions = [
        (name, category, "remove", "removed")
        if category == "all" or remove
        else (name, category, "add", "added")
        for name, category, remove in chosen
    ]
    domains = index(entries, decisions)
    for category in ("gambling", "adult"):
        expected = [(h, *e) for h in sorted(hosts) if (e := reference(entries, decisions, h, category))]
        assert found(domains, category, hosts) == expected
