"""Files: compression, fingerprints, whole writes."""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING

import pytest
from backports import zstd

from aup_monitor.core.errors import InputError
from aup_monitor.core.files import atomic_path, compression, fingerprint, open_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = b"one\ntwo\n" * 500


@pytest.mark.parametrize(
    ("kind", "pack"),
    [
        (None, bytes),
        ("gz", gzip.compress),
        ("bz2", bz2.compress),
        ("xz", lzma.compress),
        ("zst", zstd.compress),
    ],
)
def test_opens_whatever_the_compression(
    tmp_path: Path, kind: str | None, pack: Callable[[bytes], bytes]
) -> None:
    """The first bytes decide, not the name; reading back gives the same bytes and can seek."""
    path = tmp_path / "access.log"
    path.write_bytes(pack(TEXT))
    assert compression(path) == kind
    with open_bytes(path) as file:
        assert file.read(4) == b"one\n"
        file.seek(0)
        assert file.read() == TEXT


def test_missing_folder_and_unreadable(tmp_path: Path) -> None:
    """Each says what it is and what to type."""
    with pytest.raises(InputError, match="no such file"), open_bytes(tmp_path / "none.log"):
        pass
    with pytest.raises(InputError, match=r"this is a folder[\s\S]*aup ingest"), open_bytes(tmp_path):
        pass


def test_fingerprint_tells_length_and_content() -> None:
    """Two heads of different length are different files even if one begins the other."""
    assert fingerprint(b"abc").startswith("3-")
    assert fingerprint(b"abc") != fingerprint(b"abcd")
    assert fingerprint(b"abc") == fingerprint(b"abc")


def test_atomic_write_leaves_the_old_file_on_failure(tmp_path: Path) -> None:
    """A write that fails leaves the old content and no rubbish."""
    path = tmp_path / "deep" / "report.html"
    write_atomic(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
