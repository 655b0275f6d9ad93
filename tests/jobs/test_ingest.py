"""Reading files into the lake: once, whole, whatever happens."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from backports import zstd

from aup_monitor.core.errors import ConfigError, InputError, NotFoundError, StoreError
from aup_monitor.core.locks import locked
from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.lake import Lake

sys.path.insert(0, str(Path(__file__).parent))
from squid_lines import squid_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.tally import Tally

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 9, 8, tzinfo=UTC).timestamp()
KILLS = 30


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    folder = tmp_path / "school"
    folder.mkdir()
    (folder / "aup.toml").write_text('school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n')
    return open_workspace(folder)


def put(path: Path, content: str | bytes, changed: float = LONG_AGO) -> Path:
    """Write a file that last changed long ago."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (changed, changed))
    return path


def read(workspace: Workspace, *paths: Path | str, now: datetime = NOW) -> Tally:
    """Ingest these paths."""
    return ingest(workspace, items_of(workspace, [str(p) for p in paths]), now)


def counts(workspace: Workspace) -> tuple[int, int, int]:
    """Return the lake's numbers of events, of rejects, and of lines that its readings count."""
    lake = Lake(workspace.lake)
    lines = lake.scan("readings").select(pl.col("lines").sum()).collect().item()
    return lake.scan("events").collect().height, lake.scan("rejects").collect().height, lines


def test_lines_are_events_rejects_or_skipped(workspace: Workspace, tmp_path: Path) -> None:
    """Every line is counted once; a bad one is named with file, offset and reason."""
    lines = squid_lines(500)
    path = put(tmp_path / "access.log", "".join([*lines, "\n"]))
    tally = read(workspace, path)
    assert (tally.lines, tally.events, tally.rejects, tally.skipped) == (501, 495, 5, 1)
    bad = Lake(workspace.lake).scan("rejects").sort("source_offset").collect()
    assert bad["source_offset"][0] == len("".join(lines[:99]))
    assert bad["source_file"][0] == str(path)
    assert bad["reason"].null_count() == 0


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd.compress)],
)
def test_a_rotated_compressed_copy_adds_nothing(
    workspace: Workspace, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    """The same file again, renamed, and compressed, is known for what it is."""
    text = "".join(squid_lines(300)).encode()
    first = put(tmp_path / "access.log", text)
    read(workspace, first)
    before = counts(workspace)
    again = read(
        workspace,
        first,
        put(tmp_path / "access.log.1", text),
        put(tmp_path / f"access.log.2{suffix}", pack(text)),
    )
    assert counts(workspace) == before
    assert (again.files, again.unchanged, again.lines) == (3, 3, 0)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_compressed_files_are_read(
    workspace: Workspace, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """A compressed file gives what the plain one gives."""
    read(workspace, put(tmp_path / "access.log.packed", pack("".join(squid_lines(300)).encode())))
    assert counts(workspace) == (297, 3, 300)


def test_a_file_that_grows_is_read_from_where_it_stopped(workspace: Workspace, tmp_path: Path) -> None:
    """Line by line, in odd pieces, even from under a kilobyte, it comes to the same as in one."""
    text = "".join(squid_lines(400)).encode()
    path = tmp_path / "access.log"
    for end in (100, 130, 900, 1500, 20_000, 20_001, len(text)):
        put(path, text[:end], NOW.timestamp())
        read(workspace, path)
    assert counts(workspace) == (396, 4, 400)


def test_an_unfinished_last_line_waits_and_is_named(workspace: Workspace, tmp_path: Path) -> None:
    """While a file is being written its last line waits; an hour after its last change it counts as it is."""
    text = "".join(squid_lines(10)).rstrip("\n")
    path = put(tmp_path / "access.log", text, NOW.timestamp())
    tally = read(workspace, path)
    assert tally.events == 9
    assert "the last line has no end yet" in tally.notes[0]
    assert read(workspace, path, now=datetime(2026, 10, 24, 14, tzinfo=UTC)).events == 1


def test_days_are_the_schools_own(workspace: Workspace, tmp_path: Path) -> None:
    """23:30 UTC in September is half past midnight at school, and belongs to the next day."""
    late = datetime(2026, 9, 7, 23, 30, tzinfo=UTC).timestamp()
    read(workspace, put(tmp_path / "access.log", "".join(squid_lines(5, start=late))))
    assert Lake(workspace.lake).units()["date"].to_list() == [date(2026, 9, 8)]


def test_files_that_cannot_be_used_are_named_and_the_rest_go_on(workspace: Workspace, tmp_path: Path) -> None:
    """Missing, empty, binary, unknown, cut short: one message each with what to do, and the good file is read."""
    good = put(tmp_path / "good.log", "".join(squid_lines(50)))
    packed = gzip.compress("".join(squid_lines(60, seed=2)).encode())
    files = [
        tmp_path / "missing.log",
        put(tmp_path / "empty.log", ""),
        put(tmp_path / "junk.bin", random.Random(3).randbytes(5000)),
        put(tmp_path / "letter.txt", "Dear parents,\nthe autumn fair is on Saturday.\n" * 30),
        put(tmp_path / "cut.log.gz", packed[: len(packed) // 2]),
        good,
    ]
    tally = read(workspace, *files)
    said = "\n".join(tally.problems)
    assert len(tally.problems) == 5
    assert all(f.name in said for f in files[:5])
    assert said.count("Next:") == 5
    for words in ("no such file", "is empty", "no known format fits", "breaks off or is damaged"):
        assert words in said
    assert (
        Lake(workspace.lake).scan("events").filter(pl.col("source_file") == str(good)).collect().height == 50
    )
    assert tally.exit_code(strict=False) == 3


def test_a_wrong_format_can_be_put_right(workspace: Workspace, tmp_path: Path) -> None:
    """A file read as the wrong format does not count as read."""
    path = put(tmp_path / "access.log", "".join(squid_lines(50)))
    wrong = ingest(workspace, items_of(workspace, [str(path)], format_name="fortigate"), NOW)
    assert "none of its lines could be read" in wrong.problems[0]
    assert read(workspace, path).events == 50


def test_other_encodings(workspace: Workspace, tmp_path: Path) -> None:
    """UTF-16 as PowerShell writes it is read; a stray Latin-1 byte costs no line."""
    text = "".join(squid_lines(40))
    read(workspace, put(tmp_path / "utf16.log", text.encode("utf-16")))
    latin = "".join(squid_lines(40, seed=2)).replace("user1 ", "usér1 ").encode("latin-1")
    read(workspace, put(tmp_path / "latin.log", latin))
    events = Lake(workspace.lake).scan("events").collect()
    assert events.filter(pl.col("source_file").str.contains("utf16")).height == 40
    assert events.filter(pl.col("source_file").str.contains("latin")).height == 40


def test_two_at_once_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """A second ingest says that another is writing."""
    path = put(tmp_path / "access.log", "".join(squid_lines(5)))
    with locked(workspace.lake / ".lock"), pytest.raises(StoreError, match="another aup command"):
        read(workspace, path)


def test_paths(workspace: Workspace, tmp_path: Path) -> None:
    """A folder is its files, a star is sorted; nothing found, an unknown site and an unknown format are errors."""
    (tmp_path / "logs").mkdir()
    for name in ("b.log", "a.log", ".hidden"):
        put(tmp_path / "logs" / name, "x")
    assert [i.path.name for i in items_of(workspace, [str(tmp_path / "logs")])] == ["a.log", "b.log"]
    assert [i.path.name for i in items_of(workspace, [f"{tmp_path}/logs/*.log"])] == ["a.log", "b.log"]
    with pytest.raises(InputError, match="no file fits"):
        items_of(workspace, [f"{tmp_path}/*.none"])
    with pytest.raises(ConfigError, match="no site 'hill'"):
        items_of(workspace, ["x"], site="hill")
    with pytest.raises(NotFoundError, match="no format 'squidd'"):
        items_of(workspace, ["x"], format_name="squidd")
    with pytest.raises(ConfigError, match=r"no \[\[sources\]\]"):
        items_of(workspace, [])


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from aup_monitor.core.workspace import open_workspace
from aup_monitor.jobs import ingest
ingest.COMMIT_ROWS = 1500
workspace = open_workspace(Path(sys.argv[1]))
items = ingest.items_of(workspace, [sys.argv[2]])
print("ready", flush=True)
ingest.ingest(workspace, items, datetime(2026, 10, 24, 12, tzinfo=UTC))
"""


def contents(workspace: Workspace) -> list[pl.DataFrame]:
    """Return the lake's tables as rows in one order, readings summed by file."""
    lake = Lake(workspace.lake)
    key = ["source_file", "source_offset"]
    summed = pl.col("lines", "events", "rejects", "skipped").sum()
    return [
        lake.scan("events").sort(key).collect(),
        lake.scan("rejects").sort(key).collect(),
        lake.scan("readings").group_by("source_file").agg(summed).sort("source_file").collect(),
    ]


def test_killed_at_any_moment_and_run_again(tmp_path: Path) -> None:
    """Thirty kills at random moments leave exactly the rows of an undisturbed run."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for n in range(25):
        text = "".join(squid_lines(1000, seed=n, start=LONG_AGO + n * 86_400)).encode()
        put(
            logs / f"access-{n:02}.log{'.gz' if n % 3 == 0 else ''}",
            gzip.compress(text) if n % 3 == 0 else text,
        )
    spaces = []
    for name in ("undisturbed", "killed"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "aup.toml").write_text('school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n')
        spaces.append(open_workspace(folder))
    chance = random.Random(7)
    ingest(spaces[0], items_of(spaces[0], [str(logs)]), NOW)
    kills, rounds = 0, 0
    while kills < KILLS:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(spaces[1].folder), str(logs)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.random() * 0.15)
        kills += child.poll() is None
        child.kill()
        child.communicate()
        rounds += 1
        assert rounds < 10 * KILLS
    ingest(spaces[1], items_of(spaces[1], [str(logs)]), NOW)
    for undisturbed, killed in zip(contents(spaces[0]), contents(spaces[1]), strict=True):
        assert killed.equals(undisturbed)


def test_a_file_that_is_mostly_bad_is_refused_and_the_rest_go_on(
    workspace: Workspace, tmp_path: Path
) -> None:
    """More bad lines than good: refused with what else it may be, before a line counts; another file is read."""
    good = squid_lines(50)
    bad = put(tmp_path / "bad.log", "".join([*good[:10], *("no line of a log\n" for _ in range(11))]))
    fine = put(tmp_path / "fine.log", "".join(squid_lines(50, seed=2)))
    tally = read(workspace, bad, fine)
    assert tally.exit_code(strict=False) == 3
    assert len(tally.problems) == 1
    assert "only 10 of 21 of its lines could be read as Squid access log" in tally.problems[0]
    assert "aup ingest --explain" in tally.problems[0]
    assert tally.events == 50
    mended = put(bad, "".join(good[:20]))
    assert read(workspace, mended).events == 20


def test_a_file_that_goes_bad_later_is_named_and_kept(workspace: Workspace, tmp_path: Path) -> None:
    """What was added is mostly bad: its rows are kept as bad lines, and the file is named."""
    path = put(tmp_path / "a.log", "".join(squid_lines(40)))
    read(workspace, path)
    put(path, path.read_text() + "no line of a log\n" * 30)
    tally = read(workspace, path)
    assert tally.rejects == 30
    assert "30 new lines are bad, more than are good" in tally.problems[0]


def test_a_mixed_file_is_read_whole_and_said_to_be_mixed(workspace: Workspace, tmp_path: Path) -> None:
    """Two formats in one file: events of both, no bad line, and a note that names the other."""
    query = "<30>Sep  7 08:0{}:00 ns dnsmasq[7]: query[A] a{}.example.org from 10.0.0.{}\n"
    lines = [line for line in squid_lines(40) if "GET" in line]
    lines[20:20] = [query.format(n % 10, n, n + 1) for n in range(15)]
    tally = read(workspace, put(tmp_path / "all.log", "".join(lines)))
    assert (tally.events, tally.rejects) == (len(lines), 0)
    assert "dnsmasq 15" in tally.notes[0]
    classes = Lake(workspace.lake).scan("events").collect()["log_class"].value_counts(sort=True)
    assert classes.to_dicts() == [{"log_class": "web", "count": 40}, {"log_class": "dns", "count": 15}]


def test_a_lease_is_kept_beside_its_event(workspace: Workspace, tmp_path: Path) -> None:
    """What a DHCP server says of an address is an event of its own and a row of the leases."""
    line = "Sep  7 08:00:00 ns dnsmasq-dhcp[7]: DHCPACK(eth0) 10.0.0.9 00:53:00:00:00:09 library-pc\n"
    tally = read(workspace, put(tmp_path / "dhcp.log", line * 1))
    lease = Lake(workspace.lake).scan("leases").collect().to_dicts()
    assert tally.events == len(lease) == 1
    assert (lease[0]["source_ip"], lease[0]["host_name"]) == ("10.0.0.9", "library-pc")
    assert lease[0]["valid_from"] == datetime(2026, 9, 7, 7, tzinfo=UTC)


def test_a_file_that_grew_stays_what_it_was(workspace: Workspace, tmp_path: Path) -> None:
    """What a file was read as once, by name, it is read as again without the name."""
    other = "Sep  7 08:00:0{} ns cron[7]: nothing of interest, line {}\n"
    query = "Sep  7 08:0{}:00 ns dnsmasq[7]: query[A] a{}.example.org from 10.0.0.{}\n"
    head = "".join(other.format(n, n) for n in range(9)) + query.format(1, 1, 1)
    path = put(tmp_path / "all.log", head)
    assert "no known format fits" in read(workspace, path).problems[0]
    named = items_of(workspace, [str(path)], format_name="dnsmasq")
    assert ingest(workspace, named, NOW).events == 1
    put(path, head + query.format(2, 2, 2))
    again = read(workspace, path)
    assert (again.events, again.problems) == (1, [])
