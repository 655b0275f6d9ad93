"""Lists of all folders together: ours, the school's, their state and problems."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from aup_monitor.core.errors import AupError, RuleError
from aup_monitor.core.resources import resource
from aup_monitor.lists import EXPLAIN_COLUMNS, STATUS_SCHEMA, Lists, load_lists
from aup_monitor.lists.terms import COLUMNS

HEADER = "\t".join(COLUMNS) + "\n"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """Return an empty workspace."""
    for folder in ("lists/own", "lists/downloaded", "lists/approved", "terms"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def with_school(school: Path, cache: Path | None = None) -> Lists:
    """Return our lists and the school's."""
    return load_lists([resource("rules"), school], cache)


def on(lists: Lists, name: str, *values: str) -> list[str]:
    """Return which values are on a list."""
    return lists.lookups()[name].find(pl.Series(values, dtype=pl.String))["value"].to_list()


def test_empty_workspace_changes_nothing(school: Path) -> None:
    """A school that adds nothing has exactly our lists."""
    ours = load_lists([resource("rules")], None)
    assert with_school(school).status().equals(ours.status())
    assert ours.status().schema == pl.Schema(STATUS_SCHEMA)


def test_school_adds_to_every_kind(school: Path) -> None:
    """A school's own names, terms, approvals, protections and overrides hold beside ours."""
    (school / "lists/own/gambling.txt").write_text("local-bets.example\n")
    (school / "lists/own/anime.txt").write_text("cartoons.example\n")
    (school / "lists/protective.txt").write_text("our-counsellor.example\n")
    (school / "lists/overrides.yml").write_text(
        "overrides:\n  - {domain: coral.co.uk, remove: [gambling], reason: the marine biology project}\n"
        "  - {domain: our-counsellor.example, add: [gambling], reason: a mistake}\n"
    )
    (school / "lists/approved/devices.txt").write_text("0951:1666\n")
    (school / "terms/gambling.tsv").write_text(HEADER + "local bets\tphrase\ten\t2\tgambling\t\n")
    lists = with_school(school)
    assert on(
        lists, "list.gambling", "bet365.com", "coral.co.uk", "local-bets.example", "our-counsellor.example"
    ) == [
        "bet365.com",
        "local-bets.example",
    ]
    assert on(lists, "list.anime", "www.cartoons.example") == ["www.cartoons.example"]
    assert on(lists, "terms.gambling", "local bets", "online casino") == ["local bets", "online casino"]
    assert on(lists, "approved.devices", "0951:1666:A1") == ["0951:1666:A1"]
    assert lists.problems().is_empty()
    assert {"own-gambling", "own-overrides", "own-protective", "own-terms-gambling"} <= set(
        lists.versions()["source"]
    )


def test_settings_approve_too() -> None:
    """What the settings approve holds beside the files, and a bad line there is named."""
    lists = load_lists([resource("rules")], None, {"devices": ["0951:1666", "any stick"]})
    assert on(lists, "approved.devices", "0951:1666", "0781:5567") == ["0951:1666"]
    assert lists.problems().select("source", "line").rows() == [("settings-devices", 2)]


def test_explain_gives_every_vote_and_verdict(school: Path) -> None:
    """Why a host is listed, or is not, can be read: entry, source and verdict."""
    (school / "lists/own/gambling.txt").write_text("gamcare.org.uk\nskybet.com\ngoogle.com\n")
    lists = with_school(school)
    assert lists.explain("m.skybet.com").rows() == [
        ("gambling", "skybet.com", "own-gambling", "listed", "2 lists say so"),
        ("gambling", "skybet.com", "starter-gambling", "listed", "2 lists say so"),
    ]
    assert lists.explain("www.gamcare.org.uk").columns == list(EXPLAIN_COLUMNS)
    assert set(lists.explain("www.gamcare.org.uk")["verdict"]) == {"protected"}
    assert set(lists.explain("www.gamcare.org.uk")["why"]) == {"the protective list holds gamcare.org.uk"}
    assert lists.explain("bet365.com")["why"].to_list() == ["this list alone says so"]
    (overridden,) = lists.explain("google.com").rows()
    assert overridden[:4] == ("gambling", "google.com", "own-gambling", "overridden")
    assert overridden[4].startswith("google.com: ")
    assert overridden[4].endswith(" (overrides)")
    assert lists.explain("nothing.example").is_empty()


def test_list_that_is_not_downloaded_is_said_to_be(school: Path) -> None:
    """Its look-up exists and finds nothing, so that rules load; its state says why it is silent."""
    lists = with_school(school)
    assert on(lists, "list.chat", "shop.example") == []
    state = lists.status().filter(pl.col("name") == "list.chat")["state"].unique().to_list()
    assert state == ["not downloaded"]


def test_downloaded_copy_is_used(school: Path) -> None:
    """A copy that lies in `downloaded/` under its catalogue id is read; one that is too short is refused and named."""
    copy = school / "lists/downloaded/ut1-dating.txt"
    copy.write_text("".join(f"date{n}.example\n" for n in range(2000)))
    assert on(with_school(school), "list.dating", "www.date7.example", "github.io") == ["www.date7.example"]
    copy.write_text("date7.example\n")
    lists = with_school(school)
    assert on(lists, "list.dating", "www.date7.example", "tinder.com") == ["tinder.com"]
    refused = lists.status().filter(pl.col("source") == "ut1-dating").row(0, named=True)
    assert (refused["state"], refused["problems"]) == ("not used", 1)
    assert "1,000 to 50,000 are expected" in lists.problems()["reason"].item()


def test_public_suffix_needs_a_deliberate_star(school: Path) -> None:
    """A downloaded list cannot take all of github.io; a school that writes `*.github.io` can."""
    (school / "lists/downloaded/ut1-dating.txt").write_text(
        "*.github.io\n" + "".join(f"date{n}.example\n" for n in range(2000))
    )
    assert on(with_school(school), "list.dating", "github.io", "project.github.io") == ["github.io"]
    (school / "lists/own/dating.txt").write_text("*.github.io\n")
    assert on(with_school(school), "list.dating", "project.github.io") == ["project.github.io"]


def test_list_can_be_switched_off(school: Path) -> None:
    """A school's catalogue entry with one of our ids replaces ours."""
    (school / "lists/catalogue.yml").write_text(
        "lists:\n  - {id: starter-dating, title: Dating, categories: [dating], licence: own, file: own/x.txt, enabled: false}\n"
    )
    lists = with_school(school)
    assert on(lists, "list.dating", "tinder.com") == []
    assert lists.status().filter(pl.col("source") == "starter-dating")["state"].item() == "off"


def test_bad_lines_are_counted_and_named(school: Path) -> None:
    """Each bad line is named with its file and line, and counted beside its list."""
    (school / "lists/own/gambling.txt").write_text("bets.example\nnot a host\n")
    (school / "terms/gambling.tsv").write_text(HEADER + "x\n")
    (school / "lists/overrides.yml").write_text(
        "overrides:\n  - {domain: a.example, add: [gamling], reason: typing}\n"
    )
    (school / "lists/own/My list.txt").touch()
    lists = with_school(school)
    named = lists.problems().select("source", "line").rows()
    assert named == [("own-gambling", 2), ("own-lists", 0), ("own-overrides", 0), ("own-terms-gambling", 2)]
    assert lists.status().filter(pl.col("source") == "own-gambling")["problems"].item() == 1
    assert lists.problems()["file"].drop_nulls().str.starts_with(str(school)).all()


def test_terms_without_header_are_named_not_fatal(school: Path) -> None:
    """A broken keyword list is a named problem; the other lists work."""
    (school / "terms/slang.tsv").write_bytes(bytes(range(256)))
    lists = with_school(school)
    assert lists.problems()["source"].to_list() == ["own-terms-slang"]
    assert on(lists, "terms.slang", "anything") == []
    assert on(lists, "list.gambling", "bet365.com") == ["bet365.com"]


@pytest.mark.parametrize("name", ["lists/overrides.yml", "lists/catalogue.yml", "terms/protective.tsv"])
def test_what_guards_the_innocent_must_load(school: Path, name: str) -> None:
    """Without overrides or protective terms an innocent person could be reported: the run stops, and says where."""
    (school / name).write_text("][")
    with pytest.raises(RuleError) as caught:
        with_school(school)
    assert Path(name).name in str(caught.value)


def test_protective_list_that_cannot_be_read_stops_the_run(school: Path) -> None:
    """A damaged protective list is never skipped; another damaged list is named and skipped."""
    damaged = b"\x1f\x8b\x08\x00damaged"
    (school / "lists/own/gambling.txt").write_bytes(damaged)
    assert (
        with_school(school).status().filter(pl.col("source") == "own-gambling")["state"].item() == "missing"
    )
    (school / "lists/protective.txt").write_bytes(damaged)
    with pytest.raises(AupError, match="damaged"):
        with_school(school)


def test_no_lists_at_all_is_an_error(tmp_path: Path) -> None:
    """A wrong folder is not the same as nothing found."""
    with pytest.raises(RuleError, match="no lists"):
        load_lists([tmp_path], None)


def test_cache_gives_the_same_and_knows_a_change(school: Path, tmp_path: Path) -> None:
    """From the cache come the same answers and problems; a changed list makes a new index, a damaged one is rebuilt."""
    cache = tmp_path / "cache"
    own = school / "lists/own/gambling.txt"
    own.write_text("bets.example\nbad line\n")
    plain, cold, warm = with_school(school), with_school(school, cache), with_school(school, cache)
    for lists in (cold, warm):
        assert lists.status().equals(plain.status())
        assert lists.problems().equals(plain.problems())
        assert on(lists, "list.gambling", "bets.example", "bet365.com") == ["bet365.com", "bets.example"]
    own.write_text("other.example\n")
    assert on(with_school(school, cache), "list.gambling", "bets.example", "other.example") == [
        "other.example"
    ]
    kept = sorted(cache.iterdir())
    assert len(kept) == 2  # the index of before is gone
    kept[0].write_bytes(b"PAR1 damaged")
    assert on(with_school(school, cache), "list.gambling", "other.example") == ["other.example"]
