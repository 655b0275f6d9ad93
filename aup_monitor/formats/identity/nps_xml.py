r"""
Log of Microsoft's Network Policy Server, form "DTS compliant" (`IN2601.log`): one XML element a line.

    <Event><Timestamp data_type="4">01/12/2026 08:45:02.100</Timestamp><Computer-Name data_type="1">NPS1</Computer-Name><Event-Source data_type="1">IAS</Event-Source><Class data_type="1">311 1 192.0.2.9 01/05/2026 06:00:00 7</Class><SAM-Account-Name data_type="1">SCHOOL\amina.k</SAM-Account-Name><Packet-Type data_type="0">2</Packet-Type><Reason-Code data_type="0">0</Reason-Code></Event>

Reference: https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc771748(v=ws.10)

What it fills: an accepted or refused log-on becomes an event with the account, the policy (`rule_name`), the reason's number
(`event_code`; 0 is success, 16 a wrong account or password) and the device's hardware address, which stands in the request before.
Accounting becomes events with the address given, session time and bytes: start and interim report say that the address is held from
then on, a stop that it was held for as long as the session took. A computer's account is the device's name.

What it lacks: the address at the log-on, which is not known yet; without accounting no address is told at all.

Caveats:

- Times are the server's local ones.
- Requests, challenges, and answers to accounting are skipped: each belongs to an event.

Checked on real lines: by eye on 4 that an administrator published; accounting is from documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import Format
from aup_monitor.formats.identity._nps import ATTRIBUTES, LOOKBACK, events

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}

_LOOKS: Final = r'^<Event><Timestamp data_type="4">'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    local = _element("Timestamp").str.to_datetime("%m/%d/%Y %H:%M:%S%.f", time_unit="us", strict=False)
    whole = pl.col("line").str.contains(r"^<Event>.*</Event>\s*$")
    values = [_element(key).alias(key) for key in ATTRIBUTES]
    return events(lines.select("offset", whole.alias("_whole"), local.alias("_local"), *values), context)


def _element(key: str) -> pl.Expr:
    """Return an element's text; in a text `<` is always escaped, so that a tag can only be a tag."""
    text = pl.col("line").str.extract(rf'<{key} data_type="\d">([^<]+)</{key}>')
    undone: pl.Expr = pl.when(text.str.contains("&", literal=True)).then(text)
    for entity, mark in _ENTITIES.items():
        undone = undone.str.replace_all(entity, mark, literal=True)
    return pl.coalesce(undone, text)


FORMAT: Final = Format(
    name="nps-xml",
    log_class="auth",
    title="Microsoft Network Policy Server log (XML)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
