"""A filter's verdict in one form, however its maker writes several categories; what teaches, helps or denies accuses nobody."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.detect.categories import filter_categories
from aup_monitor.detect.facts import load_facts

CATEGORIES = load_facts().categories


@pytest.mark.parametrize(
    ("verdict", "read"),
    [
        ("Gambling", "|gambling|"),
        ("Gambling, Games", "|gambling|games|"),
        ("Gambling;Games", "|gambling|games|"),
        ("[Gambling][Adult]", "|gambling|adult|"),
        ('["Gambling", "Online Games"]', "|gambling|online games|"),
        ("['Gambling', 'Women's Sport']", "|gambling|women's sport|"),
        ("Adult/Mature Content", "|adult|mature content|"),
        ("blacklists/gambling/domains", "|blacklists|gambling|domains|"),
        ("Alcohol & Tobacco", "|alcohol and tobacco|"),
        ("alcohol-and-tobacco", "|alcohol and tobacco|"),
        ("violence.hate", "|violence hate|"),
        ("Peer-to-Peer (P2P)", "|peer to peer p2p|"),
        ("Leisure: Gambling", "|leisure gambling|gambling|"),
        ("Gambling,gambling, GAMBLING", "|gambling|"),
        ("attack: ET MALWARE Trojan, other", "|attack: et malware trojan, other|"),
        ("", None),
        (" - ", None),
        ("[]", None),
    ],
)
def test_every_makers_way_of_writing_several(verdict: str, read: str | None) -> None:
    """Commas, semicolons, bars, slashes, brackets and JSON part categories; hyphens and dots are spaces."""
    assert CATEGORIES.between_bars(verdict) == read


@pytest.mark.parametrize(
    ("verdict", "read"),
    [
        ("not gambling-related", None),
        ("Online Gambling Education", None),
        ("Adult Material: Sex Education", None),
        ("Suicide Prevention, Forums", "|forums|"),
        ("Counter-Terrorism", None),
        ("Counter-Terrorism Internet Referral Unit", "|counter terrorism internet referral unit|"),
        ("Notable Casinos", "|notable casinos|"),
    ],
)
def test_what_teaches_helps_or_denies_accuses_nobody(verdict: str, read: str | None) -> None:
    """Such a category is left out, as whole words; its neighbours stay."""
    assert CATEGORIES.between_bars(verdict) == read


@given(st.text(max_size=200))
def test_any_text_at_all(verdict: str) -> None:
    """Whatever a log holds gives nothing, or categories between single bars."""
    read = CATEGORIES.between_bars(verdict)

    assert read is None or (len(read) > 2 and read[0] == read[-1] == "|" and "||" not in read)


def test_a_column_reads_as_its_values_do() -> None:
    """Null stays null, and equal verdicts read alike."""
    verdicts = ["Games;Gambling", None, "Sex Education", "Games;Gambling"]
    frame = pl.DataFrame({"rule_category": verdicts}, schema={"rule_category": pl.String})

    found = frame.select(filter_categories(CATEGORIES)).to_series()

    assert found.to_list() == ["|games|gambling|", None, None, "|games|gambling|"]
