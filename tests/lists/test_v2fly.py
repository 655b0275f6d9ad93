"""What a v2fly list includes, with its marks."""

from __future__ import annotations

import pytest

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.v2fly import flat_rules


def flat(**files: str) -> list[str]:
    """Return the rules of the file `all`."""
    return sorted(flat_rules("all", files.__getitem__))


def test_rules_and_those_of_what_is_included() -> None:
    """Comments, empty lines and marks go; each rule is there once."""
    assert flat(
        all="# games\ninclude:shop # more\n\nfull:a.example @cn\nb.example", shop="b.example\nregexp:^c$\n"
    ) == ["b.example", "full:a.example", "regexp:^c$"]


def test_marks_narrow_an_inclusion_all_the_way_down() -> None:
    """`@a` asks for rules so marked, `@-b` for those not so marked, also through a file between."""
    assert flat(
        all="include:one @a @-b", one="include:two\nx.example", two="y.example @a\nz.example @a @b"
    ) == ["y.example"]


def test_file_included_twice_with_other_marks_counts_for_both() -> None:
    """What one inclusion leaves out another may bring."""
    assert flat(all="include:one @a\ninclude:one @b", one="x.example @a\ny.example @b\nz.example") == [
        "x.example",
        "y.example",
    ]


def test_advertising_hosts_are_left_out() -> None:
    """A company's advertising host is met on everybody's pages, and is no visit to the company."""
    assert flat(all="include:one", one="x.example\nads.example @ads") == ["x.example"]


def test_files_that_include_each_other_end() -> None:
    """A circle is walked once."""
    assert flat(all="include:one\na.example", one="include:all\nb.example") == ["a.example", "b.example"]


def test_circle_with_ever_new_marks_ends() -> None:
    """A circle that adds marks each time round can only add those that there are."""
    assert flat(all="include:all @a @-b @-c\nx.example @a") == ["x.example"]


def test_missing_file_is_the_callers_error() -> None:
    """Half a list is not taken for the whole."""

    def text_of(name: str) -> str:
        if name == "all":
            return "include:gone"
        raise RuleError("not there", where=name, fix="give all")

    with pytest.raises(RuleError, match="gone"):
        flat_rules("all", text_of)
