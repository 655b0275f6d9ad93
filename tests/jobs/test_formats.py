"""The formats of a workspace: the school's own beside those that ship, named, recognised and listed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import ConfigError, InputError, NotFoundError
from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.formats import SHIPPED, find_format, formats_of
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.lake import Lake

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
BEGIN = 'school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n'
OURS = """\
[formats.our-filter]
kind = "csv"
time = { column = "When", format = "%d/%m/%Y %H:%M:%S" }
columns = { user_name = "Who", url_full = "Where" }
outcome = { column = "What", allowed = ["OK"], blocked = ["NO"] }
[formats.our-squid]
kind = "squid"
logformat = '%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{User-Agent}>h"'
"""
CSV = "When,Who,Where,What\n12/01/2026 08:45:01,alice,http://a.example/,NO\n12/07/2026 08:45:01,bob,http://b.example/,OK\n"
SQUID = '1768207501.123     45 10.0.0.1 TCP_MISS/200 512 GET http://www.example.org/ alice HIER_DIRECT/192.0.2.7 text/html "Mozilla/5.0"\n'


def workspace(folder: Path, formats: str = OURS, sources: str = "") -> Workspace:
    """Return a workspace with these formats and sources."""
    (folder / "aup.toml").write_text(BEGIN + formats + sources)
    return open_workspace(folder)


def put(path: Path, content: str | bytes) -> Path:
    """Write a file that last changed long ago."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (1e9, 1e9))
    return path


def told(place: Workspace, *columns: str) -> list[tuple[object, ...]]:
    """Return these columns of all events, sorted."""
    frame = Lake(place.lake).scan("events").select(*columns).collect()
    return sorted(frame.rows(), key=str)


def test_own_formats_come_first_and_take_the_place_of_shipped_ones(tmp_path: Path) -> None:
    """Without a workspace there are those that ship; in one its own, too."""
    assert formats_of(None) is SHIPPED
    place = workspace(tmp_path, OURS.replace("our-filter", "smoothwall"))
    names = [fmt.name for fmt in formats_of(place)]
    assert names[:2] == ["smoothwall", "our-squid"]
    assert names.count("smoothwall") == 1
    assert len(names) == len(SHIPPED) + 1
    assert find_format("smoothwall", place).own
    assert not find_format("smoothwall").own
    with pytest.raises(NotFoundError, match="our-squid"):
        find_format("nothing", place)


def test_own_formats_are_recognised(tmp_path: Path) -> None:
    """By the header of a CSV; and a directive that only adds to Squid's native form wins over the format `squid`."""
    place = workspace(tmp_path)
    files = [put(tmp_path / "logs" / "a.csv", CSV), put(tmp_path / "logs" / "b.log", SQUID)]
    tally = ingest(place, items_of(place, [str(path) for path in files]), NOW)
    assert (tally.problems, tally.events, tally.rejects) == ([], 3, 0)
    assert told(place, "user_name", "event_outcome", "user_agent_original") == [
        ("alice", "allowed", "Mozilla/5.0"),
        ("alice", "blocked", None),
        ("bob", "allowed", None),
    ]


def test_own_formats_are_named_by_sources_and_by_hand(tmp_path: Path) -> None:
    """`[[sources]] format` and `--format` know them."""
    put(tmp_path / "logs" / "a.csv", CSV)
    place = workspace(tmp_path, sources='[[sources]]\npath = "logs/*.csv"\nformat = "our-filter"\n')
    assert [item.format.name for item in items_of(place, []) if item.format] == ["our-filter"]
    (item,) = items_of(place, [str(tmp_path / "logs" / "a.csv")], format_name="our-squid")
    assert item.format is not None
    assert item.format.name == "our-squid"


def test_a_file_that_grew_is_read_by_the_header_before(tmp_path: Path) -> None:
    """The header of a CSV counts for lines that came later."""
    place = workspace(tmp_path)
    path = put(tmp_path / "logs" / "a.csv", CSV)
    ingest(place, items_of(place, [str(path)]), NOW)
    put(path, CSV + "13/07/2026 08:45:01,carys,http://c.example/,OK\n")
    tally = ingest(place, items_of(place, [str(path)]), NOW)
    assert (tally.events, tally.rejects, tally.problems) == (1, 0, [])
    assert ("carys",) in told(place, "user_name")


def test_a_logformat_that_says_too_little_is_located(tmp_path: Path) -> None:
    """The error names the file and the format."""
    place = workspace(tmp_path, "[formats.short]\nkind = 'squid'\nlogformat = '%>a %ru'\n")
    with pytest.raises(ConfigError, match=r"aup\.toml \(formats\.short\): this logformat writes no time"):
        formats_of(place)


def test_files_of_cameras_are_refused(tmp_path: Path) -> None:
    """Recognised or named, and whole folders; other files are read."""
    place = workspace(tmp_path)
    camera = put(tmp_path / "mixed" / "nvr.log", "Code=VideoMotion;action=Start;index=0\n" * 3)
    good = put(tmp_path / "mixed" / "a.csv", CSV)
    for name in (None, "our-squid"):
        tally = ingest(place, items_of(place, [str(camera)], format_name=name), NOW)
        assert len(tally.problems) == 1
        assert (
            "nvr.log: this is a log of cameras (Dahua), which is not read: TLA-NO-CCTV" in tally.problems[0]
        )
        assert tally.exit_code(strict=False) == 3
    assert ingest(place, items_of(place, [str(camera), str(good)]), NOW).events == 2
    for n in range(3):
        put(tmp_path / "nvr" / f"{n}.mp4", b"\x00\x00\x00\x20ftypisom")
    put(tmp_path / "nvr" / "a.csv", CSV)
    with pytest.raises(InputError, match="3 of the 4 files here are recordings"):
        items_of(place, [str(tmp_path / "nvr")])
    sources = workspace(tmp_path, sources='[[sources]]\npath = "nvr"\n')
    with pytest.raises(InputError, match="TLA-NO-CCTV"):
        items_of(sources, [])
