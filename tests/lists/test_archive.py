"""Folders and archives of lists: what is in them, which file is which source, and archives that mean harm."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import RuleError
from aup_monitor.lists import archive
from aup_monitor.lists.archive import find, shelf_of, take
from aup_monitor.lists.catalogue import Source

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"top/gambling/domains": b"one.example\n", "top/README.md": b"hello\n"}


def source(identity: str, url: str, **more: object) -> Source:
    """Return a source."""
    entry = {"id": identity, "title": "X", "categories": ["x"], "licence": "own", "url": url}
    return Source.model_validate(entry | more)


GAMBLING = source("ut1-gambling", "https://lists.example/blacklists/gambling/domains")
DATING = source("ut1-dating", "https://lists.example/blacklists/dating/domains")
CATALOGUE = [GAMBLING, DATING, source("tor", "https://lists.example/tor.csv")]


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """Write an archive whose kind its name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in files.items():
                target.writestr(name, content)
        return path
    mode = {".gz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload] # the mode is one of those that it knows
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def unpacked(path: Path, tmp_path: Path) -> dict[str, Path]:
    """Return the files of an archive."""
    into = tmp_path / "into"
    into.mkdir()
    return shelf_of(path, into)


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"])
def test_every_kind_of_archive(tmp_path: Path, name: str) -> None:
    """Zip and tar, however compressed, give the same files."""
    shelf = unpacked(packed(tmp_path / name, FILES), tmp_path)
    assert {name: path.read_bytes() for name, path in shelf.items()} == FILES


def test_folder(tmp_path: Path) -> None:
    """A folder gives its files where they lie; a link out of it is passed over."""
    (tmp_path / "lists/gambling").mkdir(parents=True)
    (tmp_path / "lists/gambling/domains").write_bytes(b"one.example\n")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "lists/tor.csv").symlink_to(tmp_path / "secret")
    assert list(shelf_of(tmp_path / "lists", tmp_path)) == ["gambling/domains"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_no_name_of_an_archive_is_a_path_here(tmp_path: Path, name: str) -> None:
    """Names that climb out, or begin at the root, write nothing outside the folder to unpack into."""
    evil = {"../../evil": b"x", "/tmp/evil": b"x", "..\\evil": b"x", "gambling/domains": b"one.example\n"}  # noqa: S108 - a name that an attacker would choose
    before = set(tmp_path.rglob("*"))
    made = packed(tmp_path / name, evil)
    shelf = unpacked(made, tmp_path)
    assert {path.parent for path in shelf.values()} == {tmp_path / "into"}
    new = set(tmp_path.rglob("*")) - before - {made, tmp_path / "into"}
    assert {path.parent for path in new} == {tmp_path / "into"}


def test_links_and_devices_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    """Only plain files come out."""
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo(f"member-{kind!r}")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    assert unpacked(tmp_path / "a.tar", tmp_path) == {}


def test_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unpacks to more than any lists would is refused before it fills the disk."""
    monkeypatch.setattr(archive, "MAX_UNPACKED", 3_000_000)
    bomb = packed(tmp_path / "a.zip", {"zeros": bytes(50_000_000)})
    with pytest.raises(RuleError, match="unpacks to more than"):
        unpacked(bomb, tmp_path)
    assert sum(path.stat().st_size for path in (tmp_path / "into").iterdir()) < 5_000_000


@pytest.mark.parametrize("content", [b"", b"just a text\n" * 100, b"PK\x03\x04 damaged", b"\x1f\x8b damaged"])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    """Said to be none, with what may be given."""
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RuleError, match=r"no archive that can be read.*\n  Next: give a folder"):
        unpacked(tmp_path / "a", tmp_path)


def test_truncated_archive(tmp_path: Path) -> None:
    """An archive of which the end is missing is no collection of fewer lists."""
    whole = packed(tmp_path / "a.tar.xz", {f"f{n}": bytes(range(256)) * 100 for n in range(50)})
    whole.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(RuleError, match="no archive"):
        unpacked(whole, tmp_path)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("ut1-gambling.txt", "ut1-gambling.txt"),
        ("ut1-gambling", "ut1-gambling"),
        ("gambling/domains dating/domains", "gambling/domains"),
        ("x/blacklists/gambling/domains y/z/gambling/domains", "x/blacklists/gambling/domains"),
        ("gambling/domains old/gambling/domains", "gambling/domains"),
        ("new/gambling/domains old/gambling/domains", None),
        ("domains", None),
        ("dating/domains", None),
        ("hacking/domains", None),
        ("my-ut1-gambling.txt", None),
    ],
)
def test_which_file_a_source_is(tmp_path: Path, names: str, wanted: str | None) -> None:
    """By its id or by the end of its address, and never by an end that other sources share."""
    assert find(dict.fromkeys(names.split(), tmp_path), GAMBLING, CATALOGUE) == wanted


def test_folder_of_squidguard_is_names_and_pages_together(tmp_path: Path) -> None:
    """`domains` and `urls` of the folder become one list; a file without end of line does not run into the next."""
    (tmp_path / "a/gambling").mkdir(parents=True)
    (tmp_path / "a/gambling/domains").write_text("one.example")
    (tmp_path / "a/gambling/urls").write_text("two.example/x")
    both = source("g", "https://lists.example/all.tar.gz", format="squidguard", part="gambling")
    shelf = shelf_of(tmp_path / "a", tmp_path)
    name = find(shelf, both, [both])
    assert name == "gambling"
    take(shelf, name, both, tmp_path / "out")
    assert (tmp_path / "out").read_text().split() == ["one.example", "two.example/x"]


def test_too_large_a_file_of_an_archive(tmp_path: Path) -> None:
    """The source's limit holds for a part of an archive, too."""
    small = GAMBLING.model_copy(update={"max_bytes": 10})
    shelf = unpacked(packed(tmp_path / "a.zip", FILES), tmp_path)
    with pytest.raises(RuleError, match="larger than 10 bytes"):
        take(shelf, "top/gambling/domains", small, tmp_path / "out")
