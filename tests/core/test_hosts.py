"""Host names."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.hosts import canonical_host, clean_host, is_address, parents, registrable_domain


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("WWW.BBC.co.uk.", "www.bbc.co.uk"),
        ("www.bbc.co.uk:443", "www.bbc.co.uk"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", None),
        ("two words", None),
        ("http://x", None),
    ],
)
def test_canonical_host(text: str, host: str | None) -> None:
    """One text for one host; what is no host is None."""
    assert canonical_host(text) == host


def test_columns_agree_with_single_values() -> None:
    """The column expression gives what the function gives, for names that are ASCII."""
    given_ = ["WWW.BBC.co.uk.", "a.example:8080", "[2001:db8::1]:443", "-", "", " x.example ", None]
    found = pl.DataFrame({"host": given_}).select(clean_host("host")).to_series().to_list()
    assert found == ["www.bbc.co.uk", "a.example", "2001:db8::1", None, None, "x.example", None]


def test_parents_and_registrable_domain() -> None:
    """Parents run from the host up; the registrable domain respects co.uk and school suffixes."""
    assert list(parents("a.b.co.uk")) == ["a.b.co.uk", "b.co.uk", "co.uk", "uk"]
    assert registrable_domain("www.bbc.co.uk") == "bbc.co.uk"
    assert registrable_domain("www.elmpark.essex.sch.uk") == "elmpark.essex.sch.uk"
    assert registrable_domain("10.0.0.1") == "10.0.0.1"
    assert is_address("2001:db8::1")
    assert not is_address("bbc.co.uk")


@given(st.text(max_size=40))
def test_any_text_is_survived(text: str) -> None:
    """No text raises, and a canonical host is a fixed point."""
    host = canonical_host(text)
    if host is not None and ":" not in host:
        assert canonical_host(host) in {host, None}
