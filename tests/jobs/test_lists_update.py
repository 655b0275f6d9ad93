"""Updating a school's lists: from the web, from a folder, from real archives; and what its analysis and report say of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from list_server import serving
from school import NOW, squid

from aup_monitor.core.errors import AupError, ConfigError, NotFoundError, StoreError
from aup_monitor.core.locks import locked
from aup_monitor.jobs.lists import exit_code, explain, outcome_rows, status_rows, update
from aup_monitor.jobs.rulebook import load_rulebook
from aup_monitor.lists.fetch import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from list_server import ListServer
    from school import School

QUICK = Limits(silence=2, whole=5, pauses=())
LATER = NOW + timedelta(days=7)


def names(count: int) -> str:
    """Return a list of so many names."""
    return "".join(f"bets{n}.example\n" for n in range(count))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    """Return a running server of lists."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as server:
        yield server


def catalogue(school: School, web: ListServer) -> None:
    """Let the school's catalogue name two lists of the server."""
    school.write(
        "lists/catalogue.yml",
        f"""\
lists:
  - {{id: ut1-gambling, title: Bets, categories: [gambling], licence: MIT, url: "{web.url("/bets")}", entries: {{min: 10, max: 100}}}}
  - {{id: relays, title: Relays, categories: [tor-relay], licence: MIT, url: "{web.url("/relays")}", format: csv,
     columns: [ip, port], entries: {{min: 2, max: 100}}}}
""",
    )


def states(school: School, *wanted: str, given: Path | None = None) -> dict[str, str]:
    """Update these lists, and return what became of each."""
    return {one.source: one.state for one in update(school.workspace, wanted, given, NOW, limits=QUICK)}


def test_fetched_lists_are_in_use(empty_school: School, web: ListServer) -> None:
    """What was fetched is looked up at once, and the status has its day, address, licence and hash."""
    catalogue(empty_school, web)
    web.files |= {"/bets": names(20).encode(), "/relays": b"ip,port\n192.0.2.7,9001\n192.0.2.8,443\n"}
    assert states(empty_school, "gambling", "relays")["ut1-gambling"] == "new"
    assert [row["source"] for row in explain(empty_school.workspace, "www.bets7.example")] == ["ut1-gambling"]
    row = next(row for row in status_rows(empty_school.workspace) if row["source"] == "ut1-gambling")
    assert (row["state"], row["entries"], row["fetched"], row["date"]) == (
        "in use",
        20,
        "2026-09-12",
        "2026-11-22",
    )
    assert (row["origin"], row["licence"]) == (web.url("/bets"), "MIT")
    assert row["digest"]


def test_failed_update_is_said_by_analysis_and_report(empty_school: School, web: ListServer) -> None:
    """The copy of before goes on serving, and that stands among the problems until an update goes well."""
    catalogue(empty_school, web)
    web.files["/bets"] = names(60).encode()
    states(empty_school, "ut1-gambling")
    web.files["/bets"] = names(20).encode()
    outcomes = update(empty_school.workspace, ["ut1-gambling"], None, LATER, limits=QUICK)
    assert (outcomes[0].state, outcomes[0].entries, exit_code(outcomes)) == ("kept", 60, 1)
    book = load_rulebook(empty_school.workspace)
    (said,) = (problem for problem in book.problems if "ut1-gambling" in problem)
    assert "the update of 2026-09-19 failed (it shrank to 20 entries from 60" in said
    assert "the copy of 2026-09-12 is in use\n  Next: aup lists update ut1-gambling" in said
    assert "ut1-gambling" in set(book.lists.versions()["source"])
    web.files["/bets"] = names(61).encode()
    assert exit_code(update(empty_school.workspace, ["ut1-gambling"], None, LATER, limits=QUICK)) == 0
    assert load_rulebook(empty_school.workspace).problems == ()


def test_bad_lines_of_others_are_counted_not_told(empty_school: School, web: ListServer) -> None:
    """What its maker wrote badly nobody at the school can mend: a number in the status, no problem of the analysis."""
    catalogue(empty_school, web)
    web.files["/bets"] = names(20).encode() + b"regexp:^bet\n"
    states(empty_school, "ut1-gambling")
    assert load_rulebook(empty_school.workspace).problems == ()
    row = next(row for row in status_rows(empty_school.workspace) if row["source"] == "ut1-gambling")
    assert row["problems"] == 1


def test_one_failure_of_many(empty_school: School, web: ListServer) -> None:
    """The other list comes; the exit code says that something needs attention, the row what to do."""
    catalogue(empty_school, web)
    web.files["/bets"] = names(20).encode()
    outcomes = update(empty_school.workspace, ["ut1-gambling", "relays"], None, NOW, limits=QUICK)
    rows = {row["source"]: row for row in outcome_rows(outcomes)}
    assert {name: row["state"] for name, row in rows.items()} == {"ut1-gambling": "new", "relays": "failed"}
    assert "404" in str(rows["relays"]["problem"])
    assert exit_code(outcomes) == 1


def test_from_a_folder(empty_school: School, tmp_path: Path) -> None:
    """Without names, what is there is taken; with one, it must be there."""
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/starter-tor.txt").write_text("x")
    with pytest.raises(ConfigError, match=r"none of its files is a list of the catalogue\n  Next: call each"):
        states(empty_school, given=tmp_path / "stick")
    (tmp_path / "stick/ut1-ai.txt").write_text(names(30))
    assert states(empty_school, given=tmp_path / "stick") == {"ut1-ai": "new"}
    assert states(empty_school, given=tmp_path / "stick") == {"ut1-ai": "unchanged"}
    outcomes = update(empty_school.workspace, ["ut1-vpn"], tmp_path / "stick", NOW)
    assert outcomes[0].state == "failed"


@pytest.mark.parametrize(
    ("wanted", "given", "error"),
    [
        ("ut1-gambing", None, NotFoundError),
        ("starter-tor", None, NotFoundError),
        ("ai", "nowhere", ConfigError),
    ],
)
def test_what_is_not_there(
    empty_school: School, tmp_path: Path, wanted: str, given: str | None, error: type[AupError]
) -> None:
    """A list that there is not or that is never fetched, a folder that is not there: said, with what to type."""
    with pytest.raises(error, match=r"\n  Next: "):
        states(empty_school, wanted, given=tmp_path / given if given else None)


def test_two_updates_at_once(empty_school: School, tmp_path: Path) -> None:
    """The second is refused, and says why."""
    with (
        locked(empty_school.workspace.lists / "downloaded/.lock"),
        pytest.raises(StoreError, match="another aup"),
    ):
        states(empty_school, given=tmp_path)


def test_real_archives(empty_school: School, shared: Path) -> None:
    """Real lists of sixty sources, in every form, are found in their archives, within bounds, and hold what they should."""
    found = {}
    for name in ("lists-permissive", "lists-restricted"):
        found |= states(empty_school, given=shared / "lists" / f"{name}.tar.xz")
    assert set(found.values()) == {"new"}
    assert len(found) > 60
    lists = load_rulebook(empty_school.workspace).lists
    for host, source, category in [
        ("www.bet365.com", "ut1-gambling", "gambling"),
        ("204.8.96.141:444", "tor-guards", "tor-relay"),
        ("2.26.157.9", "x4b-vpn-ipv4", "vpn-range"),
        ("2001:550:1d05::9", "x4b-vpn-ipv6", "vpn-range"),
        ("104.28.100.11", "misp-private-relay", "private-relay-range"),
        ("x.search.namequery.com", "lolrmm", "remote-access"),
        ("www.instagram.com", "v2fly-social", "social"),
        ("www.msftconnecttest.com", "misp-captive-portals", "cdn-telemetry"),
    ]:
        assert (category, source) in lists.explain(host).select("category", "source").rows(), host
    for host in ("www.bbc.co.uk", "www.childline.org.uk", "sparxmaths.uk", "pupil.github.io"):
        assert "listed" not in lists.explain(host)["verdict"].to_list(), host


ILLEGAL = "# members only\nbad.example\nshared.example/bad/\n"


def test_list_of_illegal_content_that_the_school_holds(empty_school: School) -> None:
    """Its hosts and pages are met, masked; what it holds is in no cache, status, problem or explanation."""
    empty_school.write("restricted/iwf.txt", ILLEGAL + "what is this\n")
    empty_school.write(
        "aup.toml",
        'illegal_lists = ["restricted/iwf.txt"]\n' + (empty_school.folder / "aup.toml").read_text(),
    )
    for host in ("www.bad.example", "shared.example/bad/1.jpg", "shared.example/good", "www.example.org"):
        empty_school.log(f"{host.replace('/', '_')}.log", squid(9, "09:40:00", host))
    empty_school.read()
    empty_school.analyse()
    book = load_rulebook(empty_school.workspace)
    assert {row["entry"] for row in explain(empty_school.workspace, "www.bad.example")} == {"(not shown)"}
    (incident,) = (one.incident for one in empty_school.incidents())
    assert (incident.rule, incident.events) == ("illegal_listed", 2)
    assert "not shown" in str(incident.details)
    assert "bad" not in incident.model_dump_json()
    assert len(book.problems) == 1
    assert "what is this" not in book.problems[0]
    cached = b"".join(
        path.read_bytes() for path in (empty_school.folder / "lists").rglob("*") if path.is_file()
    )
    assert b"bad.example" not in cached


def test_missing_list_of_illegal_content_is_said(empty_school: School) -> None:
    """A list that cannot be read is a problem of every analysis, not silence."""
    empty_school.write(
        "aup.toml", 'illegal_lists = ["gone.txt"]\n' + (empty_school.folder / "aup.toml").read_text()
    )
    (said,) = load_rulebook(empty_school.workspace).problems
    assert "gone.txt" in said
