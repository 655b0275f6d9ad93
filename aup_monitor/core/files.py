"""Files: open them whatever their compression, write them whole or not at all, hash them."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import secrets
import sys
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, cast

from aup_monitor.core.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FINGERPRINT_BYTES: Final = 1024
"""A file is known by a hash of this many of its first decompressed bytes."""

DAMAGED: Final = (EOFError, OSError, lzma.LZMAError, zlib.error, zstd.ZstdError)
"""What reading a damaged compressed file raises."""

_MAGIC: Final = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}


def compression(path: Path) -> str | None:
    """Return `gz`, `bz2`, `xz` or `zst` by the file's first bytes (not its name), else None."""
    with path.open("rb") as file:
        head = file.read(6)
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """
    Open a file for reading its decompressed bytes.

    Raises:
        InputError: the file is missing, may not be read, or is not a file.

    """
    try:
        kind = compression(path)
        with _opener(path, kind) as file:
            yield file
    except FileNotFoundError as exc:
        raise InputError(
            "there is no such file", where=path, fix="check the path, and the quotes round a *"
        ) from exc
    except PermissionError as exc:
        raise InputError(
            "this account may not read the file",
            where=path,
            fix=f"run as its owner, or: sudo setfacl -m u:$USER:r {path}",
        ) from exc
    except IsADirectoryError as exc:
        raise InputError("this is a folder", where=path, fix=f"name its files: aup ingest {path}/*") from exc


def _opener(path: Path, kind: str | None) -> IO[bytes]:
    match kind:
        case "gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        case "bz2":
            return cast("IO[bytes]", bz2.open(path, "rb"))
        case "xz":
            return cast("IO[bytes]", lzma.open(path, "rb"))
        case "zst":
            return cast("IO[bytes]", zstd.open(path, "rb"))
        case _:
            return path.open("rb")


def fingerprint(head: bytes) -> str:
    """Return the name of a file that begins with these bytes: their count and a BLAKE2 hash, as text."""
    return f"{len(head)}-{hashlib.blake2b(head, digest_size=16).hexdigest()}"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on leaving without an error it takes the place of `path`, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all; text is UTF-8."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
