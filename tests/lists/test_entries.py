"""Entries and terms that do more than their writer meant, or nothing, are told of; sound ones are not."""

from __future__ import annotations

import polars as pl

from aup_monitor.core.resources import resource
from aup_monitor.lists import load_lists
from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.entries import cancelled, doubtful_hosts
from aup_monitor.lists.listfile import read_list_file
from aup_monitor.lists.terms import TERM_SCHEMA, parse_terms
from aup_monitor.lists.texts import SUPPORT

LINES = ["# title: Ours", "", "odds.example", "co.uk", "*.github.io", "one.github.io", "not a host"]


def term(text: str, theme: str) -> tuple[object, ...]:
    """Return one phrase."""
    return (text, "phrase", "en", 3, theme, [], "ours", f" {text} ")


def terms(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Return terms."""
    return pl.DataFrame(list(rows), schema=TERM_SCHEMA, orient="row")


def test_names_below_which_anybody_may_make_a_site_are_told_of() -> None:
    """With the line; a site below such a name is sound."""
    lists = load_lists([resource("rules")], None)
    found = list(doubtful_hosts(LINES, "gambling", lists.judge))

    assert [(one.line, one.text) for one in found] == [(4, "co.uk"), (5, "*.github.io")]


def test_a_term_of_people_who_look_for_help_finds_nothing() -> None:
    """Its own theme's protective terms cancel it, and a search for help of any kind, where the theme has such terms."""
    protective = terms(term("stop betting", "gambling"))
    support = terms(term("help my friend", "support"))
    own = terms(
        term("stop betting", "gambling"),
        term("stop betting", "drugs"),
        term("help my friend", "gambling"),
        term("help my friend", "bullying"),
        term("place a bet", "gambling"),
    )

    assert list(cancelled(own, protective, support)) == ["stop betting", "help my friend"]


def test_no_term_that_ships_finds_nothing() -> None:
    """Our own lists are held to it."""
    folder = resource("rules", "terms")
    read = {
        path.stem: parse_terms(read_list_file(path), "ours").terms for path in sorted(folder.glob("*.tsv"))
    }
    accusing = pl.concat([frame for name, frame in read.items() if name not in {PROTECTIVE, SUPPORT}])

    assert list(cancelled(accusing, read[PROTECTIVE], read[SUPPORT])) == []
