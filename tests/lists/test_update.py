"""Bringing copies up to date against a real server: what replaces a copy, what never does, and what is recorded."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from list_server import ListServer, answer, etag

from aup_monitor.lists.catalogue import Source
from aup_monitor.lists.fetch import Limits
from aup_monitor.lists.record import read_record
from aup_monitor.lists.supply import Web
from aup_monitor.lists.update import Outcome, Updater, incoming

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def names(count: int, start: int = 0) -> bytes:
    """Return a list of so many names."""
    return b"".join(b"site%d.example\n" % n for n in range(start, start + count))


def source(web: ListServer, path: str = "/a", **more: object) -> Source:
    """Return a source that the server holds, of 10 to 1,000 entries."""
    entry = {
        "id": "a",
        "title": "A",
        "categories": ["x"],
        "licence": "MIT",
        "url": web.url(path),
        "entries": {"min": 10, "max": 1000},
        "max_bytes": 100_000,
    }
    return Source.model_validate(entry | more)


def update(folder: Path, *sources: Source, now: datetime = NOW, pauses: int = 0) -> list[Outcome]:
    """Update these sources from the web."""
    limits = Limits(silence=2, whole=5, pauses=(0.0,) * pauses, pause=lambda _seconds: None)
    with incoming(folder) as work:
        (work / "unpacked").mkdir()
        updater = Updater(folder, Web(work / "unpacked", limits), work, now)
        return [updater.update(one) for one in sources]


def state(outcome: Outcome) -> tuple[str, int, int | None]:
    """Return what became of a source, without the words."""
    return outcome.state, outcome.entries, outcome.before


def test_first_copy_and_its_record(web: ListServer, tmp_path: Path) -> None:
    """The copy is as its maker wrote it; the record holds address, day, version, licence, count, marks and hash."""
    content = b"# Version: 2026.1122\n# Last modified: 22 Nov 2026\n" + names(20)
    web.files["/a"] = content
    assert [state(one) for one in update(tmp_path, source(web))] == [("new", 20, None)]
    assert (tmp_path / "a.txt").read_bytes() == content
    record = read_record(tmp_path, "a")
    assert record is not None
    assert (record.origin, record.fetched, record.licence) == (web.url("/a"), NOW, "MIT")
    assert (record.version, record.date, record.entries) == ("2026.1122", "22 Nov 2026", 20)
    assert (record.etag, record.sha256) == (etag(content), hashlib.sha256(content).hexdigest())


def test_unchanged_list_is_not_fetched_again(web: ListServer, tmp_path: Path) -> None:
    """The second run is answered with 304; only the day of the record moves on."""
    web.files["/a"] = names(20)
    update(tmp_path, source(web))
    before = (tmp_path / "a.txt").stat().st_mtime_ns
    assert [state(one) for one in update(tmp_path, source(web), now=LATER)] == [("unchanged", 20, 20)]
    assert web.headers["/a"]["If-None-Match"] == etag(names(20))
    assert (tmp_path / "a.txt").stat().st_mtime_ns == before
    record = read_record(tmp_path, "a")
    assert record is not None
    assert record.fetched == LATER


def test_copy_that_somebody_changed_is_fetched_anew(web: ListServer, tmp_path: Path) -> None:
    """A record does not speak for another file: the server's 304 must not keep a foreign copy in use."""
    web.files["/a"] = names(20)
    update(tmp_path, source(web))
    (tmp_path / "a.txt").write_bytes(names(15, 100))
    assert [state(one) for one in update(tmp_path, source(web))] == [("updated", 20, 15)]
    assert (tmp_path / "a.txt").read_bytes() == names(20)


def test_new_content_takes_its_place(web: ListServer, tmp_path: Path) -> None:
    """A list that grew, or shrank by less than half, replaces the copy."""
    for count, wanted in ((20, ("new", 20, None)), (40, ("updated", 40, 20)), (21, ("updated", 21, 40))):
        web.files["/a"] = names(count)
        assert [state(one) for one in update(tmp_path, source(web))] == [wanted]


HTML = b"<!DOCTYPE html><html><body>Blocked by the filter</body></html>"
BAD = {
    "a web page": (HTML, "web page"),
    "too few": (names(5), "10 to 1,000 are expected"),
    "too many": (names(1001), "10 to 1,000 are expected"),
    "fallen by more than half": (names(49), "shrank to 49 entries from 100"),
    "empty": (b"", "0 entries"),
    "comments only": (b"# nothing\n" * 50, "0 entries"),
    "mostly rubbish": (names(60) + b"no host at all\n" * 90, "90 of its lines cannot be read"),
    "bytes": (bytes(range(256)) * 100, "0 entries"),
    "too large": (names(60) + b"#" * 100_000, "larger than"),
    "packed and too large": (gzip.compress(names(60) + b"#" * 100_000), "larger than"),
    "damaged gzip": (gzip.compress(names(60))[:-20], "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_content_leaves_the_last_good_copy(web: ListServer, tmp_path: Path, name: str) -> None:
    """The copy of before goes on serving, and its record says why; the next good list takes its place."""
    content, said = BAD[name]
    web.files["/a"] = names(100)
    update(tmp_path, source(web))
    web.files["/a"] = content
    outcome = update(tmp_path, source(web), now=LATER)[0]
    assert state(outcome) == ("kept", 100, 100)
    assert said in str(outcome.problem)
    assert "\n  Next: " in str(outcome.problem)
    assert (tmp_path / "a.txt").read_bytes() == names(100)
    record = read_record(tmp_path, "a")
    assert record is not None
    assert (record.fetched, record.failed_on, record.entries) == (NOW, LATER, 100)
    assert said in str(record.failed)
    web.files["/a"] = names(101)
    assert state(update(tmp_path, source(web))[0]) == ("updated", 101, 100)
    assert getattr(read_record(tmp_path, "a"), "failed", "?") is None


def test_failed_fetch_leaves_the_last_good_copy(web: ListServer, tmp_path: Path) -> None:
    """A missing file, or half of one, likewise; without a copy there is none afterwards."""
    web.files["/a"] = names(100)
    update(tmp_path, source(web))
    web.odd["/a"] = lambda request: answer(request, 200, names(60), Content_Length="5000")
    half, gone = update(tmp_path, source(web), source(web, "/gone", id="gone"))
    assert (half.state, gone.state) == ("kept", "failed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.txt"]


def test_one_bad_list_costs_no_other(web: ListServer, tmp_path: Path) -> None:
    """Each list is for itself."""
    web.files |= {"/a": names(20), "/c": names(30)}
    sources = [source(web), source(web, "/b", id="b"), source(web, "/c", id="c")]
    assert [one.state for one in update(tmp_path, *sources)] == ["new", "failed", "new"]


def test_server_that_says_nothing_is_waited_for_once(web: ListServer, tmp_path: Path) -> None:
    """Eighty lists on one dead server do not each wait for it."""
    web.odd = dict.fromkeys(("/a", "/b", "/c"), lambda _request: web.release.wait(20) and None)
    limits = Limits(silence=0.3, pauses=(), pause=lambda _seconds: None)
    with incoming(tmp_path) as work:
        updater = Updater(tmp_path, Web(work, limits), work, NOW)
        found = [updater.update(source(web, f"/{name}", id=name)) for name in "abc"]
    assert [one.state for one in found] == ["failed"] * 3
    assert sum(web.asked.values()) == 1


def test_archive_of_several_lists_is_fetched_once(web: ListServer, tmp_path: Path) -> None:
    """Two parts of one archive are two lists; the archive comes once, and not at all where it is unchanged."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lists-main/data/games", "include:more\n" + names(20).decode())
        archive.writestr("lists-main/data/more", "full:more.example\n")
        archive.writestr("lists-main/data/shops", names(30, 100))
    web.files["/all.zip"] = packed.getvalue()
    parts = [
        source(web, "/all.zip", id=name, format="v2fly", part=f"data/{name}")
        for name in ("games", "shops", "gone")
    ]
    found = update(tmp_path, *parts)
    assert [state(one) for one in found] == [("new", 21, None), ("new", 30, None), ("failed", 0, None)]
    assert "holds no data/gone" in str(found[2].problem)
    assert web.asked["/all.zip"] == 1
    assert [one.state for one in update(tmp_path, *parts[:2])] == ["unchanged", "unchanged"]


def test_killed_run_leaves_no_rest_for_ever(tmp_path: Path) -> None:
    """What a run left on its way goes with the next."""
    (tmp_path / ".incoming-dead").mkdir()
    (tmp_path / ".incoming-dead/half").touch()
    with incoming(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_damaged_record_is_none(web: ListServer, tmp_path: Path) -> None:
    """A record that a full disk cut short costs one download, nothing else."""
    web.files["/a"] = names(20)
    update(tmp_path, source(web))
    (tmp_path / "a.json").write_text('{"origin": "htt')
    assert [state(one) for one in update(tmp_path, source(web))] == [("updated", 20, 20)]


def test_packed_list_is_kept_packed_and_counted(web: ListServer, tmp_path: Path) -> None:
    """A gzip file is a list, too."""
    web.files["/a"] = gzip.compress(names(20))
    assert [state(one) for one in update(tmp_path, source(web))] == [("new", 20, None)]


MEASURING = """
import re, sys
from pathlib import Path
from aup_monitor.lists import update
from aup_monitor.lists.catalogue import Source
update._BLOCK = 500_000
source = Source(id="x", title="x", categories=("x",), licence="own", file="x")
entries = update.measured(Path(sys.argv[1]), source).entries
print(entries, int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory that a process had is read from /proc")
def test_memory_does_not_grow_with_the_list(tmp_path: Path) -> None:
    """Counting a list of ten times the length takes about the same memory, measured in a process of its own."""
    found = {}
    for count in (60_000, 600_000):
        (tmp_path / "list").write_bytes(names(count))
        command = [sys.executable, "-c", MEASURING, str(tmp_path / "list")]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        assert int(said[0]) == count
        found[count] = int(said[1])
    assert found[600_000] < found[60_000] + 40
