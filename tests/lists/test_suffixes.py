"""Public suffixes in columns say what the library says of one name."""

from __future__ import annotations

import polars as pl
import pytest

from aup_monitor.core.hosts import registrable_domain
from aup_monitor.lists.suffixes import is_public_suffix

NAMES = [
    *(
        "com",
        "co.uk",
        "gov.uk",
        "nhs.uk",
        "sch.uk",
        "anything.sch.uk",
        "github.io",
        "translate.goog",
        "cloudfront.net",
    ),
    *(
        "bet365.com",
        "bbc.co.uk",
        "school.anything.sch.uk",
        "foo.github.io",
        "www.ck",
        "other.ck",
        "city.kawasaki.jp",
    ),
    *("xn--p1ai", "onion", "azureedge.net", "not-a-real-tld-zz"),
]


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_library(name: str) -> None:
    """A name is a suffix here exactly if nobody can have registered it."""
    frame = pl.DataFrame({"domain": [name]})
    assert frame.select(is_public_suffix("domain")).item() is (
        registrable_domain("probe." + name) != registrable_domain(name)
    )
