"""The formats that there are: those that ship, and those that a school describes in its `aup.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import yaml

from aup_monitor.capture import pcap
from aup_monitor.core.errors import ConfigError, NotFoundError
from aup_monitor.core.format import Context
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_COLUMNS
from aup_monitor.core.workspace import CONFIG_FILE
from aup_monitor.formats import FORMATS
from aup_monitor.formats.custom import build

if TYPE_CHECKING:
    from aup_monitor.core.format import Format
    from aup_monitor.core.workspace import Workspace


SHIPPED: Final[tuple[Format, ...]] = (*FORMATS, pcap.FORMAT)
"""Every format that ships: logs, and packet captures."""


def formats_of(workspace: Workspace | None) -> tuple[Format, ...]:
    """
    Return the school's own formats, then those that ship and whose names it has not taken.

    Raises:
        ConfigError: a format of the settings says too little.

    """
    if workspace is None:
        return SHIPPED
    try:
        own = tuple(build(name, spec) for name, spec in workspace.config.formats.items())
    except ConfigError as exc:
        place = f"{workspace.folder / CONFIG_FILE} ({exc.where})"
        raise ConfigError(exc.message, where=place, fix=exc.fix) from exc
    return (*own, *(fmt for fmt in SHIPPED if fmt.name not in workspace.config.formats))


def find_format(name: str, workspace: Workspace | None = None) -> Format:
    """Return the format of that name; raises `NotFoundError` naming the known ones."""
    known = formats_of(workspace)
    for fmt in known:
        if fmt.name == name:
            return fmt
    raise NotFoundError(f"there is no format {name!r}", fix=f"one of: {', '.join(f.name for f in known)}")


_GROUPS: Final = ("who", "where", "web", "mail", "dns", "tls", "verdict", "endpoint")
"""The groups of columns that tell formats apart; every format says what and when."""


@dataclass(frozen=True)
class Listed:
    """What a person wants to know of a format before trusting it."""

    name: str
    log_class: str
    title: str
    fills: tuple[str, ...]
    """Groups of event columns that it can fill."""
    columns: tuple[str, ...]
    real_lines: int
    """Lines of real devices, written by others, that it was checked on; 0: on its vendor's documentation alone."""
    agreement: str
    """How many values agree with another program's reading of those lines, where there is one."""
    doc: str


def listed(fmt: Format) -> Listed:
    """Say what a format fills and on how much it was checked."""
    columns = columns_of(fmt)
    groups = {c.group for c in EVENT_COLUMNS if c.name in columns}
    checked = _checked().get(fmt.name, {})
    compared = int(checked.get("compared", 0))
    return Listed(
        name=fmt.name,
        log_class=fmt.log_class,
        title=fmt.title,
        fills=tuple(group for group in _GROUPS if group in groups),
        columns=tuple(columns),
        real_lines=int(checked.get("lines", 0)),
        agreement=f"{checked['equal']:,} of {compared:,} values" if compared else "",
        doc=fmt.doc.strip(),
    )


def page(fmt: Format) -> str:
    """Return a format's reference page, with the columns that it fills and what it was checked on."""
    told = listed(fmt)
    agree = f"; {told.agreement} are as another program reads them" if told.agreement else ""
    compared = f"{told.real_lines:,} events of others{agree}" if told.real_lines else "none"
    return f"{told.doc}\n\nColumns: {', '.join(told.columns)}\n\nReal lines in the comparison of formats: {compared}."


def columns_of(fmt: Format) -> list[str]:
    """Return the event columns that a format can fill, in the schema's order."""
    if fmt.parse is None:
        return [c.name for c in EVENT_COLUMNS if c.name in fmt.fills]
    none = pl.LazyFrame(schema={"line": pl.String, "offset": pl.Int64})
    have = fmt.parse(none, Context()).collect_schema()
    return [c.name for c in EVENT_COLUMNS if c.name in have]


@cache
def _checked() -> dict[str, dict[str, Any]]:
    """Return the figures that ship, format by format; see `tests/conformance`."""
    return dict(yaml.safe_load(resource("rules", "facts", "formats_checked.yml").read_text(encoding="utf-8")))
