"""
What is known of a fetched copy: `downloaded/<id>.json` beside `downloaded/<id>.txt`.

A record speaks for the copy whose digest it holds, and for no other: a file that somebody put there by hand has none.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - pydantic reads it
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from aup_monitor.core.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

DOWNLOADED: Final = "downloaded"
"""The folder of fetched copies, in `lists/`."""

_HEAD_BYTES: Final = 4_000
_VERSION: Final = re.compile(
    r'^[#!]\s*version:\s*(\S.*?)\s*$|^\s*"version":\s*"?([\w.-]+)', re.IGNORECASE | re.MULTILINE
)
_DATED: Final = re.compile(
    r"^[#!]\s*(?:date|updated|last modified|last updated):\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE
)


class Record(BaseModel):
    """One copy: where it came from, when, what it is; and the last update that failed since, if one did."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    origin: str
    """Its address, or the name of the folder or archive that it was taken from."""
    fetched: datetime
    licence: str
    entries: int
    sha256: str
    digest: str
    """As `ListFile.digest`."""
    version: str | None = None
    """As the list states it."""
    date: str | None = None
    """As the list or its server states it."""
    etag: str | None = None
    last_modified: str | None = None
    failed: str | None = None
    """Why the last update failed; the copy of before goes on serving."""
    failed_on: datetime | None = None


def record_path(folder: Path, identity: str) -> Path:
    """Return where the record of a source is, in the folder of copies."""
    return folder / f"{identity}.json"


def read_record(folder: Path, identity: str) -> Record | None:
    """Return the record of a source's copy; None where there is none, or none that can be read."""
    try:
        return Record.model_validate_json(record_path(folder, identity).read_bytes())
    except (OSError, ValidationError):
        return None


def write_record(folder: Path, identity: str, record: Record) -> None:
    """Write the record of a source's copy."""
    write_atomic(record_path(folder, identity), record.model_dump_json(indent=2, exclude_none=True) + "\n")


def stated_version(head: bytes, tail: bytes) -> str | None:
    """Return the version that a list states in its first or last lines."""
    found = [
        _VERSION.search(part[:_HEAD_BYTES].decode("utf-8-sig", errors="replace")) for part in (head, tail)
    ]
    return next((match[1] or match[2] for match in found if match), None)


def stated_date(head: bytes, last_modified: str | None) -> str | None:
    """Return the date that a list states in its first lines, as it writes it, or the day that its server states."""
    found = _DATED.search(head[:_HEAD_BYTES].decode("utf-8-sig", errors="replace"))
    if found:
        return found[1][:40]
    try:
        return parsedate_to_datetime(last_modified or "").date().isoformat()
    except ValueError:
        return None
