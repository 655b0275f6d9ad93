"""What the lists say of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from school import LISTED

from aup_monitor.core.errors import ConfigError
from aup_monitor.jobs.lists import explain, status_rows

if TYPE_CHECKING:
    from school import School


def test_status() -> None:
    """Every list has its source, state, number of entries and licence."""
    rows = status_rows(None)
    assert {"list.gambling", "terms.gambling", "approved.software"} <= {row["name"] for row in rows}
    assert all(row["state"] and row["licence"] for row in rows)


def test_a_listed_host_a_part_of_it_and_another() -> None:
    """A host below a listed one is on the list; one of another name is not."""
    assert [row["category"] for row in explain(None, LISTED)] == ["gambling"]
    assert [row["entry"] for row in explain(None, "casino.bet365.com")] == ["bet365.com"]
    assert explain(None, "notbet365.com") == []


@pytest.mark.parametrize("written", ["WWW.BET365.COM", "www.bet365.com.", "www.bet365.com:443"])
def test_a_host_however_it_is_written(written: str) -> None:
    """Case, a final dot and a port make no difference."""
    assert explain(None, written) == explain(None, LISTED)


@pytest.mark.parametrize("text", ["https://www.bet365.com/", "", "two words", "a@b.example"])
def test_what_is_no_host(text: str) -> None:
    """An address, or no name, is an error that shows how to ask: it must not read as `on no list`."""
    with pytest.raises(ConfigError, match=r"is no host name\n  Next: .*aup lists show"):
        explain(None, text)


def test_the_schools_own_word(empty_school: School) -> None:
    """Its own list, and its override, show with their verdict."""
    empty_school.write("lists/own/gambling.txt", "www.example.net\n")
    empty_school.write(
        "lists/overrides.yml", "overrides:\n  - {domain: bet365.com, remove: [gambling], reason: a lesson}\n"
    )
    assert [row["verdict"] for row in explain(empty_school.workspace, "www.example.net")] == ["listed"]
    assert "overridden" in [row["verdict"] for row in explain(empty_school.workspace, LISTED)]
