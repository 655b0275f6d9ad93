"""Networks, ports and pages in the index: what an address, an address with its port, or a web address meets."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.lists.index import ENTRY_SCHEMA, DomainIndex, DomainList
from aup_monitor.lists.overrides import OVERRIDE_SCHEMA
from aup_monitor.lists.places import canonical_network, canonical_page


def index(*entries: str, protective: tuple[str, ...] = ()) -> DomainIndex:
    """Return an index of one category, and of the protective list."""
    rows = [(entry, "x", "ours", False) for entry in entries]
    rows += [(entry, "protective", "help", False) for entry in protective]
    return DomainIndex(
        pl.DataFrame(sorted(rows), schema=ENTRY_SCHEMA, orient="row"), pl.DataFrame(schema=OVERRIDE_SCHEMA)
    )


def met(domains: DomainIndex, *values: str) -> dict[str, str]:
    """Return the entry that each listed value meets."""
    found = DomainList(domains, "x").find(pl.Series(values))
    return dict(found.select("value", "entry").iter_rows())


def test_address_is_in_a_network() -> None:
    """An address meets the networks that hold it, the narrowest first; its neighbours beyond the end meet none."""
    domains = index("192.0.2.0/24", "192.0.2.4/31", "2001:db8::/32")
    assert met(
        domains, "192.0.2.5", "192.0.2.6", "192.0.3.0", "2001:db8::1", "[2001:db8::2]", "2001:db9::1"
    ) == {
        "192.0.2.5": "192.0.2.4/31",
        "192.0.2.6": "192.0.2.0/24",
        "2001:db8::1": "2001:db8::/32",
        "[2001:db8::2]": "2001:db8::/32",
    }


@given(st.integers(0, 2**32 - 1), st.integers(5, 31), st.integers(0, 2**32 - 1))
def test_networks_as_the_standard_library_has_them(start: int, length: int, asked: int) -> None:
    """Membership agrees with `ipaddress`, for an address in the network and for any other."""
    network = ip_network((start, length), strict=False)
    inside = network.network_address + asked % network.num_addresses
    domains = index(str(canonical_network(str(network))))
    for address in (inside, ip_address(asked)):
        assert bool(met(domains, str(address))) == (address in network)


def test_port_speaks_for_itself_alone() -> None:
    """A relay's port is met by that port; the address alone, or another port of it, is innocent."""
    domains = index("192.0.2.7:9001", "[2001:db8::7]:443")
    asked = ("192.0.2.7:9001", "192.0.2.7:443", "192.0.2.7", "[2001:db8::7]:443", "[2001:db8::7]:80")
    assert list(met(domains, *asked)) == ["192.0.2.7:9001", "[2001:db8::7]:443"]


def test_page_speaks_for_what_lies_below_it() -> None:
    """A listed page covers what lies below, whatever the scheme, port or query; not the rest of the site, nor its host."""
    domains = index("site.example/club")
    asked = [
        "https://site.example/club",
        "http://SITE.example:80/club/1?a=b",
        "site.example/club?x=1",
        "https://site.example/clubhouse",
        "https://site.example/Club",
        "https://site.example/",
        "https://other.example/club",
        "site.example",
    ]
    assert sorted(met(domains, *asked)) == sorted(asked[:3])


def test_web_address_is_not_judged_by_its_host() -> None:
    """A rule that asks about web addresses means pages; the site is asked for by its host."""
    domains = index("site.example", "other.example/a")
    assert met(domains, "https://site.example/a", "site.example") == {"site.example": "site.example"}


def test_protective_list_wins_over_pages() -> None:
    """A page of a protected site is on no list."""
    domains = index("help.example/chat", protective=("help.example",))
    assert met(domains, "https://help.example/chat/1") == {}


def test_page_that_reads_like_a_network_is_none() -> None:
    """`192.0.2.7/24` could mean 256 addresses: it is not taken for a page."""
    assert canonical_page("192.0.2.7/24") is None
    assert canonical_page("192.0.2.7/tag/x") == "192.0.2.7/tag/x"


def test_a_network_and_an_address_without_sense() -> None:
    """What only looks like an address is in no network, however the numbers run over."""
    domains = index("192.0.2.0/24", "0.0.0.0/5", "2001:db8::/32")

    assert met(domains, "192.0.1.256", "999.0.2.5", "192.0.2", "1.2.3.4.5", ":::", "[::", "192.0.2.7") == {
        "192.0.2.7": "192.0.2.0/24"
    }


def test_ports_in_other_spellings() -> None:
    """Long forms of an address and a scheme before it are the same port; a number beyond 65535 is none."""
    domains = index("[2001:db8::7]:443", "192.0.2.7:9001")

    assert list(met(domains, "[2001:0DB8:0:0::7]:443", "tcp://192.0.2.7:9001", "192.0.2.7:99999")) == [
        "[2001:0DB8:0:0::7]:443",
        "tcp://192.0.2.7:9001",
    ]
