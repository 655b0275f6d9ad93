"""Programs known by a mark: a fingerprint of their ClientHello, or bytes that they begin with (`rules/facts/signs.yml`)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError

from aup_monitor.capture.signs.flow import Sign
from aup_monitor.core.errors import RuleError
from aup_monitor.core.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

    from aup_monitor.capture.signs.flow import FirstBytes
    from aup_monitor.capture.tls import Hello


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as exc:
        raise ValueError(f"no regular expression: {exc}") from exc
    return pattern


class Mark(BaseModel):
    """By what one program is known. All that a mark names must be there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application: str
    reason: str
    source: str
    """Where the mark is published, or how it was measured."""
    ja4: str | None = None
    """Fingerprint, with `*` and `[...]` as in file names."""
    server_name: Annotated[str, AfterValidator(_compiles)] | None = None
    """Regular expression of the whole server name."""
    alpn: bool | None = None
    """Whether the client offers protocols to speak inside."""
    side: Literal["client", "server"] = "client"
    begins: str | None = None
    """Hexadecimal: what the side's first message begins with."""

    def fits(self, flow: FirstBytes) -> bool:
        """Tell whether the connection bears the mark."""
        if self.begins is not None:
            first = next(iter(flow.client if self.side == "client" else flow.server), b"")
            if not flow.from_start or not first.startswith(bytes.fromhex(self.begins)):
                return False
        return self.ja4 is None or (flow.hello is not None and self._fits_hello(flow.hello))

    def _fits_hello(self, hello: Hello) -> bool:
        return (
            fnmatchcase(hello.ja4 or "", self.ja4 or "*")
            and (
                self.server_name is None
                or re.fullmatch(self.server_name, hello.server_name or "") is not None
            )
            and (self.alpn is None or self.alpn == bool(hello.alpn))
        )


@cache
def marks(path: Path | None = None) -> tuple[Mark, ...]:
    """
    Return the marks of a file, by default the one that ships.

    Raises:
        RuleError: the file is missing or not of the right form.

    """
    path = path or resource("rules", "facts", "signs.yml")
    try:
        return TypeAdapter(tuple[Mark, ...]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise RuleError(f"cannot be read: {exc}", where=path, fix="restore the file") from exc


def marked(flow: FirstBytes) -> Sign | None:
    """Return the program whose mark the connection bears."""
    return next((Sign(mark.application, mark.reason) for mark in marks() if mark.fits(flow)), None)
