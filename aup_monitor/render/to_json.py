"""The document itself as JSON: saved beside the report, it can be rendered again without the logs."""

from __future__ import annotations

import json

from pydantic import ValidationError

from aup_monitor.core.document import DOCUMENT_VERSION, HalfTermReport
from aup_monitor.core.errors import InputError


def render(document: HalfTermReport) -> bytes:
    """Return the document as UTF-8 JSON, its keys in the order of the contract."""
    return document.model_dump_json(indent=2).encode() + b"\n"


def load(saved: bytes | str) -> HalfTermReport:
    """
    Return the document that `render` wrote.

    Raises:
        InputError: it is no document, is damaged, or comes from a newer program.

    """
    try:
        version = json.loads(saved)["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("not a saved report", fix="give the .json file that a report wrote") from error
    if version != DOCUMENT_VERSION:
        raise InputError(
            f"the saved report is of version {version}; this program reads version {DOCUMENT_VERSION}",
            fix="render it with the program that made it, or upgrade aup-monitor",
        )
    try:
        return HalfTermReport.model_validate_json(saved)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"the saved report is damaged: {first['msg']}",
            where=".".join(map(str, first["loc"])),
            fix="make the report again, or restore the .json file from a copy",
        ) from error
