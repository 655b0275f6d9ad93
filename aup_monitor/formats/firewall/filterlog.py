"""
Firewall log of pfSense and OPNsense (`filterlog`), as the firewall keeps it or sends it by syslog.

A line looks like this:

    <134>Jan 12 10:03:17 filterlog[72237]: 146,,,1535324496,igb1.12,match,block,in,4,0x0,,63,12617,0,DF,6,tcp,60,192.168.7.21,192.0.2.7,49724,853,0,S,1891286705,,64240,,mss

Reference: https://docs.netgate.com/pfsense/en/latest/monitoring/raw-filter-log-format.html

What it fills: the time, the firewall's name, addresses of both ends, their ports (TCP and UDP), the transport, what the
firewall did (`event_action`: pass, block, reject) and the rule's tracking number or identifier (`rule_name`), by which
the firewall's own rule list names it. Pass is allowed; block and reject are blocked; a translation (`nat`, `rdr`) is
unknown.

What it lacks: accounts, names of servers, addresses of pages, amounts of data. One line tells of the first packet of
a connection, and only of rules whose logging is switched on: as delivered, what is blocked.

Caveats:

- The older (BSD) form of time has no year and no zone: the zone is the site's, and the year follows from the file's
  last change. Switch the firewall to the RFC 5424 form to be sure.
- Interface, direction and flags of the packet are not kept.
- Lines of other programs in the same file (DHCP, log-ons, VPN) are skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.pieces import cut
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.format import Context

_OUTCOMES: Final[Mapping[str, str]] = {"pass": "allowed", "block": "blocked", "reject": "blocked"}
_VALUES: Final = tuple(f"_{number}" for number in range(24))
# Where a value stands, for IP version 4 and 6: the page's common fields end with the version, number 8.
_TRANSPORT: Final = (16, 12)
_SOURCE: Final = (18, 15)
_DESTINATION: Final = (19, 16)
_SOURCE_PORT: Final = (20, 17)
_DESTINATION_PORT: Final = (21, 18)


_LOOKS: Final = r"\bfilterlog(?:\[\d+\]:| \d+ \S+ .{0,80}?|:) ?\d+,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,\w+,(?:in|out)[^,]*,[46],"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    action = pl.col("_6")
    return _packets(unwrap(lines, context)).select(
        "offset",
        "timestamp",
        pl.lit("firewall").alias("log_class"),
        action.alias("event_action"),
        action.replace_strict(_OUTCOMES, default="unknown", return_dtype=pl.String).alias("event_outcome"),
        pl.lit("filterlog").alias("observer_product"),
        "observer_name",
        _address(_SOURCE).alias("source_ip"),
        _port(_SOURCE_PORT).alias("source_port"),
        _address(_DESTINATION).alias("destination_ip"),
        _port(_DESTINATION_PORT).alias("destination_port"),
        "network_transport",
        pl.when(pl.col("_3") != "").then("_3").alias("rule_name"),
        _reject(),
        (~pl.col("_ours")).alias(SKIP),
    )


def _packets(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Cut filterlog's values apart. A line that is no syslog at all counts as ours, so that it is rejected."""
    ours = (pl.col("program") == "filterlog").fill_null(True) | pl.col("timestamp").is_null()
    return (
        lines.with_columns(ours.alias("_ours"))
        .with_columns(pl.when("_ours").then("message").alias("_values"))
        .pipe(cut, "_values", ",", _VALUES)
        .with_columns(_either(_TRANSPORT).str.to_lowercase().alias("network_transport"))
    )


def _either(places: tuple[int, int]) -> pl.Expr:
    """Return the value at the first place for IP version 4, at the second for 6."""
    old, new = (pl.col(f"_{place}") for place in places)
    return pl.when(pl.col("_8") == "4").then(old).when(pl.col("_8") == "6").then(new)


def _address(places: tuple[int, int]) -> pl.Expr:
    value = _either(places)
    return pl.when(value.str.contains(r"^[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+$")).then(value)


def _port(places: tuple[int, int]) -> pl.Expr:
    has_ports = pl.col("network_transport").is_in(["tcp", "udp"])
    return pl.when(has_ports).then(_either(places)).cast(pl.Int32, strict=False)


def _reject() -> pl.Expr:
    incomplete = pl.any_horizontal(_address(_SOURCE).is_null(), _address(_DESTINATION).is_null())
    return (
        pl.when(pl.col("timestamp").is_null() | pl.col("program").is_null())
        .then(pl.lit("not a line of syslog, or its time is not understood"))
        .when(pl.col("_ours") & incomplete)
        .then(pl.lit("the packet's addresses are not where filterlog writes them"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="filterlog",
    log_class="firewall",
    title="pfSense or OPNsense firewall log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
