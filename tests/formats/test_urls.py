"""Addresses split column-wise agree with the standard library's reading of them."""

from __future__ import annotations

from urllib.parse import urlsplit

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.urls import split_url

HOSTS = st.from_regex(r"[a-z0-9]{1,8}(\.[A-Za-z]{2,5}){1,2}", fullmatch=True) | st.just("[2001:db8::7]")
PARTS = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="-._~%=&+:@!,"), max_size=12
)


def split(*texts: str | None) -> list[dict[str, object]]:
    """Split the addresses of a column."""
    frame = pl.LazyFrame({"address": texts}, schema={"address": pl.String})
    return split_url(frame, "address").collect().to_dicts()


ADDRESSES = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(["http", "https", "ftp"]),
        "user": st.sampled_from(["", "u@", "u:p@"]),
        "host": HOSTS,
        "port": st.just("") | st.integers(1, 65535).map(":{}".format),
        "path": PARTS,
        "query": st.just("") | PARTS.map("?{}".format),
    }
).map(lambda parts: "{scheme}://{user}{host}{port}/{path}{query}".format(**parts))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=ADDRESSES)
def test_whole_addresses_agree_with_the_standard_library(text: str) -> None:
    """Scheme, host, port, path and query are those that `urllib` finds."""
    row, other = split(text)[0], urlsplit(text)
    assert row["url_scheme"] == other.scheme
    assert row["url_domain"] == other.hostname
    assert row["destination_port"] == (other.port or {"http": 80, "https": 443, "ftp": 21}[other.scheme])
    assert row["url_path"] == other.path
    assert row["url_query"] == (other.query or None)


def test_nothing_has_no_parts() -> None:
    """A null address and an empty one have no host."""
    assert [row["url_domain"] for row in split(None, "", "http://", "http:///x")] == [None] * 4


@settings(max_examples=50, deadline=None, derandomize=True)
@given(texts=st.lists(st.none() | st.text(max_size=20), max_size=6))
def test_any_text_gives_a_row(texts: list[str | None]) -> None:
    """Whatever is written, a row comes out for each."""
    assert len(split(*texts)) == len(texts)
