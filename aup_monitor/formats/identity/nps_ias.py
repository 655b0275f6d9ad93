r"""
Log of Microsoft's Network Policy Server, form "ODBC" (database-compatible; `IN2601.log`), also of its forerunner IAS.

    "NPS1","IAS",01/12/2026,08:45:02,2,,"SCHOOL\amina.k",,,,,,,,0,"192.0.2.5","ap-hall",,,,,,,11,"Staff and pupils",0,"311 1 192.0.2.9 01/05/2026 06:00:00 7",,,,"Microsoft: Secured password (EAP-MSCHAP v2)",,,,,,,,,,,,,,,,,,,,,,,,,"Wi-Fi",1,,,,

Reference: https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc771748(v=ws.10)

What it fills: as `nps-xml`: accepted and refused log-ons with the account, the policy (`rule_name`), the reason's number and the
device; accounting with the address given, and who held it from when until when.

What it lacks: bytes beyond 4 GB a session; as `nps-xml`, the address at the log-on.

Caveats:

- Times are the server's local ones. The form "IAS (legacy)", of numbered attributes, is another format and not read.
- An answer names the account as a path of the directory (`school.example/Pupils/Amina K`); the account is that of its request,
  and the path's last part where there is none.
- Requests, challenges, and answers to accounting are skipped: each belongs to an event.

Checked on real lines: by eye on 4 in a public manual; the rest from documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import Format
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.identity._nps import ATTRIBUTES, LOOKBACK, events

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PLACES: Final = {
    "Computer-Name": 0,
    "Packet-Type": 4,
    "User-Name": 5,
    "SAM-Account-Name": 6,
    "Calling-Station-Id": 8,
    "Framed-IP-Address": 10,
    "NAS-Identifier": 11,
    "NP-Policy-Name": 24,
    "Reason-Code": 25,
    "Class": 26,
    "Acct-Status-Type": 31,
    "Acct-Delay-Time": 32,
    "Acct-Input-Octets": 33,
    "Acct-Output-Octets": 34,
    "Acct-Session-Time": 37,
}
_CELLS: Final = tuple(f"_{place}" for place in range(40))

_LOOKS: Final = r'^"[^"]*","(?:IAS|RAS)",\d\d/\d\d/\d{4},\d\d:\d\d:\d\d,\d{1,2},'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    local = (pl.col("_2") + " " + pl.col("_3")).str.to_datetime(
        "%m/%d/%Y %H:%M:%S", time_unit="us", strict=False
    )
    values = [
        (pl.col(f"_{_PLACES[key]}") if key in _PLACES else pl.lit(None, pl.String)).alias(key)
        for key in ATTRIBUTES
    ]
    whole = pl.col("line").str.contains(r"^\"")
    read = cells(lines, "line", _CELLS).select(
        "offset", whole.alias("_whole"), local.alias("_local"), *values
    )
    return events(read, context)


FORMAT: Final = Format(
    name="nps-ias",
    log_class="auth",
    title="Microsoft Network Policy Server log (ODBC)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
